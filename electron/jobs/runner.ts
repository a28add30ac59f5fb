/** The runner: takes jobs, runs them within the concurrency limit, and goes on after a restart where they stood. */
import { randomUUID } from 'node:crypto'
import { IotmcError } from '../contract/errors'
import { isEnded, type Job, type JobKind } from '../contract/job'
import { IPC_LIMITS, JOB_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'
import { JobCell } from './cell'
import { Changes } from './changes'
import { alignSteps, type Journal, recovered } from './journal'
import { mustFinishStep } from './machine'
import { type JobLog, JobRun } from './run'
import { Slots } from './slots'
import type { StepPlan } from './step'

export type { Journal } from './journal'
export type { JobLog } from './run'
export type { StepContext, StepPlan } from './step'

export interface JobRunnerOptions {
  readonly clock: Clock
  /** `Records.jobs`. */
  readonly journal: Journal
  /** Jobs that run at once; a job that waits for a device or a person does not count, nor do those of `ownPace`. */
  readonly concurrency: number
  /** Kinds that run as soon as they are asked for: what limits them is the number of cables. */
  readonly ownPace?: readonly JobKind[]
  /** The steps of a job; called afresh for each run, so that a plan may keep what its steps learn in that run. */
  readonly plan: (job: Job) => readonly StepPlan[]
  readonly log: JobLog
  /** Ended jobs kept over a restart. */
  readonly kept?: number
}

const OWN_PACE: readonly JobKind[] = ['inject', 'provision', 'update-serial']

type Listener = (jobs: readonly Job[]) => void

/** Owns all jobs. Nothing runs before `start`. */
export class JobRunner {
  private readonly cells = new Map<string, JobCell>()
  private readonly active = new Map<string, string>()
  private readonly runs = new Map<string, { readonly run: JobRun; readonly ended: Promise<void> }>()
  private readonly listeners = new Set<Listener>()
  private readonly slots: Slots
  private readonly unlimited = new Slots(Number.POSITIVE_INFINITY)
  private readonly changes: Changes
  private state: 'new' | 'running' | 'stopped' = 'new'

  /** Reads the journal: jobs that were under way are interrupted until `start`. */
  constructor(private readonly options: JobRunnerOptions) {
    const { clock, journal, concurrency } = options
    this.slots = new Slots(concurrency)
    this.changes = new Changes(clock, IPC_LIMITS.deltaIntervalMs, (jobs) => this.tell(jobs))
    const journalled = journal.list()
    const ended = journalled.filter((job) => isEnded(job.state))
    const surplus = ended.slice(0, Math.max(0, ended.length - (options.kept ?? JOB_LIMITS.kept)))
    if (surplus.length > 0) journal.remove(surplus.map((job) => job.id))
    const dropped = new Set(surplus)
    for (const job of journalled) if (!dropped.has(job)) this.keep(recovered(job, clock.now()), job)
  }

  /** Goes on with every unfinished job of the journal. */
  start(): void {
    if (this.state !== 'new') return
    this.state = 'running'
    for (const cell of this.cells.values()) {
      cell.apply({ type: 'resumed' })
      if (cell.now.state === 'queued') this.launch(cell)
    }
  }

  /**
   * Asks for one job per subject, journalled in one commit before any of them runs. A subject that has an active job of
   * this kind keeps it, and that one is returned. Errors: INTERRUPTED after `stop`.
   */
  submit(
    kind: JobKind,
    subjects: readonly string[],
    params: Readonly<Record<string, string>>,
    batch?: string,
  ): Job[] {
    if (this.state === 'stopped') throw new IotmcError('INTERRUPTED')
    const batchId = batch ?? randomUUID()
    const made = new Map<string, Job>()
    const wanted = subjects.map((subject) => {
      const existing = this.activeId({ kind, subject }) ?? made.get(subject)?.id
      if (existing) return existing
      const job = this.draft(kind, subject, params, batchId)
      made.set(subject, job)
      return job.id
    })
    this.options.journal.insert([...made.values()])
    for (const job of made.values()) {
      const cell = this.keep(job)
      this.changes.put(job)
      if (this.state === 'running') this.launch(cell)
    }
    return wanted.map((id) => this.cell(id).now)
  }

  /** Cancels jobs that have not ended; one in a step that can't be cancelled ends after it. Errors: JOB_UNKNOWN. */
  cancel(ids: readonly string[]): void {
    const cells = ids.map((id) => this.cell(id))
    for (const cell of cells) {
      const run = this.runs.get(cell.now.id)?.run
      if (run) {
        run.cancel()
      } else if (!isEnded(cell.now.state)) {
        cell.apply({ type: mustFinishStep(cell.now) ? 'cancel-asked' : 'cancelled' })
        cell.commit()
        this.release(cell.now)
      }
    }
  }

  /**
   * Goes on with failed or cancelled jobs at their first step that is not done; others are left alone, and so is one
   * whose subject has a newer active job of the same kind. Errors: JOB_UNKNOWN, INTERRUPTED after `stop`.
   */
  retry(ids: readonly string[]): void {
    if (this.state === 'stopped') throw new IotmcError('INTERRUPTED')
    const cells = ids.map((id) => this.cell(id))
    for (const cell of cells) {
      if (this.activeId(cell.now) !== undefined || this.runs.has(cell.now.id)) continue
      if (!cell.apply({ type: 'retried' })) continue
      cell.commit()
      this.active.set(activeKey(cell.now), cell.now.id)
      if (this.state === 'running') this.launch(cell)
    }
  }

  /** All jobs, in the order they were asked for. */
  list(): Job[] {
    return [...this.cells.values()].map((cell) => cell.now)
  }

  get(id: string): Job | undefined {
    return this.cells.get(id)?.now
  }

  /** Forgets ended jobs, here and in the journal; gives their ids. */
  clear(): string[] {
    const ids = this.list()
      .filter((job) => isEnded(job.state) && !this.runs.has(job.id))
      .map((job) => job.id)
    this.options.journal.remove(ids)
    this.changes.drop(ids)
    for (const id of ids) this.cells.delete(id)
    return ids
  }

  /** Hears of changed jobs, gathered to at most ten events a second; the result ends it. */
  on(_event: 'changed', listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  setConcurrency(limit: number): void {
    this.slots.setLimit(limit)
  }

  /** Breaks off what runs and waits for it; unfinished jobs stay in the journal as interrupted. */
  async stop(): Promise<void> {
    this.state = 'stopped'
    const ended = [...this.runs.values()].map((entry) => entry.ended)
    for (const { run } of this.runs.values()) run.stop()
    await Promise.all(ended)
    this.changes.flush()
  }

  private draft(
    kind: JobKind,
    subject: string,
    params: Readonly<Record<string, string>>,
    batch: string,
  ): Job {
    const atMs = this.options.clock.now()
    const stamps = { createdAtMs: atMs, updatedAtMs: atMs }
    const job: Job = {
      id: randomUUID(),
      kind,
      subject,
      batch,
      params: { ...params },
      state: 'queued',
      steps: [],
      attempt: 1,
      ...stamps,
    }
    return { ...job, steps: [...alignSteps(this.options.plan(job), [])] }
  }

  private keep(job: Job, committed?: Job): JobCell {
    const { clock, journal } = this.options
    const cell = new JobCell({ clock, journal, changed: (next) => this.changes.put(next) }, job, committed)
    this.cells.set(job.id, cell)
    if (!isEnded(job.state)) this.active.set(activeKey(job), job.id)
    return cell
  }

  private launch(cell: JobCell): void {
    const { clock, plan, log, ownPace = OWN_PACE } = this.options
    const { id, kind } = cell.now
    const slots = ownPace.includes(kind) ? this.unlimited : this.slots
    const run = new JobRun({ clock, slots, plan, log }, cell)
    const ended = run.go().then(() => {
      this.runs.delete(id)
      this.release(cell.now)
    })
    this.runs.set(id, { run, ended })
  }

  private activeId(wanted: Pick<Job, 'kind' | 'subject'>): string | undefined {
    const id = this.active.get(activeKey(wanted))
    return id !== undefined && !isEnded(this.cell(id).now.state) ? id : undefined
  }

  private release(job: Job): void {
    if (isEnded(job.state) && this.active.get(activeKey(job)) === job.id) this.active.delete(activeKey(job))
  }

  private cell(id: string): JobCell {
    const cell = this.cells.get(id)
    if (!cell) throw new IotmcError('JOB_UNKNOWN', { subject: id })
    return cell
  }

  private tell(jobs: readonly Job[]): void {
    for (const listener of this.listeners) listener(jobs)
  }
}

const activeKey = ({ kind, subject }: Pick<Job, 'kind' | 'subject'>): string => `${kind} ${subject}`
