/** Asking a device until a fact is there: woken by its events, patient while it is silent, and never for ever. */
import { asIotmcError, type ErrorCode, IotmcError } from '../contract/errors'
import type { BankStatus } from '../contract/firmware'
import { DISCOVERY_LIMITS, HTTP_LIMITS, UPDATE_DEADLINES } from '../contract/timings'
import { type Clock, delay } from '../net/clock'
import type { StepContext } from './step'
import type { UpdateNews, UpdateTools } from './update-tools'

/** What ends by itself: the device restarts, is off, or its line broke. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'DEVICE_UNKNOWN',
  'DEVICE_OFFLINE',
  'DEVICE_UNREACHABLE',
  'DEVICE_NOT_MANAGED',
  'TLS_REFUSED',
  'TIMED_OUT',
  'BUSY',
  'NETWORK_UNAVAILABLE',
  'CANCELLED',
])

const passing = (thrown: unknown, signal: AbortSignal): IotmcError | undefined => {
  const error = asIotmcError(thrown)
  // CANCELLED with a signal that stands is the end of somebody else's use of the same line.
  return !signal.aborted && PASSING.has(error.code) ? error : undefined
}

/** Time that may still pass; what this laptop slept through does not count, for nobody was asked then. */
class Patience {
  private sinceMs: number

  constructor(
    private readonly clock: Clock,
    private leftMs: number,
  ) {
    this.sinceMs = clock.now()
  }

  get left(): number {
    return this.leftMs
  }

  renew(leftMs: number): void {
    this.leftMs = leftMs
    this.sinceMs = this.clock.now()
  }

  /** Takes off what has passed since the last look, in which a wait of `askedMs` was asked for. */
  spend(askedMs: number): void {
    const now = this.clock.now()
    const most = askedMs + HTTP_LIMITS.requestTimeoutMs + DISCOVERY_LIMITS.sleepGapMs
    this.leftMs -= Math.min(Math.max(0, now - this.sinceMs), most)
    this.sinceMs = now
  }
}

/** What patience needs: the time, and to be woken by the device. */
export type Waking = Pick<UpdateTools, 'clock' | 'onWake'>

/** Resolves when the device has something to say, or after `ms`. Errors: CANCELLED. */
const wake = async (tools: Waking, udn: string, ms: number, signal: AbortSignal): Promise<void> => {
  const woken = new AbortController()
  const off = tools.onWake(udn, () => woken.abort())
  try {
    await delay(tools.clock, ms, AbortSignal.any([woken.signal, signal])).catch((thrown: unknown) => {
      if (signal.aborted) throw thrown
    })
  } finally {
    off()
  }
}

export interface FollowOptions<T> {
  /** How long the fact may take. */
  readonly limitMs: number
  /** The fact, or undefined while it is not there. What it throws ends the asking. */
  readonly judge: (status: BankStatus) => T | undefined | Promise<T | undefined>
  /** A longer patience after an answer that shows that the device gets on. */
  readonly renew?: (status: BankStatus) => number | undefined
  readonly everyMs?: (status: BankStatus | undefined) => number
  readonly state: (status: BankStatus | undefined) => UpdateNews['state']
}

/**
 * Asks GetBankStatus until `judge` has the fact. Errors: what `judge` throws, DEADLINE_PASSED, CANCELLED, and what the
 * device answers that does not end by itself. A silent device gives its slot back to others.
 */
export const follow = async <T>(
  tools: UpdateTools,
  ctx: StepContext,
  options: FollowOptions<T>,
): Promise<T> => {
  const { job, signal } = ctx
  const { judge, renew, state, limitMs, everyMs = () => UPDATE_DEADLINES.askEveryMs } = options
  const udn = job.subject
  const holding = job.state === 'waiting'
  const patience = new Patience(tools.clock, limitMs)
  let last: BankStatus | undefined
  for (;;) {
    const { status, error } = await ask(tools, udn, signal)
    if (status) {
      last = status
      if (!holding) await ctx.working()
      const renewed = renew?.(status)
      if (renewed !== undefined) patience.renew(renewed)
      tools.tell(job, { state: state(status), status, deadlineMs: tools.clock.now() + patience.left })
      const fact = await judge(status)
      if (fact !== undefined) return fact
    } else {
      ctx.waiting()
      tools.tell(job, { state: state(last), deadlineMs: tools.clock.now() + patience.left })
    }
    if (patience.left <= 0)
      throw new IotmcError('DEADLINE_PASSED', { subject: udn, detail: error?.code ?? 'it does not get on' })
    const waitMs = Math.max(1, Math.min(everyMs(last), patience.left))
    await wake(tools, udn, waitMs, signal)
    patience.spend(waitMs)
  }
}

const ask = async (
  tools: UpdateTools,
  udn: string,
  signal: AbortSignal,
): Promise<{ readonly status?: BankStatus; readonly error?: IotmcError }> => {
  try {
    return { status: await tools.status(udn, signal) }
  } catch (thrown) {
    const error = passing(thrown, signal)
    if (!error) throw thrown
    return { error }
  }
}

/** Does `act` until it succeeds, again and again while its errors are of the passing kind. Errors: its own, BUSY or DEADLINE_PASSED in time. */
export const insist = async <T>(
  tools: Waking,
  ctx: StepContext,
  limitMs: number,
  act: () => Promise<T>,
): Promise<T> => {
  const patience = new Patience(tools.clock, limitMs)
  for (;;) {
    try {
      return await act()
    } catch (thrown) {
      const error = passing(thrown, ctx.signal)
      if (!error) throw thrown
      if (patience.left <= 0) {
        if (error.code === 'BUSY') throw error
        throw new IotmcError('DEADLINE_PASSED', {
          subject: ctx.job.subject,
          detail: error.code,
          cause: thrown,
        })
      }
    }
    const waitMs = Math.max(1, Math.min(UPDATE_DEADLINES.askEveryMs, patience.left))
    await wake(tools, ctx.job.subject, waitMs, ctx.signal)
    patience.spend(waitMs)
  }
}
