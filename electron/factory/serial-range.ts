/** Ranges of released serial numbers: counting, belonging, and what became of each number. Pure. */
import type { NewRange, SerialRange, UnitState } from '../contract/factory'

/** Prefix and digits of a range; enough to tell its numbers. */
export type Numbers = Pick<NewRange, 'prefix' | 'digits' | 'first' | 'last'>

/** How many numbers a range releases. */
export const sizeOf = ({ first, last }: Numbers): number => last - first + 1

/** `P-00042` for number 42 of a range with prefix `P-` and 5 digits. */
export const serialOf = ({ prefix, digits }: Numbers, number: number): string =>
  prefix + String(number).padStart(digits, '0')

/** The number of a serial number within a range, undefined where it is not one of its numbers. */
export const numberIn = (range: Numbers, serialNumber: string): number | undefined => {
  const { prefix, digits, first, last } = range
  if (serialNumber.length !== prefix.length + digits || !serialNumber.startsWith(prefix)) return undefined
  const tail = serialNumber.slice(prefix.length)
  if (!/^\d+$/.test(tail)) return undefined
  const number = Number(tail)
  return number >= first && number <= last ? number : undefined
}

/** Whether some serial number is in both: `A` + 3 digits and `A1` + 2 digits may write the same one. */
export const overlap = (a: Numbers, b: Numbers): boolean => {
  if (a.prefix.length > b.prefix.length) return overlap(b, a)
  const extra = b.prefix.slice(a.prefix.length)
  if (!b.prefix.startsWith(a.prefix) || a.digits !== b.digits + extra.length || !/^\d*$/.test(extra))
    return false
  const shift = Number(extra || 0) * 10 ** b.digits
  return shift + b.first <= a.last && shift + b.last >= a.first
}

/** The range that a serial number belongs to; ranges never overlap. */
export const rangeOf = <R extends Numbers>(ranges: readonly R[], serialNumber: string): R | undefined =>
  ranges.find((range) => numberIn(range, serialNumber) !== undefined)

/** The lowest number from `from` on that is not on record; last + 1 where none is left. */
export const nextFree = (range: Numbers, from: number, isUsed: (serialNumber: string) => boolean): number => {
  let number = from
  while (number <= range.last && isUsed(serialOf(range, number))) number++
  return number
}

/** Units counted by range (undefined = outside all ranges) and state. */
export interface Tally {
  readonly rangeId: number | undefined
  readonly state: UnitState
  readonly count: number
}

/** What became of the numbers of one range: released = complete + open + burned + scrapped + free, always. */
export interface RangeAccount {
  readonly released: number
  readonly complete: number
  readonly open: number
  readonly burned: number
  readonly scrapped: number
  /** Released and not on record. */
  readonly free: number
}

/** The accounts of all ranges, by their id. Throws RangeError where more numbers are on record than were released. */
export const accountsOf = (
  ranges: readonly SerialRange[],
  tallies: readonly Tally[],
): ReadonlyMap<number, RangeAccount> => {
  const accounts = new Map<number, RangeAccount>()
  for (const range of ranges) {
    const own = tallies.filter(({ rangeId }) => rangeId === range.id)
    const { complete, open, burned, scrapped } = countStates(own)
    const released = sizeOf(range)
    const free = released - complete - open - burned - scrapped
    if (free < 0) throw new RangeError(`range ${range.id} has ${-free} numbers too many on record`)
    accounts.set(range.id, { released, complete, open, burned, scrapped, free })
  }
  return accounts
}

/** Totals over tallies; what is not at an end is open. */
export const countStates = (
  tallies: readonly Tally[],
): { complete: number; open: number; burned: number; scrapped: number } => {
  const totals = { complete: 0, open: 0, burned: 0, scrapped: 0 }
  for (const { state, count } of tallies) {
    const bin = state === 'complete' || state === 'burned' || state === 'scrapped' ? state : 'open'
    totals[bin] += count
  }
  return totals
}
