/** The first steps of an update: the device is found, held against the firmware again, and told of it. */
import type { ErrorCode } from '../contract/errors'
import { IotmcError } from '../contract/errors'
import type { BankStatus, UnfitReason } from '../contract/firmware'
import { JOB_LIMITS, UPDATE_DEADLINES } from '../contract/timings'
import { fitOf } from '../firmware/fit'
import type { LifecycleState } from './device-link'
import type { StepContext } from './step'
import { insist } from './update-follow'
import { isAtLeast, stageOf, type Wanted } from './update-state'
import type { UpdateTools } from './update-tools'
import { waitFor } from './wait'

/** Holds until the device is online. Errors: DEADLINE_PASSED after a day. */
export const find = async (tools: UpdateTools, ctx: StepContext): Promise<void> => {
  const udn = ctx.job.subject
  if (tools.isOnline(udn)) return
  const deadlineMs = tools.clock.now() + JOB_LIMITS.onlineWaitMs
  tools.tell(ctx.job, { state: 'held', deadlineMs })
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

const UNFIT_CODES: Readonly<Record<UnfitReason, ErrorCode>> = {
  'not-managed': 'DEVICE_NOT_MANAGED',
  'not-enrolled': 'WRONG_PHASE',
  offline: 'DEVICE_OFFLINE',
  'no-ota': 'INVALID_ACTION',
  'wrong-model': 'WRONG_MODEL',
  'wrong-revision': 'WRONG_MODEL',
  'same-version': 'DOWNGRADE_REFUSED',
  'lower-version': 'DOWNGRADE_REFUSED',
  'security-version': 'SECURITY_VERSION_TOO_LOW',
  'update-running': 'BUSY',
  'bundle-problem': 'BUNDLE_INVALID',
  'unknown-state': 'BAD_ANSWER',
}

/** What the wizard judged may have changed since. Errors: one code per cause. `already` = it runs there for good. */
export const checkFit = async (
  tools: UpdateTools,
  wanted: Wanted,
  ctx: StepContext,
): Promise<'already' | 'fits'> =>
  insist(tools, ctx, UPDATE_DEADLINES.scheduleMs, async () => {
    const udn = ctx.job.subject
    const { manifest } = tools.orderOf(ctx.job)
    const state = await tools.state(udn, ctx.signal)
    const status = await tools.status(udn, ctx.signal)
    tools.tell(ctx.job, { state: 'waiting', status })
    const stage = stageOf(status, wanted)
    if (stage === 'confirmed') return 'already'
    // What is under way there already was judged when it was planned.
    if (isAtLeast(stage, 'scheduled')) return 'fits'
    tools.requireBundle(ctx.job)
    if (state.phase !== 'operation' && state.phase !== 'maintenance')
      throw new IotmcError('WRONG_PHASE', { subject: udn, detail: state.phase })
    const fit = fitOf(factsOf(udn, state, status), manifest)
    if (!fit.fits && fit.reason)
      throw new IotmcError(UNFIT_CODES[fit.reason], { subject: udn, detail: fit.reason })
    return 'fits'
  })

const factsOf = (udn: string, state: LifecycleState, status: BankStatus) => ({
  udn,
  managed: true,
  enrolled: true,
  online: true,
  ota: true,
  model: state.model,
  hardwareRevision: state.hardwareRevision,
  firmwareVersion: state.firmwareVersion,
  securityVersion: status.securityVersion,
  updateState: status.update?.state ?? 'idle',
})

/** Waits for the rollout's word, holding no slot meanwhile. Errors: CANCELLED. */
export const passGate = async (
  tools: UpdateTools,
  ctx: StepContext,
  may: 'mayDownload' | 'mayActivate',
): Promise<void> => {
  const ready = () => tools.gate[may](ctx.job) || undefined
  if (ready()) return
  await ctx.hold('waiting', () =>
    waitFor({ ready, onChange: (listener) => tools.gate.onChange(listener), signal: ctx.signal }),
  )
}

/** Plans the update on the device, unless it is planned there; gives its id. `already` as in `checkFit`. */
export const schedule = async (
  tools: UpdateTools,
  wanted: Wanted,
  ctx: StepContext,
): Promise<{ readonly updateId: string } | 'already'> => {
  await passGate(tools, ctx, 'mayDownload')
  const udn = ctx.job.subject
  return insist(tools, ctx, UPDATE_DEADLINES.scheduleMs, async () => {
    const status = await tools.status(udn, ctx.signal)
    tools.tell(ctx.job, { state: 'waiting', status })
    const stage = stageOf(status, wanted)
    if (stage === 'confirmed') return 'already'
    const planned = status.update
    const stands = isAtLeast(stage, 'rebooting') || planned?.activation === 'hold'
    if (planned && isAtLeast(stage, 'scheduled') && stands) return { updateId: planned.updateId }
    tools.requireBundle(ctx.job)
    const times = { StartTime: '', ActivationTime: 'hold' }
    const answer = await tools.call(
      udn,
      'ScheduleFirmwareUpdate',
      { Version: wanted.version, ...times },
      ctx.signal,
    )
    if (!answer.UpdateId) throw new IotmcError('BAD_ANSWER', { subject: udn, detail: 'no UpdateId' })
    return { updateId: answer.UpdateId }
  })
}
