/** A device's log: its records, what is stored of them here, and how they are looked through (docs/protocol.md §12). */
import { z } from 'zod'
import { udnSchema } from './device'

/** Names of severities 0–7 (RFC 5424). */
export const SEVERITIES = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'informational',
  'debug',
] as const
export type Severity = (typeof SEVERITIES)[number]
export const severitySchema = z.number().int().min(0).max(7)

/** Names a log: a new one is made when a device is wiped, and sequence numbers start again only then. */
export const logIdSchema = z.string().regex(/^[0-9a-f]{16}$/)

/** One record as it travels. `sequence` rises by one over all starts; `boot` counts the starts. */
export const logRecordSchema = z.object({
  boot: z.number().int().min(0).max(0xffff_ffff),
  sequence: z.number().int().min(1).max(0xffff_ffff),
  /** UTC by the device's clock, which may be wrong: see `clockSynchronised`. */
  time: z.iso.datetime(),
  clockSynchronised: z.boolean(),
  severity: severitySchema,
  component: z.string().min(1).max(32),
  /** Machine-readable cause, such as `sensor.range`. */
  code: z.string().min(1).max(48),
  message: z.string().max(512),
  data: z.record(z.string().max(48), z.string().max(256)).optional(),
})
export type LogRecord = z.infer<typeof logRecordSchema>

/** A record in the store of this laptop. `position` counts what was stored and never repeats. */
export const storedRecordSchema = logRecordSchema.extend({
  udn: udnSchema,
  logId: logIdSchema,
  position: z.number().int(),
  timeMs: z.number(),
})
export type StoredRecord = z.infer<typeof storedRecordSchema>

export const logFilterSchema = z.object({
  /** Absent = all devices. */
  udns: z.array(udnSchema).max(5000).optional(),
  /** This severity and worse (lower). */
  maxSeverity: severitySchema.default(7),
  fromMs: z.number().optional(),
  toMs: z.number().optional(),
  /** Found anywhere in message, code, component or data; case does not matter. */
  text: z.string().max(200).optional(),
})
export type LogFilter = z.input<typeof logFilterSchema>

export const logQuerySchema = logFilterSchema.extend({
  /** Newest first, going on behind this record; absent = from the newest. */
  before: z.object({ timeMs: z.number(), position: z.number().int() }).optional(),
  limit: z.number().int().min(1).max(500),
})
export type LogQuery = z.input<typeof logQuerySchema>

export const logPageSchema = z.object({
  records: z.array(storedRecordSchema),
  more: z.boolean(),
  /** Matching records in all; counted on the first page only, and no further than 1,000,000. */
  total: z.number().int().optional(),
  tookMs: z.number(),
})
export type LogPage = z.infer<typeof logPageSchema>

/** How much of a device's log is stored here. */
export const logStandSchema = z.object({
  udn: udnSchema,
  logId: logIdSchema,
  stored: z.number().int(),
  /** Everything up to here is stored, or is known to be lost. */
  through: z.number().int(),
  /** Records that the device dropped before they were fetched. */
  lost: z.number().int(),
  /** Cleared on the device up to here. */
  clearedThrough: z.number().int(),
  fetchedAtMs: z.number().optional(),
  tail: z.boolean(),
})
export type LogStand = z.infer<typeof logStandSchema>

export const LOG_FORMATS = ['jsonl', 'syslog', 'otlp', 'csv'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]
/** File name endings of the formats. */
export const LOG_FORMAT_ENDINGS: Readonly<Record<LogFormat, string>> = {
  jsonl: 'jsonl',
  syslog: 'log',
  otlp: 'json',
  csv: 'csv',
}
/** File on a device's external storage. */
export const exportTargetSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
