/** Reports of a site and diagnostics bundles (docs/reports.md). Times are UTC in ISO form, so that a report reads the same anywhere. */
import { z } from 'zod'
import { udnSchema } from './device'

export const reportRequestSchema = z.object({
  customer: z.string().trim().max(120).default(''),
  place: z.string().trim().max(120).default(''),
  notes: z.string().max(4000).default(''),
  /** Absent = every device of the site. */
  udns: z.array(udnSchema).min(1).max(5000).optional(),
  language: z.enum(['en', 'de']),
})
export type ReportRequest = z.input<typeof reportRequestSchema>

export const reportDeviceSchema = z.object({
  udn: udnSchema,
  name: z.string(),
  model: z.string().optional(),
  serialNumber: z.string().optional(),
  group: z.string().optional(),
  phase: z.string().optional(),
  state: z.string(),
  online: z.boolean(),
  lastSeen: z.string().optional(),
  firmwareVersion: z.string().optional(),
  activeBank: z.string().optional(),
  bankStates: z.array(z.object({ slot: z.string(), state: z.string(), version: z.string().optional() })),
  configurationVersion: z.number().optional(),
  certificate: z
    .object({ kind: z.string(), serialNumber: z.string(), fingerprint: z.string(), notAfter: z.string() })
    .optional(),
  health: z.object({ level: z.string(), alarms: z.array(z.string()) }).optional(),
  check: z.object({ at: z.string(), verdict: z.string(), findings: z.array(z.string()) }).optional(),
  /** Error code of the last failed job that no later success has answered. */
  failed: z.object({ job: z.string(), code: z.string(), at: z.string() }).optional(),
})
export type ReportDevice = z.infer<typeof reportDeviceSchema>

/** `report.json`. What failed or is missing stands in `open`, and is never left out. */
export const reportContentSchema = z.object({
  format: z.literal(1),
  kind: z.literal('site-handover'),
  sequence: z.number().int().min(1),
  /** SHA-256 (hex) of the manifest of the report before; absent in the first. */
  previous: z.string().optional(),
  madeAt: z.string(),
  program: z.string(),
  site: z.object({
    name: z.string(),
    controllerUdn: z.string(),
    authority: z.string(),
    authorityFingerprint: z.string(),
  }),
  technician: z.object({ name: z.string(), role: z.string().optional() }),
  customer: z.string(),
  place: z.string(),
  notes: z.string(),
  language: z.enum(['en', 'de']),
  counts: z.object({
    devices: z.number().int(),
    inOperation: z.number().int(),
    failed: z.number().int(),
    offline: z.number().int(),
    expectedMissing: z.number().int(),
    alarms: z.number().int(),
  }),
  devices: z.array(reportDeviceSchema),
  open: z.array(
    z.object({
      udn: z.string().optional(),
      serialNumber: z.string().optional(),
      name: z.string(),
      what: z.string(),
      code: z.string().optional(),
    }),
  ),
  jobs: z.array(
    z.object({
      kind: z.string(),
      subject: z.string(),
      state: z.string(),
      at: z.string(),
      code: z.string().optional(),
    }),
  ),
  /** Number of audit lines and hash of the last: the audit can't be shortened afterwards without a contradiction. */
  audit: z.object({ lines: z.number().int(), head: z.string().optional() }),
})
export type ReportContent = z.infer<typeof reportContentSchema>

/** `manifest.json`, the bytes that are signed. */
export const reportManifestSchema = z.object({
  format: z.literal(1),
  sequence: z.number().int().min(1),
  previous: z.string().optional(),
  madeAt: z.string(),
  site: z.string(),
  files: z
    .array(
      z.object({ name: z.string().regex(/^[a-z0-9.-]{1,40}$/), size: z.number().int(), sha256: z.string() }),
    )
    .max(16),
})
export type ReportManifest = z.infer<typeof reportManifestSchema>

export const reportViewSchema = z.object({
  sequence: z.number().int(),
  madeAtMs: z.number(),
  technician: z.string(),
  customer: z.string(),
  devices: z.number().int(),
  open: z.number().int(),
  /** SHA-256 of the manifest, hex. */
  hash: z.string(),
})
export type ReportView = z.infer<typeof reportViewSchema>
export const REPORT_PARTS = ['pdf', 'csv', 'json', 'zip'] as const
export type ReportPart = (typeof REPORT_PARTS)[number]

export const reportVerdictSchema = z.object({
  ok: z.boolean(),
  problems: z.array(
    z.object({
      kind: z.enum(['file-changed', 'file-missing', 'file-extra', 'signature', 'signer', 'form', 'chain']),
      detail: z.string(),
    }),
  ),
  sequence: z.number().int().optional(),
  madeAt: z.string().optional(),
  site: z.string().optional(),
  signer: z.object({ subject: z.string(), fingerprint: z.string() }).optional(),
})
export type ReportVerdict = z.infer<typeof reportVerdictSchema>

export const bundleScopeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('devices'), udns: z.array(udnSchema).min(1).max(5000) }),
  z.object({ kind: z.literal('site') }),
  z.object({ kind: z.literal('app') }),
])
export type BundleScope = z.infer<typeof bundleScopeSchema>
