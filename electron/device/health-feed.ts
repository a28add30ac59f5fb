/** Reports health again and again, as often as it was promised with the last report. */
import type { HealthReport } from '../contract/health'
import type { Clock } from '../net/clock'
import type { FaultName } from './faults'

export interface HealthFeedOptions {
  readonly clock: Clock
  readonly faults: { has(name: FaultName): boolean }
  readonly report: () => HealthReport
  /** The text of a report, to be told to subscribers. */
  readonly publish: (text: string) => void
}

/** The fault `quiet` falls silent after so many reports. */
export const QUIET_AFTER = 3

export class HealthFeed {
  private cancel: (() => void) | undefined
  private told = 0
  private last: string | undefined

  constructor(private readonly options: HealthFeedOptions) {}

  /** Reports at once, and from now on. */
  start(): void {
    this.stop()
    this.told = 0
    this.tell()
  }

  /** After a change of the interval: what is promised holds from the next report, which comes at once. */
  again(): void {
    if (this.cancel) this.tell()
  }

  stop(): void {
    this.cancel?.()
    this.cancel = undefined
  }

  /** The last report; undefined before the first. */
  get text(): string | undefined {
    return this.last
  }

  /** Whether the fault `quiet` has silenced it. */
  get silent(): boolean {
    return this.options.faults.has('quiet') && this.told >= QUIET_AFTER
  }

  private tell(): void {
    this.stop()
    if (this.silent) return
    const { clock, report, publish } = this.options
    const said = report()
    this.told += 1
    this.cancel = clock.setTimer(() => this.tell(), said.intervalS * 1000)
    this.last = JSON.stringify(said)
    publish(this.last)
  }
}
