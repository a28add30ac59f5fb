/** The code on the label, and the lock against guessing it (docs/protocol.md §3). Pure. */
import { timingSafeEqual } from 'node:crypto'
import { IotmcError } from '../contract/errors'
import { SETUP_CODE } from '../contract/timings'

/** Crockford's base 32: digits and letters that cannot be mistaken for one another. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
export const SETUP_CODE_SHAPE = /^[0-9A-HJKMNP-TV-Z]{8}$/
const LOCK_MAX_S = 86_400

/** Wrong tries since the last right one or the last lock, locks so far, and until when none is answered. */
export interface SetupGuard {
  readonly wrongTries: number
  readonly locks: number
  readonly lockedUntilMs: number
}
export const OPEN_GUARD: SetupGuard = { wrongTries: 0, locks: 0, lockedUntilMs: 0 }

/** A code from random bytes; 32 symbols divide a byte evenly, so that no symbol is favoured. */
export const makeSetupCode = (bytes: Buffer): string =>
  Array.from(bytes.subarray(0, SETUP_CODE.length), (byte) => ALPHABET[byte % 32]).join('')

/** What a person typed, as the code it stands for: case, blanks, dashes and look-alikes do not matter. */
export const readSetupCode = (typed: string): string =>
  typed.slice(0, 64).toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')

const lockMs = (locks: number): number =>
  Math.min(SETUP_CODE.firstLockS * 2 ** (locks - 1), LOCK_MAX_S) * 1000

/** Seconds until tries are answered again, 0 where they are. A clock set back never makes a lock longer than it was. */
export const lockedForS = (guard: SetupGuard, nowMs: number): number => {
  if (guard.locks === 0) return 0
  return Math.ceil(Math.min(Math.max(guard.lockedUntilMs - nowMs, 0), lockMs(guard.locks)) / 1000)
}

export type TryResult =
  | { readonly ok: true; readonly guard: SetupGuard }
  | { readonly ok: false; readonly guard: SetupGuard; readonly error: IotmcError }

const afterWrongTry = (guard: SetupGuard, nowMs: number): SetupGuard => {
  const wrongTries = guard.wrongTries + 1
  if (wrongTries < SETUP_CODE.triesBeforeLock) return { ...guard, wrongTries }
  const locks = guard.locks + 1
  return { wrongTries: 0, locks, lockedUntilMs: nowMs + lockMs(locks) }
}

/** Judges one try. The guard of the answer must be stored before the answer leaves. */
export const trySetupCode = (guard: SetupGuard, code: string, typed: string, nowMs: number): TryResult => {
  const waitS = lockedForS(guard, nowMs)
  if (waitS > 0) {
    return { ok: false, guard, error: new IotmcError('LOCKED_OUT', { detail: `try again in ${waitS} s` }) }
  }
  const given = Buffer.from(readSetupCode(typed).padEnd(code.length).slice(0, 64))
  const wanted = Buffer.from(code.padEnd(given.length))
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return { ok: true, guard: OPEN_GUARD }
  return { ok: false, guard: afterWrongTry(guard, nowMs), error: new IotmcError('SETUP_CODE_WRONG') }
}
