/** Enrolment as it stands in records and on the screen (docs/protocol.md §5). */
import { z } from 'zod'
import { valuesSchema } from './configuration'
import { udnSchema } from './device'

export const ENROLLMENT_STATES = ['pending', 'approved', 'issued', 'confirmed', 'rejected'] as const

/** `rejectCode` of a device whose certificate a person has revoked: no policy lets it in again, only a person. */
export const REVOKED_BY_HAND = 'IDENTITY_REVOKED'

export const enrollmentSchema = z.object({
  enrollmentId: z.string(),
  udn: udnSchema,
  model: z.string(),
  hardwareRevision: z.string(),
  firmwareVersion: z.string(),
  serialNumber: z.string(),
  /** SHA-256 of the IDevID, the key under which one request is one row. */
  identityFingerprint: z.string(),
  state: z.enum(ENROLLMENT_STATES),
  group: z.string().optional(),
  ldevidSerial: z.string().optional(),
  ldevidNotAfter: z.string().optional(),
  configurationVersion: z.number().int().optional(),
  rejectCode: z.string().optional(),
  requestedAtMs: z.number(),
  updatedAtMs: z.number(),
})
export type Enrollment = z.infer<typeof enrollmentSchema>

export const policySchema = z.object({
  mode: z.enum(['zero-touch', 'manual']),
  /** Group for devices that zero-touch approves without being on the expected list with a group of their own. */
  defaultGroup: z.string(),
  /** Model and serial number patterns with * that zero-touch approves. */
  rules: z
    .array(z.object({ model: z.string().max(64), serial: z.string().max(64), group: z.string().max(63) }))
    .max(200),
  /** Whether a device that was decommissioned here may come back as new with its factory identity; absent = yes. */
  readmit: z.boolean().optional(),
})
export type EnrollmentPolicy = z.infer<typeof policySchema>

/** A device on the site plan: named by serial number, UDN or factory certificate, or by several of them. */
export const expectedDeviceSchema = z.object({
  serialNumber: z.string().max(63).optional(),
  udn: udnSchema.optional(),
  name: z.string().max(63).optional(),
  group: z.string().max(63).optional(),
  /** SHA-256 of its factory certificate, hex. */
  identity: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  model: z.string().max(63).optional(),
  place: z.string().max(63).optional(),
  note: z.string().max(400).optional(),
  /** Version of the firmware that it is to run. */
  firmware: z.string().max(63).optional(),
  /** Values for this device alone; they come before those of its group. */
  values: valuesSchema.optional(),
})
export type ExpectedDevice = z.infer<typeof expectedDeviceSchema>

/** Whether nothing but its factory certificate names a device of the plan. */
export const isNamedByIdentity = ({ udn, serialNumber, identity }: ExpectedDevice): boolean =>
  !udn && !serialNumber && Boolean(identity)
