/** A virtual clock for tests with very many timers: a heap, and promises settle after each moment in time. */
import type { Clock } from '../../electron/net/clock'

interface Timer {
  readonly atMs: number
  readonly order: number
  fn: (() => void) | undefined
}

export class HeapClock implements Clock {
  private readonly heap: Timer[] = []
  private order = 0
  constructor(private nowMs = Date.parse('2026-03-02T12:00:00Z')) {}

  now(): number {
    return this.nowMs
  }

  setTimer(fn: () => void, delayMs: number): () => void {
    const timer: Timer = { atMs: this.nowMs + Math.max(0, delayMs), order: this.order++, fn }
    this.push(timer)
    return () => {
      timer.fn = undefined
    }
  }

  /** Runs everything that becomes due within `ms`, in order of time. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms
    for (;;) {
      await turn()
      const atMs = this.heap[0]?.atMs
      if (atMs === undefined || atMs > endMs) break
      this.nowMs = atMs
      for (let first = this.heap[0]; first && first.atMs <= atMs; first = this.heap[0]) {
        this.pop()
        first.fn?.()
      }
    }
    this.nowMs = endMs
  }

  private push(timer: Timer): void {
    const { heap } = this
    let at = heap.push(timer) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(timer, heap[parent])) break
      heap[at] = heap[parent] as Timer
      at = parent
    }
    heap[at] = timer
  }

  private pop(): void {
    const { heap } = this
    const last = heap.pop()
    if (!last || heap.length === 0) return
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const least = before(heap[left + 1], heap[left]) ? left + 1 : left
      if (!before(heap[least], last)) break
      heap[at] = heap[least] as Timer
      at = least
    }
    heap[at] = last
  }
}

const before = (a: Timer | undefined, b: Timer | undefined): boolean =>
  a !== undefined && (b === undefined || a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order))

/** Lets every promise settle. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The clock of a laptop that can sleep: what becomes due meanwhile fires when it wakes. */
export class SleepyClock implements Clock {
  #asleep = false
  readonly #held: (() => void)[] = []
  constructor(private readonly world: Clock) {}

  now(): number {
    return this.world.now()
  }

  setTimer(fn: () => void, delayMs: number): () => void {
    let cancelled = false
    const fire = (): void => {
      if (cancelled) return
      if (this.#asleep) this.#held.push(fire)
      else fn()
    }
    const cancel = this.world.setTimer(fire, delayMs)
    return () => {
      cancelled = true
      cancel()
    }
  }

  get asleep(): boolean {
    return this.#asleep
  }

  sleep(): void {
    this.#asleep = true
  }

  wake(): void {
    this.#asleep = false
    for (const fire of this.#held.splice(0)) fire()
  }
}
