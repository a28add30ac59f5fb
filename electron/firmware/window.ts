/** The hours of each day, in UTC, in which banks may be switched. */
import type { RolloutPlan } from '../contract/firmware'

export type Window = NonNullable<RolloutPlan['window']>

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

const ofDay = (hhmm: string): number => {
  const [hours = 0, minutes = 0] = hhmm.split(':').map(Number)
  return (hours * 60 + minutes) * MINUTE_MS
}

const mod = (value: number): number => ((value % DAY_MS) + DAY_MS) % DAY_MS

/** How long it is open; the same time twice means the whole day. */
const lengthMs = ({ from, to }: Window): number => mod(ofDay(to) - ofDay(from)) || DAY_MS

/** Whether it is open: from its first millisecond up to, and without, its last. Without a window it always is. */
export const isInWindow = (window: Window | undefined, nowMs: number): boolean =>
  window === undefined || mod(nowMs - ofDay(window.from)) < lengthMs(window)

/** When it opens: now, if it is open. */
export const nextWindowMs = (window: Window | undefined, nowMs: number): number =>
  window === undefined || isInWindow(window, nowMs) ? nowMs : nowMs + mod(ofDay(window.from) - nowMs)

/** When it closes, counted from its present or next opening; undefined if it never does. */
export const windowEndMs = (window: Window | undefined, nowMs: number): number | undefined => {
  if (window === undefined || lengthMs(window) === DAY_MS) return undefined
  const opensMs = nextWindowMs(window, nowMs)
  return opensMs + lengthMs(window) - mod(opensMs - ofDay(window.from))
}
