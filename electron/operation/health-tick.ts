/** A timer that goes on, and that notices when the laptop slept: it is late then (cf. discovery). */
import { DISCOVERY_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'

export interface TickOptions {
  readonly clock: Clock
  readonly everyMs: number
  readonly onTick: (nowMs: number) => void
  /** Before the tick that came late, or after the clock was set (then `toMs` may lie before `fromMs`). */
  readonly onWake: (fromMs: number, toMs: number) => void
}

/** Starts ticking; the returned function ends it. */
export const startTicking = ({ clock, everyMs, onTick, onWake }: TickOptions): (() => void) => {
  let lastMs = clock.now()
  let cancel = clock.setTimer(tick, everyMs)
  function tick(): void {
    const nowMs = clock.now()
    const fromMs = lastMs
    lastMs = nowMs
    cancel = clock.setTimer(tick, everyMs)
    if (Math.abs(nowMs - fromMs - everyMs) > DISCOVERY_LIMITS.sleepGapMs) onWake(fromMs, nowMs)
    onTick(nowMs)
  }
  return () => cancel()
}
