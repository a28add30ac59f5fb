/** Time and chance as things that are passed in, so that tests run in virtual time. */
import { randomBytes } from 'node:crypto'
import { IotmcError } from '../contract/errors'

export interface Clock {
  /** Milliseconds since 1970, wall clock. It may jump: compare, never count on it to only grow. */
  now(): number
  /** Runs `fn` once after `delayMs`; the returned function cancels it and may be called at any time. */
  setTimer(fn: () => void, delayMs: number): () => void
}

/** The longest delay that setTimeout keeps; more would fire at once. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1

/** The real clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer: (fn, delayMs) => {
    const handle = setTimeout(fn, Math.min(Math.max(0, delayMs), TIMEOUT_MAX_MS))
    return () => clearTimeout(handle)
  },
}

/** Resolves after `ms`; rejects with CANCELLED at once when `signal` is aborted. */
export const delay = (clock: Clock, ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const cancelled = () => new IotmcError('CANCELLED', { cause: signal?.reason })
    if (signal?.aborted) {
      reject(cancelled())
      return
    }
    const onAbort = () => {
      cancelTimer()
      reject(cancelled())
    }
    const cancelTimer = clock.setTimer(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })

export interface Random {
  /** `n` bytes fit for keys and nonces. */
  bytes(n: number): Buffer
  /** A number in [0, 1) for spreading delays; not for secrets. */
  fraction(): number
}

/** Real randomness. */
export const systemRandom: Random = {
  bytes: (n) => randomBytes(n),
  fraction: () => Math.random(),
}
