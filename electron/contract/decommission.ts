/** The end of a device's life at a site: revocation, wipe, proof, certificate (docs/protocol.md §13, docs/reports.md). */
import { z } from 'zod'
import { DECOMMISSION_STATES } from './decommission-states'
import { udnSchema } from './device'
import { ERROR_CODES } from './errors'

/** Why a certificate is revoked → CRLReason (RFC 5280 §5.3.1). */
export const REVOCATION_REASONS = {
  unspecified: 0,
  'key-compromise': 1,
  'affiliation-changed': 3,
  superseded: 4,
  'cessation-of-operation': 5,
  'privilege-withdrawn': 9,
} as const
export const REVOCATION_REASON_NAMES = Object.keys(REVOCATION_REASONS) as readonly string[] as readonly [
  keyof typeof REVOCATION_REASONS,
  ...(keyof typeof REVOCATION_REASONS)[],
]
export type RevocationReason = keyof typeof REVOCATION_REASONS
/** A CRLReason in words; a code that is not one of these, or none, is `unspecified`. */
export const reasonName = (code: number | undefined): RevocationReason =>
  REVOCATION_REASON_NAMES.find((name) => REVOCATION_REASONS[name] === code) ?? 'unspecified'

/** Why a device leaves. Each stands for a reason of revocation. */
export const LEAVE_REASONS = {
  retired: 'cessation-of-operation',
  moved: 'affiliation-changed',
  defect: 'cessation-of-operation',
  lost: 'key-compromise',
} as const satisfies Record<string, RevocationReason>
export const LEAVE_REASON_NAMES = Object.keys(LEAVE_REASONS) as readonly string[] as readonly [
  keyof typeof LEAVE_REASONS,
  ...(keyof typeof LEAVE_REASONS)[],
]
export type LeaveReason = keyof typeof LEAVE_REASONS

/**
 * What a person types to confirm: `WIPE` and the serial number of the one device, or how many devices there are.
 * Capital letters and spaces around it don't count (see `isPhrase`).
 */
export const wipePhrase = (
  devices: readonly { readonly serialNumber?: string | undefined; readonly udn: string }[],
): string => {
  const [only] = devices
  return `WIPE ${devices.length === 1 && only ? (only.serialNumber ?? only.udn.slice(-12)) : devices.length}`
}
/** Likewise where a certificate alone is revoked: `REVOKE` and the last eight digits of its serial number. */
export const revokePhrase = (certificateSerial: string): string => `REVOKE ${certificateSerial.slice(-8)}`
/** Likewise where a decommissioning is closed without proof: `CLOSE` and the serial number of the device. */
export const closePhrase = (device: {
  readonly serialNumber?: string | undefined
  readonly udn: string
}): string => `CLOSE ${device.serialNumber ?? device.udn.slice(-12)}`
export const isPhrase = (typed: string, wanted: string): boolean =>
  typed.trim().replace(/\s+/g, ' ').toUpperCase() === wanted.toUpperCase()

const udns = z.array(udnSchema).min(1).max(5000)
export const decommissionAskSchema = z.object({
  udns,
  /** Also keeps the factory identity out of this site for good: the device can't come back as new. */
  revokeIdevid: z.boolean(),
})
export const decommissionOrderSchema = decommissionAskSchema.extend({
  reason: z.enum(LEAVE_REASON_NAMES),
  note: z.string().max(400).default(''),
  phrase: z.string().max(120),
})
export type DecommissionOrder = z.input<typeof decommissionOrderSchema>

/** One thing that a wipe removes; also a key of the text for people. */
export const WIPE_ITEMS = [
  'site-keys',
  'site-anchor',
  'network',
  'configuration',
  'log',
  'health',
  'standby-bank',
  'subscriptions',
  'update-order',
  'revocation-list',
  'setup-guard',
] as const
export type WipeItem = (typeof WIPE_ITEMS)[number]

/** What would happen to one device, before anything does. */
export const decommissionPreviewRowSchema = z.object({
  udn: udnSchema,
  name: z.string(),
  serialNumber: z.string().optional(),
  online: z.boolean(),
  /** What would be revoked: serial numbers (hex) of its certificates that this site issued and that still run. */
  ldevids: z.array(z.string()),
  /** SHA-256 of the factory certificate, where it is known. */
  idevid: z.string().optional(),
  /** An update or other work that would be ended first. */
  jobs: z.number().int(),
  standbyVersion: z.string().optional(),
  /** Why it can't be done. */
  problem: z.enum(ERROR_CODES).optional(),
})
export type DecommissionPreviewRow = z.infer<typeof decommissionPreviewRowSchema>
export const decommissionPreviewSchema = z.object({
  rows: z.array(decommissionPreviewRowSchema),
  /** What has to be typed. */
  phrase: z.string(),
})
export type DecommissionPreview = z.infer<typeof decommissionPreviewSchema>

/**
 * What a wiped device states, as JSON text whose bytes its factory key signs (ECDSA P-256 with SHA-256, DER, base64).
 * It says what is gone, not what was there.
 */
export const wipeStatementSchema = z.object({
  format: z.literal(1),
  statement: z.literal('wiped'),
  udn: udnSchema,
  serialNumber: z.string().max(63),
  model: z.string().max(63),
  /** As the controller gave it. */
  nonce: z.string().regex(/^[0-9a-f]{32,128}$/),
  /** How often this device has been wiped in its life, this one counted. */
  wipes: z.number().int().min(1),
  items: z
    .array(
      z.object({
        item: z.enum(WIPE_ITEMS),
        /** Bytes overwritten before they were removed. */
        bytes: z.number().int().min(0),
      }),
    )
    .max(32),
})
export type WipeStatement = z.infer<typeof wipeStatementSchema>

export const decommissionRecordSchema = z.object({
  /** The job's id. */
  id: z.string().max(64),
  udn: udnSchema,
  name: z.string(),
  model: z.string().optional(),
  serialNumber: z.string().optional(),
  place: z.string().optional(),
  orderedAtMs: z.number(),
  orderedBy: z.string(),
  reason: z.enum(LEAVE_REASON_NAMES),
  note: z.string(),
  state: z.enum(DECOMMISSION_STATES),
  /** Given to the device with the order; kept before it is sent, so that a repeated order is the same order. */
  nonce: z.string(),
  revoked: z.array(
    z.object({ kind: z.enum(['LDevID', 'IDevID']), serialNumber: z.string(), atMs: z.number() }),
  ),
  /** CRLNumber of the list in which they stand. */
  crlNumber: z.number().optional(),
  /** SHA-256 of the factory certificate whose key must sign the proof. */
  idevid: z.string().optional(),
  proof: z
    .object({
      /** The text that was signed, as it came. */
      statement: z.string().max(4096),
      signature: z.string().max(512),
      /** The factory certificate and what stands above it, PEM. */
      chainPem: z.string(),
      provenAtMs: z.number(),
    })
    .optional(),
  certificate: z.object({ sequence: z.number().int(), hash: z.string(), madeAtMs: z.number() }).optional(),
  /** By whom it was closed without proof, and why. */
  closed: z.object({ atMs: z.number(), by: z.string(), note: z.string() }).optional(),
  error: z.object({ code: z.enum(ERROR_CODES), detail: z.string().optional() }).optional(),
})
export type DecommissionRecord = z.infer<typeof decommissionRecordSchema>

/** So many records are listed or told at once: as many devices as one order can have. */
export const DECOMMISSIONS_LISTED = 5000
/** A record as lists show it: of the proof when it was proven and what was removed; the proof itself is in the certificate. */
export const decommissionViewSchema = decommissionRecordSchema.extend({
  proof: z.object({ provenAtMs: z.number(), items: wipeStatementSchema.shape.items.optional() }).optional(),
})
export type DecommissionView = z.infer<typeof decommissionViewSchema>

/** What of a record lists need. */
export const decommissionView = (record: DecommissionRecord): DecommissionView => {
  const { proof, ...rest } = record
  return proof ? { ...rest, proof: { provenAtMs: proof.provenAtMs, items: itemsOf(proof.statement) } } : rest
}

/** What a statement says that was removed; undefined where it is no such statement. */
const itemsOf = (text: string): WipeStatement['items'] | undefined => {
  try {
    return wipeStatementSchema.parse(JSON.parse(text)).items
  } catch {
    return undefined
  }
}

export const CERTIFICATE_PARTS = ['pdf', 'json', 'zip'] as const
export type CertificatePart = (typeof CERTIFICATE_PARTS)[number]

/** A certificate of this site, to look at and to revoke. */
export const issuedCertificateSchema = z.object({
  serialNumber: z.string(),
  kind: z.enum(['LDevID', 'Controller']),
  /** Of a client of this site: its name and role; of a device its name. */
  name: z.string(),
  role: z.enum(['Basic', 'Admin']).optional(),
  udn: z.string(),
  issuedAtMs: z.number(),
  notAfter: z.string(),
  /** The one that this controller itself uses can't be revoked here. */
  own: z.boolean(),
  revoked: z.object({ atMs: z.number(), reason: z.enum(REVOCATION_REASON_NAMES) }).optional(),
})
export type IssuedCertificateView = z.infer<typeof issuedCertificateSchema>

/** The list as it is published now. */
export const revocationListSchema = z.object({
  number: z.number(),
  thisUpdate: z.string(),
  nextUpdate: z.string(),
  entries: z.number().int(),
  bytes: z.number().int(),
  /** SHA-256 of its DER, hex. */
  sha256: z.string(),
  /** Factory identities that this site keeps out. */
  blocked: z.array(z.object({ fingerprint: z.string(), serialNumber: z.string(), atMs: z.number() })),
  /** Devices of the site that have told that they have this list or a later one, and all that are enrolled. */
  spread: z.object({ has: z.number().int(), of: z.number().int() }),
})
export type RevocationListView = z.infer<typeof revocationListSchema>
