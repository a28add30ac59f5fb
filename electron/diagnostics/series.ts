/** How a stretch of time becomes the columns of a chart; pure. */
import type { SeriesAnswer, SeriesRequest } from '../contract/health'
import { HEALTH_KEPT } from '../contract/timings'

export const MINUTE_MS = 60_000
export const HOUR_MS = 3600_000

/** The last moment of a Date. Beyond it, numbers are too large for one column to begin after another. */
const TIME_MAX = 8.64e15
const bounded = (atMs: number): number => Math.min(TIME_MAX, Math.max(-TIME_MAX, atMs))

/** Columns lie on multiples of their width since 1970, so that they stay what they are while time goes on. */
export interface SeriesPlan {
  readonly from: SeriesAnswer['from']
  /** From the first moment on, up to the last without it: whole minutes or hours where columns are made of them. */
  readonly fromMs: number
  readonly toMs: number
  /** A whole number of minutes or hours where columns are made of them. */
  readonly widthMs: number
}

/** Samples where columns are narrower than a minute, minutes below an hour; else what is still kept of that time. */
export const planSeries = (request: SeriesRequest, nowMs: number): SeriesPlan => {
  const fromMs = Math.floor(bounded(request.fromMs))
  const toMs = Math.max(fromMs + 1, Math.ceil(bounded(request.toMs)))
  // A stretch of n widths touches n + 1 columns.
  const most = request.points - 1
  const leastMs = (toMs - fromMs) / most
  if (leastMs < MINUTE_MS && fromMs >= nowMs - HEALTH_KEPT.samplesMs)
    return { from: 'samples', fromMs, toMs, widthMs: Math.max(1, Math.ceil(leastMs)) }
  const minutes = leastMs < HOUR_MS && fromMs >= nowMs - HEALTH_KEPT.minutesMs
  const unitMs = minutes ? MINUTE_MS : HOUR_MS
  const whole = {
    fromMs: Math.floor(fromMs / unitMs) * unitMs,
    toMs: Math.ceil(toMs / unitMs) * unitMs,
  }
  const units = Math.max(1, Math.ceil((whole.toMs - whole.fromMs) / unitMs / most))
  return { from: minutes ? 'minutes' : 'hours', ...whole, widthMs: units * unitMs }
}
