/** Health of a device: what it tells by event, the limits it is held to, and what a chart is made of (docs/protocol.md §12). */
import { z } from 'zod'
import { udnSchema } from './device'

/** Order = order on the screen. `clockSkew` and `memory` are computed by the controller; all else is told by the device. */
export const HEALTH_METRICS = [
  'temperature',
  'supply',
  'memory',
  'signal',
  'linkErrors',
  'errors',
  'clockSkew',
  'uptime',
] as const
export type HealthMetric = (typeof HEALTH_METRICS)[number]
export const metricSchema = z.enum(HEALTH_METRICS)

/** Unit of each metric, as shown: °C, V, free memory in %, dBm, frames since start, log records since start, s, s. */
export const METRIC_UNITS: Readonly<Record<HealthMetric, string>> = {
  temperature: '°C',
  supply: 'V',
  memory: '%',
  signal: 'dBm',
  linkErrors: '',
  errors: '',
  clockSkew: 's',
  uptime: 's',
}

/** The text of `Health` and of GetHealth, JSON, at most 4096 characters. Absent = the device has no such sensor. */
export const healthReportSchema = z.object({
  /** The device's own clock, UTC. */
  time: z.iso.datetime(),
  clockSynchronised: z.boolean(),
  boot: z.number().int().min(0),
  uptimeS: z.number().min(0),
  /** A report comes at least this often; silence of three times as long is a finding. */
  intervalS: z.number().min(1).max(86_400),
  temperatureC: z.number().min(-273).max(1000).optional(),
  supplyV: z.number().min(0).max(1000).optional(),
  memoryFreeBytes: z.number().int().min(0).optional(),
  memoryTotalBytes: z.number().int().min(1).optional(),
  link: z
    .object({
      name: z.string().max(31),
      up: z.boolean(),
      speedMbps: z.number().min(0).optional(),
      signalDbm: z.number().min(-200).max(50).optional(),
      /** Frames received or sent with an error since the start. */
      errors: z.number().int().min(0).optional(),
    })
    .optional(),
  /** Log records since the start, by weight: severity 0–2, 3, 4. */
  counts: z.object({
    critical: z.number().int().min(0),
    error: z.number().int().min(0),
    warning: z.number().int().min(0),
  }),
})
export type HealthReport = z.infer<typeof healthReportSchema>

export const HEALTH_LEVELS = ['ok', 'warn', 'bad'] as const
export type HealthLevel = (typeof HEALTH_LEVELS)[number]

/** A value beyond `raise` for `holdS` seconds raises the alarm; only one back behind `clear` ends it (hysteresis). */
export const limitSchema = z.object({ raise: z.number(), clear: z.number() })
export const thresholdSchema = z
  .object({
    metric: metricSchema,
    direction: z.enum(['above', 'below']),
    warn: limitSchema.optional(),
    bad: limitSchema.optional(),
    holdS: z.number().min(0).max(3600),
  })
  .refine(
    ({ direction, warn, bad }) =>
      [warn, bad].every(
        (limit) =>
          !limit || (direction === 'above' ? limit.clear <= limit.raise : limit.clear >= limit.raise),
      ) &&
      (!warn || !bad || (direction === 'above' ? warn.raise <= bad.raise : warn.raise >= bad.raise)),
    'clear lies on the good side of raise, and warn before bad',
  )
export type Threshold = z.infer<typeof thresholdSchema>

export const DEFAULT_THRESHOLDS: readonly Threshold[] = [
  {
    metric: 'temperature',
    direction: 'above',
    warn: { raise: 70, clear: 65 },
    bad: { raise: 85, clear: 80 },
    holdS: 3,
  },
  {
    metric: 'supply',
    direction: 'below',
    warn: { raise: 10.8, clear: 11.2 },
    bad: { raise: 10, clear: 10.4 },
    holdS: 3,
  },
  {
    metric: 'memory',
    direction: 'below',
    warn: { raise: 15, clear: 20 },
    bad: { raise: 5, clear: 8 },
    holdS: 10,
  },
  {
    metric: 'signal',
    direction: 'below',
    warn: { raise: -75, clear: -70 },
    bad: { raise: -85, clear: -80 },
    holdS: 10,
  },
  {
    metric: 'clockSkew',
    direction: 'above',
    warn: { raise: 30, clear: 15 },
    bad: { raise: 300, clear: 240 },
    holdS: 0,
  },
]

/** What may be wrong with a device beside its metrics. */
export const HEALTH_SIGNS = [
  'quiet',
  'events-blocked',
  'certificate-expiring',
  'certificate-expired',
  'restarted',
] as const
export const alarmSchema = z.object({
  sign: z.enum([...HEALTH_METRICS, ...HEALTH_SIGNS]),
  level: z.enum(['warn', 'bad']),
  sinceMs: z.number(),
  value: z.number().optional(),
  limit: z.number().optional(),
})
export type Alarm = z.infer<typeof alarmSchema>

/**
 * How reports come: `events` by GENA; `polled` because no event got through; `quiet` = nothing in three intervals;
 * `none` = not asked (offline, not of this site, no Diagnostics:1).
 */
export const HEALTH_FEEDS = ['events', 'polled', 'quiet', 'none'] as const

const valuesSchema = z.partialRecord(metricSchema, z.number())
export type MetricValues = z.infer<typeof valuesSchema>

/** How a device is now. */
export const deviceHealthSchema = z.object({
  udn: udnSchema,
  feed: z.enum(HEALTH_FEEDS),
  level: z.enum(HEALTH_LEVELS),
  alarms: z.array(alarmSchema),
  /** When the last report came, on this laptop's clock; absent before the first. */
  atMs: z.number().optional(),
  intervalS: z.number().optional(),
  values: valuesSchema,
  link: z.object({ name: z.string(), up: z.boolean(), speedMbps: z.number().optional() }).optional(),
})
export type DeviceHealth = z.infer<typeof deviceHealthSchema>

/** Why nothing is known of a stretch of time. */
export const GAP_REASONS = ['missed', 'offline', 'asleep', 'not-running'] as const
export const healthGapSchema = z.object({
  udn: udnSchema,
  fromMs: z.number(),
  toMs: z.number(),
  reason: z.enum(GAP_REASONS),
})
export type HealthGap = z.infer<typeof healthGapSchema>

export const seriesRequestSchema = z.object({
  udns: z.array(udnSchema).min(1).max(10),
  metric: metricSchema,
  fromMs: z.number(),
  toMs: z.number(),
  /** Columns of the chart: no more than so many points come back a device. */
  points: z.number().int().min(10).max(4000),
})
export type SeriesRequest = z.infer<typeof seriesRequestSchema>

/** Columns of one device; where samples are denser than columns each has the least and the greatest of its time. */
export const seriesSchema = z.object({
  udn: udnSchema,
  atMs: z.array(z.number()),
  min: z.array(z.number()),
  max: z.array(z.number()),
  mean: z.array(z.number()),
})
export const seriesAnswerSchema = z.object({
  /** What the columns were made from. */
  from: z.enum(['samples', 'minutes', 'hours']),
  series: z.array(seriesSchema),
  gaps: z.array(healthGapSchema),
})
export type SeriesAnswer = z.infer<typeof seriesAnswerSchema>
export type Series = z.infer<typeof seriesSchema>
