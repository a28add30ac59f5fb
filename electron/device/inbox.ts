/** Waiting for the next thing that happens, with a time limit. What happens while nobody waits is dropped. */
import { IotmcError } from '../contract/errors'
import type { Clock } from '../net/clock'

export interface WaitFor<T> {
  readonly timeoutMs: number
  /** What the wait gives when its time is over. */
  readonly otherwise: T
  readonly signal: AbortSignal
}

/** Rejects with CANCELLED once `signal` is aborted: after a wait, nothing may be stored for an owner who has stopped. */
export const throwIfStopped = (signal: AbortSignal): void => {
  if (signal.aborted) throw new IotmcError('CANCELLED')
}

export class Inbox<T> {
  private deliver: ((input: T) => void) | undefined
  constructor(private readonly clock: Clock) {}

  /** Hands an input to whoever waits now. */
  offer(input: T): void {
    this.deliver?.(input)
  }

  /** The next input; rejects with CANCELLED on abort. One waiter at a time. */
  next({ timeoutMs, otherwise, signal }: WaitFor<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        end()
        reject(new IotmcError('CANCELLED'))
      }
      const finish = (input: T) => {
        end()
        resolve(input)
      }
      const cancelTimer = this.clock.setTimer(() => finish(otherwise), timeoutMs)
      const end = () => {
        cancelTimer()
        this.deliver = undefined
        signal.removeEventListener('abort', onAbort)
      }
      if (signal.aborted) {
        onAbort()
        return
      }
      this.deliver = finish
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Waits until abort. */
  never(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => {
      const onAbort = () => reject(new IotmcError('CANCELLED'))
      if (signal.aborted) onAbort()
      else signal.addEventListener('abort', onAbort, { once: true })
    })
  }
}
