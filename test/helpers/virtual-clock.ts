/** A clock that moves only when told, for tests of anything with time in it. */
import type { Clock } from '../../electron/net/clock'

interface Timer {
  readonly atMs: number
  readonly order: number
  readonly fn: () => void
}

export class VirtualClock implements Clock {
  private timers = new Set<Timer>()
  private order = 0
  constructor(private nowMs = 1_700_000_000_000) {}

  now(): number {
    return this.nowMs
  }

  setTimer(fn: () => void, delayMs: number): () => void {
    const timer: Timer = { atMs: this.nowMs + Math.max(0, delayMs), order: this.order++, fn }
    this.timers.add(timer)
    return () => this.timers.delete(timer)
  }

  /** How many timers wait. */
  get pending(): number {
    return this.timers.size
  }

  /** Moves time forward, firing what becomes due in order; timers set on the way count. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms
    for (;;) {
      const next = [...this.timers].sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0]
      if (next === undefined || next.atMs > endMs) break
      this.timers.delete(next)
      this.nowMs = Math.max(this.nowMs, next.atMs)
      next.fn()
    }
    this.nowMs = endMs
  }

  /** Like `advance`, but lets promises settle between the steps. */
  async advanceAsync(ms: number, stepMs = 100): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.advance(Math.min(stepMs, left))
      for (let i = 0; i < 5; i++) await Promise.resolve()
    }
  }

  /** Sets the wall clock without firing anything: what sleep or a set clock looks like. */
  jump(ms: number): void {
    this.nowMs += ms
  }
}
