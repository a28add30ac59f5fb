/** A device as the controller knows it, and as it travels to the window and the terminal. */
import { z } from 'zod'
import { bankSchema, SLOTS } from './banks'
import { DECOMMISSION_STATES } from './decommission-states'
import { CAPABILITIES } from './names'
import { PHASES } from './phases'
import { UPDATE_STATES } from './update-states'

export const udnSchema = z
  .string()
  .regex(
    /^uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
    'uuid:8-4-4-4-12 in lower case',
  )
export const phaseSchema = z.enum(PHASES)

/** The management capability header, as claimed by a packet: a hint until TLS proves it. */
export const managementClaimSchema = z.object({
  version: z.number().int(),
  phase: phaseSchema.optional(),
  capabilities: z.array(z.enum(CAPABILITIES)),
  /** First 16 hex digits of SHA-256 of the identity certificate. */
  identity: z.string().optional(),
})
export type ManagementClaim = z.infer<typeof managementClaimSchema>

export const deviceAddressSchema = z.object({
  address: z.string(),
  interfaceName: z.string(),
  location: z.string(),
  secureLocation: z.string().optional(),
  lastSeenMs: z.number(),
})
export type DeviceAddress = z.infer<typeof deviceAddressSchema>

/** What TLS has proven about a device, as opposed to what its packets claim. */
export const provenIdentitySchema = z.object({
  kind: z.enum(['IDevID', 'LDevID']),
  serialNumber: z.string(),
  fingerprint: z.string(),
  notAfter: z.string(),
  provenAtMs: z.number(),
})
export type ProvenIdentity = z.infer<typeof provenIdentitySchema>

/** What a device has told of its banks in this run: by event, and by GetBankStatus, which alone tells both banks. */
export const deviceFirmwareSchema = z.object({
  activeBank: z.enum(SLOTS),
  updateState: z.enum(UPDATE_STATES),
  banks: z.array(bankSchema).length(2).optional(),
})
export type DeviceFirmware = z.infer<typeof deviceFirmwareSchema>

/**
 * healthy/offline … is derived (see deviceState in electron/jobs or controller), never stored.
 * Order = severity for sorting, worst first.
 */
export const DEVICE_STATES = [
  'failed',
  'not-trusted',
  'unhealthy',
  'offline',
  'quiet',
  'waiting-approval',
  'waiting-confirm',
  'attention',
  'certificate-expiring',
  'needs-network',
  'new',
  'working',
  'healthy',
  'not-managed',
] as const

export const deviceSchema = z.object({
  udn: z.string(),
  /** As a person named it here, else as the device calls itself. */
  name: z.string(),
  place: z.string().optional(),
  note: z.string().optional(),
  manufacturer: z.string().optional(),
  model: z.string().optional(),
  serialNumber: z.string().optional(),
  managed: z.boolean(),
  /** Why an UPnP device is listed as not managed, one of the keys of text for people. */
  unmanagedReason: z.enum(['no-header', 'other-version', 'bad-header', 'no-secure-location']).optional(),
  phase: phaseSchema.optional(),
  capabilities: z.array(z.enum(CAPABILITIES)),
  claimedIdentity: z.string().optional(),
  group: z.string().optional(),
  configurationVersion: z.number().int().optional(),
  firmwareVersion: z.string().optional(),
  firmware: deviceFirmwareSchema.optional(),
  /** How its health stands, where it tells: feed and level, and what is wrong, worst first. */
  health: z
    .object({
      level: z.enum(['ok', 'warn', 'bad']),
      feed: z.enum(['events', 'polled', 'quiet', 'none']),
      alarms: z.array(z.string()),
    })
    .optional(),
  proven: provenIdentitySchema.optional(),
  ldevidNotAfter: z.string().optional(),
  addresses: z.array(deviceAddressSchema),
  bootId: z.number().int().optional(),
  configId: z.number().int().optional(),
  online: z.boolean(),
  lastSeenMs: z.number(),
  expiresAtMs: z.number().optional(),
  state: z.enum(DEVICE_STATES),
  /** Code of the last failed job on this device, until a job on it succeeds. */
  lastErrorCode: z.string().optional(),
  /** How far its decommissioning is, from the order on until it comes back as new. */
  decommissioned: z.enum(DECOMMISSION_STATES).optional(),
  warnings: z.array(z.string()),
})
export type Device = z.infer<typeof deviceSchema>

/** Those of `Device.warnings` that this site finds: a label of another device, or a plan that says another thing of it. */
export const DEVICE_WARNINGS = {
  mislabelled: 'label-of-other',
  identity: 'plan-other-identity',
  model: 'plan-other-model',
} as const
export type DeviceState = Device['state']

/** One change of the device list: rows to put and UDNs to drop. */
export const deviceDeltaSchema = z.object({
  reset: z.boolean(),
  last: z.boolean(),
  put: z.array(deviceSchema),
  drop: z.array(z.string()),
})
export type DeviceDelta = z.infer<typeof deviceDeltaSchema>
