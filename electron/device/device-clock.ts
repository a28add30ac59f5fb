/** The device's own clock, as it dates its log and its health with it: right, or told to be wrong by a fault. */
import type { Clock } from '../net/clock'
import type { FaultName } from './faults'

export interface DeviceClock {
  /** Milliseconds since 1970, as this device believes. */
  now(): number
  /** Whether anybody has set it since the start. */
  readonly synchronised: boolean
}

/** How far the fault `clock-behind` is behind. */
export const BEHIND_MS = 10 * 60_000

/** The clock that log and health go by; nothing else does. */
export const deviceClock = (clock: Clock, faults: readonly FaultName[]): DeviceClock => {
  const behind = faults.includes('clock-behind')
  return { now: () => clock.now() - (behind ? BEHIND_MS : 0), synchronised: !behind }
}

/** UTC in ISO form. */
export const isoTime = (atMs: number): string => new Date(atMs).toISOString()
