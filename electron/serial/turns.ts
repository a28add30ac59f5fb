/** Who may go: requests in the order they came, so many at once as each of them allows. */
import { IotmcError } from '../contract/errors'

interface Queued {
  readonly atOnce: number
  go(): void
}

export class Turns {
  readonly #queue: Queued[] = []
  #running = 0

  /** Runs `work` when its turn has come. Errors: CANCELLED while it waits, what `work` throws. */
  async run<T>(atOnce: number, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    await this.#turn(atOnce, signal)
    try {
      return await work()
    } finally {
      this.#running--
      this.#next()
    }
  }

  #turn(atOnce: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#queue.splice(this.#queue.indexOf(queued), 1)
        reject(new IotmcError('CANCELLED', { cause: signal?.reason }))
        this.#next()
      }
      const queued: Queued = {
        atOnce,
        go: () => {
          signal?.removeEventListener('abort', onAbort)
          this.#running++
          resolve()
        },
      }
      if (signal?.aborted) return reject(new IotmcError('CANCELLED', { cause: signal.reason }))
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#queue.push(queued)
      this.#next()
    })
  }

  #next(): void {
    for (let head = this.#queue[0]; head && this.#running < head.atOnce; head = this.#queue[0]) {
      this.#queue.shift()
      head.go()
    }
  }
}
