/** Columns of the health chart: series of several devices on one time axis, gaps, zoom. Pure; times in ms since 1970. */
import type { HealthGap, Series, SeriesAnswer } from '../../electron/contract/health'

export const RANGES = ['15m', '1h', '6h', '24h', '7d', '90d'] as const
export type Range = (typeof RANGES)[number]
export const RANGE_MS: Readonly<Record<Range, number>> = {
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '90d': 7_776_000_000,
}

/** Values that came after the answer, by device. */
export interface Tail {
  readonly atMs: number[]
  readonly values: number[]
}

/** null = a gap is here; undefined = no sample in this column, the line goes through. */
export type Column = number | null | undefined

export interface Lines {
  /** Middle of each column, seconds since 1970, as uPlot wants it. */
  readonly x: readonly number[]
  readonly lines: readonly {
    readonly udn: string
    readonly mean: Column[]
    readonly min: Column[]
    readonly max: Column[]
  }[]
  /** Whether some column stands for more than one value. */
  readonly banded: boolean
}

const BUCKET_MS: Readonly<Record<SeriesAnswer['from'], number>> = {
  samples: 0,
  minutes: 60_000,
  hours: 3_600_000,
}

const EMPTY_SERIES: Pick<Series, 'atMs' | 'min' | 'max' | 'mean'> = { atMs: [], min: [], max: [], mean: [] }

const fill = (
  source: Pick<Series, 'atMs' | 'min' | 'max' | 'mean'>,
  tail: Tail | undefined,
  gaps: readonly HealthGap[],
  grid: { readonly fromMs: number; readonly step: number; readonly columns: number },
  bucketMs: number,
) => {
  const { fromMs, step, columns } = grid
  const mean: Column[] = new Array(columns).fill(undefined)
  const min: Column[] = new Array(columns).fill(undefined)
  const max: Column[] = new Array(columns).fill(undefined)
  const counts = new Uint32Array(columns)
  let banded = false
  let beforeMs: number | undefined
  const columnOf = (atMs: number) => Math.floor((atMs - fromMs) / step)
  const put = (atMs: number, low: number, mid: number, high: number) => {
    const at = columnOf(atMs)
    // Aggregated columns that are missing mean that nothing was recorded there.
    if (bucketMs > 0 && beforeMs !== undefined && atMs - beforeMs > Math.max(2.5 * bucketMs, 2.5 * step)) {
      const hole = Math.floor((columnOf(beforeMs) + at) / 2)
      if (hole >= 0 && hole < columns && mean[hole] === undefined) mean[hole] = min[hole] = max[hole] = null
    }
    beforeMs = atMs
    if (at < 0 || at >= columns) return
    const count = counts[at] ?? 0
    const old = mean[at]
    if (count === 0 || typeof old !== 'number') {
      mean[at] = mid
      min[at] = low
      max[at] = high
    } else {
      mean[at] = (old * count + mid) / (count + 1)
      min[at] = Math.min(min[at] as number, low)
      max[at] = Math.max(max[at] as number, high)
    }
    counts[at] = count + 1
    if (min[at] !== max[at]) banded = true
  }
  for (let at = 0; at < source.atMs.length; at += 1) {
    const mid = source.mean[at] as number
    put(source.atMs[at] as number, source.min[at] ?? mid, mid, source.max[at] ?? mid)
  }
  const lastMs = source.atMs.at(-1) ?? Number.NEGATIVE_INFINITY
  tail?.atMs.forEach((atMs, at) => {
    const value = tail.values[at] as number
    if (atMs > lastMs) put(atMs, value, value, value)
  })
  for (const gap of gaps)
    for (let at = Math.max(0, columnOf(gap.fromMs)); at <= Math.min(columns - 1, columnOf(gap.toMs)); at += 1)
      if (mean[at] === undefined) mean[at] = min[at] = max[at] = null
  return { mean, min, max, banded }
}

/** All devices on one grid of `columns` between two times: no more is ever drawn, whatever the answer holds. */
export const linesOf = (
  udns: readonly string[],
  answer: SeriesAnswer | undefined,
  tails: ReadonlyMap<string, Tail>,
  fromMs: number,
  toMs: number,
  columns: number,
): Lines => {
  const step = Math.max(1, (toMs - fromMs) / columns)
  const grid = { fromMs: Math.floor(fromMs / step) * step, step, columns: columns + 1 }
  const bucketMs = answer ? BUCKET_MS[answer.from] : 0
  let banded = false
  const lines = udns.map((udn) => {
    const filled = fill(
      answer?.series.find((one) => one.udn === udn) ?? EMPTY_SERIES,
      tails.get(udn),
      answer?.gaps.filter((gap) => gap.udn === udn) ?? [],
      grid,
      bucketMs,
    )
    banded ||= filled.banded
    return { udn, mean: filled.mean, min: filled.min, max: filled.max }
  })
  const x = Array.from({ length: columns + 1 }, (_, at) => (grid.fromMs + (at + 0.5) * step) / 1000)
  return { x, lines, banded }
}

export const isEmpty = ({ lines }: Lines): boolean =>
  !lines.some(({ mean }) => mean.some((value) => typeof value === 'number'))

/** Least and greatest with some air, and with limits that lie near. undefined without values. */
export const valueSpan = (
  { lines }: Lines,
  limits: readonly number[],
): readonly [number, number] | undefined => {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const { min, max } of lines) {
    for (const value of min) if (typeof value === 'number' && value < low) low = value
    for (const value of max) if (typeof value === 'number' && value > high) high = value
  }
  if (low > high) return undefined
  const size = Math.max(high - low, Math.abs(high) * 0.02, 0.5)
  for (const limit of limits)
    if (limit > low - 1.5 * size && limit < high + 1.5 * size) {
      low = Math.min(low, limit)
      high = Math.max(high, limit)
    }
  const air = Math.max(high - low, size) * 0.08
  return [low - air, high + air]
}

export interface Span {
  readonly fromMs: number
  readonly toMs: number
}
/** Shortest stretch that can be zoomed into. */
export const LEAST_MS = 10_000

/** A span made `factor` times as long around its middle, ended by `nowMs`. */
export const zoomed = ({ fromMs, toMs }: Span, factor: number, nowMs: number): Span => {
  const length = Math.max(LEAST_MS, (toMs - fromMs) * factor)
  const to = Math.min(nowMs, (fromMs + toMs) / 2 + length / 2)
  return { fromMs: to - length, toMs: to }
}

/** A span moved by a share of its length, never past `nowMs`. */
export const panned = ({ fromMs, toMs }: Span, share: number, nowMs: number): Span => {
  const to = Math.min(nowMs, toMs + (toMs - fromMs) * share)
  return { fromMs: to - (toMs - fromMs), toMs: to }
}

export interface TableRow {
  readonly atMs: number
  readonly udn: string
  readonly min: number
  readonly mean: number
  readonly max: number
}

/** The same columns as rows of a table, latest first, at most `most`. */
export const tableRows = ({ x, lines }: Lines, most: number): readonly TableRow[] => {
  const rows: TableRow[] = []
  for (let at = x.length - 1; at >= 0 && rows.length < most; at -= 1)
    for (const { udn, mean, min, max } of lines) {
      const value = mean[at]
      if (typeof value === 'number')
        rows.push({
          atMs: Math.round((x[at] as number) * 1000),
          udn,
          min: min[at] as number,
          mean: value,
          max: max[at] as number,
        })
    }
  return rows
}

/** Index of the last column with a value at or before `at`, for reading the line under the cursor. */
export const valueAt = (column: readonly Column[], at: number): number | undefined => {
  for (let index = Math.min(at, column.length - 1); index >= 0; index -= 1) {
    const value = column[index]
    if (value === null) return undefined
    if (value !== undefined) return value
  }
  return undefined
}
