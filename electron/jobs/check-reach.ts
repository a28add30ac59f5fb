/** Asking a device in a check: patient for half a minute, then with an answer for the technician. */
import { asIotmcError, type ErrorCode, IotmcError } from '../contract/errors'
import { delay } from '../net/clock'
import { CHECK_TIMINGS, type CheckTools } from './check-tools'
import type { StepContext } from './step'

/** What may be over in a moment: the device restarts, is off, or its line broke. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'DEVICE_UNKNOWN',
  'DEVICE_OFFLINE',
  'DEVICE_UNREACHABLE',
  'DEVICE_NOT_MANAGED',
  'TLS_REFUSED',
  'TIMED_OUT',
  'NETWORK_UNAVAILABLE',
  'CANCELLED',
])
const DISTRUST: ReadonlySet<ErrorCode> = new Set([
  'IDENTITY_NOT_TRUSTED',
  'IDENTITY_REVOKED',
  'IDENTITY_EXPIRED',
  'UDN_MISMATCH',
])
/** Nothing that a device says: the check itself can't go on. */
const OURS: ReadonlySet<ErrorCode> = new Set(['DEFECT', 'DATA_DAMAGED', 'DATA_IN_USE', 'INTERRUPTED'])

/** Why a device could not be asked. */
export interface Unasked {
  readonly reason: string
  readonly code: ErrorCode
  readonly detail?: string
}
export type Asked<T> = { readonly value: T } | Unasked

const REASONS: Partial<Record<ErrorCode, string>> = {
  INVALID_ACTION: 'not-supported',
  NOT_AUTHORIZED: 'not-authorized',
}

const unasked = ({ code, detail }: IotmcError): Unasked => {
  const reason = DISTRUST.has(code)
    ? 'not-trusted'
    : PASSING.has(code)
      ? 'unreachable'
      : (REASONS[code] ?? code.toLowerCase().replaceAll('_', '-'))
  return { reason, code, ...(detail ? { detail: detail.slice(0, 200) } : {}) }
}

/** Resolves when the presence of the device has changed, or after `ms`. Errors: CANCELLED. */
const wake = async (tools: CheckTools, udn: string, ms: number, signal: AbortSignal): Promise<void> => {
  const woken = new AbortController()
  const off = tools.onWake(udn, () => woken.abort())
  try {
    await delay(tools.clock, ms, AbortSignal.any([woken.signal, signal]))
  } catch (thrown) {
    if (signal.aborted) throw thrown
  } finally {
    off()
  }
}

/**
 * Does `act` until it succeeds, or `reachMs` is over; a device that is away gives its slot to others meanwhile. What the
 * device answers is a value here; errors: CANCELLED, and those of this laptop.
 */
export const ask = async <T>(
  tools: CheckTools,
  ctx: StepContext,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<Asked<T>> => {
  const { clock } = tools
  const untilMs = clock.now() + CHECK_TIMINGS.reachMs
  let held = false
  const back = async <V>(value: V): Promise<V> => {
    if (held) await ctx.working()
    return value
  }
  for (;;) {
    try {
      const value = await act(ctx.signal)
      return await back({ value })
    } catch (thrown) {
      const error = asIotmcError(thrown)
      if (ctx.signal.aborted) throw new IotmcError('CANCELLED', { cause: thrown })
      if (OURS.has(error.code)) throw error
      const leftMs = untilMs - clock.now()
      if (!PASSING.has(error.code) || leftMs <= 0) return back(unasked(error))
      if (!held) ctx.waiting()
      held = true
      await wake(tools, ctx.job.subject, Math.min(CHECK_TIMINGS.askAgainMs, leftMs), ctx.signal)
    }
  }
}
