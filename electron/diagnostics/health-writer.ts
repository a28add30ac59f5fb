/** The writing side of health: a sample, its minute and its hour in one commit, and what is too old out again. */
import { HEALTH_METRICS, type MetricValues } from '../contract/health'
import { HEALTH_KEPT } from '../contract/timings'
import { type Database, transaction } from '../store/database'
import { HOUR_MS, MINUTE_MS } from './series'

export interface Sample {
  readonly device: number
  readonly atMs: number
  readonly values: MetricValues
}

const place = (index: number): string => `?${index + 3}`
const METRICS = HEALTH_METRICS.join(', ')

/** Inserts a span of one sample, or takes the sample into the span that is there; NULL leaves a metric as it is. */
const spanSql = (table: 'minutes' | 'hours'): string => {
  const columns = HEALTH_METRICS.flatMap((m) => [`${m}_min`, `${m}_max`, `${m}_sum`, `${m}_count`])
  const values = HEALTH_METRICS.map(
    (_, i) => `${place(i)}, ${place(i)}, ${place(i)}, ${place(i)} IS NOT NULL`,
  )
  const either = (column: string, how: 'min' | 'max'): string =>
    `${column} = ${how}(coalesce(${column}, excluded.${column}), coalesce(excluded.${column}, ${column}))`
  const sets = HEALTH_METRICS.map(
    (m) => `${either(`${m}_min`, 'min')}, ${either(`${m}_max`, 'max')},
      ${m}_sum = CASE WHEN excluded.${m}_count = 0 THEN ${m}_sum ELSE coalesce(${m}_sum, 0) + excluded.${m}_sum END,
      ${m}_count = ${m}_count + excluded.${m}_count`,
  )
  return `INSERT INTO ${table} (device, at, ${columns.join(', ')}) VALUES (?1, ?2, ${values.join(', ')})
    ON CONFLICT DO UPDATE SET ${sets.join(', ')}`
}

const KEPT = [
  { table: 'samples', column: 'at_ms', unitMs: 1, keptMs: HEALTH_KEPT.samplesMs },
  { table: 'minutes', column: 'at', unitMs: MINUTE_MS, keptMs: HEALTH_KEPT.minutesMs },
  { table: 'hours', column: 'at', unitMs: HOUR_MS, keptMs: HEALTH_KEPT.hoursMs },
] as const

export class HealthWriter {
  private readonly sample
  private readonly minute
  private readonly hour
  private readonly gapSql
  private readonly oldGaps
  private readonly old

  constructor(private readonly database: Database) {
    const values = HEALTH_METRICS.map((_, i) => place(i)).join(', ')
    this.sample = database.prepare(
      `INSERT INTO samples (device, at_ms, ${METRICS}) VALUES (?1, ?2, ${values}) ON CONFLICT DO NOTHING`,
    )
    this.minute = database.prepare(spanSql('minutes'))
    this.hour = database.prepare(spanSql('hours'))
    this.gapSql = database.prepare(`INSERT INTO gaps (device, from_ms, to_ms, reason) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET to_ms = max(to_ms, excluded.to_ms)`)
    this.oldGaps = database.prepare('DELETE FROM gaps WHERE to_ms < ?')
    this.old = KEPT.map(({ table, column, unitMs, keptMs }) => ({
      unitMs,
      keptMs,
      nth: database.prepare(
        `SELECT ${column} AS at FROM ${table} WHERE device = ? ORDER BY ${column} LIMIT 1 OFFSET ?`,
      ),
      remove: database.prepare(`DELETE FROM ${table} WHERE device = ? AND ${column} < ?`),
    }))
  }

  /** All of them in one commit; a second sample of one moment changes nothing. */
  write(samples: readonly Sample[]): void {
    transaction(this.database, () => {
      for (const { device, atMs, values } of samples) {
        const cells = HEALTH_METRICS.map((metric) => values[metric] ?? null)
        if (Number(this.sample.run(device, atMs, ...cells).changes) === 0) continue
        this.minute.run(device, Math.floor(atMs / MINUTE_MS), ...cells)
        this.hour.run(device, Math.floor(atMs / HOUR_MS), ...cells)
      }
    })
  }

  gap(device: number, fromMs: number, toMs: number, reason: string): void {
    this.gapSql.run(device, fromMs, toMs, reason)
  }

  /** Drops what is too old of one device, at most `most` rows a table; the rest another time. */
  prune(device: number, nowMs: number, most = Number.POSITIVE_INFINITY): void {
    transaction(this.database, () => {
      for (const { unitMs, keptMs, nth, remove } of this.old) {
        const limit = Math.floor((nowMs - keptMs) / unitMs)
        const row = Number.isFinite(most) ? (nth.get(device, most) as { at: number } | undefined) : undefined
        remove.run(device, Math.min(limit, row?.at ?? limit))
      }
    })
  }

  pruneGaps(nowMs: number): void {
    this.oldGaps.run(nowMs - HEALTH_KEPT.hoursMs)
  }
}
