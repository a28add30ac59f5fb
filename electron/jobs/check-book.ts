/** The records of checks: what each test of each check has come to, stored as it goes, told to whoever listens. */
import type { Job } from '../contract/job'
import {
  CHECK_TESTS,
  type CheckEntry,
  type CheckOptions,
  type CheckTest,
  checkOptionsSchema,
  DEFAULT_CHECK,
  type HealthCheck,
} from '../contract/self-test'
import { judgeCheck } from '../diagnostics/findings'
import type { Clock } from '../net/clock'
import type { CheckRecord, CheckTable } from '../store/tables/checks'

/** How a test ended. */
export type Ended = Pick<CheckEntry, 'reason' | 'detail' | 'durationMs'> & {
  readonly verdict: NonNullable<CheckEntry['verdict']>
  readonly measures?: CheckEntry['measures']
}

type Listener = (checks: readonly HealthCheck[]) => void

/** What was chosen; a job of an older program that can't be read runs everything. */
export const optionsOf = (job: Job): CheckOptions => {
  const all = { tests: [...DEFAULT_CHECK] }
  try {
    return checkOptionsSchema.catch(all).parse(JSON.parse(job.params.options ?? ''))
  } catch {
    return all
  }
}

export class CheckBook {
  private readonly listeners = new Set<Listener>()

  constructor(private readonly options: { readonly clock: Clock; readonly table: CheckTable }) {}

  /** Newest first. */
  list(query: { readonly udn?: string | undefined; readonly limit: number }): HealthCheck[] {
    return this.options.table.list(query).map(({ check }) => check)
  }

  onChange(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** The check of a job, made if missing, open again if it had ended. */
  open(job: Job): HealthCheck {
    const known = this.options.table.get(job.id)
    if (known && known.check.endedAtMs === undefined) return known.check
    const check = known ? reopened(known.check) : fresh(job)
    this.save({ check })
    return check
  }

  entry(job: Job, test: CheckTest): CheckEntry | undefined {
    return this.options.table.get(job.id)?.check.entries.find((entry) => entry.test === test)
  }

  begin(job: Job, test: CheckTest): void {
    this.open(job)
    this.change(job, ({ check, running }) => ({
      check: withEntry(check, { test, state: 'running', measures: [] }),
      // A test that runs on the device for this very step is asked after; any other is done with.
      ...(running?.test === test ? { running } : {}),
    }))
  }

  end(job: Job, test: CheckTest, { measures = [], ...ended }: Ended): void {
    const known = Object.fromEntries(Object.entries(ended).filter(([, value]) => value !== undefined))
    this.change(job, ({ check }) => ({
      check: withEntry(check, { test, state: 'done', ...known, measures }),
    }))
  }

  /** Number of the test that the device was told to run for this step. */
  running(job: Job, test: CheckTest): number | undefined {
    const running = this.options.table.get(job.id)?.running
    return running?.test === test ? running.testId : undefined
  }

  /** Durable when it returns: after a kill the device is asked for this number. */
  setRunning(job: Job, test: CheckTest, testId: number | undefined): void {
    this.change(job, ({ check }) => ({
      check,
      ...(testId === undefined ? {} : { running: { test, testId } }),
    }))
  }

  /** The end of a check: verdict and findings. */
  finish(job: Job): HealthCheck {
    const check = this.open(job)
    const ended = concluded(check, this.options.clock.now())
    this.save({ check: ended })
    return ended
  }

  /** A check whose job has ended without its last step: what did not come to an end is cancelled. */
  breakOff(id: string): void {
    const record = this.options.table.get(id)
    if (!record || record.check.endedAtMs !== undefined) return
    const entries = record.check.entries.map(
      (entry): CheckEntry => (entry.state === 'done' ? entry : { ...entry, state: 'cancelled' }),
    )
    this.save({ check: concluded({ ...record.check, entries }, this.options.clock.now()) })
  }

  /** Ids of checks that have not ended. */
  unended(): string[] {
    return this.options.table.open().map(({ check }) => check.id)
  }

  private change(job: Job, how: (record: CheckRecord) => CheckRecord): void {
    const record = this.options.table.get(job.id)
    if (record) this.save(how(record))
  }

  private save(record: CheckRecord): void {
    this.options.table.save(record)
    for (const listener of this.listeners) listener([record.check])
  }
}

const fresh = (job: Job): HealthCheck => {
  const { tests } = optionsOf(job)
  return {
    id: job.id,
    udn: job.subject,
    startedAtMs: job.createdAtMs,
    entries: CHECK_TESTS.map(
      (test): CheckEntry =>
        tests.includes(test)
          ? { test, state: 'pending', measures: [] }
          : { test, state: 'done', verdict: 'skipped', reason: 'not-chosen', measures: [] },
    ),
    findings: [],
  }
}

const reopened = ({ endedAtMs: _, verdict: __, ...check }: HealthCheck): HealthCheck => ({
  ...check,
  findings: [],
  entries: check.entries.map(
    (entry): CheckEntry => (entry.state === 'cancelled' ? { ...entry, state: 'pending' } : entry),
  ),
})

const withEntry = (check: HealthCheck, next: CheckEntry): HealthCheck => ({
  ...check,
  entries: check.entries.map((entry) => (entry.test === next.test ? next : entry)),
})

const concluded = (check: HealthCheck, endedAtMs: number): HealthCheck => ({
  ...check,
  ...judgeCheck(check.entries),
  endedAtMs,
})
