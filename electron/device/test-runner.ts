/** Tests that this device runs on itself when it is told to: their numbers, states and results (docs/protocol.md §12). */
import { asIotmcError, IotmcError } from '../contract/errors'
import type { TestResult, TestState, TestType } from '../contract/self-test'
import { TEST_LIMITS } from '../contract/timings'
import type { Clock, Random } from '../net/clock'
import type { DeviceLog } from './log'
import type { TestArguments, TestOutcome, TestWork } from './test-outcome'

export interface TestRunnerOptions {
  readonly clock: Clock
  readonly random: Random
  readonly log: DeviceLog
  /** What each type does; `deviceTests` are those of the device. */
  readonly tests: Readonly<Record<TestType, TestWork>>
}

interface Entry {
  readonly id: number
  readonly type: TestType
  readonly breaker: AbortController
  state: TestState
  result: TestResult | undefined
  ended: Promise<void>
}

const isActive = ({ state }: Entry): boolean => state === 'Requested' || state === 'InProgress'

export class TestRunner {
  /** In the order they were asked for. */
  private readonly entries = new Map<number, Entry>()
  /** Those whose work has not come to its end yet, cancelled ones among them. */
  private readonly working = new Set<Entry>()
  private readonly listeners = new Set<() => void>()
  private next: number

  constructor(private readonly options: TestRunnerOptions) {
    // A number of an earlier start of this device should not name another test now.
    this.next = 1 + Math.floor(options.random.fraction() * 2 ** 30)
  }

  /** Orders a test and gives its number; it begins after the answer. Errors: BUSY while `activeMax` run. */
  start(type: TestType, args: TestArguments): number {
    if (this.working.size >= TEST_LIMITS.activeMax)
      throw new IotmcError('BUSY', { detail: `${TEST_LIMITS.activeMax} tests run` })
    const id = this.next++
    const entry: Entry = {
      id,
      type,
      breaker: new AbortController(),
      state: 'Requested',
      result: undefined,
      ended: Promise.resolve(),
    }
    this.entries.set(id, entry)
    this.working.add(entry)
    entry.ended = this.perform(entry, args).finally(() => this.working.delete(entry))
    this.forgetOld()
    this.changed()
    return id
  }

  /** Errors: TEST_UNKNOWN. */
  info(id: number): { readonly type: TestType; readonly state: TestState } {
    const { type, state } = this.entry(id)
    return { type, state }
  }

  /** `result` is absent until there is one; a cancelled test has none. Errors: TEST_UNKNOWN. */
  result(id: number): { readonly state: TestState; readonly result?: TestResult } {
    const { state, result } = this.entry(id)
    return { state, ...(result ? { result } : {}) }
  }

  /** Ends what the test has started; one that has ended stays as it is. Errors: TEST_UNKNOWN. */
  cancel(id: number): void {
    const entry = this.entry(id)
    if (!isActive(entry)) return
    entry.state = 'Canceled'
    entry.breaker.abort(new IotmcError('CANCELLED'))
    this.options.log('test-canceled', { id, type: entry.type })
    this.changed()
  }

  /** Tests that are asked for or run, oldest first. */
  activeIds(): number[] {
    return [...this.entries.values()].filter(isActive).map(({ id }) => id)
  }

  /** Called when `activeIds` or a state has changed; the result ends it. */
  onChanged(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Ends everything and forgets all results, as a restart does; resolves when nothing of it is left. */
  async stop(): Promise<void> {
    for (const entry of this.working) entry.breaker.abort(new IotmcError('CANCELLED'))
    for (const entry of this.entries.values()) if (isActive(entry)) entry.state = 'Canceled'
    await Promise.all([...this.working].map(({ ended }) => ended))
    this.entries.clear()
    this.changed()
  }

  private async perform(entry: Entry, args: TestArguments): Promise<void> {
    const { clock, log, tests } = this.options
    const { id, type, breaker } = entry
    // The answer with the number leaves before the work takes the processor.
    await new Promise<void>((resolve) => void clock.setTimer(resolve, 0))
    if (!isActive(entry)) return
    entry.state = 'InProgress'
    log('test-begun', { id, type })
    this.changed()
    const startedMs = clock.now()
    const outcome = await tests[type](args, breaker.signal).catch(failed)
    if (!isActive(entry)) return
    entry.result = { ...outcome, durationMs: Math.max(0, clock.now() - startedMs) }
    entry.state = 'Completed'
    const { status, reason } = outcome
    log('test-completed', { id, type, status, ...(reason ? { reason } : {}) })
    this.changed()
  }

  private forgetOld(): void {
    const ended = [...this.entries.values()].filter((entry) => !isActive(entry))
    for (const { id } of ended.slice(0, Math.max(0, ended.length - TEST_LIMITS.keptResults)))
      this.entries.delete(id)
  }

  private entry(id: number): Entry {
    const entry = this.entries.get(id)
    if (!entry) throw new IotmcError('TEST_UNKNOWN', { subject: String(id) })
    return entry
  }

  private changed(): void {
    for (const listener of this.listeners) listener()
  }
}

/** A test that breaks has measured nothing. */
const failed = (thrown: unknown): TestOutcome => {
  const { code, detail } = asIotmcError(thrown, 'ACTION_FAILED')
  return {
    status: 'error',
    reason: code.toLowerCase().replaceAll('_', '-'),
    ...(detail ? { detail: detail.slice(0, 200) } : {}),
    measures: [],
  }
}
