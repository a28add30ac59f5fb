import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { authorityState, authorityTone, standingProblem } from '../../../renderer/model/station-authority'
import {
  bars,
  firstPassYield,
  linePoints,
  mean,
  percent,
  perHour,
  seconds,
} from '../../../renderer/model/station-figures'
import { authority, stationView } from '../harness/sample-station'

const NOW = Date.UTC(2027, 0, 1)
const DAY = 86_400_000

describe('first-pass yield', () => {
  it('counts devices that passed at once among those that passed and those that stand failed', () => {
    expect(firstPassYield({ passed: 388, failed: 0, firstPass: 383 })).toBeCloseTo(383 / 388)
    expect(firstPassYield({ passed: 388, failed: 5, firstPass: 388 })).toBeCloseTo(388 / 393)
  })

  it('is unknown before the first device', () =>
    expect(firstPassYield({ passed: 0, failed: 0, firstPass: 0 })).toBeUndefined())

  it('is a share', () =>
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), fc.nat(5000), (first, mended, failed) => {
        const share = firstPassYield({ passed: first + mended, failed, firstPass: first })
        if (share !== undefined) expect(share >= 0 && share <= 1).toBe(true)
      }),
    ))
})

describe('figures in words', () => {
  it('have units and the digits of the language', () => {
    expect(seconds(11_400, 'en')).toBe('11.4\u00a0s')
    expect(seconds(11_400, 'de')).toBe('11,4\u00a0s')
    expect(percent(383 / 388, 'de')).toBe('98,7\u00a0%')
    expect(perHour(11_400)).toBe(316)
    expect(mean([])).toBeUndefined()
  })

  it('say 100 % only when nothing is missing', () => {
    expect(percent(9999 / 10_000, 'en')).toBe('99.9\u00a0%')
    expect(percent(1, 'en')).toBe('100\u00a0%')
  })
})

describe('charts', () => {
  const box = { width: 120, height: 40, gap: 2 }
  const values = fc.array(fc.nat(500), { minLength: 1, maxLength: 60 })

  it('keep every bar in its box, the largest at full height, zero as a line', () =>
    fc.assert(
      fc.property(values, (numbers) => {
        const drawn = bars(numbers, box)
        expect(drawn).toHaveLength(numbers.length)
        for (const bar of drawn) {
          expect(bar.y + bar.height).toBeCloseTo(box.height)
          expect(bar.height).toBeGreaterThanOrEqual(1)
          expect(bar.x + bar.width).toBeLessThanOrEqual(box.width + 1e-9)
        }
        if (Math.max(...numbers) > 0)
          expect(Math.max(...drawn.map(({ height }) => height))).toBeCloseTo(box.height)
      }),
    ))

  it('keep every point of a line in its box, also when all values are equal', () =>
    fc.assert(
      fc.property(values, (numbers) => {
        for (const [x, y] of linePoints(numbers, box)) {
          expect(x >= 0 && x <= box.width).toBe(true)
          expect(y >= 0 && y <= box.height).toBe(true)
        }
      }),
    ))
})

describe('the authority', () => {
  it('is well with time and certificates left', () => expect(authorityTone(authority(NOW), NOW)).toBe('ok'))

  it.each([
    ['under a twentieth is left', { issued: 9_501 }],
    ['it ends within 14 days', { notAfter: new Date(NOW + 13 * DAY).toISOString() }],
  ])('warns when %s', (_, change) => expect(authorityTone(authority(NOW, change), NOW)).toBe('warn'))

  it('does not warn at exactly a twentieth and 14 days', () =>
    expect(
      authorityTone(authority(NOW, { issued: 9_500, notAfter: new Date(NOW + 14 * DAY).toISOString() }), NOW),
    ).toBe('ok'))

  it('ends by the clock and by its quota, though the last view said ready', () => {
    expect(authorityState(authority(NOW, { notAfter: new Date(NOW).toISOString() }), NOW)).toBe('expired')
    expect(authorityState(authority(NOW, { issued: 10_000 }), NOW)).toBe('exhausted')
  })

  it('without a quota is limited by time alone', () => {
    const { quota: _, ...unlimited } = authority(NOW, { issued: 1_000_000 })
    expect(authorityTone(unlimited, NOW)).toBe('ok')
  })
})

describe('what holds up the whole station', () => {
  it('is nothing while all is well', () =>
    expect(standingProblem(stationView({ authority: authority(NOW) }), NOW)).toBeUndefined())

  it.each([
    ['missing', 'AUTHORITY_MISSING'],
    ['requested', 'AUTHORITY_MISSING'],
    ['expired', 'AUTHORITY_EXPIRED'],
    ['exhausted', 'QUOTA_EXHAUSTED'],
  ] as const)('%s: %s', (state, code) =>
    expect(standingProblem(stationView({ authority: authority(NOW, { state }) }), NOW)?.code).toBe(code),
  )

  it('is the ledger before anything else', () =>
    expect(
      standingProblem(
        stationView({ ledgerProblem: 'entry 7', authority: authority(NOW, { state: 'missing' }) }),
        NOW,
      ),
    ).toEqual({ code: 'LEDGER_INVALID', subject: 'entry 7' }))
})
