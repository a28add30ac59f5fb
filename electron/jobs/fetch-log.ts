/**
 * A device's log into the store of this laptop, and cleared there only through what is stored (docs/protocol.md §12).
 * Every step asks the store and the device where they stand, so that it may be repeated after a kill at any point.
 */

import { asIotmcError, type ErrorCode, IotmcError } from '../contract/errors'
import type { Job } from '../contract/job'
import { jobNote } from '../contract/job-notes'
import { JOB_LIMITS } from '../contract/timings'
import { type Clock, delay } from '../net/clock'
import { type PageTools, type TakenPage, takePage } from './fetch-log-page'
import type { StepContext, StepPlan } from './step'
import { waitFor } from './wait'

export type { PageTools } from './fetch-log-page'
export { takePage } from './fetch-log-page'

export interface FetchLogTools extends PageTools {
  readonly clock: Clock
  isOnline(udn: string): boolean
  /** Calls back when an event of this device has come, or its presence has changed. */
  onWake(udn: string, listener: () => void): () => void
  /** The device has removed its records up to `through`. */
  cleared(udn: string, through: number): void
}

/** What ends by itself: the device restarts, is off, or its line broke. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'DEVICE_UNKNOWN',
  'DEVICE_OFFLINE',
  'DEVICE_UNREACHABLE',
  'TLS_REFUSED',
  'TIMED_OUT',
  'BUSY',
  'NETWORK_UNAVAILABLE',
  'CANCELLED',
])
const AGAIN_MS = 2_000
/** A device that is online has so long to answer. */
const PATIENCE_MS = 5 * 60_000
/** After a cancel the device has so long to answer; the runner leaves a step behind after more. */
const ANSWER_MS = 4_000
/** How often a refusal to clear is answered by reading. */
const CLEAR_TRIES = 3
/** A device may be wiped while it is read; one with a new log in each answer is not read for ever. */
const LOGS_MAX = 3

/** The steps of `JOB_STEPS['fetch-log']`, bound to one job. */
export const fetchLogPlan = (tools: FetchLogTools, job: Job): readonly StepPlan[] => {
  const clearing = job.params.clear === 'true'
  return [
    { name: 'find', cancellable: true, run: (ctx) => find(tools, ctx) },
    { name: 'retrieve', cancellable: true, run: (ctx) => retrieve(tools, ctx) },
    {
      name: 'clear',
      cancellable: true,
      run: async (ctx) => (clearing ? clear(tools, ctx) : ctx.skip()),
    },
    { name: 'read-back', cancellable: true, run: (ctx) => readBack(tools, ctx, clearing) },
  ]
}

/** Holds until the device is online. Errors: DEADLINE_PASSED after a day. */
const find = async (tools: FetchLogTools, ctx: StepContext): Promise<void> => {
  const udn = ctx.job.subject
  if (tools.isOnline(udn)) return
  await ctx.hold('waiting', () =>
    waitFor({
      ready: () => tools.isOnline(udn) || undefined,
      onChange: (listener) => tools.onWake(udn, listener),
      signal: ctx.signal,
      clock: tools.clock,
      timeoutMs: JOB_LIMITS.onlineWaitMs,
      timeoutCode: 'DEADLINE_PASSED',
      subject: udn,
    }),
  )
}

const retrieve = async (tools: FetchLogTools, ctx: StepContext): Promise<void> => {
  const { added, lost } = await readOn(tools, ctx)
  ctx.note(lost > 0 ? jobNote('records-lost', { count: added, lost }) : jobNote('records', { count: added }))
}

/** Reads page after page to what was the end when it began: a device that writes faster than it is read has no other. */
const readOn = async (
  tools: FetchLogTools,
  ctx: StepContext,
): Promise<{ readonly added: number; readonly lost: number }> => {
  const udn = ctx.job.subject
  const sum = { added: 0, lost: 0 }
  let last: TakenPage | undefined
  let goal = 0
  let logs = 0
  for (;;) {
    const page = await insist(tools, ctx, () => takePage(tools, udn, ctx.signal))
    sum.added += page.added
    sum.lost += page.lost
    if (page.logId !== last?.logId) {
      goal = page.newest
      logs += 1
      if (logs > LOGS_MAX)
        throw new IotmcError('BAD_ANSWER', { subject: udn, detail: 'another log each time' })
    } else if (page.through === last.through)
      throw new IotmcError('BAD_ANSWER', { subject: udn, detail: 'the log gets no further' })
    last = page
    ctx.progress(page.through, Math.max(goal, page.through))
    if (!page.more || page.through >= goal) break
  }
  tools.store.noteFetched(udn, last.logId, tools.clock.now())
  return sum
}

const clear = async (tools: FetchLogTools, ctx: StepContext): Promise<void> => {
  const udn = ctx.job.subject
  for (let tries = 1; ; tries += 1) {
    // Asked of the store each time: nothing is cleared because somebody remembers to have fetched it.
    const stand = tools.store.stand(udn)
    if (!stand || stand.through <= stand.clearedThrough) return ctx.skip()
    const { logId, through } = stand
    const args = { LogId: logId, ThroughSequence: String(through) }
    try {
      await insist(tools, ctx, () =>
        toItsEnd(tools.clock, ctx.signal, (signal) => tools.call(udn, 'ClearDiagnosticsLog', args, signal)),
      )
      tools.store.noteCleared(udn, logId, through, tools.clock.now())
      tools.cleared(udn, through)
      ctx.note(jobNote('cleared-through', { number: through }))
      return
    } catch (thrown) {
      const { code } = asIotmcError(thrown)
      if (tries >= CLEAR_TRIES || (code !== 'NOT_RETRIEVED' && code !== 'LOG_RANGE_GONE')) throw thrown
      // The device does not know of our reading (741), or has another log by now (740).
      if (code === 'NOT_RETRIEVED') await readAgain(tools, ctx)
      else await readOn(tools, ctx)
    }
  }
}

/** A cancel comes between two calls: what the device has cleared is noted. A call that hangs, or a stop, breaks off. */
const toItsEnd = async <T>(
  clock: Clock,
  asked: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  if (asked.aborted) throw asked.reason
  const breaker = new AbortController()
  let undo = (): void => undefined
  const onAbort = (): void => {
    const stopped = asIotmcError(asked.reason).code === 'INTERRUPTED'
    undo = clock.setTimer(() => breaker.abort(asked.reason), stopped ? 0 : ANSWER_MS)
  }
  asked.addEventListener('abort', onAbort, { once: true })
  try {
    return await call(breaker.signal)
  } finally {
    asked.removeEventListener('abort', onAbort)
    undo()
  }
}

/** From its oldest record to its newest, without a gap, whatever is stored: the device keeps account of that. */
const readAgain = async (tools: FetchLogTools, ctx: StepContext): Promise<void> => {
  const udn = ctx.job.subject
  let after = 0
  let goal = 0
  for (;;) {
    const from = after
    const page = await insist(tools, ctx, () => takePage(tools, udn, ctx.signal, from))
    if (from === 0) goal = page.newest
    if (!page.more || page.last <= from || page.last >= goal) return
    after = page.last
  }
}

/** What the device holds begins behind what was cleared. Errors: READ_BACK_DIFFERS. */
const readBack = async (tools: FetchLogTools, ctx: StepContext, clearing: boolean): Promise<void> => {
  const udn = ctx.job.subject
  const before = tools.store.stand(udn)
  const page = await insist(tools, ctx, () => takePage(tools, udn, ctx.signal))
  const held = before?.logId === page.logId ? before : undefined
  if (clearing && held && page.oldest <= held.clearedThrough && page.newest > 0)
    throw new IotmcError('READ_BACK_DIFFERS', {
      subject: udn,
      detail: `the device still has ${page.oldest}, cleared was through ${held.clearedThrough}`,
    })
  ctx.note(
    page.newest >= page.oldest && page.newest > 0
      ? jobNote('records-there', { from: page.oldest, to: page.newest })
      : jobNote('no-records'),
  )
}

/** Repeats what fails by itself, without a slot while the device is away. Errors: CANCELLED, what does not pass. */
const insist = async <T>(tools: FetchLogTools, ctx: StepContext, work: () => Promise<T>): Promise<T> => {
  const sinceMs = tools.clock.now()
  for (;;) {
    try {
      return await work()
    } catch (thrown) {
      const { code } = asIotmcError(thrown)
      // CANCELLED with a signal that stands is the end of somebody else's use of the same line.
      if (ctx.signal.aborted || !PASSING.has(code)) throw thrown
      if (tools.isOnline(ctx.job.subject) && tools.clock.now() - sinceMs > PATIENCE_MS) throw thrown
    }
    await delay(tools.clock, AGAIN_MS, ctx.signal)
    await find(tools, ctx)
  }
}
