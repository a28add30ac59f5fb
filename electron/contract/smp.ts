/** Numbers of the Simple Management Protocol (SMP) on a serial line, and of this profile's own group (docs/protocol.md §9). */

/** Low three bits of the first header byte. */
export const SMP_OP = { read: 0, readResponse: 1, write: 2, writeResponse: 3 } as const

/** 64 and above are for users of the protocol; this profile takes the first. */
export const SMP_GROUP = { os: 0, image: 1, enumeration: 10, iotmc: 64 } as const

export const OS_COMMAND = { echo: 0, reset: 5, params: 6, info: 7, bootloader: 8 } as const
export const IMAGE_COMMAND = { state: 0, upload: 1, erase: 5, slots: 6 } as const
/** Codes of `err: {group: 0, rc}` that are told apart. */
export const OS_RC = { noAnswerToQuery: 3 } as const
/** MCUboot's manners by the numbers that it gives them; 0, 7 and 8 keep one image only. */
export const MCUBOOT_MODE = {
  singleSlot: 0,
  swapScratch: 1,
  overwriteOnly: 2,
  swapMove: 3,
  directXip: 4,
  directXipRevert: 5,
  ramLoad: 6,
  firmwareLoader: 7,
  singleSlotRamLoad: 8,
  swapOffset: 9,
} as const
export const ENUMERATION_COMMAND = { count: 0, list: 1 } as const
export const IOTMC_COMMAND = {
  info: 0,
  keygen: 1,
  certificate: 2,
  lock: 3,
  network: 4,
  wipe: 5,
  readCertificate: 6,
  challenge: 7,
  label: 8,
} as const

/** Codes of a bare `rc`: every answer of version 1, and the transport's own errors in version 2. */
export const SMP_RC = {
  ok: 0,
  unknown: 1,
  noMemory: 2,
  invalid: 3,
  timeout: 4,
  noEntry: 5,
  badState: 6,
  messageSize: 7,
  notSupported: 8,
  corrupt: 9,
  busy: 10,
  accessDenied: 11,
  tooOld: 12,
  tooNew: 13,
} as const

/** Codes of `err: {group: 64, rc}`. */
export const IOTMC_RC = {
  ok: 0,
  unknown: 1,
  /** The command has no place in the device's phase. */
  wrongPhase: 2,
  noKey: 3,
  /** The certificate is not for the key that the device holds. */
  keyMismatch: 4,
  /** Serial number or UDN differ from those that the key was made for. */
  otherSubject: 5,
  invalid: 6,
  /** The secure element or the storage failed. */
  storage: 7,
  /** Signature of a wipe not accepted. */
  notAuthorized: 8,
} as const

/** Codes of `err: {group: 1, rc}` that are told apart. */
export const IMAGE_RC = {
  hashNotFound: 8,
  noFreeSlot: 9,
  badHeader: 22,
  badMagic: 23,
  versionNotHigher: 27,
  alreadyPending: 28,
  imageTooLarge: 30,
  /** Only what runs can be kept for good. */
  confirmationDenied: 32,
  testOfActive: 33,
} as const

export const SMP_LIMITS = {
  headerBytes: 8,
  /** A device that serves group 64 must take packets of this size: a certificate request fits into one. */
  iotmcBufferMinBytes: 1024,
  /** What is assumed of a device that does not know `params`. */
  defaultBufferBytes: 256,
  bufferMaxBytes: 65_536,
  /** A packet of exactly buf_size − 4 is the largest that is not dropped silently (tried on Zephyr's server). */
  bufferReserveBytes: 4,
  lineMaxBytes: 127,
  /** Raw bytes in a full line: 124 characters of base64. */
  lineRawBytes: 93,
  requestTimeoutMs: 2_500,
  /** First chunk of an upload and an erase: the device clears flash first. */
  slowTimeoutMs: 40_000,
  /** A key made in a secure element may take seconds. */
  keygenTimeoutMs: 30_000,
  retries: 3,
  cborDepthMax: 8,
  cborItemsMax: 512,
  chainMaxBytes: 16 * 1024,
  logLinesKept: 500,
  logLineMaxBytes: 512,
} as const
