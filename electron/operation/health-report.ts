/** What a health report says: read strictly, told apart from one that is known already, made into metrics. Pure. */
import { IotmcError } from '../contract/errors'
import { type HealthReport, healthReportSchema, type MetricValues } from '../contract/health'

const TEXT_MAX = 4096

/** The text of `Health` → report. Errors: BAD_ANSWER. */
export const readHealth = (udn: string, text: string): HealthReport => {
  try {
    if (text.length > TEXT_MAX) throw new RangeError('longer than 4096 characters')
    return healthReportSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new IotmcError('BAD_ANSWER', {
      subject: udn,
      detail: 'Health is not in its documented form',
      cause,
    })
  }
}

/** How a report came. */
export interface Arrival {
  readonly via: 'events' | 'polled'
  /** First event of a subscription: a value that may have stood for a while, and that may be known already. */
  readonly initial?: boolean
  /** Of the request that brought it; half of it is the age of the report. */
  readonly roundTripMs?: number
}

/** Answers overtaken by an event are no older than this. */
const OVERTAKEN_S = 60

/**
 * Whether `next` is `last` again, or older: a new subscription begins with the last event, however long ago that was, and
 * an answer may be overtaken by an event. Anything else that is older comes from a clock and a boot counter that stand still.
 */
export const isKnown = (last: HealthReport | undefined, next: HealthReport, arrival: Arrival): boolean => {
  if (!last || next.boot !== last.boot) return false
  if (next.uptimeS === last.uptimeS) return next.time === last.time
  const behindS = last.uptimeS - next.uptimeS
  if (behindS < 0 || Date.parse(next.time) > Date.parse(last.time)) return false
  return arrival.initial === true || behindS < OVERTAKEN_S
}

/** Whether the device has started anew between two reports. One whose boot counter stands still shows it by its uptime. */
export const hasRestarted = (last: HealthReport, next: HealthReport): boolean =>
  next.boot !== last.boot || next.uptimeS < last.uptimeS

/** Difference of the clocks in s, without sign; undefined where the age of the report is not known. */
const clockSkewS = (report: HealthReport, atMs: number, arrival: Arrival): number | undefined => {
  if (arrival.initial) return undefined
  const madeMs = atMs - (arrival.roundTripMs ?? 0) / 2
  return Math.abs(Date.parse(report.time) - madeMs) / 1000
}

/** A report in the units of METRIC_UNITS; what the device has no sensor for is left out. */
export const metricsOf = (report: HealthReport, atMs: number, arrival: Arrival): MetricValues => {
  const { memoryFreeBytes: free, memoryTotalBytes: total, link, counts } = report
  const optional = {
    temperature: report.temperatureC,
    supply: report.supplyV,
    memory: free !== undefined && total !== undefined ? Math.min(100, (free / total) * 100) : undefined,
    signal: link?.signalDbm,
    linkErrors: link?.errors,
    clockSkew: clockSkewS(report, atMs, arrival),
  }
  const values: MetricValues = { errors: counts.critical + counts.error, uptime: report.uptimeS }
  for (const [metric, value] of Object.entries(optional))
    if (value !== undefined) values[metric as keyof typeof optional] = value
  return values
}
