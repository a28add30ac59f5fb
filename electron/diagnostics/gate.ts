/** Lets a bounded number of works go on at once; the others wait in line, and a line too long is refused. */
import { IotmcError } from '../contract/errors'

export class Gate {
  private inside = 0
  private line: (() => void)[] = []

  constructor(
    private readonly places: number,
    private readonly lineMax: number,
  ) {}

  /** Errors: BUSY (the line is too long), CANCELLED while it waits, what `work` throws. */
  async pass<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.enter(signal)
    try {
      return await work()
    } finally {
      this.inside -= 1
      this.line.shift()?.()
    }
  }

  private enter(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new IotmcError('CANCELLED', { cause: signal.reason }))
      const go = (): void => {
        signal?.removeEventListener('abort', onAbort)
        this.inside += 1
        resolve()
      }
      const onAbort = (): void => {
        this.line = this.line.filter((other) => other !== go)
        reject(new IotmcError('CANCELLED', { cause: signal?.reason }))
      }
      if (this.inside < this.places) return go()
      if (this.line.length >= this.lineMax)
        return reject(new IotmcError('BUSY', { detail: 'too many questions at once' }))
      signal?.addEventListener('abort', onAbort, { once: true })
      this.line.push(go)
    })
  }
}
