/** The runner: takes jobs, runs them within the concurrency limit, and goes on after a restart where they stood. */
import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { asIotmcError, IotmcError } from '../contract/errors'
import { type Batch, isEnded, type Job, type JobKind } from '../contract/job'
import { IPC_LIMITS, JOB_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'
import { Batches, type BatchStore } from './batches'
import { JobCell } from './cell'
import { Changes } from './changes'
import { alignSteps, type Journal, recovered } from './journal'
import { outdated } from './kept'
import { mustFinishStep } from './machine'
import { orderOf } from './order'
import { type JobLog, JobRun, type RunSlots } from './run'
import type { StepPlan } from './step'
import { type Order, type Turn, Turns } from './turns'

export type { Journal } from './journal'
export type { JobLog } from './run'
export type { StepContext, StepPlan } from './step'

export interface JobRunnerOptions {
  readonly clock: Clock
  /** `Records.jobs`. */
  readonly journal: Journal
  /** `Records.batches`; without it a restart forgets what is paused. */
  readonly batches?: BatchStore
  /** Jobs that run at once; a job that waits for a device or a person does not count, nor do those of `ownPace`. */
  readonly concurrency: number
  /** Kinds that run as soon as they are asked for: what limits them is the number of cables. */
  readonly ownPace?: readonly JobKind[]
  /** The steps of a job; called afresh for each run, so that a plan may keep what its steps learn in that run. */
  readonly plan: (job: Job) => readonly StepPlan[]
  readonly log: JobLog
  /** Ended jobs kept, here and over a restart; see `outdated`. */
  readonly kept?: number
}

const OWN_PACE: readonly JobKind[] = ['inject', 'provision', 'update-serial']

/** Looking which ones go costs as much as there are jobs: not at each that ends. */
const PRUNE_SLACK = 0.1

/** So many jobs begin before the rest of the program has its turn. */
const BURST = 50

interface JobEvents {
  /** At most ten times a second. */
  changed: readonly Job[]
  /** At most twice a second. */
  batches: readonly Batch[]
  /** Ids of jobs that are listed no more. */
  gone: readonly string[]
}

/**
 * Owns all jobs. Nothing runs before `start`, and a job that has no slot yet is no more than its row and its place in the
 * queue, so that thousands may wait.
 */
export class JobRunner {
  private readonly cells = new Map<string, JobCell>()
  private readonly active = new Map<string, string>()
  private readonly runs = new Map<string, { readonly run: JobRun; readonly ended: Promise<void> }>()
  /** Of jobs that have no run yet. */
  private readonly queued = new Map<string, Turn>()
  private readonly listeners = { changed: new Set(), batches: new Set(), gone: new Set() } as {
    readonly [E in keyof JobEvents]: Set<(payload: JobEvents[E]) => void>
  }
  private readonly slots: Turns
  private readonly forRuns: RunSlots
  private readonly changes: Changes<Job>
  private readonly grouped: Batches
  private readonly kept: number
  /** With so many jobs some may have to go. */
  private pruneAt = 0
  private burst = 0
  private state: 'new' | 'running' | 'stopped' = 'new'

  /** Reads the journal: jobs that were under way are interrupted until `start`. */
  constructor(private readonly options: JobRunnerOptions) {
    const { clock, journal, concurrency } = options
    this.grouped = new Batches(clock, options.batches, (batches) => this.tell('batches', batches))
    this.slots = new Turns(concurrency, {
      isPaused: (batch) => this.grouped.isPaused(batch),
      limitOf: (batch) => this.grouped.limitOf(batch),
      give: (turn) => this.given(turn),
    })
    this.forRuns = {
      again: (job, signal) => this.again(job, signal),
      release: (job) => this.slots.release({ batch: job.batch, counted: this.isCounted(job) }),
    }
    this.changes = new Changes(clock, IPC_LIMITS.deltaIntervalMs, (jobs) => this.tell('changed', jobs))
    this.kept = options.kept ?? JOB_LIMITS.kept
    const journalled = journal.list()
    const surplus = outdated(journalled, this.kept)
    if (surplus.length > 0) journal.remove(surplus.map((job) => job.id))
    const dropped = new Set(surplus)
    for (const job of journalled) if (!dropped.has(job)) this.keep(recovered(job, clock.now()), job)
    this.grouped.tidy()
    this.pruneLater()
  }

  /** Goes on with every unfinished job of the journal. */
  start(): void {
    if (this.state !== 'new') return
    this.state = 'running'
    for (const cell of this.cells.values()) {
      const begun = cell.journalled.state !== 'queued'
      cell.apply({ type: 'resumed' })
      if (cell.now.state === 'queued') this.queue(cell.now, orderOf(cell.now, begun))
    }
  }

  /**
   * Asks for one job per subject, journalled in one commit before any of them runs. A subject that has an active job of
   * this kind keeps it, and that one is returned. `limit`: how many of the batch run at once; it stays until it is set
   * anew. Errors: INTERRUPTED after `stop`.
   */
  submit(
    kind: JobKind,
    subjects: readonly string[],
    params: Readonly<Record<string, string>>,
    batch?: string,
    { limit }: { readonly limit?: number } = {},
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
    // The limit is on the disk before its jobs; what is left without jobs goes at the next start.
    if (limit !== undefined && made.size > 0) this.grouped.hold(batchId, { limit })
    this.options.journal.insert([...made.values()])
    for (const job of made.values()) {
      this.keep(job)
      this.changes.put(job)
    }
    if (this.state === 'running') for (const job of made.values()) this.queue(job, orderOf(job, false))
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
        try {
          cell.commit()
        } finally {
          // What could not be written is cancelled all the same, in this run of the program.
          if (isEnded(cell.now.state)) this.unqueue(cell.now.id)
          this.release(cell.now)
        }
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
      if (this.state === 'running') this.queue(cell.now, orderOf(cell.now, false))
    }
  }

  /** Jobs that were asked for together, in the order they were asked for. */
  batches(): Batch[] {
    return this.grouped.list()
  }

  /**
   * Begins nothing more of a batch, also after a restart: what has ended its first step goes on to its end, what waits in
   * that step for its device stays there. Errors: BATCH_UNKNOWN.
   */
  pause(batch: string): void {
    this.requireBatch(batch)
    this.grouped.hold(batch, { paused: true })
  }

  /** Errors: BATCH_UNKNOWN. */
  resume(batch: string): void {
    this.requireBatch(batch)
    this.grouped.hold(batch, { paused: false })
    this.slots.serve()
  }

  /** All jobs, in the order they were asked for. */
  list(): Job[] {
    return [...this.cells.values()].map((cell) => cell.now)
  }

  get(id: string): Job | undefined {
    return this.cells.get(id)?.now
  }

  /** Forgets ended jobs, here and in the journal. */
  clear(): void {
    this.forget(() => this.list().filter((job) => isEnded(job.state)))
  }

  /** Hears of changed jobs or batches, gathered; the result ends it. */
  on<E extends keyof JobEvents>(event: E, listener: (payload: JobEvents[E]) => void): () => void {
    this.listeners[event].add(listener)
    return () => this.listeners[event].delete(listener)
  }

  setConcurrency(limit: number): void {
    this.slots.setLimit(limit)
  }

  /** Breaks off what runs and waits for it; unfinished jobs stay in the journal as interrupted. */
  async stop(): Promise<void> {
    this.state = 'stopped'
    this.slots.close()
    const ended = [...this.runs.values()].map((entry) => entry.ended)
    for (const { run } of this.runs.values()) run.stop()
    await Promise.all(ended)
    this.changes.flush()
    this.grouped.flush()
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
    const changed = (next: Job, before: Job): void => {
      this.changes.put(next)
      this.grouped.moved(next, before.state)
    }
    const cell = new JobCell({ clock, journal, changed }, job, committed)
    this.cells.set(job.id, cell)
    this.grouped.joined(job)
    if (!isEnded(job.state)) this.active.set(activeKey(job), job.id)
    return cell
  }

  private queue({ id, kind, batch }: Job, order: Order): void {
    const turn: Turn = { id, batch, order, counted: this.isCounted({ kind }) }
    this.queued.set(id, turn)
    this.slots.wait(turn)
  }

  private forget(choose: () => readonly Job[]): void {
    // Who follows a job hears how it has ended before it is gone.
    this.changes.flush()
    const gone = choose().filter((job) => !this.runs.has(job.id))
    if (gone.length === 0) return
    const ids = gone.map((job) => job.id)
    this.options.journal.remove(ids)
    this.changes.drop(ids)
    for (const id of ids) this.cells.delete(id)
    this.grouped.left(gone)
    this.tell('gone', ids)
  }

  /** What runs for weeks holds no more than what was just opened. */
  private prune(): void {
    if (this.cells.size < this.pruneAt) return
    try {
      this.forget(() => outdated(this.list(), this.kept))
    } catch (thrown) {
      // They go at the next start.
      this.options.log.error({ code: asIotmcError(thrown).code }, 'ended jobs could not be forgotten')
    }
    this.pruneLater()
  }

  private pruneLater(): void {
    this.pruneAt = Math.max(this.kept, this.cells.size) + Math.ceil(this.kept * PRUNE_SLACK)
  }

  private unqueue(id: string): void {
    const turn = this.queued.get(id)
    if (turn) this.slots.leave(turn)
    this.queued.delete(id)
  }

  /** A slot is free for a run that waits for one, or for a job that has no run yet. */
  private given(turn: Turn): void {
    if (turn.resume) {
      turn.resume()
      return
    }
    this.queued.delete(turn.id)
    this.launch(this.cell(turn.id))
  }

  private launch(cell: JobCell): void {
    const { clock, plan, log } = this.options
    const { id } = cell.now
    const breath = () => this.breath()
    const run = new JobRun({ clock, slots: this.forRuns, plan, log, breath }, cell)
    const ended = run.go().then(() => {
      this.runs.delete(id)
      this.release(cell.now)
      if (isEnded(cell.now.state)) this.prune()
    })
    this.runs.set(id, { run, ended })
  }

  /** Thousands of jobs that only find out that they have to wait for their device must not hold the program up. */
  private async breath(): Promise<void> {
    this.burst += 1
    if (this.burst < BURST) return
    await setImmediate()
    this.burst = 0
  }

  /** For a run that gave its slot back. */
  private again(job: Job, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new IotmcError('CANCELLED'))
      const onAbort = (): void => {
        this.slots.leave(turn)
        reject(new IotmcError('CANCELLED'))
      }
      const turn: Turn = {
        id: job.id,
        batch: job.batch,
        counted: this.isCounted(job),
        order: orderOf(job, true),
        resume: () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.slots.wait(turn)
    })
  }

  private isCounted({ kind }: Pick<Job, 'kind'>): boolean {
    return !(this.options.ownPace ?? OWN_PACE).includes(kind)
  }

  private requireBatch(id: string): void {
    if (!this.grouped.has(id)) throw new IotmcError('BATCH_UNKNOWN', { subject: id })
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

  private tell<E extends keyof JobEvents>(event: E, payload: JobEvents[E]): void {
    for (const listener of this.listeners[event]) listener(payload)
  }
}

const activeKey = ({ kind, subject }: Pick<Job, 'kind' | 'subject'>): string => `${kind} ${subject}`
