/** Many changes, few events. */
import type { Clock } from '../net/clock'

/** Runs `work` soon after `ask`, at most once in `intervalMs`; the first time without delay. */
export class Soon {
  private cancelTimer: (() => void) | undefined
  private lastMs = Number.NEGATIVE_INFINITY

  constructor(
    private readonly clock: Clock,
    private readonly intervalMs: number,
    private readonly work: () => void,
  ) {}

  ask(): void {
    if (this.cancelTimer) return
    // A clock that was set back must not hold events up.
    const sinceMs = Math.max(0, this.clock.now() - this.lastMs)
    this.cancelTimer = this.clock.setTimer(
      () => {
        this.cancelTimer = undefined
        this.lastMs = this.clock.now()
        this.work()
      },
      Math.max(0, this.intervalMs - sinceMs),
    )
  }

  cancel(): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
  }
}
