/** Limits with hysteresis: when a value raises an alarm and when it ends it. Pure; the clock is an argument. */
import type { Alarm, HealthLevel, HealthMetric, MetricValues, Threshold } from '../contract/health'

/** How one limit stands: for how long the value has been beyond it, and since when that is an alarm. */
interface LimitState {
  /** When the value was first seen beyond `raise`; absent while it is not. */
  readonly beyondMs?: number
  /** Present while the alarm is on. */
  readonly raisedMs?: number
}

interface ThresholdState {
  readonly metric: HealthMetric
  readonly threshold: Threshold
  readonly warn: LimitState
  readonly bad: LimitState
  readonly value?: number
}

/** How every limit of one device stands, by metric and direction; begins empty. */
export type AlarmState = ReadonlyMap<string, ThresholdState>

export const NO_ALARMS: AlarmState = new Map()

type Limit = NonNullable<Threshold['warn']>

const keyOf = ({ metric, direction }: Threshold): string => `${metric} ${direction}`

const QUIESCENT: LimitState = {}

/** One limit, one value. Beyond `raise` means strictly beyond; at `clear` the alarm is over. */
const nextLimit = (
  state: LimitState,
  limit: Limit | undefined,
  above: boolean,
  value: number,
  holdMs: number,
  nowMs: number,
): LimitState => {
  if (!limit) return QUIESCENT
  const cleared = above ? value <= limit.clear : value >= limit.clear
  if (cleared) return state.beyondMs === undefined && state.raisedMs === undefined ? state : QUIESCENT
  if (state.raisedMs !== undefined) return state
  const beyond = above ? value > limit.raise : value < limit.raise
  if (!beyond) return state.beyondMs === undefined ? state : QUIESCENT
  // A clock that was set back must not hold an alarm for longer than its time.
  const beyondMs = Math.min(state.beyondMs ?? nowMs, nowMs)
  return nowMs - beyondMs >= holdMs ? { beyondMs, raisedMs: nowMs } : { beyondMs }
}

const step = (
  before: ThresholdState | undefined,
  threshold: Threshold,
  value: number,
  holdMs: number,
  nowMs: number,
): ThresholdState => {
  const above = threshold.direction === 'above'
  const limit = (level: 'warn' | 'bad') =>
    nextLimit(before?.[level] ?? QUIESCENT, threshold[level], above, value, holdMs, nowMs)
  return { metric: threshold.metric, threshold, warn: limit('warn'), bad: limit('bad'), value }
}

/**
 * The state after one report. A metric that the report does not have stays as it was; of two thresholds for the same metric
 * and direction the later counts.
 */
export const nextAlarms = (
  state: AlarmState,
  values: MetricValues,
  thresholds: readonly Threshold[],
  nowMs: number,
): AlarmState => {
  const next = new Map<string, ThresholdState>()
  for (const threshold of thresholds) {
    const key = keyOf(threshold)
    const before = state.get(key)
    const value = values[threshold.metric]
    if (value !== undefined && Number.isFinite(value))
      next.set(key, step(before, threshold, value, threshold.holdS * 1000, nowMs))
    else if (before) next.set(key, before)
  }
  return next
}

/**
 * The state under changed limits, for the values last reported. A changed threshold is judged anew and at once: its value has
 * stood since the last report. One that is the same keeps its state, inside its band too.
 */
export const rejudge = (
  state: AlarmState,
  values: MetricValues,
  thresholds: readonly Threshold[],
  nowMs: number,
): AlarmState => {
  const next = new Map<string, ThresholdState>()
  for (const threshold of thresholds) {
    const key = keyOf(threshold)
    const before = state.get(key)
    const value = values[threshold.metric]
    if (before && JSON.stringify(before.threshold) === JSON.stringify(threshold)) next.set(key, before)
    else if (value !== undefined)
      next.set(key, keepSince(step(undefined, threshold, value, 0, nowMs), before))
  }
  return next
}

/** An alarm that goes on under another limit has been on since it began. */
const keepSince = (state: ThresholdState, before: ThresholdState | undefined): ThresholdState => {
  const since = (level: 'warn' | 'bad'): LimitState => {
    const raisedMs = before?.[level].raisedMs
    return state[level].raisedMs === undefined || raisedMs === undefined
      ? state[level]
      : { ...state[level], raisedMs }
  }
  return { ...state, warn: since('warn'), bad: since('bad') }
}

const alarmOf = (state: ThresholdState): Alarm | undefined => {
  const level = state.bad.raisedMs !== undefined ? 'bad' : 'warn'
  const sinceMs = state[level].raisedMs
  if (sinceMs === undefined) return undefined
  const limit = state.threshold[level]?.raise
  return {
    sign: state.metric,
    level,
    sinceMs,
    ...(state.value === undefined ? {} : { value: state.value }),
    ...(limit === undefined ? {} : { limit }),
  }
}

/** The alarms that are on: of each metric the worst. */
export const alarmsOf = (state: AlarmState): readonly Alarm[] => {
  const worst = new Map<string, Alarm>()
  for (const entry of state.values()) {
    const alarm = alarmOf(entry)
    if (!alarm) continue
    const other = worst.get(alarm.sign)
    if (!other || (other.level === 'warn' && alarm.level === 'bad')) worst.set(alarm.sign, alarm)
  }
  return [...worst.values()]
}

/** The worst level of some alarms. */
export const levelOf = (alarms: readonly Alarm[]): HealthLevel => {
  if (alarms.some((alarm) => alarm.level === 'bad')) return 'bad'
  return alarms.length > 0 ? 'warn' : 'ok'
}
