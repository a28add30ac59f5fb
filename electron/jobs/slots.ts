/** A counted set of slots, given out in order. */
import { IotmcError } from '../contract/errors'

interface Waiter {
  readonly rank: number
  give(): void
}

/** First come, first served within a rank; a lower rank goes first. */
export class Slots {
  private taken = 0
  private waiters: Waiter[] = []

  constructor(private limit: number) {}

  /** Resolves when a slot is held; rejects with CANCELLED on abort. */
  take(rank: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new IotmcError('CANCELLED'))
      const onAbort = (): void => {
        this.waiters = this.waiters.filter((other) => other !== waiter)
        reject(new IotmcError('CANCELLED'))
      }
      const waiter: Waiter = {
        rank,
        give: () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      signal.addEventListener('abort', onAbort, { once: true })
      const behind = this.waiters.findIndex((other) => other.rank > rank)
      this.waiters.splice(behind < 0 ? this.waiters.length : behind, 0, waiter)
      this.serve()
    })
  }

  /** Gives one slot back. */
  release(): void {
    this.taken -= 1
    this.serve()
  }

  /** Slots above a lowered limit are not taken away; they are just not given again. */
  setLimit(limit: number): void {
    this.limit = limit
    this.serve()
  }

  private serve(): void {
    while (this.taken < this.limit) {
      const next = this.waiters.shift()
      if (!next) return
      this.taken += 1
      next.give()
    }
  }
}
