/** Everything a device remembers, as one document with bounds on each member. */
import { z } from 'zod'
import { valuesSchema } from '../contract/configuration'
import { wipeStatementSchema } from '../contract/decommission'
import { phaseSchema, udnSchema } from '../contract/device'
import { KEY_STORAGES } from '../contract/factory'
import { NETWORK_STATUSES } from '../contract/provision'
import { MODEL_NAMES } from './models'
import { SETUP_CODE_SHAPE } from './setup-code'

export const BOOT_ID_MAX = 0x7fff_ffff
const versionSchema = z.number().int().min(0).max(0xffff_ffff)
export const hardwareIdSchema = z.string().regex(/^([0-9a-f]{2}){8,32}$/)
export const faultsFiredSchema = z.array(z.string().max(64)).max(64)
const pemSchema = z.string().max(16 * 1024)
const networkSchema = z.strictObject({ ssid: z.string().max(32), credential: z.string().max(128) })
const snapshotSchema = z.strictObject({ version: versionSchema, values: valuesSchema })

/** How far an enrolment has come. Files of a generation exist before the state names it. */
const progressSchema = z.strictObject({
  /** Generation of the key and the request that this enrolment uses. */
  generation: z.number().int().min(1),
  enrollmentId: z.string().min(1).max(128).optional(),
  /** Set when the LDevID of this enrolment is installed: the version that the controller wants to see. 0 = none. */
  wantedVersion: versionSchema.optional(),
})
export type EnrollmentProgress = z.infer<typeof progressSchema>

export const deviceStateSchema = z.strictObject({
  format: z.literal(1),
  udn: udnSchema,
  model: z.enum(MODEL_NAMES),
  serialNumber: z.string().regex(/^[A-Za-z0-9._-]{1,63}$/),
  name: z.string().min(1).max(63),
  hardwareRevision: z.string().min(1).max(31),
  firmwareVersion: z.string().min(1).max(31),
  phase: phaseSchema,
  /** BOOTID of the running or last start. */
  bootId: z.number().int().min(0).max(BOOT_ID_MAX),
  setupCode: z.string().regex(SETUP_CODE_SHAPE),
  setupGuard: z.strictObject({
    wrongTries: z.number().int().min(0).max(1000),
    locks: z.number().int().min(0).max(1_000_000),
    lockedUntilMs: z.number().min(0),
  }),
  network: networkSchema.optional(),
  /** A network that was accepted and is being tried, with the anchor that came with it; nothing else knows of them yet. */
  joining: networkSchema.extend({ anchorPem: pemSchema }).optional(),
  /** How the last network came out. */
  networkStatus: z.enum(NETWORK_STATUSES).optional(),
  /** Whether the running or last start gave it networks to join. */
  wireless: z.boolean().optional(),
  /** Certificate of the site CA; fixed once it is known, gone when the device is wiped. */
  anchorPem: pemSchema.optional(),
  /** Highest generation of key files ever used, so that none is used twice. */
  lastGeneration: z.number().int().min(0),
  /** Generation of the LDevID in use. */
  ldevidGeneration: z.number().int().min(1).optional(),
  group: z.string().max(63).optional(),
  enrollment: progressSchema.optional(),
  /** A renewal that is under way: the generation of its key and request. */
  renewal: z.strictObject({ generation: z.number().int().min(1) }).optional(),
  configuration: snapshotSchema.extend({ previous: snapshotSchema.optional() }),
  /** Identity of the chip, lower-case hex; made up when the serial side first asks, or on the factory line. */
  hardwareId: hardwareIdSchema.optional(),
  /** Where the factory key lies; absent = in a plain file. */
  keyStorage: z.enum(KEY_STORAGES).optional(),
  /** The last wipe that was ordered by cable, base64: asked again, it is proven again by the same proof. */
  lastWipe: z.strictObject({ nonce: z.string().max(128), proof: z.string().max(256) }).optional(),
  /** A wipe that was ordered and is not done yet: what it is to be proven with, and how much there was to remove. */
  wiping: z
    .strictObject({
      nonce: wipeStatementSchema.shape.nonce.optional(),
      items: wipeStatementSchema.shape.items,
    })
    .optional(),
  /** What the last wipe ended with: the statement that was signed, and the signature (base64). */
  decommissioned: z
    .strictObject({
      nonce: wipeStatementSchema.shape.nonce,
      statement: z.string().max(4096),
      proof: z.string().max(256),
    })
    .optional(),
  /** How often it was wiped: a log that began before the last time is not this device's any more. */
  wipes: z.number().int().min(0).max(0xffff_ffff).optional(),
  /** Faults that happen once and have happened. */
  faultsFired: faultsFiredSchema,
})
export type DeviceState = z.infer<typeof deviceStateSchema>

/** The BOOTID after this one: 31 bit, never 0. */
export const nextBootId = (bootId: number): number => (bootId >= BOOT_ID_MAX ? 1 : bootId + 1)
