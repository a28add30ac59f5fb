/** What a shift wants to know of its line: counts since midnight, takt time, bars of five minutes. Pure. */
import type { StationCounts, Unit } from '../contract/factory'

/** How a device stands: passed or failed, and since when. */
export interface Outcome {
  readonly atMs: number
  readonly passed: boolean
  readonly firstPass: boolean
}

const MINUTE_MS = 60_000
const BAR_MS = 5 * MINUTE_MS
const BARS = 12
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Minutes that local time is ahead of UTC at a moment. */
export type OffsetAt = (atMs: number) => number
const localOffset: OffsetAt = (atMs) => -new Date(atMs).getTimezoneOffset()

/** The outcome on record; undefined while a device has neither passed nor failed, and for withdrawn numbers. */
export const outcomeOf = (unit: Unit): Outcome | undefined => {
  const atMs = unit.updatedAtMs
  if (unit.state === 'complete') return { atMs, passed: true, firstPass: unit.attempts <= 1 }
  if (unit.state === 'burned' || unit.state === 'scrapped' || !unit.lastErrorCode) return undefined
  return { atMs, passed: false, firstPass: false }
}

/** When the local day of a moment began, also on days that are 23 or 25 hours long. */
export const startOfDay = (nowMs: number, offsetAt: OffsetAt = localOffset): number => {
  const localMs = nowMs + offsetAt(nowMs) * MINUTE_MS
  const midnightMs = Math.floor(localMs / DAY_MS) * DAY_MS
  // The offset of now leads near midnight; the one that held there says exactly when it was.
  const nearMs = midnightMs - offsetAt(nowMs) * MINUTE_MS
  return midnightMs - offsetAt(nearMs) * MINUTE_MS
}

/** The earliest moment that `countsOf` looks at. */
export const countedSince = (nowMs: number, offsetAt?: OffsetAt): number =>
  Math.min(startOfDay(nowMs, offsetAt), nowMs - HOUR_MS)

/** Counts of devices by how each stands now. */
export const countsOf = (
  outcomes: Iterable<Outcome>,
  nowMs: number,
  offsetAt: OffsetAt = localOffset,
): StationCounts => {
  const midnightMs = startOfDay(nowMs, offsetAt)
  const bars = Array<number>(BARS).fill(0)
  const lastBar = Math.floor(nowMs / BAR_MS)
  const counts = { passed: 0, failed: 0, firstPass: 0 }
  const passes: number[] = []
  for (const { atMs, passed, firstPass } of outcomes) {
    if (atMs >= midnightMs) {
      counts[passed ? 'passed' : 'failed'] += 1
      if (firstPass) counts.firstPass += 1
    }
    if (!passed) continue
    // A clock that was set back leaves moments in the future; they count as now.
    const momentMs = Math.min(atMs, nowMs)
    if (momentMs > nowMs - HOUR_MS) passes.push(momentMs)
    const index = BARS - 1 - (lastBar - Math.floor(momentMs / BAR_MS))
    if (index >= 0) bars[index] = (bars[index] ?? 0) + 1
  }
  const taktMs = meanGap(passes)
  return { ...counts, ...(taktMs === undefined ? {} : { taktMs }), perFiveMinutes: bars }
}

const meanGap = (momentsMs: readonly number[]): number | undefined => {
  if (momentsMs.length < 2) return undefined
  return Math.round((Math.max(...momentsMs) - Math.min(...momentsMs)) / (momentsMs.length - 1))
}

/** How each device of the day stands; read from the ledger at the start and kept up with it. */
export class Tally {
  private readonly outcomes = new Map<string, Outcome>()

  /** A unit as it is on record now. */
  put(unit: Unit): void {
    const outcome = outcomeOf(unit)
    if (!outcome) {
      this.outcomes.delete(unit.serialNumber)
      return
    }
    // A failure by a pulled cable leaves no code on record; it was no first pass all the same.
    const firstPass = outcome.firstPass && (this.outcomes.get(unit.serialNumber)?.firstPass ?? true)
    this.outcomes.set(unit.serialNumber, { ...outcome, firstPass })
  }

  /** The job of a unit has failed. */
  fail(serialNumber: string, atMs: number): void {
    this.outcomes.set(serialNumber, { atMs, passed: false, firstPass: false })
  }

  counts(nowMs: number): StationCounts {
    const sinceMs = countedSince(nowMs)
    for (const [serialNumber, { atMs }] of this.outcomes)
      if (atMs < sinceMs) this.outcomes.delete(serialNumber)
    return countsOf(this.outcomes.values(), nowMs)
  }
}
