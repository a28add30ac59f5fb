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

/** Jobs under way first; then what was begun and may still be held by a pause; then what is new. */
export const ORDER = { underWay: 0, begun: 1, fresh: 2 } as const
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
  /** For each order the queues of the batches. */
  private readonly queues = [ORDER.underWay, ORDER.begun, ORDER.fresh].map(
    () => new Map<string, Map<string, Queued>>(),
  )
  private numbers = 0
  private closed = false

  constructor(
    private limit: number,
    private readonly rules: TurnRules,
  ) {}

  /** Queues a turn; `give` is called for it, at once if a slot is free. */
  wait(turn: Turn): void {
    const queues = this.queuesOf(turn)
    const queue = queues?.get(queueKey(turn)) ?? new Map<string, Queued>()
    queues?.set(queueKey(turn), queue.set(turn.id, { turn, number: this.numbers++ }))
    this.serve()
  }

  /** Takes a turn out of its queue; one that is not there is left alone. */
  leave(turn: Turn): void {
    const queues = this.queuesOf(turn)
    const queue = queues?.get(queueKey(turn))
    queue?.delete(turn.id)
    if (queue?.size === 0) queues?.delete(queueKey(turn))
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
    for (const queues of this.queues) {
      let first: Queued | undefined
      for (const queue of queues.values()) {
        const [head] = queue.values()
        if (!head || (first && first.number < head.number)) continue
        if (this.mayGo(head.turn)) first = head
      }
      if (first) return first.turn
    }
    return undefined
  }

  private mayGo({ batch, counted, order }: Turn): boolean {
    if (counted && this.taken >= this.limit) return false
    const most = this.rules.limitOf(batch)
    if (most !== undefined && (this.takenBy.get(batch) ?? 0) >= most) return false
    return order === ORDER.underWay || !this.rules.isPaused(batch)
  }

  private queuesOf(turn: Turn): Map<string, Map<string, Queued>> | undefined {
    return this.queues[turn.order]
  }
}

/** Turns of one queue are alike in all that decides whether they may go. */
const queueKey = ({ batch, counted }: Turn): string => `${counted ? 'counted' : 'free'} ${batch}`
