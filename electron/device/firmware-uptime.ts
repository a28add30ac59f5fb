/** Counts the uptime of an image on trial, in stretches that are stored as they end. */
import { FIRMWARE_TIMINGS } from '../contract/timings'
import type { Clock } from '../net/clock'
import type { BankStore } from './bank-store'

export class TrialUptime {
  private fromMs: number | undefined

  constructor(
    private readonly clock: Clock,
    private readonly banks: BankStore,
  ) {}

  /** Milliseconds since the last count, by the wall clock within one stretch: one that was set adds a minute at most. */
  get uncountedMs(): number {
    if (this.fromMs === undefined) return 0
    const sinceMs = this.clock.now() - this.fromMs
    return Math.max(0, Math.min(FIRMWARE_TIMINGS.probationStoreMs, sinceMs))
  }

  /** Begins a stretch; `onOver` is called at its end, which has then been counted in full. Gives what ends it early. */
  stretch(leftS: number, onOver: () => void): () => void {
    const stretchMs = Math.min(FIRMWARE_TIMINGS.probationStoreMs, Math.max(0, leftS) * 1000)
    this.fromMs = this.clock.now()
    return this.clock.setTimer(() => {
      this.add(stretchMs)
      onOver()
    }, stretchMs)
  }

  /** Stores what has not been counted yet. */
  count(): void {
    this.add(this.uncountedMs)
  }

  /** The image does not run any more. */
  forget(): void {
    this.fromMs = undefined
  }

  private add(ms: number): void {
    this.fromMs = undefined
    if (ms > 0 && this.banks.table.trial?.phase === 'running')
      this.banks.apply({ type: 'ran', seconds: ms / 1000 })
  }
}
