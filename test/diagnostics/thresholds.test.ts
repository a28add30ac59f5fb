import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HealthLevel, Threshold } from '../../electron/contract/health'
import { DEFAULT_THRESHOLDS } from '../../electron/contract/health'
import {
  type AlarmState,
  alarmsOf,
  levelOf,
  NO_ALARMS,
  nextAlarms,
  rejudge,
} from '../../electron/diagnostics/thresholds'

const heat = (over: Partial<Threshold> = {}): Threshold => ({
  metric: 'temperature',
  direction: 'above',
  warn: { raise: 70, clear: 65 },
  bad: { raise: 85, clear: 80 },
  holdS: 0,
  ...over,
})

/** Levels after each value, a second apart. */
const levels = (threshold: Threshold, values: readonly number[]): HealthLevel[] => {
  let state: AlarmState = NO_ALARMS
  return values.map((value, second) => {
    state = nextAlarms(state, { [threshold.metric]: value }, [threshold], second * 1000)
    return levelOf(alarmsOf(state))
  })
}

describe('a limit', () => {
  it.each<[string, Threshold, number[], HealthLevel[]]>([
    ['is raised only beyond it', heat(), [70, 70.1], ['ok', 'warn']],
    ['goes on inside the band', heat(), [71, 69, 66, 65], ['warn', 'warn', 'warn', 'ok']],
    [
      'goes from warn to bad to warn to ok',
      heat(),
      [71, 86, 81, 80, 66, 64],
      ['warn', 'bad', 'bad', 'warn', 'warn', 'ok'],
    ],
    ['goes straight to bad and to ok', heat(), [90, 20], ['bad', 'ok']],
    [
      'is raised when it has been beyond for the whole time',
      heat({ holdS: 2 }),
      [71, 71, 71, 60, 71, 71, 70],
      ['ok', 'ok', 'warn', 'ok', 'ok', 'ok', 'ok'],
    ],
    [
      'below, it is the other way round',
      heat({
        metric: 'supply',
        direction: 'below',
        warn: { raise: 10.8, clear: 11.2 },
        bad: { raise: 10, clear: 10.4 },
      }),
      [12, 10.7, 11, 9.9, 10.3, 10.4, 11.2],
      ['ok', 'warn', 'warn', 'bad', 'bad', 'warn', 'ok'],
    ],
    [
      'may have no band',
      heat({ warn: { raise: 50, clear: 50 } }),
      [50, 51, 50, 51],
      ['ok', 'warn', 'ok', 'warn'],
    ],
    [
      'may be bad at once',
      { metric: 'memory', direction: 'below', bad: { raise: 5, clear: 8 }, holdS: 0 },
      [6, 4, 7, 9],
      ['ok', 'bad', 'bad', 'ok'],
    ],
  ])('%s', (_, threshold, values, expected) => {
    expect(levels(threshold, values)).toEqual(expected)
  })

  it('says since when, at which value and beyond what', () => {
    let state = nextAlarms(NO_ALARMS, { temperature: 71 }, [heat()], 1000)
    state = nextAlarms(state, { temperature: 72 }, [heat()], 2000)
    expect(alarmsOf(state)).toEqual([
      { sign: 'temperature', level: 'warn', sinceMs: 1000, value: 72, limit: 70 },
    ])
    state = nextAlarms(state, { temperature: 90 }, [heat()], 3000)
    expect(alarmsOf(state)).toEqual([
      { sign: 'temperature', level: 'bad', sinceMs: 3000, value: 90, limit: 85 },
    ])
  })

  it('stays where it was when a report does not have the value', () => {
    const state = nextAlarms(NO_ALARMS, { temperature: 71 }, [heat()], 0)
    expect(levelOf(alarmsOf(nextAlarms(state, { supply: 12 }, [heat()], 1)))).toBe('warn')
  })

  it('gives the worse one where a metric has two', () => {
    const cold = heat({ direction: 'below', warn: { raise: 0, clear: 2 }, bad: { raise: -20, clear: -10 } })
    expect(alarmsOf(nextAlarms(NO_ALARMS, { temperature: -30 }, [heat(), cold], 0))).toMatchObject([
      { level: 'bad', limit: -20 },
    ])
  })
})

describe('changed limits', () => {
  const at72 = nextAlarms(NO_ALARMS, { temperature: 72 }, [heat()], 1000)
  it.each<[string, Threshold[], unknown[]]>([
    ['end an alarm that they would not have raised', [heat({ warn: { raise: 75, clear: 70 } })], []],
    [
      'raise one at once, hold or not',
      [heat({ warn: { raise: 50, clear: 45 }, bad: { raise: 71, clear: 60 }, holdS: 60 })],
      [{ level: 'bad', sinceMs: 9000 }],
    ],
    [
      'leave its beginning to one that goes on',
      [heat({ warn: { raise: 60, clear: 55 } })],
      [{ level: 'warn', sinceMs: 1000, limit: 60 }],
    ],
    ['end what is not held to a limit any more', [], []],
  ])('%s', (_, thresholds, expected) => {
    expect(alarmsOf(rejudge(at72, { temperature: 72 }, thresholds, 9000))).toMatchObject(expected)
  })

  it('leave an alarm alone whose own limit is the same, inside its band too', () => {
    const inBand = nextAlarms(at72, { temperature: 67 }, [heat()], 2000)
    const thresholds = [heat(), ...DEFAULT_THRESHOLDS.filter(({ metric }) => metric === 'supply')]
    expect(alarmsOf(rejudge(inBand, { temperature: 67, supply: 12 }, thresholds, 9000))).toMatchObject([
      { sinceMs: 1000 },
    ])
  })
})

describe('for any limits and values', () => {
  const band = fc
    .tuple(
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 0, max: 20 }),
    )
    .map(([base, wide, gap, badWide]) =>
      heat({
        warn: { raise: base + wide, clear: base },
        bad: { raise: base + wide + gap, clear: Math.max(base, base + wide + gap - badWide) },
      }),
    )
  const values = fc.array(fc.integer({ min: -10, max: 90 }), { maxLength: 40 })
  const rank = (level: HealthLevel): number => ['ok', 'warn', 'bad'].indexOf(level)

  it('nothing changes inside a band: there is no flapping', () => {
    fc.assert(
      fc.property(
        band,
        values,
        fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 20 }),
        (threshold, before, inside) => {
          const { raise = 0, clear = 0 } = threshold.warn ?? {}
          const steps = inside
            .map((percent) => clear + ((raise - clear) * percent) / 100)
            .filter((value) => value > clear)
          const seen = levels({ ...threshold, bad: undefined } as Threshold, [...before, ...steps]).slice(
            before.length - 1,
          )
          const after = before.length === 0 ? ['ok', ...seen] : seen
          expect(new Set(after).size).toBeLessThanOrEqual(1)
        },
      ),
    )
  })

  it('a worse value never makes a better level, whatever was before', () => {
    fc.assert(
      fc.property(
        band,
        values,
        fc.integer({ min: -10, max: 90 }),
        fc.nat(30),
        (threshold, before, last, more) => {
          const level = (value: number): number => rank(levels(threshold, [...before, value]).at(-1) ?? 'ok')
          expect(level(last + more)).toBeGreaterThanOrEqual(level(last))
        },
      ),
    )
  })

  it('values that are worse all along never make a better level', () => {
    fc.assert(
      fc.property(
        band,
        fc.array(fc.tuple(fc.integer({ min: -10, max: 90 }), fc.nat(20)), { minLength: 1, maxLength: 40 }),
        (threshold, pairs) => {
          const low = levels(
            threshold,
            pairs.map(([value]) => value),
          )
          const high = levels(
            threshold,
            pairs.map(([value, more]) => value + more),
          )
          for (const [n, level] of low.entries())
            expect(rank(high[n] ?? 'ok')).toBeGreaterThanOrEqual(rank(level))
        },
      ),
    )
  })

  it('is never bad before the value was beyond bad, never ok while it is beyond warn', () => {
    fc.assert(
      fc.property(band, values, (threshold, all) => {
        let worst = Number.NEGATIVE_INFINITY
        for (const [n, level] of levels(threshold, all).entries()) {
          const value = all[n] ?? 0
          worst = Math.max(worst, value)
          if (level === 'bad') expect(worst).toBeGreaterThan(threshold.bad?.raise ?? 0)
          if (level === 'ok') expect(value).toBeLessThanOrEqual(threshold.warn?.raise ?? 0)
        }
      }),
    )
  })
})
