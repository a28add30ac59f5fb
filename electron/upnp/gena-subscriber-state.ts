/** What an event's key means to a subscriber, and how long it waits: pure rules (UDA 2.0 §4.3.2). */
import { nextSeq } from './gena-message'

export type SeqVerdict = 'expected' | 'repeated' | 'gap'

/** `last` is the key of the last event taken, undefined before the initial one. */
export const judgeSeq = (last: number | undefined, seq: number): SeqVerdict => {
  if (last === undefined) return seq === 0 ? 'expected' : 'gap'
  if (seq === nextSeq(last)) return 'expected'
  return seq === last ? 'repeated' : 'gap'
}

const RENEW_MIN_MS = 1_000

/** Half of the granted time, so that one lost renewal can be repeated. */
export const renewDelayMs = (grantedS: number): number => Math.max(RENEW_MIN_MS, grantedS * 500)

const RETRY_FIRST_MS = 1_000
const RETRY_MAX_MS = 60_000

/** 1 s, doubling, at most a minute. */
export const retryDelayMs = (failures: number): number =>
  Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(Math.max(0, failures - 1), 16))
