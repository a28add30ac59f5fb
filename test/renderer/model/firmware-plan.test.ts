import { describe, expect, it } from 'vitest'
import { rolloutPlanSchema } from '../../../electron/contract/firmware'
import {
  FIRST_PLAN,
  parseShares,
  planOf,
  planProblem,
  wavesFor,
  willHappen,
} from '../../../renderer/model/firmware-plan'
import { udn } from '../harness/sample'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const udns = Array.from({ length: 200 }, (_, index) => udn(index))

describe('the plan as typed', () => {
  it.each([
    ['10, 50, 100', [10, 50, 100]],
    ['10 % 50 %', [10, 50, 100]],
    ['', [100]],
    ['50, 10', undefined],
    ['50, 120', undefined],
    ['ten', undefined],
    ['0, 50', undefined],
  ] as const)('reads shares %j', (text, shares) => expect(parseShares(text)).toEqual(shares))

  it('sets the canary first and leaves nobody out', () => {
    const waves = wavesFor(FIRST_PLAN, udns)
    expect(waves.map((wave) => wave.length)).toEqual([2, 18, 80, 100])
    expect(new Set(waves.flat()).size).toBe(200)
  })

  it('says the first thing that has to be put right', () => {
    const problem = (change: Partial<typeof FIRST_PLAN>, count = 5) =>
      planProblem({ ...FIRST_PLAN, ...change }, count, NOW)
    expect(problem({})).toBeUndefined()
    expect(problem({}, 0)).toBe('no-devices')
    expect(problem({ canary: Number.NaN })).toBe('canary')
    expect(problem({ shares: '90, 20' })).toBe('shares')
    expect(problem({ passPercent: 101 })).toBe('pass')
    expect(problem({ soakMinutes: -1 })).toBe('soak')
    expect(problem({ errorPercent: Number.NaN })).toBe('errors')
    expect(problem({ minimumSample: 0 })).toBe('sample')
    expect(problem({ startLater: true, startAt: 'soon' })).toBe('start')
    expect(problem({ startLater: true, startAt: '2026-11-21 12:00' })).toBe('past')
    expect(problem({ startLater: true, startAt: '2026-11-22 12:30' })).toBeUndefined()
    expect(problem({ useWindow: true, from: '22:00', to: '22:00' })).toBe('window')
    expect(problem({ useWindow: true, from: '9:00' })).toBe('window')
  })

  it('means a plan that the main process takes', () => {
    const plan = planOf(
      { ...FIRST_PLAN, startLater: true, startAt: '2026-11-22 22:00', useWindow: true },
      'ab'.repeat(32),
      udns,
    )
    expect(rolloutPlanSchema.parse(plan)).toEqual(plan)
    expect(plan.startAt).toBe('2026-11-22T22:00:00.000Z')
    expect(planOf(FIRST_PLAN, 'ab'.repeat(32), udns).startAt).toBeUndefined()
  })

  it('says only what applies', () => {
    expect(willHappen(FIRST_PLAN, 4)).toContain('downloadAhead')
    expect(willHappen(FIRST_PLAN, 1)).toEqual(
      expect.arrayContaining(['oneWave', 'downloadByWave', 'noWindow']),
    )
    expect(willHappen({ ...FIRST_PLAN, confirm: 'after-soak', startLater: true }, 2)).toEqual(
      expect.arrayContaining(['confirmSoak', 'startAt', 'passSoak']),
    )
  })
})
