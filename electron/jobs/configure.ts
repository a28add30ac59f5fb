/**
 * A change of configuration on one device, or its way back, as part of a plan (docs/protocol.md §6). Each step asks the
 * device where it stands, so that it may be repeated, and a device is told nothing twice after a kill at any point.
 */

import { type RunningConfiguration, readConfiguration } from '../configuration/client'
import { backStandOf, type PlanOrder, standOf, unequal, valuesBefore } from '../configuration/plan'
import type { Values } from '../contract/configuration'
import { IotmcError } from '../contract/errors'
import type { Job } from '../contract/job'
import { jobNote } from '../contract/job-notes'
import { CONFIGURE_LIMITS, JOB_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'
import type { DeviceLink } from './device-link'
import type { StepContext, StepPlan } from './step'
import { insist } from './update-follow'
import { waitFor } from './wait'

/** What a change of configuration needs of the site. */
export interface ConfigureTools {
  readonly clock: Clock
  readonly link: Pick<DeviceLink, 'call'>
  isOnline(udn: string): boolean
  /** Calls back when the presence of this device has changed, or an event of it has come. */
  onWake(udn: string, listener: () => void): () => void
  /** The plan's part for this device. Errors: PLAN_UNKNOWN. */
  orderOf(job: Job): PlanOrder
  /** What was read back: kept durably before the job counts as done. */
  succeeded(job: Job, running: RunningConfiguration): void
}

export type ConfigureDirection = 'apply' | 'rollback'

/** Parameters of a job of the kind `configure`. */
export const configureParams = (plan: string, direction: ConfigureDirection) => ({ plan, direction })

export const directionOf = (job: Job): ConfigureDirection =>
  job.params.direction === 'rollback' ? 'rollback' : 'apply'

/** The steps of `JOB_STEPS.configure`, bound to one job. */
export const configurePlan = (tools: ConfigureTools, job: Job): readonly StepPlan[] => {
  const way = directionOf(job) === 'rollback' ? BACK : THERE
  // After a restart of the program the device has to be heard again before any step can speak to it.
  const step = (name: StepPlan['name'], run: Run): StepPlan => ({
    name,
    cancellable: true,
    run: async (ctx) => {
      await find(tools, ctx)
      const order = tools.orderOf(ctx.job)
      await insist(tools, ctx, CONFIGURE_LIMITS.reachMs, () => run(tools, order, ctx))
    },
  })
  return [
    { name: 'find', cancellable: true, run: (ctx) => find(tools, ctx) },
    step('compare', way.compare),
    step('apply', way.apply),
    step('read-back', way.readBack),
  ]
}

type Run = (tools: ConfigureTools, order: PlanOrder, ctx: StepContext) => Promise<void>

const find = async (tools: ConfigureTools, ctx: StepContext): Promise<void> => {
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

const call =
  (tools: ConfigureTools, ctx: StepContext) => (action: string, args: Readonly<Record<string, string>>) =>
    tools.link.call(ctx.job.subject, 'Configuration', action, args, ctx.signal)

const ask = (tools: ConfigureTools, ctx: StepContext): Promise<RunningConfiguration> =>
  readConfiguration(
    (service, action, args, signal) => tools.link.call(ctx.job.subject, service, action, args, signal),
    ctx.signal,
  )

const set = (tools: ConfigureTools, ctx: StepContext, version: number, values: Values) =>
  call(tools, ctx)('SetValues', { ConfigurationVersion: String(version), Values: JSON.stringify(values) })

const stale = (ctx: StepContext, version: number): IotmcError =>
  new IotmcError('PLAN_STALE', { subject: ctx.job.subject, detail: `it runs version ${version}` })

const THERE: Record<'compare' | 'apply' | 'readBack', Run> = {
  compare: async (tools, order, ctx) => {
    const running = await ask(tools, ctx)
    const stand = standOf(order, running)
    if (stand === 'other') throw stale(ctx, running.version)
    // Later steps know by this note, which is committed before anything is sent, whether this job was to change it.
    if (stand === 'wanted') ctx.note(jobNote('version-already', { version: running.version }))
    else ctx.note(jobNote('version-change', { from: running.version, to: order.wanted.version }))
  },
  apply: async (tools, order, ctx) => {
    const running = await ask(tools, ctx)
    const stand = standOf(order, running)
    if (stand === 'other') throw stale(ctx, running.version)
    if (stand === 'wanted') return wasThere(ctx) ? ctx.skip() : undefined
    await set(tools, ctx, order.wanted.version, order.wanted.values)
    ctx.note(jobNote('parameters', { count: Object.keys(order.wanted.values).length }))
  },
  readBack: async (tools, order, ctx) => {
    const running = await ask(tools, ctx)
    const wrong = unequal(order.before.types, order.wanted.values, running.values)
    if (wrong.length > 0) throw differs(ctx, wrong.slice(0, 5).join(', '))
    if (running.version !== order.wanted.version && !wasThere(ctx))
      throw differs(ctx, `version ${running.version} instead of ${order.wanted.version}`)
    ctx.note(jobNote('version', { version: running.version }))
    tools.succeeded(ctx.job, running)
  },
}

const BACK: typeof THERE = {
  compare: async (tools, order, ctx) => {
    const running = await ask(tools, ctx)
    const stand = backStandOf(order, running)
    if (stand === 'other') throw stale(ctx, running.version)
    if (stand === 'before') ctx.note(jobNote('version-already', { version: running.version }))
    else if (stand === 'applied')
      ctx.note(jobNote('version-change', { from: running.version, to: order.before.version }))
    else ctx.note(jobNote('version-change', { from: running.version, to: running.version + 1 }))
  },
  apply: async (tools, order, ctx) => {
    let running = await ask(tools, ctx)
    const stand = backStandOf(order, running)
    if (stand === 'other') throw stale(ctx, running.version)
    if (stand === 'before') return wasThere(ctx) ? ctx.skip() : undefined
    if (stand === 'applied') {
      await call(tools, ctx)('Rollback', {})
      running = await ask(tools, ctx)
      if (backStandOf(order, running) === 'before') return ctx.note(jobNote('rolled-back'))
    }
    // The device's own step back is not the one that the plan needs: the values are put back by name.
    await set(tools, ctx, running.version + 1, valuesBefore(order))
    ctx.note(jobNote('parameters', { count: Object.keys(order.wanted.values).length }))
  },
  readBack: async (tools, order, ctx) => {
    const running = await ask(tools, ctx)
    const wrong = unequal(order.before.types, valuesBefore(order), running.values)
    if (wrong.length > 0) throw differs(ctx, wrong.slice(0, 5).join(', '))
    ctx.note(jobNote('version', { version: running.version }))
    tools.succeeded(ctx.job, running)
  },
}

const ALREADY = 'already, version'

/** Whether the device was there before this job told it anything. */
const wasThere = (ctx: StepContext): boolean =>
  ctx.job.steps.find((step) => step.name === 'compare')?.note?.startsWith(ALREADY) ?? false

const differs = (ctx: StepContext, detail: string): IotmcError =>
  new IotmcError('READ_BACK_DIFFERS', { subject: ctx.job.subject, detail })
