/** Waiting for the jobs that a device's work is made of, without a slot. */

import { IotmcError } from '../contract/errors'
import { isEnded } from '../contract/job'
import { jobNote } from '../contract/job-notes'
import { type ApplyTools, attemptOf, type UpdateStand } from './apply-tools'
import type { StepContext } from './step'
import { waitFor } from './wait'

/** Until `ready` has the fact. A person who cancels the whole cancels with `end` its running part too. */
const held = async <T>(
  tools: ApplyTools,
  ctx: StepContext,
  ready: () => T | undefined,
  end: () => void,
): Promise<T> => {
  const { signal, job } = ctx
  const onChange = (listener: () => void) => tools.onWake(job.subject, listener)
  try {
    return await ctx.hold('waiting', () => waitFor({ ready, onChange, signal }))
  } catch (thrown) {
    const { reason } = signal
    if (signal.aborted && reason instanceof IotmcError && reason.code === 'CANCELLED') end()
    throw thrown
  }
}

/** Errors: how it failed, CANCELLED, JOB_UNKNOWN when somebody has cleared it away. */
export const awaitJob = async (tools: ApplyTools, ctx: StepContext, id: string): Promise<void> => {
  const ended = () => {
    const job = tools.job(id)
    if (!job) throw new IotmcError('JOB_UNKNOWN', { subject: id })
    return isEnded(job.state) ? job : undefined
  }
  const cancel = () => {
    // A job that was there before, or that a person asked for, goes on.
    const job = tools.job(id)
    if (job && !isEnded(job.state) && job.batch === ctx.job.batch) tools.cancel(id)
  }
  const { state, error } = await held(tools, ctx, ended, cancel)
  if (state === 'done') return
  const { code = 'CANCELLED' as const, detail } = error ?? {}
  throw new IotmcError(code, { subject: ctx.job.subject, ...(detail ? { detail } : {}) })
}

/** Until the rollout is through with the device. Errors: how it failed, ROLLED_BACK, CANCELLED. */
export const awaitUpdate = async (tools: ApplyTools, ctx: StepContext): Promise<void> => {
  const { subject } = ctx.job
  const stand = () => tools.updateOf(subject)
  let told: UpdateStand['paused']
  const tellPause = (now: UpdateStand | undefined) => {
    const paused = now?.ended ? undefined : now?.paused
    if (paused === told) return
    told = paused
    ctx.note(jobNote(paused ? `rollout-paused-${paused}` : 'rollout-goes-on'))
  }
  const ended = () => {
    const now = stand()
    tellPause(now)
    return !now || now.ended ? { now } : undefined
  }
  const cancel = () => {
    const now = stand()
    if (now?.ended !== false || now.askedBy !== attemptOf(ctx.job)) return
    if (now.jobId) tools.cancel(now.jobId)
    else tools.leaveRollout(subject)
  }
  const { now } = await held(tools, ctx, ended, cancel)
  if (!now) throw new IotmcError('ROLLOUT_UNKNOWN', { subject })
  if (!now.error) return
  const { code, detail } = now.error
  throw new IotmcError(code, { subject, ...(detail ? { detail } : {}) })
}
