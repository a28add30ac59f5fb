/** A naive model of charts, which has every sample ever given: a few runs at each change, many in the deep tests. */
import fc from 'fast-check'
import { expect } from 'vitest'
import type { MetricValues, SeriesRequest } from '../../electron/contract/health'
import { HOUR_MS, MINUTE_MS, planSeries, type SeriesPlan } from '../../electron/diagnostics/series'
import { udnOf } from '../helpers/device-row'
import { VirtualClock } from '../helpers/virtual-clock'
import { openStore } from './open'

/** The moment at which charts are asked for, ms. */
export const NOW = Date.UTC(2026, 5, 1, 12, 34, 56, 789)
/** The device whose charts they are. */
export const UDN = udnOf(1)

/** A report of a device. */
export interface Given {
  readonly atMs: number
  readonly values: MetricValues
}

interface Column {
  readonly atMs: number
  readonly min: number
  readonly max: number
  readonly mean: number
}

/** The first of several samples of one moment counts; what lies outside of the plan's time does not. */
const model = (given: readonly Given[], plan: SeriesPlan, points: number): Column[] => {
  const once = new Map<number, number | undefined>()
  for (const { atMs, values } of given) if (!once.has(atMs)) once.set(atMs, values.temperature)
  const inside = [...once]
    .flatMap(([atMs, value]) => (value === undefined ? [] : [{ atMs, value }]))
    .filter(({ atMs }) => atMs >= plan.fromMs && atMs < plan.toMs)
    .sort((a, b) => a.atMs - b.atMs)
  if (plan.from === 'samples' && inside.length <= points)
    return inside.map(({ atMs, value }) => ({ atMs, min: value, max: value, mean: value }))
  const columns = new Map<number, number[]>()
  for (const { atMs, value } of inside) {
    const start = Math.floor(atMs / plan.widthMs) * plan.widthMs
    columns.set(start, [...(columns.get(start) ?? []), value])
  }
  return [...columns]
    .sort(([a], [b]) => a - b)
    .map(([start, values]) => ({
      atMs: Math.max(start, plan.fromMs),
      min: Math.min(...values),
      max: Math.max(...values),
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    }))
}

/** A chart of a store has the columns that the model has. */
export const expectColumns = async (
  store: ReturnType<typeof openStore>['store'],
  given: readonly Given[],
  request: SeriesRequest,
): Promise<void> => {
  const plan = planSeries(request, NOW)
  const expected = model(given, plan, request.points)
  const answer = await store.health.series(request)
  const [series] = answer.series
  expect(answer.from).toBe(plan.from)
  expect(series?.atMs).toEqual(expected.map(({ atMs }) => atMs))
  expect(series?.min).toEqual(expected.map(({ min }) => min))
  expect(series?.max).toEqual(expected.map(({ max }) => max))
  for (const [i, { mean }] of expected.entries()) expect(series?.mean[i]).toBeCloseTo(mean, 9)
  expect(expected.length).toBeLessThanOrEqual(request.points)
}

/** Moments at and around the edges of minutes and hours as well as anywhere. */
const moment = (spanMs: number) =>
  fc.oneof(
    fc.integer({ min: 0, max: spanMs }).map((back) => NOW - back),
    fc
      .tuple(
        fc.integer({ min: 0, max: Math.floor(spanMs / MINUTE_MS) }),
        fc.integer({ min: -1, max: 1 }),
        fc.constantFrom(MINUTE_MS, HOUR_MS),
      )
      .map(([back, by, unit]) => Math.floor((NOW - back * MINUTE_MS) / unit) * unit + by),
  )

const value = fc.option(
  fc.integer({ min: -5_000, max: 15_000 }).map((n) => n / 64),
  { nil: undefined },
)
const samplesWithin = (spanMs: number) =>
  fc.array(fc.record({ atMs: moment(spanMs), temperature: value, supply: value }), { maxLength: 120 })

/** Times over which charts are drawn, ms. */
export const SPANS = [
  ['a few minutes', 5 * MINUTE_MS],
  ['hours', 10 * HOUR_MS],
  ['two days', 47 * HOUR_MS],
  ['weeks', 60 * 24 * HOUR_MS],
  ['a year', 365 * 24 * HOUR_MS],
] as const

/** Charts of any samples within this time are those of the model. */
export const isAsTheModel = (spanMs: number, numRuns: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(
      samplesWithin(spanMs),
      moment(spanMs),
      moment(spanMs),
      fc.integer({ min: 10, max: 60 }),
      async (drawn, one, other, points) => {
        const { store } = openStore({ clock: new VirtualClock(NOW) })
        const given = drawn.map(({ atMs, temperature, supply }) => ({
          atMs,
          values: {
            ...(temperature === undefined ? {} : { temperature }),
            ...(supply === undefined ? {} : { supply }),
          },
        }))
        for (const { atMs, values } of given) store.health.record(UDN, atMs, values)
        const [fromMs, toMs] = [Math.min(one, other), Math.max(one, other)]
        await expectColumns(store, given, { udns: [UDN], metric: 'temperature', fromMs, toMs, points })
        await store.close()
      },
    ),
    { numRuns },
  )
