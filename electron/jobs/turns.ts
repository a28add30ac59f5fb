/** Who may begin: slots counted for all jobs, given out in order, within what each batch allows. */

/** A place in the queue. What waits there is no more than this object: it stands for a job that has not begun. */
export interface Turn {
  readonly id: string
  readonly batch: string
  /** Whether the limit of all jobs counts it. */
  readonly counted: boolean
  readonly order: Order
  /** A run that waits in the middle of a job. */
  readonly resume?: () => void
}

/**
 * Jobs under way first; then what was begun and may still be held by a pause; then what is new, and last what is made of
 * other jobs: else thousands of those would all begin before the first of their parts.
 */
export const ORDER = { underWay: 0, begun: 1, fresh: 2, whole: 3 } as const
export type Order = (typeof ORDER)[keyof typeof ORDER]

export interface TurnRules {
  isPaused(batch: string): boolean
  /** Slots of a batch at once; undefined = only the limit of all jobs counts. */
  limitOf(batch: string): number | undefined
  /** Called with a slot in hand. */
  give(turn: Turn): void
}

interface Queued {
  readonly turn: Turn
  readonly number: number
}

/** First come, first served within an order; a batch that is paused or full holds up none of the others. */
export class Turns {
  private taken = 0
  private readonly takenBy = new Map<string, number>()
  /** For each order the queues of the batches: of turns that the limit of all jobs counts, and of the others. */
  private readonly queues = [ORDER.underWay, ORDER.begun, ORDER.fresh, ORDER.whole].map(() => ({
    counted: new Map<string, Map<string, Queued>>(),
    free: new Map<string, Map<string, Queued>>(),
  }))
  private numbers = 0
  private closed = false

  constructor(
    private limit: number,
    private readonly rules: TurnRules,
  ) {}

  /** Queues a turn; `give` is called for it, at once if a slot is free. */
  wait(turn: Turn): void {
    const queues = this.queuesOf(turn)
    const queue = queues?.get(turn.batch) ?? new Map<string, Queued>()
    queues?.set(turn.batch, queue.set(turn.id, { turn, number: this.numbers++ }))
    this.serve()
  }

  /** Takes a turn out of its queue; one that is not there is left alone. */
  leave(turn: Turn): void {
    const queues = this.queuesOf(turn)
    const queue = queues?.get(turn.batch)
    queue?.delete(turn.id)
    if (queue?.size === 0) queues?.delete(turn.batch)
  }

  /** Gives one slot back. */
  release({ batch, counted }: Pick<Turn, 'batch' | 'counted'>): void {
    if (counted) this.taken -= 1
    const left = (this.takenBy.get(batch) ?? 0) - 1
    if (left > 0) this.takenBy.set(batch, left)
    else this.takenBy.delete(batch)
    this.serve()
  }

  /** Slots above a lowered limit are not taken away; they are just not given again. */
  setLimit(limit: number): void {
    this.limit = limit
    this.serve()
  }

  /** Gives what can be given; to be called when a batch goes on or may do more at once. */
  serve(): void {
    for (let next = this.next(); next; next = this.next()) {
      this.leave(next)
      if (next.counted) this.taken += 1
      this.takenBy.set(next.batch, (this.takenBy.get(next.batch) ?? 0) + 1)
      this.rules.give(next)
    }
  }

  /** Gives no more slots. */
  close(): void {
    this.closed = true
  }

  private next(): Turn | undefined {
    if (this.closed) return undefined
    // Thousands of batches may wait: while all slots are taken, none of theirs is looked at.
    const isFull = this.taken >= this.limit
    for (const { counted, free } of this.queues) {
      let first: Queued | undefined
      for (const queues of isFull ? [free] : [counted, free]) {
        for (const queue of queues.values()) {
          const [head] = queue.values()
          if (!head || (first && first.number < head.number)) continue
          if (this.mayGo(head.turn)) first = head
        }
      }
      if (first) return first.turn
    }
    return undefined
  }

  private mayGo({ batch, order }: Turn): boolean {
    const most = this.rules.limitOf(batch)
    if (most !== undefined && (this.takenBy.get(batch) ?? 0) >= most) return false
    return order === ORDER.underWay || !this.rules.isPaused(batch)
  }

  /** Turns of one queue are alike in all that decides whether they may go. */
  private queuesOf({ order, counted }: Turn): Map<string, Map<string, Queued>> | undefined {
    return this.queues[order]?.[counted ? 'counted' : 'free']
  }
}
