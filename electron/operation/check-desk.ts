/** Guided health checks on an open site: started, listed, and told of as they go. */
import { isEnded, type Job } from '../contract/job'
import { type CheckOptions, checkOptionsSchema, type HealthCheck } from '../contract/self-test'
import { CheckBook, type CheckTools, checkPlan } from '../jobs/check'
import type { JobRunner } from '../jobs/runner'
import type { StepPlan } from '../jobs/step'

export interface CheckDeskOptions extends CheckTools {
  readonly runner: JobRunner
  readonly audit: (action: string, subject: string, detail?: string) => void
}

export class CheckDesk {
  private readonly book: CheckBook
  private readonly stopHearing: () => void

  /** Nothing is asked of `runner` before its own start. */
  constructor(private readonly options: CheckDeskOptions) {
    this.book = new CheckBook(options)
    const { runner } = options
    this.stopHearing = runner.on('changed', (jobs) => this.heard(jobs))
    // A job may have been forgotten, or ended in the very moment of a kill.
    for (const id of this.book.unended()) {
      const job = runner.get(id)
      if (!job || isEnded(job.state)) this.book.breakOff(id)
    }
  }

  /** One job a device; a device whose check runs keeps that one. Gives the ids of the jobs, which are the checks' too. */
  start(udns: readonly string[], options: CheckOptions): string[] {
    const checked = checkOptionsSchema.parse(options)
    const { runner, audit } = this.options
    const jobs = runner.submit('check', udns, { options: JSON.stringify(checked) })
    for (const job of jobs) {
      if (!isEnded(job.state)) this.book.open(job)
      audit('check.started', job.subject, checked.tests.join(' '))
    }
    return jobs.map((job) => job.id)
  }

  /** Newest first; of one device or of all. */
  list(query: { readonly udn?: string | undefined; readonly limit: number }): HealthCheck[] {
    return this.book.list(query)
  }

  /** The steps of a job of kind `check`. */
  plan(job: Job): readonly StepPlan[] {
    return checkPlan(this.options, this.book, job)
  }

  /** Hears of each change of a check; the result ends it. */
  onChange(listener: (checks: readonly HealthCheck[]) => void): () => void {
    return this.book.onChange(listener)
  }

  close(): void {
    this.stopHearing()
  }

  /** A check whose job was cancelled or failed has ended with it. */
  private heard(jobs: readonly Job[]): void {
    for (const { kind, id, state } of jobs) if (kind === 'check' && isEnded(state)) this.book.breakOff(id)
  }
}
