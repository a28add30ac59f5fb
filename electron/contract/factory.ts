/** The factory station as window and terminal see it: lanes, ledger, authority, people. No secret in any shape. */
import { z } from 'zod'
import { ERROR_CODES } from './errors'
import { labelSettingsSchema } from './label'

/** A device's serial number: what fits a label, a file name, X.520 and every scanner. */
export const serialNumberSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$/, 'letters, digits, dots, dashes')

export const KEY_STORAGES = ['secure-element', 'tee', 'flash'] as const
export type KeyStorage = (typeof KEY_STORAGES)[number]
/** A key in plain flash is software-held: it is marked wherever the device is shown. */
export const isSoftwareHeld = (storage: KeyStorage | undefined): boolean => storage === 'flash'

/** How far a serial number's device has come; one state per finished step of the job `inject`, and two ends. */
export const UNIT_STATES = [
  'reserved',
  'keyed',
  'issued',
  'installed',
  'verified',
  'proven',
  'locked',
  'complete',
  'burned',
  'scrapped',
] as const
/** burned = the number was withdrawn before its device was complete; scrapped = a complete device was destroyed. */
export type UnitState = (typeof UNIT_STATES)[number]

/** A serial number on record and the device that has it. */
export const unitSchema = z.object({
  serialNumber: z.string(),
  udn: z.string(),
  model: z.string(),
  state: z.enum(UNIT_STATES),
  /** The step that was begun and has no end on record. */
  openStep: z.string().optional(),
  /** Identity of the chip, lower-case hex: tells one board from another before it has a name. */
  hardwareId: z.string(),
  /** Absent for a number that was withdrawn before any device had it; its `hardwareId` is empty then. */
  keyStorage: z.enum(KEY_STORAGES).optional(),
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  publicKeySha256: z.string().optional(),
  certificateSerial: z.string().optional(),
  fingerprint: z.string().optional(),
  station: z.string(),
  lane: z.string(),
  operator: z.string(),
  /** How often the device was begun; 1 and complete = first pass. */
  attempts: z.number().int(),
  lastErrorCode: z.string().optional(),
  reason: z.string().optional(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
})
export type Unit = z.infer<typeof unitSchema>

/** Released serial numbers: `prefix` and a number of `digits` digits from `first` to `last`. */
export const serialRangeSchema = z.object({
  id: z.number().int(),
  model: z.string().max(31),
  prefix: z.string().max(30),
  digits: z.number().int().min(1).max(10),
  first: z.number().int().min(0),
  last: z.number().int().min(0),
  /** The next number that counting up would take; last + 1 when used up. */
  next: z.number().int(),
  addedBy: z.string(),
  addedAtMs: z.number(),
})
export type SerialRange = z.infer<typeof serialRangeSchema>
export const newRangeSchema = serialRangeSchema
  .pick({ model: true, prefix: true, digits: true, first: true, last: true })
  .refine((range) => range.last >= range.first, 'last is before first')
  .refine((range) => String(range.last).length <= range.digits, 'last does not fit into digits')
export type NewRange = z.infer<typeof newRangeSchema>

/** A range with what is left of it: numbers that are neither given nor withdrawn, wherever counting up stands. */
export const releasedRangeSchema = serialRangeSchema.extend({ free: z.number().int() })
export type ReleasedRange = z.infer<typeof releasedRangeSchema>

export const ledgerSummarySchema = z.object({
  complete: z.number().int(),
  open: z.number().int(),
  burned: z.number().int(),
  scrapped: z.number().int(),
  softwareHeld: z.number().int(),
  entries: z.number().int(),
  ranges: z.array(releasedRangeSchema),
})
export type LedgerSummary = z.infer<typeof ledgerSummarySchema>

/** What `verify` found. `problem` names the first entry or row that is not as it was written. */
export const ledgerCheckSchema = z.object({
  ok: z.boolean(),
  entries: z.number().int(),
  units: z.number().int(),
  checkpoints: z.number().int(),
  /** Entries after the last signed checkpoint: chained, not signed yet. */
  unsigned: z.number().int(),
  problem: z.string().optional(),
})
export type LedgerCheck = z.infer<typeof ledgerCheckSchema>

export const AUTHORITY_STATES = ['missing', 'requested', 'ready', 'expired', 'exhausted'] as const
export const authorityViewSchema = z.object({
  state: z.enum(AUTHORITY_STATES),
  commonName: z.string().optional(),
  fingerprint: z.string().optional(),
  rootName: z.string().optional(),
  rootFingerprint: z.string().optional(),
  /** ISO 8601: until when the station may issue. */
  notAfter: z.string().optional(),
  /** Certificates that the root allows; absent = no limit. */
  quota: z.number().int().optional(),
  issued: z.number().int(),
  /** A request that waits for its answer, PEM; public. */
  requestPem: z.string().optional(),
  /** A root kept on this laptop (it may as well be on another): its name, fingerprint and certificate. */
  rootHere: z.object({ commonName: z.string(), fingerprint: z.string(), pem: z.string() }).optional(),
})
export type AuthorityView = z.infer<typeof authorityViewSchema>

export const STATION_ROLES = ['operator', 'supervisor'] as const
export type StationRole = (typeof STATION_ROLES)[number]
export const pinSchema = z.string().regex(/^\d{4,12}$/, '4 to 12 digits')
export const personSchema = z.object({ name: z.string().trim().min(1).max(40), role: z.enum(STATION_ROLES) })
export type Person = z.infer<typeof personSchema>

export const LANES_MAX = 16
export const stationConfigSchema = z.object({
  lineName: z.string().trim().min(1).max(40),
  /** Model that every device in a lane must say it is. */
  model: z.string().trim().min(1).max(31),
  /** hwType of hardwareModuleName (RFC 4108): an OID of the maker. */
  hardwareType: z.string().regex(/^[0-2](\.(0|[1-9]\d*)){1,20}$/, 'an OID such as 1.3.6.1.4.1.…'),
  /** Serial ports, one lane each, in the order of the screen. */
  lanes: z.array(z.string().min(1).max(260)).max(LANES_MAX),
  /** Begin as soon as a number was scanned; otherwise Enter is pressed once more. */
  startOnScan: z.boolean(),
  failuresBeforeLock: z.number().int().min(1).max(20),
  acceptSoftwareKeys: z.boolean(),
  /** The station signs the person out after this time without a key or scan; 0 = never. */
  idleMinutes: z.number().int().min(0).max(480),
  printOnPass: z.boolean(),
  label: labelSettingsSchema,
})
export type StationConfig = z.infer<typeof stationConfigSchema>
export const DEFAULT_STATION_CONFIG: StationConfig = {
  lineName: 'Line 1',
  model: 'PX-200',
  hardwareType: '2.999.1',
  lanes: [],
  startOnScan: true,
  failuresBeforeLock: 3,
  acceptSoftwareKeys: false,
  idleMinutes: 15,
  printOnPass: false,
  label: { size: 'single-62x29' },
}

/**
 * no-port: the port is missing, denied or busy (see error) · listening: open, nothing answers yet · ready: a blank device
 * waits for its number · assigned: numbered, waits for start · refused: what is in the lane can't be worked on (see error)
 * · running · passed · failed: takes the same device again · locked: supervisor needed.
 */
export const LANE_STATES = [
  'no-port',
  'listening',
  'ready',
  'assigned',
  'refused',
  'running',
  'passed',
  'failed',
  'locked',
] as const
export type LaneState = (typeof LANE_STATES)[number]

export const laneErrorSchema = z.object({
  code: z.enum(ERROR_CODES),
  subject: z.string().optional(),
  detail: z.string().optional(),
})

export const laneSchema = z.object({
  /** 1 … 16, as on the screen. */
  number: z.number().int(),
  path: z.string(),
  state: z.enum(LANE_STATES),
  serialNumber: z.string().optional(),
  udn: z.string().optional(),
  model: z.string().optional(),
  keyStorage: z.enum(KEY_STORAGES).optional(),
  jobId: z.string().optional(),
  /** Name of the running or failed step of `inject`. */
  step: z.string().optional(),
  percent: z.number().min(0).max(100),
  error: laneErrorSchema.optional(),
  /** The failed device would go on where it stood. */
  resumable: z.boolean(),
  labelPrinted: z.boolean(),
  /** The device in the lane has a label to print. */
  canPrint: z.boolean(),
  failuresInRow: z.number().int(),
  passed: z.number().int(),
  failed: z.number().int(),
  startedAtMs: z.number().optional(),
  /** Takt times of the last devices that passed here, oldest first, milliseconds. */
  taktsMs: z.array(z.number()).max(60),
})
export type Lane = z.infer<typeof laneSchema>

export const stationCountsSchema = z.object({
  /** Since local midnight. */
  passed: z.number().int(),
  failed: z.number().int(),
  /** Devices that passed at their first attempt. */
  firstPass: z.number().int(),
  /** Mean time from one finished device to the next over all lanes, of the last 60 minutes; absent before the second. */
  taktMs: z.number().optional(),
  /** Devices that passed in each 5 minutes of the last hour, oldest first; 12 numbers. */
  perFiveMinutes: z.array(z.number().int()).length(12),
})
export type StationCounts = z.infer<typeof stationCountsSchema>

/** Everything a station screen draws; small, so it travels whole. */
export const stationViewSchema = z.object({
  /** Station mode: full screen, locked by PIN, nothing else of the program can be reached. */
  active: z.boolean(),
  signedIn: personSchema.optional(),
  people: z.array(personSchema),
  /** Seconds until another PIN is taken after too many wrong ones; 0 = now. */
  pinWaitS: z.number(),
  config: stationConfigSchema,
  authority: authorityViewSchema,
  lanes: z.array(laneSchema),
  /** Where the next scan goes; absent when no lane is ready. */
  nextLane: z.number().int().optional(),
  /** What counting up would give next; absent when no range is left. */
  nextSerialNumber: z.string().optional(),
  counts: stationCountsSchema,
  /** The ledger failed its check: nothing is started. */
  ledgerProblem: z.string().optional(),
})
export type StationView = z.infer<typeof stationViewSchema>
