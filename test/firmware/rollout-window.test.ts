import fc from 'fast-check'
import { expect, it } from 'vitest'
import { wavesOf } from '../../electron/contract/waves'
import { isInWindow, nextWindowMs, windowEndMs } from '../../electron/firmware/window'

const at = (text: string) => Date.parse(`2026-03-${text}Z`)
const NIGHT = { from: '22:00', to: '04:00' }
const NOON = { from: '11:30', to: '12:15' }

it.each([
  [NIGHT, '10T21:59:59.999', false],
  [NIGHT, '10T22:00:00', true],
  [NIGHT, '11T00:00:00', true],
  [NIGHT, '11T03:59:59.999', true],
  [NIGHT, '11T04:00:00', false],
  [NOON, '10T11:29:59', false],
  [NOON, '10T11:30:00', true],
  [NOON, '10T12:15:00', false],
  [{ from: '08:00', to: '08:00' }, '10T03:00:00', true],
  [undefined, '10T03:00:00', true],
])('%o at %s: %o', (window, moment, open) => {
  expect(isInWindow(window, at(moment))).toBe(open)
})

it('says when it opens and closes, past midnight too', () => {
  expect(nextWindowMs(NIGHT, at('10T12:00:00'))).toBe(at('10T22:00:00'))
  expect(nextWindowMs(NIGHT, at('11T01:00:00'))).toBe(at('11T01:00:00'))
  expect(windowEndMs(NIGHT, at('11T01:00:00'))).toBe(at('11T04:00:00'))
  expect(windowEndMs(NIGHT, at('10T12:00:00'))).toBe(at('11T04:00:00'))
  expect(windowEndMs(undefined, at('10T12:00:00'))).toBeUndefined()
  expect(windowEndMs({ from: '08:00', to: '08:00' }, at('10T12:00:00'))).toBeUndefined()
})

it('opening and closing are where being open changes, within a day', () => {
  const hhmm = fc
    .integer({ min: 0, max: 1439 })
    .map((m) => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`)
  const moment = fc.integer({ min: at('01T00:00:00'), max: at('30T00:00:00') })
  fc.assert(
    fc.property(hhmm, hhmm, moment, (from, to, nowMs) => {
      const window = { from, to }
      const opens = nextWindowMs(window, nowMs)
      expect(isInWindow(window, opens)).toBe(true)
      expect(opens - nowMs).toBeLessThan(24 * 3600_000)
      if (opens > nowMs) expect(isInWindow(window, opens - 1)).toBe(false)
      const closes = windowEndMs(window, nowMs)
      expect(closes === undefined).toBe(from === to)
      if (closes === undefined) return
      expect(closes).toBeGreaterThan(opens)
      expect(isInWindow(window, closes - 1)).toBe(true)
      expect(isInWindow(window, closes)).toBe(false)
    }),
  )
})

it('devices are split into a canary, growing shares and the rest', () => {
  const ten = [...'abcdefghij']
  expect(wavesOf(ten, { canary: 1, percents: [50] })).toEqual([['a'], [...'bcde'], [...'fghij']])
  expect(wavesOf(ten, { canary: 0, percents: [] })).toEqual([ten])
  expect(wavesOf(ten, { canary: 50, percents: [10] })).toEqual([ten])
  expect(wavesOf([], { canary: 1, percents: [10, 100] })).toEqual([])
})

it('every device is in exactly one wave, in the order given, and no wave is empty', () => {
  const udns = fc.array(fc.integer({ min: 0, max: 300 }).map(String), { maxLength: 200 })
  const percents = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 8 })
  fc.assert(
    fc.property(udns, fc.nat(20), percents, (given, canary, shares) => {
      const waves = wavesOf(given, { canary, percents: shares })
      expect(waves.flat()).toEqual([...new Set(given)])
      expect(waves.every((wave) => wave.length > 0)).toBe(true)
    }),
  )
})
