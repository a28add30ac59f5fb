import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Unit } from '../../electron/contract/factory'
import {
  countsOf,
  type OffsetAt,
  type Outcome,
  outcomeOf,
  startOfDay,
  Tally,
} from '../../electron/station/counts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Minutes ahead of UTC in a zone, by its rules. */
const zone =
  (timeZone: string): OffsetAt =>
  (atMs) => {
    const parts = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    }).formatToParts(atMs)
    const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value)
    const localMs = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'))
    return Math.round((localMs - Math.floor(atMs / MINUTE_MS) * MINUTE_MS) / MINUTE_MS)
  }
const berlin = zone('Europe/Berlin')
const utc: OffsetAt = () => 0

const pass = (atMs: number, firstPass = true): Outcome => ({ atMs, passed: true, firstPass })
const fail = (atMs: number): Outcome => ({ atMs, passed: false, firstPass: false })
const unit = (more: Partial<Unit> = {}): Unit => ({
  serialNumber: 'A1',
  udn: 'uuid:x',
  model: 'PX-200',
  state: 'complete',
  hardwareId: 'aa',
  keyStorage: 'flash',
  station: 's',
  lane: '1',
  operator: 'k',
  attempts: 1,
  createdAtMs: 1,
  updatedAtMs: 5,
  ...more,
})

describe('the day of a line', () => {
  it.each([
    ['in winter', '2025-01-15T10:00:00Z', '2025-01-14T23:00:00Z'],
    ['in summer', '2025-07-15T10:00:00Z', '2025-07-14T22:00:00Z'],
    ['right at midnight', '2025-07-14T22:00:00Z', '2025-07-14T22:00:00Z'],
    ['just before midnight', '2025-07-14T21:59:59Z', '2025-07-13T22:00:00Z'],
    ['of 23 hours, after the change', '2025-03-30T12:00:00Z', '2025-03-29T23:00:00Z'],
    ['of 23 hours, before the change', '2025-03-30T00:30:00Z', '2025-03-29T23:00:00Z'],
    ['of 25 hours, after the change', '2025-10-26T12:00:00Z', '2025-10-25T22:00:00Z'],
    ['of 25 hours, in the hour that comes twice', '2025-10-26T01:30:00Z', '2025-10-25T22:00:00Z'],
  ])('begins at local midnight %s', (_when, now, start) => {
    expect(new Date(startOfDay(Date.parse(now), berlin))).toEqual(new Date(start))
  })

  it('begins within it wherever it is, also where midnight itself is skipped', () => {
    const dayOf = (timeZone: string, atMs: number) =>
      new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(atMs)
    const zones = [
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Africa/Cairo',
      'Asia/Kathmandu',
    ]
    const from = Date.UTC(2025, 0, 1)
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 365 * 24 * 60 }), (name, minutes) => {
        const nowMs = from + minutes * MINUTE_MS
        const startMs = startOfDay(nowMs, zone(name))
        expect(startMs).toBeLessThanOrEqual(nowMs)
        expect(dayOf(name, startMs)).toBe(dayOf(name, nowMs))
        expect(dayOf(name, startMs - MINUTE_MS)).not.toBe(dayOf(name, nowMs))
      }),
      { numRuns: 300 },
    )
  })
})

describe('counts', () => {
  const noon = Date.UTC(2025, 5, 10, 12)

  it('count the devices of the day by how each stands', () => {
    const outcomes = [
      pass(noon - HOUR_MS * 2),
      pass(noon - HOUR_MS, false),
      fail(noon - 5 * MINUTE_MS),
      pass(noon - HOUR_MS * 13),
    ]
    expect(countsOf(outcomes, noon, utc)).toMatchObject({ passed: 2, failed: 1, firstPass: 1 })
  })

  it('begin anew at midnight, while the bars and the takt of the last hour go on', () => {
    const midnight = Date.UTC(2025, 5, 11)
    const outcomes = [pass(midnight - 20 * MINUTE_MS), pass(midnight - 10 * MINUTE_MS), pass(midnight)]
    expect(countsOf(outcomes, midnight - 1, utc).passed).toBe(3)
    const after = countsOf(outcomes, midnight + MINUTE_MS, utc)
    expect(after).toMatchObject({ passed: 1, firstPass: 1, taktMs: 10 * MINUTE_MS })
    expect(after.perFiveMinutes.reduce((sum, count) => sum + count, 0)).toBe(3)
  })

  it('are those of a day of 25 hours', () => {
    const nowMs = Date.parse('2025-10-26T22:30:00Z')
    const outcomes = [pass(Date.parse('2025-10-25T22:10:00Z')), pass(Date.parse('2025-10-25T21:50:00Z'))]
    expect(countsOf(outcomes, nowMs, berlin).passed).toBe(1)
  })

  it('have no takt before the second device', () => {
    expect(countsOf([pass(noon)], noon, utc).taktMs).toBeUndefined()
    expect(countsOf([pass(noon), pass(noon - 90_000)], noon, utc).taktMs).toBe(90_000)
    expect(countsOf([pass(noon), pass(noon - HOUR_MS)], noon, utc).taktMs).toBeUndefined()
  })

  it('put each pass into its five minutes, oldest first', () => {
    const { perFiveMinutes } = countsOf(
      [pass(noon), pass(noon - 1), pass(noon - 5 * MINUTE_MS), pass(noon - 55 * MINUTE_MS), fail(noon)],
      noon,
      utc,
    )
    expect(perFiveMinutes).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1])
  })

  it('hold twelve numbers that are never more than passed in the hour, whatever the clock does', () => {
    const moment = fc.integer({ min: noon - 30 * HOUR_MS, max: noon + HOUR_MS })
    const outcome = fc.record({ atMs: moment, passed: fc.boolean(), firstPass: fc.constant(false) })
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 60 }), (outcomes) => {
        const { perFiveMinutes, taktMs = 0, passed, failed } = countsOf(outcomes, noon, utc)
        expect(perFiveMinutes).toHaveLength(12)
        const inHour = outcomes.filter((one) => one.passed && one.atMs > noon - HOUR_MS).length
        expect(perFiveMinutes.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(inHour)
        expect(taktMs).toBeLessThanOrEqual(HOUR_MS)
        expect(passed + failed).toBeLessThanOrEqual(outcomes.length)
      }),
    )
  })
})

describe('the outcome of a unit', () => {
  it.each<[Partial<Unit>, Outcome | undefined]>([
    [{}, pass(5)],
    [{ attempts: 2 }, pass(5, false)],
    [{ state: 'keyed', lastErrorCode: 'KEY_REUSED' }, fail(5)],
    [{ state: 'keyed' }, undefined],
    [{ state: 'burned', lastErrorCode: 'KEY_REUSED' }, undefined],
    [{ state: 'scrapped' }, undefined],
  ])('%j: %j', (more, outcome) => {
    expect(outcomeOf(unit(more))).toEqual(outcome)
  })

  it('is no first pass after a failure that left no code on record', () => {
    const nowMs = Date.now()
    const tally = new Tally()
    tally.fail('A1', nowMs)
    expect(tally.counts(nowMs)).toMatchObject({ passed: 0, failed: 1 })
    tally.put(unit({ updatedAtMs: nowMs }))
    expect(tally.counts(nowMs)).toMatchObject({ passed: 1, failed: 0, firstPass: 0 })
    tally.put(unit({ updatedAtMs: nowMs }))
    expect(tally.counts(nowMs).firstPass).toBe(0)
  })
})
