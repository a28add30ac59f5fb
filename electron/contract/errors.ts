/** One code per cause. UPnP numbers are those of docs/protocol.md §8; exit codes are the terminal's. */
import type { WrongLine } from './wrong-lines'

const CODES = {
  // UPnP architecture and DeviceProtection
  INVALID_ACTION: { upnp: 401, exit: 20 },
  INVALID_ARGS: { upnp: 402, exit: 21 },
  ACTION_FAILED: { upnp: 501, exit: 22 },
  VALUE_INVALID: { upnp: 600, exit: 23 },
  VALUE_OUT_OF_RANGE: { upnp: 601, exit: 24 },
  STRING_TOO_LONG: { upnp: 605, exit: 25 },
  NOT_AUTHORIZED: { upnp: 606, exit: 26 },
  // Profile
  AUTHENTICATION_FAILED: { upnp: 700, exit: 30 },
  SETUP_CODE_WRONG: { upnp: 701, exit: 31 },
  LOCKED_OUT: { upnp: 702, exit: 32 },
  IDENTITY_NOT_TRUSTED: { upnp: 703, exit: 33 },
  IDENTITY_REVOKED: { upnp: 704, exit: 34 },
  PENDING: { upnp: 705, exit: 35 },
  WRONG_PHASE: { upnp: 710, exit: 36 },
  BUSY: { upnp: 711, exit: 37 },
  UNKNOWN_PARAMETER: { upnp: 730, exit: 38 },
  READ_ONLY_PARAMETER: { upnp: 731, exit: 39 },
  // Identity
  IDENTITY_EXPIRED: { upnp: 703, exit: 40 },
  UDN_MISMATCH: { upnp: 703, exit: 41 },
  REQUEST_INVALID: { upnp: 703, exit: 42 },
  KEY_REUSED: { upnp: 703, exit: 43 },
  REJECTED: { upnp: 703, exit: 44 },
  // Reaching a device
  DEVICE_UNKNOWN: { exit: 50 },
  DEVICE_OFFLINE: { exit: 51 },
  DEVICE_UNREACHABLE: { exit: 52 },
  TLS_REFUSED: { exit: 53 },
  TIMED_OUT: { exit: 54 },
  BAD_ANSWER: { exit: 55 },
  READ_BACK_DIFFERS: { exit: 56 },
  NOT_CONFIRMED: { exit: 57 },
  DEVICE_NOT_MANAGED: { exit: 58 },
  // This laptop
  USAGE: { exit: 2 },
  CANCELLED: { exit: 60 },
  INTERRUPTED: { exit: 61 },
  INTERFACE_UNKNOWN: { exit: 62 },
  NETWORK_UNAVAILABLE: { exit: 63 },
  VAULT_LOCKED: { exit: 64 },
  PASSPHRASE_WRONG: { exit: 65 },
  DATA_IN_USE: { exit: 66 },
  DATA_DAMAGED: { exit: 67 },
  FILE_INVALID: { exit: 68 },
  CERTIFICATE_INVALID: { exit: 69 },
  JOB_UNKNOWN: { exit: 70 },
  GROUP_UNKNOWN: { exit: 71 },
  SETUP_NEEDED: { exit: 72 },
  REQUEST_REFUSED: { exit: 73 },
  SECRET_NEEDED: { exit: 74 },
  PRINTER_UNAVAILABLE: { exit: 75 },
  // Serial
  SERIAL_PORT_MISSING: { exit: 80 },
  SERIAL_PORT_DENIED: { exit: 81 },
  SERIAL_PORT_BUSY: { exit: 82 },
  SERIAL_UNPLUGGED: { exit: 83 },
  SERIAL_SILENT: { exit: 84 },
  NOT_SMP: { exit: 85 },
  DEVICE_REFUSED: { exit: 86 },
  // Factory
  WRONG_MODEL: { upnp: 723, exit: 87 },
  ALREADY_LOCKED: { exit: 88 },
  SERIAL_NUMBER_USED: { exit: 89 },
  SERIAL_NUMBER_INVALID: { exit: 90 },
  RANGE_EXHAUSTED: { exit: 91 },
  AUTHORITY_MISSING: { exit: 92 },
  AUTHORITY_EXPIRED: { exit: 93 },
  QUOTA_EXHAUSTED: { exit: 94 },
  AUTHORITY_UNTRUSTED: { exit: 95 },
  LEDGER_INVALID: { exit: 96 },
  SOFTWARE_KEY_REFUSED: { exit: 97 },
  PIN_WRONG: { exit: 98 },
  LANE_LOCKED: { exit: 99 },
  OTHER_DEVICE: { exit: 100 },
  SELF_TEST_FAILED: { exit: 101 },
  NETWORK_NOT_JOINED: { exit: 102 },
  // Firmware
  NO_SPACE: { upnp: 720, exit: 103 },
  HASH_MISMATCH: { upnp: 721, exit: 104 },
  SIGNATURE_INVALID: { upnp: 722, exit: 105 },
  SECURITY_VERSION_TOO_LOW: { upnp: 724, exit: 106 },
  NO_STANDBY_BANK: { upnp: 725, exit: 107 },
  IMAGE_TRUNCATED: { upnp: 726, exit: 108 },
  DOWNGRADE_REFUSED: { upnp: 727, exit: 109 },
  SIGNER_REFUSED: { upnp: 728, exit: 110 },
  IMAGE_INVALID: { upnp: 729, exit: 111 },
  UPDATE_UNKNOWN: { upnp: 732, exit: 112 },
  VERSION_NOT_OFFERED: { upnp: 733, exit: 113 },
  BUNDLE_INVALID: { exit: 114 },
  BUNDLE_UNKNOWN: { exit: 115 },
  ROLLOUT_UNKNOWN: { exit: 116 },
  ROLLED_BACK: { exit: 117 },
  ROLLOUT_STOPPED: { exit: 12 },
  DEADLINE_PASSED: { exit: 118 },
  CONSENT_NEEDED: { exit: 119 },
  // Operation and diagnostics
  LOG_RANGE_GONE: { upnp: 740, exit: 120 },
  NOT_RETRIEVED: { upnp: 741, exit: 121 },
  NO_EXTERNAL_STORAGE: { upnp: 742, exit: 122 },
  TEST_UNKNOWN: { upnp: 743, exit: 123 },
  PLAN_UNKNOWN: { exit: 124 },
  PLAN_STALE: { exit: 125 },
  REPORT_INVALID: { exit: 45 },
  SIGN_IN_WRONG: { exit: 46 },
  SIGN_IN_NEEDED: { exit: 47 },
  ROLE_TOO_LOW: { exit: 48 },
  AUDIT_DAMAGED: { exit: 49 },
  CHECK_FAILED: { exit: 59 },
  CONFIGURATION_DIFFERS: { exit: 76 },
  // Whole sites and the end of life
  GROUP_INVALID: { exit: 27 },
  PHRASE_WRONG: { exit: 28 },
  ORDER_NEEDED: { exit: 13 },
  DECOMMISSIONED: { upnp: 703, exit: 29 },
  PROOF_INVALID: { exit: 77 },
  LABEL_UNREADABLE: { exit: 78 },
  CERTIFICATE_UNKNOWN: { exit: 79 },
  BATCH_UNKNOWN: { exit: 10 },
  FROZEN: { exit: 11 },
  DEFECT: { exit: 1 },
} as const satisfies Record<string, { upnp?: number; exit: number }>

export type ErrorCode = keyof typeof CODES
export const ERROR_CODES = Object.keys(CODES) as readonly ErrorCode[] as readonly [ErrorCode, ...ErrorCode[]]

/** UPnP error number to put in a SOAP fault; 501 for causes that have none of their own. */
export const upnpNumber = (code: ErrorCode): number => {
  const entry = CODES[code]
  return 'upnp' in entry ? entry.upnp : 501
}

/** Process exit code of the terminal for a cause (1 is kept for defects). */
export const exitCode = (code: ErrorCode): number => CODES[code].exit

/** The cause behind a UPnP error number received from a peer; the first listed where several share it. */
export const codeFromUpnp = (number: number): ErrorCode =>
  ERROR_CODES.find((code) => 'upnp' in CODES[code] && upnpNumber(code) === number) ?? 'ACTION_FAILED'

/** What an error says beyond its code. Never a secret, never a stack. */
export interface ErrorDetail {
  readonly subject?: string
  readonly detail?: string
  /** What is wrong with a file, to be told in the reader's language; `detail` has the same in English. */
  readonly lines?: readonly WrongLine[]
}

/**
 * The one error class for causes that a person can act on. Branch on `code`, never on `message`.
 * `subject` names the device, file or interface; `detail` is one technical phrase; `cause` is kept for the log.
 */
export class IotmcError extends Error {
  readonly code: ErrorCode
  readonly subject: string | undefined
  readonly detail: string | undefined
  readonly lines: readonly WrongLine[] | undefined
  constructor(code: ErrorCode, info: ErrorDetail & { cause?: unknown } = {}) {
    super(info.detail ? `${code}: ${info.detail}` : code, { cause: info.cause })
    this.name = 'IotmcError'
    this.code = code
    this.subject = info.subject
    this.detail = info.detail
    this.lines = info.lines
  }
}

/** Turns anything thrown into an IotmcError; what is not one already is a DEFECT with its cause kept. */
export const asIotmcError = (thrown: unknown, fallback: ErrorCode = 'DEFECT'): IotmcError => {
  if (thrown instanceof IotmcError) return thrown
  if (thrown instanceof Error && thrown.name === 'AbortError')
    return new IotmcError('CANCELLED', { cause: thrown })
  const detail = thrown instanceof Error ? thrown.message.slice(0, 200) : undefined
  return new IotmcError(fallback, { cause: thrown, ...(detail ? { detail } : {}) })
}
