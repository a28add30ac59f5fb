/** What a guided health check needs of the site. */
import type { BankStatus } from '../contract/firmware'
import type { Threshold } from '../contract/health'
import type { Clock } from '../net/clock'
import type { CheckTable } from '../store/tables/checks'
import type { DeviceLink } from './device-link'

export interface CheckTools {
  readonly clock: Clock
  readonly table: CheckTable
  readonly link: Pick<DeviceLink, 'call' | 'state' | 'verify'>
  /** GetBankStatus, read. Errors: those of the link, BAD_ANSWER. */
  readonly bankStatus: (udn: string, signal: AbortSignal) => Promise<BankStatus>
  /** Calls back when the presence of this device has changed; the result ends it. */
  readonly onWake: (udn: string, listener: () => void) => () => void
  /** What health is held to; default: DEFAULT_THRESHOLDS. */
  readonly thresholds?: () => readonly Threshold[]
}

export const CHECK_TIMINGS = {
  /** A device that has not been reached by then counts as unreachable, so that a technician gets an answer. */
  reachMs: 30_000,
  askAgainMs: 2_000,
  /** For the word to a device that its test is not wanted any more. */
  cancelMs: 3_000,
} as const

/** Thresholds of the looks that no health threshold covers. */
export const CHECK_RANGES = {
  roundTripHighMs: 1_000,
  errorsHigh: 10,
  pingRepetitions: 5,
  lookupRepetitions: 3,
  lookupTimeoutMs: 2_000,
} as const
