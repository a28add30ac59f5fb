/** Changes gathered into few, larger events. */
import type { Clock } from '../net/clock'

/** Passes on the last state of each changed thing, at most once in `intervalMs`; the first change goes out without delay. */
export class Changes<T extends { readonly id: string }> {
  private readonly pending = new Map<string, T>()
  private cancelTimer: (() => void) | undefined
  private lastMs = Number.NEGATIVE_INFINITY

  constructor(
    private readonly clock: Clock,
    private readonly intervalMs: number,
    private readonly pass: (changed: readonly T[]) => void,
  ) {}

  put(thing: T): void {
    this.pending.set(thing.id, thing)
    if (this.cancelTimer) return
    // A clock that was set back must not hold changes up.
    const sinceMs = Math.max(0, this.clock.now() - this.lastMs)
    this.cancelTimer = this.clock.setTimer(() => this.flush(), Math.max(0, this.intervalMs - sinceMs))
  }

  drop(ids: readonly string[]): void {
    for (const id of ids) this.pending.delete(id)
  }

  /** Passes on what is pending now. */
  flush(): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
    if (this.pending.size === 0) return
    this.lastMs = this.clock.now()
    const changed = [...this.pending.values()]
    this.pending.clear()
    this.pass(changed)
  }
}
