/** Jobs that were asked for together: what holds them up, and how far they are, counted as they change. */
import type { Batch, Job, JobState } from '../contract/job'
import { IPC_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'
import { Changes } from './changes'

/** What is kept of a batch beside its jobs. */
export interface BatchHold {
  readonly id: string
  readonly paused: boolean
  readonly limit?: number
}

/** Where holds are committed; `Records.batches` is one. Each call survives a kill when it returns. */
export interface BatchStore {
  list(): BatchHold[]
  save(hold: BatchHold): void
  remove(ids: readonly string[]): void
}

type Counts = { -readonly [K in keyof Batch['counts']]: number }

interface Entry {
  readonly id: string
  readonly kind: Batch['kind']
  readonly createdAtMs: number
  readonly counts: Counts
}

/** Where each state counts; a job between two runs of the program is queued. */
const COUNTED_AS = {
  queued: 'queued',
  interrupted: 'queued',
  running: 'active',
  'needs-you': 'active',
  waiting: 'waiting',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
} as const satisfies Record<JobState, keyof Counts>

/** All batches that have jobs. */
export class Batches {
  private readonly entries = new Map<string, Entry>()
  private readonly holds = new Map<string, BatchHold>()
  private readonly changes: Changes<Entry>

  constructor(
    clock: Clock,
    private readonly store: BatchStore | undefined,
    tell: (batches: readonly Batch[]) => void,
  ) {
    this.changes = new Changes(clock, IPC_LIMITS.batchIntervalMs, (entries) =>
      tell(entries.map((entry) => this.view(entry))),
    )
    for (const hold of store?.list() ?? []) this.holds.set(hold.id, hold)
  }

  /** In the order they were asked for. */
  list(): Batch[] {
    return [...this.entries.values()].map((entry) => this.view(entry))
  }

  has(id: string): boolean {
    return this.entries.has(id)
  }

  isPaused(id: string): boolean {
    return this.holds.get(id)?.paused ?? false
  }

  limitOf(id: string): number | undefined {
    return this.holds.get(id)?.limit
  }

  /** Durable when it returns. Nothing is kept of a batch that nothing holds. */
  hold(id: string, change: Partial<Pick<BatchHold, 'paused' | 'limit'>>): void {
    const before = this.holds.get(id) ?? { id, paused: false }
    const hold = { ...before, ...change }
    if (hold.paused || hold.limit !== undefined) {
      this.store?.save(hold)
      this.holds.set(id, hold)
    } else {
      this.store?.remove([id])
      this.holds.delete(id)
    }
    const entry = this.entries.get(id)
    if (entry) this.changes.put(entry)
  }

  joined(job: Job): void {
    const { batch: id, kind, createdAtMs } = job
    const entry = this.entries.get(id) ?? { id, kind, createdAtMs, counts: noCounts() }
    this.entries.set(id, entry)
    entry.counts.total += 1
    entry.counts[COUNTED_AS[job.state]] += 1
    this.changes.put(entry)
  }

  moved(job: Job, from: JobState): void {
    const entry = this.entries.get(job.batch)
    if (!entry || COUNTED_AS[from] === COUNTED_AS[job.state]) return
    entry.counts[COUNTED_AS[from]] -= 1
    entry.counts[COUNTED_AS[job.state]] += 1
    this.changes.put(entry)
  }

  /** Jobs that were forgotten; a batch goes with the last of its jobs. */
  left(jobs: readonly Job[]): void {
    for (const { batch, state } of jobs) {
      const entry = this.entries.get(batch)
      if (!entry) continue
      entry.counts.total -= 1
      entry.counts[COUNTED_AS[state]] -= 1
      if (entry.counts.total === 0) this.entries.delete(batch)
      else this.changes.put(entry)
    }
    this.tidy()
  }

  /** Forgets what is kept of batches without jobs. */
  tidy(): void {
    const gone = [...this.holds.keys()].filter((id) => !this.entries.has(id))
    if (gone.length === 0) return
    this.store?.remove(gone)
    for (const id of gone) this.holds.delete(id)
    this.changes.drop(gone)
  }

  flush(): void {
    this.changes.flush()
  }

  private view({ id, kind, createdAtMs, counts }: Entry): Batch {
    const limit = this.limitOf(id)
    return {
      id,
      kind,
      createdAtMs,
      paused: this.isPaused(id),
      ...(limit === undefined ? {} : { limit }),
      counts: { ...counts },
    }
  }
}

const noCounts = (): Counts => ({
  total: 0,
  queued: 0,
  active: 0,
  waiting: 0,
  done: 0,
  failed: 0,
  cancelled: 0,
})
