import { describe, expect, it } from 'vitest'
import type { SeriesAnswer } from '../../../electron/contract/health'
import {
  isEmpty,
  linesOf,
  panned,
  tableRows,
  valueAt,
  valueSpan,
  zoomed,
} from '../../../renderer/model/health-chart'
import { udn } from '../harness/sample'

const answer = (atMs: number[], more: Partial<SeriesAnswer> = {}): SeriesAnswer => ({
  from: 'samples',
  series: [{ udn: udn(1), atMs, min: [...atMs], max: [...atMs], mean: [...atMs] }],
  gaps: [],
  ...more,
})
const none = new Map()

describe('columns of the chart', () => {
  it('never grow beyond what was asked for, whatever is in the answer', () => {
    const day = Array.from({ length: 86_400 }, (_, second) => second * 1000)
    const { x, lines, banded } = linesOf([udn(1)], answer(day), none, 0, 86_400_000, 900)
    expect(x.length).toBe(901)
    expect(lines[0]?.mean.length).toBe(901)
    expect(banded).toBe(true)
  })

  it('leave the line whole where samples are only far apart, and break it in a gap', () => {
    const sparse = linesOf([udn(1)], answer([5, 55]), none, 0, 100, 10)
    expect(sparse.lines[0]?.mean.includes(null)).toBe(false)
    const gaps = [{ udn: udn(1), fromMs: 15, toMs: 45, reason: 'asleep' as const }]
    const broken = linesOf([udn(1)], answer([5, 55], { gaps }), none, 0, 100, 10)
    expect(broken.lines[0]?.mean.slice(1, 5)).toEqual([null, null, null, null])
  })

  it('break where aggregated columns are missing', () => {
    const { lines } = linesOf(
      [udn(1)],
      answer([0, 60_000, 600_000], { from: 'minutes' }),
      none,
      0,
      660_000,
      11,
    )
    expect(lines[0]?.mean.includes(null)).toBe(true)
  })

  it('take what came after the answer, once', () => {
    const tails = new Map([[udn(1), { atMs: [55, 75], values: [99, 7] }]])
    const { lines } = linesOf([udn(1)], answer([5, 55]), tails, 0, 100, 10)
    expect(lines[0]?.mean[5]).toBe(55)
    expect(lines[0]?.mean[7]).toBe(7)
  })

  it('know when nothing was recorded', () => {
    const lines = linesOf([udn(1)], undefined, none, 0, 100, 10)
    expect(isEmpty(lines)).toBe(true)
    expect(valueSpan(lines, [70])).toBeUndefined()
  })

  it('stand in the table latest first', () => {
    const rows = tableRows(linesOf([udn(1)], answer([5, 55]), none, 0, 100, 10), 5)
    expect(rows.map(({ mean }) => mean)).toEqual([55, 5])
  })
})

it('ten devices with a day of 1 s samples are put into the columns that fit the screen', () => {
  const atMs = Array.from({ length: 86_400 }, (_, second) => second * 1000)
  const one = { atMs, min: atMs, max: atMs, mean: atMs }
  const udns = Array.from({ length: 10 }, (_, index) => udn(index))
  const whole: SeriesAnswer = {
    from: 'samples',
    gaps: [],
    series: udns.map((name) => ({ udn: name, ...one })),
  }
  const lines = linesOf(udns, whole, none, 0, 86_400_000, 900)
  expect(JSON.stringify(lines).length).toBeLessThan(JSON.stringify(whole).length / 10)
})

it('the axis holds a limit that is near and leaves out one that is far', () => {
  const lines = linesOf([udn(1)], answer([20, 30]), none, 0, 100, 10)
  expect(valueSpan(lines, [40])?.[1]).toBeGreaterThan(40)
  expect(valueSpan(lines, [400])?.[1]).toBeLessThan(100)
})

it('zoom and pan stop at now', () => {
  expect(zoomed({ fromMs: 0, toMs: 100_000 }, 0.5, 100_000)).toEqual({ fromMs: 25_000, toMs: 75_000 })
  expect(zoomed({ fromMs: 0, toMs: 100_000 }, 4, 100_000).toMs).toBe(100_000)
  expect(panned({ fromMs: 0, toMs: 100_000 }, 0.5, 120_000)).toEqual({ fromMs: 20_000, toMs: 120_000 })
})

it('the cursor reads the last value, but not across a gap', () => {
  expect(valueAt([1, undefined, undefined], 2)).toBe(1)
  expect(valueAt([1, null, undefined], 2)).toBeUndefined()
})
