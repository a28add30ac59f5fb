/** Figures of a shift as the station shows them. Pure. */
import type { StationCounts } from '../../electron/contract/factory'

/** Share of today's devices that passed at their first attempt, 0…1; undefined before the first one ended. */
export const firstPassYield = ({
  passed,
  failed,
  firstPass,
}: Pick<StationCounts, 'passed' | 'failed' | 'firstPass'>): number | undefined => {
  const devices = passed + failed
  return devices > 0 ? firstPass / devices : undefined
}

/** Devices an hour at this takt. */
export const perHour = (taktMs: number): number => Math.round(3_600_000 / taktMs)

/** Seconds with one digit, "11.4 s". */
export const seconds = (ms: number, language: string): string =>
  `${new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(ms / 1000)}\u00a0s`

/** "98.7 %". Never rounded up to 100 while one is missing. */
export const percent = (share: number, language: string): string => {
  const shown = share < 1 ? Math.min(Math.round(share * 1000), 999) / 10 : 100
  return `${new Intl.NumberFormat(language, { minimumFractionDigits: share < 1 ? 1 : 0, maximumFractionDigits: 1 }).format(shown)}\u00a0%`
}

export const mean = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length

export interface Bar {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly value: number
}

/** Bars from left to right in a box of `width` × `height`, the largest value full height. Zero leaves a line of 1. */
export const bars = (
  values: readonly number[],
  { width, height, gap }: { readonly width: number; readonly height: number; readonly gap: number },
): readonly Bar[] => {
  const top = Math.max(1, ...values)
  const step = (width + gap) / Math.max(1, values.length)
  return values.map((value, at) => {
    const tall = Math.max(1, (value / top) * height)
    return { x: at * step, y: height - tall, width: step - gap, height: tall, value }
  })
}

/** Points of a line through the values, the range between smallest and largest stretched to `height`; level when equal. */
export const linePoints = (
  values: readonly number[],
  { width, height }: { readonly width: number; readonly height: number },
): readonly (readonly [x: number, y: number])[] => {
  const low = Math.min(...values)
  const span = Math.max(...values) - low
  return values.map((value, at) => [
    values.length === 1 ? width : (at / (values.length - 1)) * width,
    span === 0 ? height / 2 : height - ((value - low) / span) * height,
  ])
}
