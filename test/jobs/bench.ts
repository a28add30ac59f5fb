/** A runner on a journal in memory, with plans made of what each test says. */
import type { Job, StepName } from '../../electron/contract/job'
import type { BatchHold, BatchStore } from '../../electron/jobs/batches'
import type { Journal } from '../../electron/jobs/journal'
import { JobRunner, type StepPlan } from '../../electron/jobs/runner'
import { keepingLog } from '../helpers/quiet-log'
import { VirtualClock } from '../helpers/virtual-clock'

/** What the runner writes; jobs are never changed in place, so that what is kept here stays as it was written. */
export class MemoryJournal implements Journal {
  private rows = new Map<string, Job>()
  /** Called before each write; what it throws fails the write. */
  beforeWrite: () => void = () => undefined

  list(): Job[] {
    return [...this.rows.values()]
  }
  insert(jobs: readonly Job[]): void {
    this.beforeWrite()
    for (const job of jobs) this.rows.set(job.id, job)
  }
  save(job: Job): void {
    this.beforeWrite()
    this.rows.set(job.id, job)
  }
  remove(ids: readonly string[]): void {
    this.beforeWrite()
    for (const id of ids) this.rows.delete(id)
  }
}

/** What is kept of batches, as the table keeps it. */
export class MemoryBatches implements BatchStore {
  private readonly holds = new Map<string, BatchHold>()

  list(): BatchHold[] {
    return [...this.holds.values()]
  }
  save(hold: BatchHold): void {
    this.holds.set(hold.id, hold)
  }
  remove(ids: readonly string[]): void {
    for (const id of ids) this.holds.delete(id)
  }
}

export const NAMES: readonly StepName[] = ['find', 'verify-identity', 'issue-certificate', 'read-back']

/** A step that does what `run` says; its name is the index-th of a commissioning. */
export const stepOf = (index: number, run: StepPlan['run'], more: Partial<StepPlan> = {}): StepPlan => ({
  name: NAMES[index] ?? 'find',
  cancellable: true,
  run,
  ...more,
})

export const makeBench = (
  plan: (job: Job) => readonly StepPlan[],
  options: { journal?: MemoryJournal; batches?: BatchStore; concurrency?: number; kept?: number } = {},
) => {
  const clock = new VirtualClock()
  const journal = options.journal ?? new MemoryJournal()
  const log = keepingLog()
  const { batches = new MemoryBatches(), concurrency = 8, kept = 500 } = options
  const runner = new JobRunner({ clock, journal, batches, concurrency, plan, log, kept })
  return { clock, journal, log, runner }
}

/** Lets everything that can go on without time passing go on. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A promise with its ends in hand. */
export const gate = () => {
  let open = (): void => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}

/** Rejects when the signal is aborted, and never resolves: a device that does not answer. */
export const never = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    if (signal.aborted) reject(signal.reason)
  })
