/** Times as people read them. All take milliseconds since 1970. */

const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** Making a formatter costs a hundred times more than using it, and every row of a list has a time. */
const kept = <F>(make: (language: string) => F): ((language: string) => F) => {
  const known = new Map<string, F>()
  return (language) => {
    const old = known.get(language)
    if (old !== undefined) return old
    const format = make(language)
    known.set(language, format)
    return format
  }
}

const RELATIVE = {
  narrow: kept((language) => new Intl.RelativeTimeFormat(language, { style: 'narrow', numeric: 'always' })),
  long: kept((language) => new Intl.RelativeTimeFormat(language, { style: 'long', numeric: 'always' })),
}
const nowWord = kept((language) =>
  new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(0, 'second'),
)
const exact = kept(
  (language) =>
    new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'long', hourCycle: 'h23' }),
)

/** "now", "5 s ago", "in 21 days". Seconds go in steps of five, so that a list does not flicker. */
export const relativeTime = (
  atMs: number,
  nowMs: number,
  language: string,
  style: 'narrow' | 'long' = 'narrow',
): string => {
  const format = RELATIVE[style](language)
  const spaced = (text: string) => text.replace(/(\d)(\p{L})/u, '$1\u00a0$2')
  const seconds = Math.round((atMs - nowMs) / 1000)
  const size = Math.abs(seconds)
  const [unit, length] = UNITS.find(([, one]) => size >= one) ?? ['second', 1]
  if (unit !== 'second') return spaced(format.format(Math.trunc(seconds / length), unit))
  if (size < 5) return nowWord(language)
  return spaced(format.format(Math.sign(seconds) * Math.floor(size / 5) * 5, 'second'))
}

/** The exact time for a hover: date, time to the second, zone. */
export const exactTime = (atMs: number, language: string): string => exact(language).format(atMs)

/** `2027-03-14`, the same in every language. */
export const isoDate = (at: string | number): string => {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? '—' : date.toISOString().slice(0, 10)
}

/** Whole days until a date; negative when past. */
export const daysUntil = (at: string, nowMs: number): number =>
  Math.floor((Date.parse(at) - nowMs) / 86_400_000)

/** "1.2 s", "48 s", "3 min 5 s". */
export const duration = (ms: number, language: string): string => {
  const number = (value: number, digits = 0) =>
    new Intl.NumberFormat(language, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(
      value,
    )
  if (ms < 10_000) return `${number(ms / 1000, 1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${number(seconds)} s`
  return `${number(Math.floor(seconds / 60))} min ${number(seconds % 60)} s`
}
