/** Changes of jobs gathered into few, larger events. */
import type { Job } from '../contract/job'
import type { Clock } from '../net/clock'

/** Passes on the last state of each changed job, at most once in `intervalMs`; the first change goes out without delay. */
export class Changes {
  private readonly pending = new Map<string, Job>()
  private cancelTimer: (() => void) | undefined
  private lastMs = Number.NEGATIVE_INFINITY

  constructor(
    private readonly clock: Clock,
    private readonly intervalMs: number,
    private readonly pass: (jobs: readonly Job[]) => void,
  ) {}

  put(job: Job): void {
    this.pending.set(job.id, job)
    if (this.cancelTimer) return
    // A clock that was set back must not hold changes up.
    const sinceMs = Math.max(0, this.clock.now() - this.lastMs)
    this.cancelTimer = this.clock.setTimer(() => this.flush(), Math.max(0, this.intervalMs - sinceMs))
  }

  drop(ids: readonly string[]): void {
    for (const id of ids) this.pending.delete(id)
  }

  /** Passes on what is pending now. */
  flush(): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
    if (this.pending.size === 0) return
    this.lastMs = this.clock.now()
    const jobs = [...this.pending.values()]
    this.pending.clear()
    this.pass(jobs)
  }
}
