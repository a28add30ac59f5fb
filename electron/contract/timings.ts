/** Every duration, retry count and size limit with a meaning beyond one file. Units are in the names. */

export const DISCOVERY_LIMITS = {
  searchRepeats: 3,
  searchRepeatGapMs: 400,
  mxDefaultS: 3,
  mxMaxS: 5,
  maxAgeDefaultS: 1800,
  /** A received max-age is clamped into this range, so that neither a typo nor malice pins or flaps a row. */
  maxAgeMinS: 60,
  maxAgeMaxS: 86_400,
  receiveBufferBytes: 8 * 1024 * 1024,
  datagramMaxBytes: 8192,
  interfacePollMs: 2_000,
  /** A timer late by more than this means that the laptop slept. */
  sleepGapMs: 15_000,
  descriptionConcurrency: 16,
  descriptionPerHost: 1,
  descriptionTimeoutMs: 5_000,
  descriptionMaxBytes: 256 * 1024,
  descriptionAttempts: 3,
  refusedKept: 500,
  devicesMax: 20_000,
} as const

export const HTTP_LIMITS = {
  requestTimeoutMs: 30_000,
  connectTimeoutMs: 5_000,
  bodyMaxBytes: 256 * 1024,
  xmlDepthMax: 32,
  headerMaxBytes: 16 * 1024,
} as const

export const GENA_LIMITS = {
  timeoutDefaultS: 1800,
  timeoutMinS: 60,
  timeoutMaxS: 86_400,
  subscribersMax: 64,
  notifyTimeoutMs: 5_000,
  /** Devices whose events the controller subscribes to; beyond that, announcements must do. */
  watchedDevicesMax: 500,
  watchRetryMs: 30_000,
} as const

export const ENROLLMENT_TIMINGS = {
  retryAfterS: 2,
  confirmWaitMs: 30_000,
  enrollWaitMs: 60_000,
  /** Manual approval waits for a person; the job says "needs you" all that time. */
  ldevidValidityDays: 397,
  /** A device renews when less than this share of its certificate's life is left. */
  renewWhenLeft: 1 / 3,
} as const

export const PROVISION_TIMINGS = {
  /** From the accepted network until the device must have been heard on it. */
  followMs: 120_000,
  /** From the cable's word that the network was joined until this laptop should hear the device there. */
  hearAfterCableMs: 15_000,
  /** After a restart, until a device that is there should have been heard again. */
  hearAgainMs: 30_000,
  askEveryMs: 2_000,
  searchEveryMs: 5_000,
  /** A device gives up a network that gives it no address. */
  joinWithinMs: 20_000,
} as const

export const SETUP_CODE = { length: 8, triesBeforeLock: 5, firstLockS: 60 } as const

export const FIRMWARE_LIMITS = {
  manifestMaxBytes: 64 * 1024,
  signatureMaxBytes: 64 * 1024,
  imageMaxBytes: 2 ** 31 - 1,
  /** Starts of a bank on trial that may fail before the device goes back. */
  bootAttemptsMax: 3,
  /** Size of each bank of the reference device, unless it is told another. */
  bankBytes: 8 * 1024 * 1024,
  bundlesMax: 500,
} as const

/** Durations on the device. */
export const FIRMWARE_TIMINGS = {
  /** A started image must say that it runs. */
  bootMs: 10_000,
  /** A running image must give a sign of life at least so often. */
  watchdogMs: 5_000,
  aliveEveryMs: 1_000,
  /** Uptime on trial is stored at least so often; a power cut loses no more of it. */
  probationStoreMs: 60_000,
  downloadRetryFirstMs: 1_000,
  downloadRetryMaxMs: 60_000,
  downloadRetries: 20,
} as const

/** How long the controller waits for each step of an update before the device counts as failed. */
export const UPDATE_DEADLINES = {
  scheduleMs: 5 * 60_000,
  /** Without a new byte. */
  downloadStallMs: 10 * 60_000,
  stageMs: 10 * 60_000,
  restartMs: 10 * 60_000,
  /** Added to the probation that the manifest asks for. */
  probationGraceMs: 60 * 60_000,
  /** How often a device that sends no events is asked. */
  askEveryMs: 10_000,
  /** How often a device that downloads is asked for its bytes, events or not. */
  progressEveryMs: 2_000,
  /** How often a device on trial whose events arrive is asked all the same. */
  probationEveryMs: 60_000,
} as const

export const LOG_LIMITS = {
  /** Least size of a device's ring, counted in the bytes of its records as they travel. */
  ringBytes: 64 * 1024,
  recordsPerAnswer: 1000,
  /** Characters of the Records argument. */
  answerMaxChars: 131_072,
  /** Records written to the store of this laptop in one commit. */
  commitRecords: 500,
  tailEveryMs: 2_000,
  queryMax: 500,
  countMax: 1_000_000,
} as const

export const HEALTH_TIMINGS = {
  /** How often the reference device reports. */
  intervalS: 5,
  /** A device is quiet after this many of its own intervals without a report. */
  quietIntervals: 3,
  /** Without the first event this long after SUBSCRIBE was accepted, events count as blocked. */
  blockedAfterMs: 10_000,
  /** How often a device is asked whose events do not get through. */
  pollEveryMs: 10_000,
  /** How often it is tried again whether events get through. */
  unblockEveryMs: 5 * 60_000,
  certificateWarnDays: 30,
} as const

/** How long health is kept: every sample, then the least, greatest and mean of each minute, then of each hour. */
export const HEALTH_KEPT = {
  samplesMs: 48 * 3600_000,
  minutesMs: 92 * 24 * 3600_000,
  hoursMs: 5 * 366 * 24 * 3600_000,
} as const

export const TEST_LIMITS = {
  activeMax: 4,
  keptResults: 32,
  pingTimeoutMs: 1_000,
  hopsMax: 30,
  bandwidthBytes: 4 * 1024 * 1024,
  /** A test that has not ended by then is given up by the controller. */
  giveUpMs: 120_000,
  askEveryMs: 500,
} as const

export const CONFIGURE_LIMITS = {
  /** How long a device that was online may be silent before its change counts as failed. */
  reachMs: 5 * 60_000,
  /** Devices asked at once for a preview or an export. */
  lanes: 8,
  plansKept: 30,
  /** Of a file that is imported. */
  fileMaxChars: 4_000_000,
  devicesMax: 5_000,
  parametersMax: 500,
} as const

export const SITE_PLAN_LIMITS = {
  /** Of a CSV file, and of the plan. */
  fileMaxChars: 4_000_000,
  rowsMax: 10_000,
  parametersMax: 500,
  /** Wrong lines that are named in one answer. */
  wrongLinesTold: 20,
  worksKept: 20,
  /** Of all works together: the window is given all of them. */
  workRowsKept: 20_000,
  /** Devices that reach the same step within this time share a rollout, or a plan of configuration. */
  gatherMs: 2_000,
} as const

/** The time that work takes is learned from so many of the newest finished jobs of its kind on this laptop. */
export const PACE_LEARNED_FROM = { least: 3, most: 25 } as const

/**
 * What the parts of applying a site plan cost, for its preview, before enough jobs were done here to learn it from:
 * chosen by hand, and not promised. Bytes are those of TCP in both directions; an image comes on top of `update`.
 */
export const WORK_ESTIMATES = {
  commission: { bytes: 64 * 1024, durationS: 3, downtimeS: 0 },
  describe: { bytes: 0, durationS: 0, downtimeS: 0 },
  'assign-group': { bytes: 12 * 1024, durationS: 1, downtimeS: 0 },
  configure: { bytes: 24 * 1024, durationS: 3, downtimeS: 0 },
  update: { bytes: 64 * 1024, durationS: 20, downtimeS: 10, bytesPerS: 1024 * 1024 },
} as const

export const JOB_LIMITS = {
  concurrency: 8,
  onlineWaitMs: 24 * 3600_000,
  /** Ended jobs, in whole batches: as many as the largest site has devices. */
  kept: 5_000,
} as const

export const IPC_LIMITS = { deltaIntervalMs: 100, batchIntervalMs: 500, chunkRows: 500 } as const
