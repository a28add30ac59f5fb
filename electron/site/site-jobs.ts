/** The site's jobs: who was approved for what, one active job a device, and the newest job of each. */
import { IotmcError } from '../contract/errors'
import { type Batch, isEnded, type Job } from '../contract/job'
import type { EnrollmentService } from '../enrollment/service'
import { JobRunner } from '../jobs/runner'
import type { StepPlan } from '../jobs/step'
import type { Clock } from '../net/clock'
import type { Records } from '../store/records'
import type { Emit, Log } from './events'
import { Verdicts } from './verdicts'

export interface SiteJobsOptions {
  readonly clock: Clock
  readonly records: Records
  readonly enrollment: () => EnrollmentService
  readonly concurrency: number
  readonly plan: (job: Job) => readonly StepPlan[]
  readonly log: Log
  readonly emit: Emit
  /** Devices whose row may look different now. */
  readonly touch: (udns: readonly string[]) => void
  /** Failed updates begin anew as jobs of their rollout: a device that gave up has to be told again. */
  readonly retryUpdates: (jobs: readonly Job[]) => void
  /** A person's word on these devices has changed: whoever waits for it looks again. */
  readonly changed: (udns: readonly string[]) => void
  readonly audit: (action: string, subject: string) => void
}

export class SiteJobs {
  readonly verdicts = new Verdicts()
  readonly runner: JobRunner
  /** The newest job of each subject, of any kind, and the newest commissioning of each device. */
  private readonly bySubject = new Map<string, Job>()
  private readonly commissioning = new Map<string, Job>()

  constructor(private readonly options: SiteJobsOptions) {
    const { clock, records, concurrency, plan, log } = options
    const { jobs: journal, batches } = records
    this.runner = new JobRunner({ clock, journal, batches, concurrency, plan, log })
    this.track(this.runner.list())
    this.noteFailures(this.runner.list())
    this.runner.on('changed', (jobs) => {
      this.track(jobs)
      this.noteFailures(jobs)
      options.emit('jobs', jobs)
    })
    this.runner.on('batches', (changed) => options.emit('batches', changed))
    this.runner.on('gone', (ids) => {
      this.dropped(ids)
      options.emit('jobsGone', ids)
    })
  }

  /** Goes on with what the journal has open. */
  start(): void {
    this.runner.start()
  }

  stop(): Promise<void> {
    return this.runner.stop()
  }

  list(): Job[] {
    return [...this.runner.list()]
  }

  /** Jobs that were asked for together. */
  batches(): Batch[] {
    return this.runner.batches()
  }

  /** Errors: BATCH_UNKNOWN. */
  pause(batch: string): void {
    this.runner.pause(batch)
    this.options.audit('batch-paused', batch)
  }

  /** Errors: BATCH_UNKNOWN. */
  resume(batch: string): void {
    this.runner.resume(batch)
    this.options.audit('batch-resumed', batch)
  }

  newest(udn: string): Job | undefined {
    return this.bySubject.get(udn)
  }

  /** The commissioning of a device that has not ended. */
  active(udn: string): Job | undefined {
    const job = this.commissioning.get(udn)
    return job && !isEnded(job.state) ? job : undefined
  }

  setConcurrency(limit: number): void {
    this.runner.setConcurrency(limit)
  }

  /** A person lets devices in; a device without a job gets one. Errors: GROUP_UNKNOWN. */
  approve(udns: readonly string[], group: string): void {
    this.requireGroup(group)
    for (const udn of udns) {
      this.verdicts.approve(udn, group)
      this.options.enrollment().reopen(udn)
    }
    const idle = udns.filter((udn) => !this.active(udn))
    if (idle.length > 0) this.submit(idle, group, 'given')
    this.options.changed(udns)
  }

  reject(udns: readonly string[]): void {
    for (const udn of udns) {
      this.verdicts.reject(udn)
      this.options.enrollment().reconsider(udn)
    }
    this.options.changed(udns)
  }

  /** One job a device, all of one batch, a new one where none is named; a device that has an active job keeps that one. Errors: GROUP_UNKNOWN. */
  commission(udns: readonly string[], group: string, approval: 'ask' | 'given', batch?: string): string[] {
    this.requireGroup(group)
    for (const udn of udns) {
      // A job that already waits for a person takes this word; it keeps its own parameters.
      if (approval === 'given' && this.active(udn)) this.verdicts.approve(udn, group)
      else this.verdicts.forget(udn)
      this.options.enrollment().reopen(udn)
    }
    const jobs = this.submit(udns, group, approval, batch)
    this.options.changed(udns)
    return jobs.map((job) => job.id)
  }

  /** Zero-touch let a device in with nobody asking: the rest of commissioning still needs a job. */
  adopt(udn: string, group: string): void {
    if (!this.active(udn)) this.submit([udn], group, 'given')
  }

  /** Takes back what people said for a device, and calls off its commissioning. */
  withdraw(udn: string): void {
    this.verdicts.forget(udn)
    const job = this.active(udn)
    try {
      if (job) this.runner.cancel([job.id])
    } catch (err) {
      // Nothing of it may hold up a revocation.
      this.options.log.error({ udn, err }, 'a commissioning could not be called off')
    }
  }

  /** Errors: JOB_UNKNOWN. */
  cancel(ids: readonly string[]): void {
    this.runner.cancel(ids)
  }

  /** Errors: JOB_UNKNOWN. */
  retry(ids: readonly string[]): void {
    const wanted = new Set(ids)
    const jobs = this.runner.list().filter((job) => wanted.has(job.id))
    for (const { kind, subject } of jobs) {
      if (kind !== 'commission') continue
      // A device that was refused waits for a word again; the old refusal would end the job at once.
      this.verdicts.forget(subject)
      this.options.enrollment().reopen(subject)
    }
    const updates = jobs.filter((job) => job.kind === 'update')
    if (updates.length > 0) this.options.retryUpdates(updates)
    const others = new Set(updates.map((job) => job.id))
    this.runner.retry(ids.filter((id) => !others.has(id)))
  }

  /** Forgets ended jobs; what failed and was never answered still stands in reports. */
  clear(): void {
    const before = this.runner.list().length
    this.runner.clear()
    const gone = before - this.runner.list().length
    if (gone > 0) this.options.audit('jobs-cleared', `${gone} jobs`)
    this.options.emit('jobs', this.list())
  }

  private dropped(ids: readonly string[]): void {
    const gone = new Set(ids)
    const subjects = [...this.bySubject.values()].filter((job) => gone.has(job.id)).map((job) => job.subject)
    for (const subject of subjects) this.bySubject.delete(subject)
    for (const [udn, job] of this.commissioning) if (gone.has(job.id)) this.commissioning.delete(udn)
    this.options.touch(subjects)
  }

  private submit(
    udns: readonly string[],
    group: string,
    approval: 'ask' | 'given',
    batch?: string,
  ): readonly Job[] {
    return this.track(this.runner.submit('commission', udns, { group, approval }, batch))
  }

  private track(jobs: readonly Job[]): readonly Job[] {
    for (const job of jobs) {
      this.bySubject.set(job.subject, job)
      if (job.kind === 'commission') this.commissioning.set(job.subject, job)
    }
    this.options.touch(jobs.map((job) => job.subject))
    return jobs
  }

  private noteFailures(jobs: readonly Job[]): void {
    const { records, log } = this.options
    const ended = jobs
      .filter(({ subject, state }) => subject.startsWith('uuid:') && isEnded(state))
      .sort((a, b) => a.updatedAtMs - b.updatedAtMs)
    if (ended.length === 0) return
    try {
      records.transaction(() => {
        for (const { kind, subject, state, error, updatedAtMs: atMs } of ended) {
          if (state === 'failed') records.failures.put({ kind, subject, code: error?.code ?? 'DEFECT', atMs })
          // Whoever has left owes nothing any more.
          else if (state === 'done')
            records.failures.remove(subject, kind === 'decommission' ? undefined : kind)
        }
      })
    } catch (err) {
      // The jobs themselves are on disk, and are looked at again at the next start.
      log.error({ err }, 'failures of jobs could not be kept')
    }
  }

  private requireGroup(name: string): void {
    if (!this.options.records.groups.get(name)) throw new IotmcError('GROUP_UNKNOWN', { subject: name })
  }
}
