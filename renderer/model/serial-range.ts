/** Ranges of serial numbers: what is typed, what it means, and how much of it is used. Pure. */
import type { NewRange, ReleasedRange, SerialRange } from '../../electron/contract/factory'

/** As in the contract's serialRangeSchema; with the digits it makes a valid serial number. */
const PREFIX = /^([A-Za-z0-9][A-Za-z0-9.-]{0,29})?$/
const DIGITS_MAX = 10

/** The fields of the form, as typed. */
export interface RangeDraft {
  readonly model: string
  readonly prefix: string
  readonly digits: string
  readonly first: string
  readonly last: string
}

export type RangeProblem =
  | 'incomplete'
  | 'prefix'
  | 'digits'
  | 'number'
  | 'order'
  | 'not-enough-digits'
  | 'overlaps'

export type RangeReading =
  | { readonly problem: RangeProblem }
  | { readonly range: NewRange; readonly first: string; readonly last: string; readonly count: number }

/** The serial number of place `number` in a range: `PX200-01000`. */
export const serialOf = (range: Pick<NewRange, 'prefix' | 'digits'>, number: number): string =>
  `${range.prefix}${String(number).padStart(range.digits, '0')}`

const problemOf = (range: NewRange, known: readonly SerialRange[]): RangeProblem | undefined => {
  if (range.last < range.first) return 'order'
  if (String(range.last).length > range.digits) return 'not-enough-digits'
  const overlaps = known.some(
    (one) =>
      one.prefix === range.prefix &&
      one.digits === range.digits &&
      one.first <= range.last &&
      range.first <= one.last,
  )
  return overlaps ? 'overlaps' : undefined
}

const whole = (text: string): number | undefined =>
  /^\d{1,10}$/.test(text.trim()) ? Number(text.trim()) : undefined

/** What the draft would release, or the first thing that is wrong with it. */
export const readRange = (draft: RangeDraft, known: readonly SerialRange[]): RangeReading => {
  const model = draft.model.trim()
  const prefix = draft.prefix.trim()
  if (!model || !draft.digits.trim() || !draft.first.trim() || !draft.last.trim())
    return { problem: 'incomplete' }
  if (!PREFIX.test(prefix)) return { problem: 'prefix' }
  const digits = whole(draft.digits)
  if (!digits || digits > DIGITS_MAX) return { problem: 'digits' }
  const first = whole(draft.first)
  const last = whole(draft.last)
  if (first === undefined || last === undefined) return { problem: 'number' }
  const range: NewRange = { model, prefix, digits, first, last }
  const problem = problemOf(range, known)
  return problem
    ? { problem }
    : { range, first: serialOf(range, first), last: serialOf(range, last), count: last - first + 1 }
}

/** How much of a range is given or withdrawn; numbers are scanned in any order, so counting up does not say it. */
export const rangeUse = ({ first, last, free }: ReleasedRange) => {
  const total = last - first + 1
  const used = total - free
  return { total, used, free, share: used / total }
}
