/** Waiting for the jobs that a device's work is made of, without a slot. */
import { IotmcError } from '../contract/errors'
import { isEnded } from '../contract/job'
import type { ApplyTools } from './apply-tools'
import type { StepContext } from './step'
import { waitFor } from './wait'

/** Until `ready` has the fact. A person who cancels the whole cancels its running part too. */
const held = async <T>(
  tools: ApplyTools,
  ctx: StepContext,
  ready: () => T | undefined,
  child: () => string | undefined,
): Promise<T> => {
  const { signal, job } = ctx
  const onChange = (listener: () => void) => tools.onWake(job.subject, listener)
  try {
    return await ctx.hold('waiting', () => waitFor({ ready, onChange, signal }))
  } catch (thrown) {
    const id = child()
    const { reason } = signal
    if (signal.aborted && reason instanceof IotmcError && reason.code === 'CANCELLED' && id) tools.cancel(id)
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
  const { state, error } = await held(tools, ctx, ended, () => (ended() ? undefined : id))
  if (state === 'done') return
  const { code = 'CANCELLED' as const, detail } = error ?? {}
  throw new IotmcError(code, { subject: ctx.job.subject, ...(detail ? { detail } : {}) })
}

/** Until the rollout is through with the device. Errors: how it failed, ROLLED_BACK, CANCELLED. */
export const awaitUpdate = async (tools: ApplyTools, ctx: StepContext): Promise<void> => {
  const { subject } = ctx.job
  const stand = () => tools.updateOf(subject)
  const ended = () => {
    const now = stand()
    return !now || now.ended ? { now } : undefined
  }
  const { now } = await held(tools, ctx, ended, () => stand()?.jobId)
  if (!now) throw new IotmcError('ROLLOUT_UNKNOWN', { subject })
  if (!now.error) return
  const { code, detail } = now.error
  throw new IotmcError(code, { subject, ...(detail ? { detail } : {}) })
}
