/**
 * When to search: the exact types three times, the rest once, then further rounds while they still bring
 * devices or the kernel still drops answers. Each round is spread over MX, longer where there are many devices.
 */
import { DISCOVERY_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'

export interface SearchRoundsOptions {
  readonly clock: Clock
  readonly targets: readonly string[]
  readonly mxS: number
  /** Sends one search on all links. */
  readonly send: (target: string, mxS: number) => void
  /** Devices known now, listed or not. */
  readonly count: () => number
  /** Datagrams dropped so far. */
  readonly drops: () => number
}

const ROUNDS_MAX = 6
/** From so many devices on, answers are spread over the longest MX. */
const MANY_DEVICES = 200
const SETTLE_MS = 500

/** Whether a target is answered by a few devices only, so that repeating it does not multiply the answers of all. */
const isExact = (target: string): boolean => target !== 'upnp:rootdevice' && target !== 'ssdp:all'

export class SearchRounds {
  private readonly cancels = new Set<() => void>()
  private round = 0
  private countBefore = 0
  private dropsBefore = 0

  constructor(private readonly options: SearchRoundsOptions) {}

  /** Starts over with the first round. */
  start(): void {
    this.stop()
    this.round = 0
    this.begin()
  }

  stop(): void {
    for (const cancel of this.cancels) cancel()
    this.cancels.clear()
  }

  get searching(): boolean {
    return this.cancels.size > 0
  }

  private begin(): void {
    const { targets, send, count, drops } = this.options
    this.countBefore = count()
    this.dropsBefore = drops()
    const mxS = this.countBefore >= MANY_DEVICES ? DISCOVERY_LIMITS.mxMaxS : this.options.mxS
    for (let repeat = 0; repeat < DISCOVERY_LIMITS.searchRepeats; repeat++) {
      const due = targets.filter((target) => isExact(target) || (repeat === 0 && this.round === 0))
      this.after(repeat * DISCOVERY_LIMITS.searchRepeatGapMs, () => {
        for (const target of due) send(target, mxS)
      })
    }
    const lastMs = (DISCOVERY_LIMITS.searchRepeats - 1) * DISCOVERY_LIMITS.searchRepeatGapMs
    this.after(lastMs + mxS * 1000 + SETTLE_MS, () => this.end())
  }

  private end(): void {
    const { count, drops } = this.options
    this.round++
    const news = count() > this.countBefore || drops() > this.dropsBefore
    if (news && this.round < ROUNDS_MAX) this.begin()
  }

  private after(ms: number, fn: () => void): void {
    if (ms === 0) {
      fn()
      return
    }
    const cancel = this.options.clock.setTimer(() => {
      this.cancels.delete(cancel)
      fn()
    }, ms)
    this.cancels.add(cancel)
  }
}
