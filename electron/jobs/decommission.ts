/**
 * The end of a device's life at this site (docs/protocol.md §13): it is revoked whether it can be reached or not, wiped when
 * it can, and its word for it is checked. Each step looks at the record first, which is written before the device is told
 * anything, so that a repeated order is the same order.
 */

import type { DecommissionRecord } from '../contract/decommission'
import { asIotmcError, type ErrorCode, IotmcError } from '../contract/errors'
import type { Job } from '../contract/job'
import { jobNote } from '../contract/job-notes'
import { type Clock, delay } from '../net/clock'
import type { KeptDecommission } from '../store/tables/decommissions'
import type { WipeAnswer } from './decommission-proof'
import type { StepContext, StepPlan } from './step'
import { waitFor } from './wait'

type Proof = NonNullable<DecommissionRecord['proof']>
type Certificate = NonNullable<DecommissionRecord['certificate']>

/** What the decommissioning of a device needs of the site. */
export interface DecommissionTools {
  readonly clock: Clock
  isOnline(udn: string): boolean
  /** Calls back when the presence of this device has changed, or an event of it has come. */
  onWake(udn: string, listener: () => void): () => void
  /** The job's record; made, durably, where there is none. */
  record(job: Job): KeptDecommission
  /** Durable when it returns. */
  keep(record: KeptDecommission): void
  /** Ends the device's other jobs and takes it out of rollouts; waits for nothing. */
  freeze(job: Job): void
  /** Revoked durably, and honoured here, when it resolves; what is revoked of it by now. */
  revoke(job: Job, record: KeptDecommission, signal: AbortSignal): Promise<DecommissionRecord['revoked']>
  /** CRLNumber of a published list that has all of it. */
  publish(record: KeptDecommission, signal: AbortSignal): Promise<number>
  /** What the device answers to the order, or has answered to it before. */
  wipe(record: KeptDecommission, signal: AbortSignal): Promise<WipeAnswer>
  /** Whether there is a factory certificate of the device to check its proof against. */
  hasIdentity(record: KeptDecommission): boolean
  /** Has the device show its factory certificate, and say its last word once more. */
  see(record: KeptDecommission, signal: AbortSignal): Promise<WipeAnswer>
  /** Errors: PROOF_INVALID, IDENTITY_*. */
  check(record: KeptDecommission, answer: WipeAnswer): { readonly proof: Proof; readonly idevid: string }
  /** Makes and keeps the certificate; gives the one that there is where it was made before. */
  certify(record: KeptDecommission): Promise<Certificate>
}

/** The steps of `JOB_STEPS.decommission`, bound to one job. */
export const decommissionPlan = (tools: DecommissionTools): readonly StepPlan[] => {
  // What was revoked stays so: up to there a job may be called off, behind it only what waits for the device.
  const step = (name: StepPlan['name'], cancellable: boolean, run: Run): StepPlan => ({
    name,
    cancellable,
    run: (ctx) => run(tools, ctx),
  })
  return [
    step('freeze', true, freeze),
    step('revoke', false, revoke),
    step('publish', false, publish),
    step('find', true, find),
    step('wipe', true, wipe),
    step('prove', true, prove),
    step('certify', false, certify),
  ]
}

type Run = (tools: DecommissionTools, ctx: StepContext) => Promise<void>

/** Errors that end by themselves: the device is off, restarts, or its line broke. */
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
/** Its disk is full, or refuses for another reason: it goes on with the order when it is repeated, or at its next start. */
const PASSING_IN_WIPE: ReadonlySet<ErrorCode> = new Set([...PASSING, 'ACTION_FAILED'])
const AGAIN_MS = 2_000
/** After so many tries the slot is left to others between them. */
const TRIES_WITH_SLOT = 5
const AGAIN_SLOWLY_MS = 30_000

const freeze: Run = async (tools, ctx) => {
  const record = tools.record(ctx.job)
  tools.freeze(ctx.job)
  if (record.state === 'ordered') tools.keep({ ...record, state: 'frozen' })
}

const revoke: Run = async (tools, ctx) => {
  const record = tools.record(ctx.job)
  const revoked = await tools.revoke(ctx.job, record, ctx.signal)
  tools.keep({
    ...tools.record(ctx.job),
    ...(isBefore(record, 'revoked') ? { state: 'revoked' } : {}),
    revoked,
  })
  ctx.note(`${revoked.filter(({ kind }) => kind === 'LDevID').length} LDevID`)
}

const publish: Run = async (tools, ctx) => {
  const crlNumber = await tools.publish(tools.record(ctx.job), ctx.signal)
  tools.keep({ ...tools.record(ctx.job), crlNumber })
  ctx.note(`CRL ${crlNumber}`)
}

const find: Run = async (tools, ctx) => {
  const record = tools.record(ctx.job)
  if (record.answer || record.proof) return ctx.skip()
  await untilOnline(tools, ctx)
}

const wipe: Run = async (tools, ctx) => {
  const record = tools.record(ctx.job)
  if (record.answer || record.proof) return
  const order = () => tools.wipe(tools.record(ctx.job), ctx.signal)
  const answer = await patiently(tools, ctx, order, PASSING_IN_WIPE)
  tools.keep(told({ ...tools.record(ctx.job), answer, state: 'wiped' }))
}

const prove: Run = async (tools, ctx) => {
  const record = tools.record(ctx.job)
  if (record.proof) return
  const { proof, idevid } = await checked(tools, ctx, record)
  tools.keep(told({ ...tools.record(ctx.job), state: 'proven', proof, idevid }))
  ctx.note(`IDevID ${idevid.slice(0, 16)}`)
}

const certify: Run = async (tools, ctx) => {
  const record = tools.record(ctx.job)
  const certificate = record.certificate ?? (await tools.certify(record))
  tools.keep(told({ ...tools.record(ctx.job), state: 'certified', certificate }))
  ctx.note(jobNote('certificate', { number: certificate.sequence }))
}

/** What is on record first; where that does not hold, or there is nothing to hold it against, the device is asked again. */
const checked = async (tools: DecommissionTools, ctx: StepContext, record: KeptDecommission) => {
  if (record.answer && tools.hasIdentity(record)) {
    try {
      return tools.check(record, record.answer)
    } catch {
      // Maybe only what was kept is wrong: the device says it once more below.
    }
  }
  const answer = await patiently(tools, ctx, () => tools.see(tools.record(ctx.job), ctx.signal))
  const seen = tools.check(tools.record(ctx.job), answer)
  tools.keep({ ...tools.record(ctx.job), answer })
  return seen
}

const ORDER: readonly DecommissionRecord['state'][] = ['ordered', 'frozen', 'revoked']
const isBefore = ({ state }: KeptDecommission, than: DecommissionRecord['state']): boolean =>
  ORDER.includes(state) && ORDER.indexOf(state) < ORDER.indexOf(than)

/** Without the trouble that it had on the way. */
const told = ({ error: _, ...record }: KeptDecommission): KeptDecommission => record

/** There is no deadline: a device that comes back after a year is wiped then. */
const untilOnline = async (tools: DecommissionTools, ctx: StepContext): Promise<void> => {
  const udn = ctx.job.subject
  if (tools.isOnline(udn)) return
  queue(tools, ctx, 'DEVICE_OFFLINE')
  await ctx.hold('waiting', () =>
    waitFor({
      ready: () => tools.isOnline(udn) || undefined,
      onChange: (listener) => tools.onWake(udn, listener),
      signal: ctx.signal,
      subject: udn,
    }),
  )
}

/** Revoked, and to be wiped when it can be reached; says why it can't now, once. */
const queue = (tools: DecommissionTools, ctx: StepContext, code: ErrorCode, detail?: string): void => {
  const record = tools.record(ctx.job)
  const state = record.state === 'revoked' ? 'queued' : record.state
  if (state === record.state && record.error?.code === code) return
  tools.keep({ ...record, state, error: { code, ...(detail ? { detail } : {}) } })
}

/** Does `act` until it succeeds, however long its passing errors last. Errors: CANCELLED, those that do not pass. */
const patiently = async <T>(
  tools: DecommissionTools,
  ctx: StepContext,
  act: () => Promise<T>,
  passing = PASSING,
): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    await untilOnline(tools, ctx)
    try {
      return await act()
    } catch (thrown) {
      const { code, detail } = asIotmcError(thrown)
      if (ctx.signal.aborted || !passing.has(code)) throw thrown
      queue(tools, ctx, code, detail)
    }
    if (tries < TRIES_WITH_SLOT) await wake(tools, ctx, AGAIN_MS)
    else await ctx.hold('waiting', () => wake(tools, ctx, AGAIN_SLOWLY_MS))
  }
}

/** Resolves when the device has something to say, or after `ms`. Errors: CANCELLED. */
const wake = async (tools: DecommissionTools, ctx: StepContext, ms: number): Promise<void> => {
  const woken = new AbortController()
  const off = tools.onWake(ctx.job.subject, () => woken.abort())
  try {
    await delay(tools.clock, ms, AbortSignal.any([woken.signal, ctx.signal])).catch(() => undefined)
  } finally {
    off()
  }
  if (ctx.signal.aborted) throw new IotmcError('CANCELLED', { subject: ctx.job.subject })
}
