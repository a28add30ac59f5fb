/** One job as the runner holds it: what is now, what is committed, and the step between the two. */
import type { Job, JobStep } from '../contract/job'
import type { Clock } from '../net/clock'
import type { Journal } from './journal'
import { advance, type JobInput } from './machine'

export interface CellTools {
  readonly clock: Clock
  readonly journal: Journal
  /** Told of each change, committed or not. */
  readonly changed: (job: Job, before: Job) => void
}

/** Holds one job; `apply` changes it in memory, `commit` puts on the disk what has changed since the last commit. */
export class JobCell {
  private committed: Job

  constructor(
    private readonly tools: CellTools,
    private job: Job,
    committed: Job = job,
  ) {
    this.committed = committed
  }

  get now(): Job {
    return this.job
  }

  /** As it was last committed. */
  get journalled(): Job {
    return this.committed
  }

  /** Whether the input had a place in the job's state. */
  apply(input: JobInput): boolean {
    const next = advance(this.job, input, this.tools.clock.now())
    if (!next) return false
    const before = this.job
    this.job = next
    this.tools.changed(next, before)
    return true
  }

  /** Gives the job the steps of the plan it runs by. */
  align(steps: readonly JobStep[]): void {
    if (steps === this.job.steps) return
    const before = this.job
    this.job = { ...before, steps: [...steps] }
    this.tools.changed(this.job, before)
  }

  /** Durable when it returns; throws what the journal throws, and then nothing may be done on the strength of it. */
  commit(): void {
    if (this.job === this.committed) return
    this.tools.journal.save(this.job)
    this.committed = this.job
  }
}
