/** Waiting for a fact to become true, without polling and without leaving anybody hanging. */
import { type ErrorCode, IotmcError } from '../contract/errors'
import type { Clock } from '../net/clock'

export interface WaitOptions<T> {
  /** The fact, or undefined while it is not there; what it throws ends the wait. */
  readonly ready: () => T | undefined
  readonly onChange: (listener: () => void) => () => void
  readonly signal: AbortSignal
  readonly clock?: Clock
  readonly timeoutMs?: number
  readonly timeoutCode?: ErrorCode
  readonly subject?: string
}

/** Resolves with the fact. Errors: CANCELLED on abort, `timeoutCode` (TIMED_OUT) in time, what `ready` throws. */
export const waitFor = <T>(options: WaitOptions<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const { ready, onChange, signal, clock, timeoutMs, subject } = options
    const undo: (() => void)[] = []
    const end = (finish: () => void): void => {
      for (const step of undo.splice(0)) step()
      finish()
    }
    const fail = (code: ErrorCode) => end(() => reject(new IotmcError(code, subject ? { subject } : {})))
    const look = (): boolean => {
      try {
        const value = ready()
        if (value === undefined) return false
        end(() => resolve(value))
      } catch (thrown) {
        end(() => reject(thrown))
      }
      return true
    }
    if (signal.aborted) return fail('CANCELLED')
    if (look()) return
    const onAbort = () => fail('CANCELLED')
    signal.addEventListener('abort', onAbort, { once: true })
    undo.push(() => signal.removeEventListener('abort', onAbort))
    undo.push(onChange(look))
    if (clock && timeoutMs !== undefined) {
      undo.push(clock.setTimer(() => fail(options.timeoutCode ?? 'TIMED_OUT'), timeoutMs))
    }
  })
