/** Provisioning: which device, by which road, into which network. */
import { z } from 'zod'
import { udnSchema } from './device'
import { identityCheckSchema } from './identity'

/** How a device's last network came out, by its own word (docs/protocol.md §4). */
export const NETWORK_STATUSES = [
  'none',
  'joining',
  'joined',
  'failed:not-found',
  'failed:refused',
  'failed:no-address',
] as const
export type NetworkStatus = (typeof NETWORK_STATUSES)[number]

const utf8Bytes = (text: string): number =>
  [...text].reduce((sum, sign) => {
    const point = sign.codePointAt(0) ?? 0
    return sum + (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4)
  }, 0)

/** A network's name, at most 32 bytes of UTF-8 (IEEE 802.11); empty for a wired network. */
const ssidSchema = z.string().refine((text) => utf8Bytes(text) <= 32, 'at most 32 bytes')

/** Setup code and credential are held in memory for the length of the job; never journalled, never logged. */
export const provisionRequestSchema = z.discriminatedUnion('via', [
  z.object({
    via: z.literal('network'),
    udn: udnSchema,
    setupCode: z.string().min(1).max(64),
    ssid: ssidSchema,
    credential: z.string().max(128),
  }),
  z.object({
    via: z.literal('serial'),
    path: z.string().min(1).max(260),
    ssid: ssidSchema,
    credential: z.string().max(128),
  }),
])
export type ProvisionRequest = z.infer<typeof provisionRequestSchema>

/** A device at the end of a cable, as it was asked just now. */
export const serialDeviceSchema = z.object({
  path: z.string(),
  model: z.string(),
  hardwareRevision: z.string(),
  firmwareVersion: z.string(),
  serialNumber: z.string().optional(),
  udn: z.string().optional(),
  phase: z.string(),
  locked: z.boolean(),
  /** Present when it has a certificate: chain and proof of possession, judged against the trusted roots. */
  check: identityCheckSchema.optional(),
})
export type SerialDevice = z.infer<typeof serialDeviceSchema>
