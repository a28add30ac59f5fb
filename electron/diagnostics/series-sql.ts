/** The statements behind a chart. Each gives rows of start, least, greatest, mean. */
import type { HealthMetric } from '../contract/health'
import type { SeriesPlan } from './series'
import { HOUR_MS, MINUTE_MS } from './series'

/** A statement and what is bound to it. */
export interface Asked {
  readonly sql: string
  readonly params: readonly number[]
}

/** At most `most + 1` samples as they are. `metric` is a name of the contract, not a person's word. */
export const samplesAsTheyAre = (
  device: number,
  metric: HealthMetric,
  { fromMs, toMs }: SeriesPlan,
  most: number,
): Asked => ({
  sql: `SELECT at_ms, ${metric}, ${metric}, ${metric} FROM samples
    WHERE device = ? AND at_ms >= ? AND at_ms < ? AND ${metric} IS NOT NULL ORDER BY at_ms LIMIT ?`,
  params: [device, fromMs, toMs, most + 1],
})

/** Starts of columns; a join with them would sort every sample, asking for each column by its range does not. */
const COLUMNS = `WITH RECURSIVE columns(start) AS (
  SELECT ?2 UNION ALL SELECT start + ?4 FROM columns WHERE start + ?4 < ?3)`

export const samplesInColumns = (device: number, metric: HealthMetric, plan: SeriesPlan): Asked => {
  const { fromMs, toMs, widthMs } = plan
  const of = (what: string): string => `(SELECT ${what}(${metric}) FROM samples
    WHERE device = ?1 AND at_ms >= max(start, ?5) AND at_ms < min(start + ?4, ?3))`
  return {
    sql: `${COLUMNS} SELECT max(start, ?5), ${of('min')}, ${of('max')}, ${of('avg')} FROM columns`,
    params: [device, Math.floor(fromMs / widthMs) * widthMs, toMs, widthMs, fromMs],
  }
}

/** Columns of minutes or of hours. */
export const spansInColumns = (device: number, metric: HealthMetric, plan: SeriesPlan): Asked => {
  const unitMs = plan.from === 'hours' ? HOUR_MS : MINUTE_MS
  const table = plan.from === 'hours' ? 'hours' : 'minutes'
  const [fromAt, toAt, width] = [plan.fromMs / unitMs, plan.toMs / unitMs, plan.widthMs / unitMs]
  const of = (what: string): string => `(SELECT ${what} FROM ${table}
    WHERE device = ?1 AND at >= max(start, ?5) AND at < min(start + ?4, ?3) AND ${metric}_count > 0)`
  return {
    sql: `${COLUMNS} SELECT max(start, ?5) * ${unitMs}, ${of(`min(${metric}_min)`)}, ${of(`max(${metric}_max)`)},
      ${of(`sum(${metric}_sum) / sum(${metric}_count)`)} FROM columns`,
    params: [device, Math.floor(fromAt / width) * width, toAt, width, fromAt],
  }
}
