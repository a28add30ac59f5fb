/** What a kind of job is made of: steps that can be repeated, and what a running step may say and ask. */
import type { Job, StepName } from '../contract/job'
import type { JobNote } from '../contract/job-notes'

/** The running step's way to its job. After the step has ended or was given up, every method does nothing. */
export interface StepContext {
  /** The job as it is now. */
  readonly job: Job
  /** Aborted when the job is cancelled (only if the step is cancellable) and when the program stops. */
  readonly signal: AbortSignal
  /** One short fact for people, as a code where it is in words; journalled when the step ends. */
  note(said: string | JobNote): void
  progress(done: number, total: number): void
  /** The step will end as skipped. */
  skip(): void
  /** A person has to act: gives the slot of the concurrency limit back until `working` or the next step. */
  needsYou(): void
  /** Held until the device is online: gives the slot back likewise. */
  waiting(): void
  /** Takes a slot again within the step. Errors: CANCELLED. */
  working(): Promise<void>
  /** Waits without a slot, then takes one again: `waiting` or `needsYou`, `wait`, `working`. */
  hold<T>(why: 'waiting' | 'needs-you', wait: () => Promise<T>): Promise<T>
}

/** One step of a job; it must be safe to repeat. */
export interface StepPlan {
  readonly name: StepName
  /** May a cancel break it off? If not, a cancel takes effect after it. */
  readonly cancellable: boolean
  run(context: StepContext): Promise<void>
  /**
   * Asked first when the step was begun before and its end is not known, or it failed: look at the device. `done` goes
   * on behind the step, `again` repeats it.
   */
  reconcile?(context: StepContext): Promise<'done' | 'again'>
}
