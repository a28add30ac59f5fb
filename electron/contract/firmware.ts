/** Firmware: bundles, what a device says of its banks, and rollouts, as they travel and as they are kept (docs/protocol.md §10). */
import { z } from 'zod'
import { bankSchema, ROLLBACK_REASONS, SLOTS } from './banks'
import { udnSchema } from './device'
import { ERROR_CODES } from './errors'
import { jobErrorSchema } from './job'
import { FIRMWARE_LIMITS } from './timings'
import { UPDATE_STATES } from './update-states'

/** Semantic version 2.0.0, at most 31 characters. */
export const firmwareVersionSchema = z
  .string()
  .max(31)
  .regex(
    /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/,
    'a version such as 2.4.0',
  )
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits')
const printable = (max: number) => z.string().regex(new RegExp(`^[^\\p{C}]{1,${max}}$`, 'u'))
const utc = z.iso.datetime()

/** raw: the file as the device runs it. mcuboot: header, payload and trailer with hash, key hash and signature. */
export const IMAGE_FORMATS = ['raw', 'mcuboot'] as const

/** `manifest.json` of a bundle: the one text that is signed. Its bytes, not its members, are what the signature covers. */
export const manifestSchema = z.strictObject({
  format: z.literal(1),
  vendor: printable(63),
  model: printable(31),
  hardwareRevisions: z.array(printable(31)).min(1).max(32),
  version: firmwareVersionSchema,
  /** Never goes down: a device refuses a lower one than its floor. */
  securityVersion: z.number().int().min(0).max(0xffff_ffff),
  releaseDate: utc,
  image: z.strictObject({
    file: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/),
    format: z.enum(IMAGE_FORMATS),
    size: z.number().int().min(1).max(FIRMWARE_LIMITS.imageMaxBytes),
    sha256: sha256Schema,
  }),
  /** Hours of uptime on trial before a device confirms by itself. */
  probationHours: z.number().positive().max(720),
  notes: z.string().max(4000),
})
export type Manifest = z.infer<typeof manifestSchema>

export const signerSchema = z.object({
  subject: z.string(),
  /** SHA-256 of the certificate, hex. */
  fingerprint: z.string(),
  notAfter: z.string(),
  /** Common name of the root that it was traced to; absent when it was not. */
  root: z.string().optional(),
})
export type FirmwareSigner = z.infer<typeof signerSchema>

/** A bundle of the library. `problem` is judged anew each time: a signer may be revoked after the bundle was added. */
export const bundleSchema = z.object({
  /** SHA-256 of `manifest.json`, hex. */
  id: sha256Schema,
  manifest: manifestSchema,
  signer: signerSchema,
  problem: z.object({ code: z.enum(ERROR_CODES), detail: z.string().optional() }).optional(),
  /** What it takes on this laptop's disk. */
  bytes: z.number(),
  addedAtMs: z.number(),
})
export type FirmwareBundle = z.infer<typeof bundleSchema>

export const librarySchema = z.object({
  bundles: z.array(bundleSchema),
  usedBytes: z.number(),
  freeBytes: z.number(),
})
export type FirmwareLibrary = z.infer<typeof librarySchema>

export type { RollbackReason } from './banks'
export { UPDATE_STATES, type UpdateState } from './update-states'

/** When a staged image is started: at once, when told (`ActivateFirmware`), or at a moment in UTC. */
export const activationSchema = z.union([z.literal('at-once'), z.literal('hold'), utc])

/** The update that a device has planned, runs or last ran: out-argument `Update` of GetBankStatus, as JSON. */
export const deviceUpdateSchema = z.object({
  updateId: z.string().max(63),
  version: z.string().max(31),
  state: z.enum(UPDATE_STATES),
  /** With `failed`: the cause. */
  code: z.enum(ERROR_CODES).optional(),
  /** With `rolledBack`. */
  rollback: z.enum(ROLLBACK_REASONS).optional(),
  startTime: z.string().max(32).optional(),
  activation: activationSchema,
  receivedBytes: z.number().int().min(0),
  totalBytes: z.number().int().min(0),
  probation: z.object({ ranS: z.number().min(0), neededS: z.number().min(0) }).optional(),
})
export type DeviceUpdate = z.infer<typeof deviceUpdateSchema>

/** All of GetBankStatus, read. */
export const bankStatusSchema = z.object({
  activeBank: z.enum(SLOTS),
  banks: z.array(bankSchema).length(2),
  securityVersion: z.number().int().min(0),
  update: deviceUpdateSchema.optional(),
})
export type BankStatus = z.infer<typeof bankStatusSchema>

/** Why a device is not offered a bundle. */
export const UNFIT_REASONS = [
  'not-managed',
  'not-enrolled',
  'offline',
  'no-ota',
  'wrong-model',
  'wrong-revision',
  'same-version',
  'lower-version',
  'security-version',
  'update-running',
  'bundle-problem',
  'unknown-state',
] as const
export type UnfitReason = (typeof UNFIT_REASONS)[number]

/** One device held against one bundle; `offline` devices may be chosen and are held until they are back. */
export const fitSchema = z.object({
  udn: udnSchema,
  fits: z.boolean(),
  reason: z.enum(UNFIT_REASONS).optional(),
  currentVersion: z.string().optional(),
  detail: z.string().optional(),
})
export type Fit = z.infer<typeof fitSchema>

const percent = z.number().min(0).max(100)
const hhmm = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/)

/** How a rollout goes: waves of devices, what stops it, when banks may be switched. */
export const rolloutPlanSchema = z.object({
  bundleId: sha256Schema,
  /** First wave is the canary. Every device is in exactly one. */
  waves: z
    .array(z.object({ udns: z.array(udnSchema).min(1).max(5000) }))
    .min(1)
    .max(20),
  /** Share of a wave, in percent, that must be confirmed (or on trial for `soakMinutes`) before the next begins. */
  passPercent: percent,
  /** What counts as passed: on trial and healthy for so long, or confirmed. 0 = as soon as it is on trial. */
  soakMinutes: z.number().min(0).max(43_200),
  /** The rollout pauses when more than this share of finished devices failed, once `minimumSample` have finished. */
  errorPercent: percent,
  minimumSample: z.number().int().min(1).max(5000),
  /** Downloads begin for all waves at once; activation still goes wave by wave. */
  downloadAhead: z.boolean(),
  /** Not before this moment (UTC); absent = at once. */
  startAt: utc.optional(),
  /** Banks are switched only inside these hours of each day, UTC; may pass midnight. */
  window: z.object({ from: hhmm, to: hhmm }).optional(),
  /** Devices confirm by themselves after probation, or this laptop confirms when the wave's soak is over. */
  confirm: z.enum(['device', 'after-soak']),
})
export type RolloutPlan = z.infer<typeof rolloutPlanSchema>

export const ROLLOUT_STATES = ['running', 'paused', 'stopping', 'stopped', 'done'] as const
export const WAVE_STATES = ['waits', 'running', 'passed', 'failed', 'stopped'] as const
/** Why it paused by itself. */
export const PAUSE_REASONS = ['person', 'too-many-errors', 'wave-not-passed', 'bundle-problem'] as const

export const waveViewSchema = z.object({
  state: z.enum(WAVE_STATES),
  total: z.number().int(),
  waiting: z.number().int(),
  working: z.number().int(),
  probation: z.number().int(),
  confirmed: z.number().int(),
  rolledBack: z.number().int(),
  failed: z.number().int(),
  receivedBytes: z.number(),
  totalBytes: z.number(),
  bytesPerS: z.number(),
})
export type WaveView = z.infer<typeof waveViewSchema>

export const rolloutViewSchema = z.object({
  id: z.string(),
  bundleId: sha256Schema,
  model: z.string(),
  version: z.string(),
  state: z.enum(ROLLOUT_STATES),
  pauseReason: z.enum(PAUSE_REASONS).optional(),
  plan: rolloutPlanSchema.omit({ waves: true }),
  waves: z.array(waveViewSchema),
  createdAtMs: z.number(),
  endedAtMs: z.number().optional(),
})
export type RolloutView = z.infer<typeof rolloutViewSchema>

/** How one device stands in a rollout: a row of the probation board. */
export const BOARD_STATES = [
  'waiting',
  'held',
  'downloading',
  'staged',
  'switching',
  'probation',
  'confirmed',
  'rolledBack',
  'failed',
  'stopped',
] as const
export type BoardState = (typeof BOARD_STATES)[number]
export const boardRowSchema = z.object({
  rolloutId: z.string(),
  udn: z.string(),
  wave: z.number().int(),
  jobId: z.string().optional(),
  state: z.enum(BOARD_STATES),
  /** As last told by the device; may be old when it is silent. */
  status: bankStatusSchema.optional(),
  statusAtMs: z.number().optional(),
  /** When the device counts as failed if nothing is heard of it. */
  deadlineMs: z.number().optional(),
  error: jobErrorSchema.optional(),
})
export type BoardRow = z.infer<typeof boardRowSchema>

/** What a cable's end says of its images, as the serial update needs it. */
export const serialFirmwareSchema = z.object({
  path: z.string(),
  model: z.string().optional(),
  hardwareRevision: z.string().optional(),
  /** The bootloader's manner; `unknown` where it does not say. */
  mode: z.enum(['swap', 'overwrite-only', 'ram-load', 'direct-xip', 'unknown']),
  /** Whether a failed start brings the old image back. */
  rollback: z.boolean(),
  slots: z.array(
    z.object({
      slot: z.number().int(),
      version: z.string(),
      hash: z.string().optional(),
      active: z.boolean(),
      confirmed: z.boolean(),
      pending: z.boolean(),
      bootable: z.boolean(),
    }),
  ),
})
export type SerialFirmware = z.infer<typeof serialFirmwareSchema>

/** An update over a cable. `consent` says that a person accepts that there is no way back where the device has none. */
export const serialUpdateSchema = z.object({
  path: z.string().min(1).max(260),
  bundleId: sha256Schema,
  /** Keep it for good as soon as it runs, or leave it on trial: the next restart then brings the old one back. */
  confirm: z.boolean(),
  consent: z.boolean(),
})
export type SerialUpdate = z.infer<typeof serialUpdateSchema>
