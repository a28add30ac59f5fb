import { describe, expect, it } from 'vitest'
import {
  lockedForS,
  makeSetupCode,
  OPEN_GUARD,
  readSetupCode,
  SETUP_CODE_SHAPE,
  type SetupGuard,
  trySetupCode,
} from '../../electron/device/setup-code'

const CODE = '7K3MZ0QP'

const wrong = (guard: SetupGuard, times: number, nowMs: number): SetupGuard => {
  let current = guard
  for (let i = 0; i < times; i += 1) current = trySetupCode(current, CODE, '00000000', nowMs).guard
  return current
}

describe('setup code', () => {
  it('has eight symbols that cannot be mistaken for one another', () => {
    expect(makeSetupCode(Buffer.from([0, 9, 10, 17, 18, 31, 32, 255]))).toBe('09AHJZ0Z')
    expect(makeSetupCode(Buffer.alloc(8, 7))).toMatch(SETUP_CODE_SHAPE)
  })

  it('is read as people type it', () => {
    expect(readSetupCode(' 7k3m-zoqp ')).toBe(CODE)
    expect(readSetupCode('il1o')).toBe('1110')
  })

  it('opens on the right code and forgets the wrong tries before it', () => {
    const result = trySetupCode(wrong(OPEN_GUARD, 4, 0), CODE, '7k3m-zOqp', 0)
    expect(result).toEqual({ ok: true, guard: OPEN_GUARD })
  })

  it.each(['', '7K3MZ0Q', '7K3MZ0QPP', '\u{1F600}'.repeat(20), '7K3MZ0QQ'])('refuses %j', (typed) => {
    const result = trySetupCode(OPEN_GUARD, CODE, typed, 0)
    expect(result.ok ? '' : result.error.code).toBe('SETUP_CODE_WRONG')
    expect(result.guard.wrongTries).toBe(1)
  })

  it('locks for 60 s after five wrong tries, then for twice as long, and does not look at codes meanwhile', () => {
    const once = wrong(OPEN_GUARD, 5, 1_000)
    expect(lockedForS(once, 1_000)).toBe(60)
    const during = trySetupCode(once, CODE, CODE, 60_999)
    expect(during.ok ? '' : during.error.code).toBe('LOCKED_OUT')
    expect(during.guard).toBe(once)
    expect(trySetupCode(once, CODE, CODE, 61_000).ok).toBe(true)
    const twice = wrong(once, 5, 61_000)
    expect(lockedForS(twice, 61_000)).toBe(120)
    expect(lockedForS(wrong(twice, 5, 181_000), 181_000)).toBe(240)
  })

  it('is never locked longer than a day, nor longer because the clock was set back', () => {
    const many: SetupGuard = { wrongTries: 4, locks: 500, lockedUntilMs: 0 }
    const locked = wrong(many, 1, 1e12)
    expect(lockedForS(locked, 1e12)).toBe(86_400)
    expect(lockedForS(locked, 0)).toBe(86_400)
  })
})
