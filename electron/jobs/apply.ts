/**
 * One device brought to what the site plan says. Each step asks the device where it stands; what is there already is
 * skipped, so that any step may be repeated after a kill. The parts are jobs of their own, for which this one waits.
 */

import { assignGroup } from '../configuration/client'
import { ERROR_CODES, IotmcError } from '../contract/errors'
import type { Job } from '../contract/job'
import { jobNote } from '../contract/job-notes'
import { CONFIGURE_LIMITS } from '../contract/timings'
import { awaitJob, awaitUpdate } from './apply-children'
import { lookAt, requireMeant, requireSeen, requireWords, type Standing, unequalValues } from './apply-look'
import { type ApplyOrder, type ApplyTools, attemptOf, isMember } from './apply-tools'
import type { StepContext, StepPlan } from './step'
import { insist } from './update-follow'
import { waitFor } from './wait'

export { type ApplyOrder, type ApplyTools, attemptOf, type UpdateStand } from './apply-tools'

/** Parameters of a job of the kind `apply`. */
export const applyParams = (work: string) => ({ work })

type Run = (tools: ApplyTools, order: ApplyOrder, ctx: StepContext) => Promise<void>

/** The steps of `JOB_STEPS.apply`, bound to one job. */
export const applyPlan = (tools: ApplyTools): readonly StepPlan[] => {
  const step = (name: StepPlan['name'], run: Run): StepPlan => ({
    name,
    cancellable: true,
    run: async (ctx) => run(tools, tools.orderOf(ctx.job), ctx),
  })
  return [
    { name: 'find', cancellable: true, run: (ctx) => find(tools, ctx) },
    step('compare', compare),
    step('commission', commission),
    step('describe', describe),
    step('assign-group', assign),
    step('configure', configure),
    step('update', update),
    step('read-back', readBack),
  ]
}

/** An offline device is held for as long as it takes. */
const find = async (tools: ApplyTools, ctx: StepContext): Promise<void> => {
  const udn = ctx.job.subject
  if (tools.isOnline(udn)) return
  await ctx.hold('waiting', () =>
    waitFor({
      ready: () => tools.isOnline(udn) || undefined,
      onChange: (listener) => tools.onWake(udn, listener),
      signal: ctx.signal,
    }),
  )
}

/** What a device answers, asked until it can be heard; it may just change its certificate, or restart. */
const ask = async <T>(tools: ApplyTools, ctx: StepContext, question: () => Promise<T>): Promise<T> => {
  await find(tools, ctx)
  return insist(tools, ctx, CONFIGURE_LIMITS.reachMs, question)
}

const look = (tools: ApplyTools, order: ApplyOrder, ctx: StepContext): Promise<Standing> =>
  ask(tools, ctx, () => lookAt(tools, order, ctx.job.subject, ctx.signal))

/** Days may lie between two steps, and a person may retry a job much later: asked before each act. Errors: PLAN_STALE. */
const requireCurrent = (tools: ApplyTools, { job }: StepContext): void => {
  if (tools.isStale(job))
    throw new IotmcError('PLAN_STALE', { subject: job.subject, detail: 'the plan or its group was changed' })
}

const compare: Run = async (tools, order, ctx) => {
  const udn = ctx.job.subject
  const check = await ask(tools, ctx, () => tools.link.verify(udn, ctx.signal))
  if (!check.trusted) {
    const code = ERROR_CODES.find((each) => each === check.code) ?? 'IDENTITY_NOT_TRUSTED'
    throw new IotmcError(code, { subject: udn })
  }
  const standing = await look(tools, order, ctx)
  // The certificate of a member is this site's: its factory certificate was proven when it enrolled.
  const identity = check.kind === 'IDevID' ? check.chain.at(-1)?.fingerprint : tools.identityOf(udn)
  requireMeant(udn, order, standing.state, identity)
  requireCurrent(tools, ctx)
  requireSeen(udn, order, standing)
  requireWords(udn, order, tools.wordsOf(udn))
  ctx.note(standing.state.phase)
}

const commission: Run = async (tools, order, ctx) => {
  const udn = ctx.job.subject
  const state = await ask(tools, ctx, () => tools.link.state(udn, ctx.signal))
  // One that has just been let in is not through with it before its job says so.
  const child = tools.activeJob('commission', udn)
  if (isMember(state) && !child) return ctx.skip()
  if (!child) requireCurrent(tools, ctx)
  await awaitJob(tools, ctx, child ?? tools.commission(ctx.job, order))
}

const describe: Run = async (tools, order, ctx) => {
  const { name, place, note } = order.entry
  const words = { ...(name ? { name } : {}), ...(place ? { place } : {}), ...(note ? { note } : {}) }
  if (Object.keys(words).length === 0) return ctx.skip()
  requireCurrent(tools, ctx)
  requireWords(ctx.job.subject, order, tools.wordsOf(ctx.job.subject))
  tools.describe(ctx.job.subject, words)
  ctx.note(Object.keys(words).join(', '))
}

const assign: Run = async (tools, { entry: { group } }, ctx) => {
  const udn = ctx.job.subject
  if (!group) return ctx.skip()
  const state = await ask(tools, ctx, () => tools.link.state(udn, ctx.signal))
  if (state.group === group) ctx.skip()
  else
    await ask(tools, ctx, () => {
      requireCurrent(tools, ctx)
      return assignGroup(tools.link, udn, group, ctx.signal)
    })
  // The record follows the device, also where a kill came between the two.
  tools.moved(udn, group)
  ctx.note(group)
}

const configure: Run = async (tools, order, ctx) => {
  const udn = ctx.job.subject
  if (Object.keys(order.values).length === 0) return ctx.skip()
  const before = tools.activeJob('configure', udn)
  // Whose ever it is, and however it ends: the device is asked afterwards.
  if (before) await awaitJob(tools, ctx, before).catch(unlessStopped(ctx))
  const standing = await look(tools, order, ctx)
  const names = unequalValues(standing, order.values)
  if (names.length === 0) return before ? undefined : ctx.skip()
  requireCurrent(tools, ctx)
  requireSeen(udn, order, standing)
  const child = await ctx.hold('waiting', () =>
    tools.configure(ctx.job, standing.fits(order.values), ctx.signal),
  )
  if (child) await awaitJob(tools, ctx, child)
  ctx.note(jobNote('parameters', { count: names.length }))
}

const update: Run = async (tools, { entry: { firmware } }, ctx) => {
  const udn = ctx.job.subject
  if (!firmware) return ctx.skip()
  const under = tools.updateOf(udn)
  if (under && !under.ended) await awaitUpdate(tools, ctx).catch(unlessStopped(ctx))
  const { firmwareVersion, model } = await ask(tools, ctx, () => tools.link.state(udn, ctx.signal))
  if (firmwareVersion === firmware) return under ? undefined : ctx.skip()
  // Begun for this attempt already, before a kill: however it has ended, it is not begun once more.
  const begun = tools.updateOf(udn)
  if (begun?.askedBy === attemptOf(ctx.job)) return awaitUpdate(tools, ctx)
  requireCurrent(tools, ctx)
  await ctx.hold('waiting', () => tools.update(ctx.job, { model, version: firmware }, ctx.signal))
  await awaitUpdate(tools, ctx)
  ctx.note(firmware)
}

/** A child that failed is not the end where the device itself is asked next. */
const unlessStopped = (ctx: StepContext) => (thrown: unknown) => {
  if (ctx.signal.aborted) throw thrown
}

const readBack: Run = async (tools, order, ctx) => {
  const { job } = ctx
  const standing = await look(tools, order, ctx)
  const { state, running } = standing
  const { group, firmware } = order.entry
  const wrong = [
    isMember(state) ? '' : `phase ${state.phase}`,
    !group || state.group === group ? '' : `group ${state.group}`,
    !firmware || state.firmwareVersion === firmware ? '' : `firmware ${state.firmwareVersion}`,
    ...unequalValues(standing, order.values).slice(0, 5),
  ].filter((each) => each !== '')
  if (wrong.length > 0)
    throw new IotmcError('READ_BACK_DIFFERS', { subject: job.subject, detail: wrong.join(', ') })
  const { firmwareVersion, configurationVersion } = state
  const known = { firmwareVersion, configurationVersion: running?.version ?? configurationVersion }
  tools.succeeded(job, known, running && { running, parameters: standing.parameters })
  ctx.note(state.group)
}

/** The work that a job belongs to. */
export const workOf = (job: Job): string => job.params.work ?? ''
