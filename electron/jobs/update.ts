/**
 * The update of one device as part of a rollout, step by step (docs/protocol.md §10). Each step asks the device where it
 * stands, so that it may be repeated, and goes on after a kill at any point without a second word to the device.
 */

import type { Job } from '../contract/job'
import { jobNote } from '../contract/job-notes'
import type { StepContext, StepPlan } from './step'
import { checkFit, find, passGate, schedule } from './update-begin'
import { activate, download, probation, readBack, restart, stage } from './update-steps'
import type { UpdateTools } from './update-tools'

export type { UpdateGate, UpdateNews, UpdateOrder, UpdateTools } from './update-tools'

/** The steps of `JOB_STEPS.update`, bound to one job. */
export const updatePlan = (tools: UpdateTools, job: Job): readonly StepPlan[] => {
  const learned = { already: false }
  const wanted = () => {
    const { version, image } = tools.orderOf(job).manifest
    return { version, sha256: image.sha256 }
  }
  // What runs there for good needs nothing but to be read back.
  const unlessAlready = (run: StepPlan['run']): StepPlan['run'] => {
    return async (ctx) => (learned.already ? ctx.skip() : run(ctx))
  }
  const step = (name: StepPlan['name'], run: (ctx: StepContext) => Promise<void>): StepPlan => ({
    name,
    cancellable: true,
    run: unlessAlready(run),
  })
  return [
    step('find', (ctx) => find(tools, ctx)),
    step('check-fit', async (ctx) => {
      learned.already = (await checkFit(tools, wanted(), ctx)) === 'already'
      if (learned.already) ctx.note(jobNote('runs-already', { version: wanted().version }))
    }),
    step('schedule', async (ctx) => {
      const planned = await schedule(tools, wanted(), ctx)
      learned.already = planned === 'already'
      // The note is what later steps know the update by.
      if (planned === 'already') ctx.skip()
      else ctx.note(planned.updateId)
    }),
    step('download', (ctx) => download(tools, wanted(), ctx)),
    step('stage', (ctx) => stage(tools, wanted(), ctx)),
    step('await-window', (ctx) => passGate(tools, ctx, 'mayActivate')),
    step('activate', (ctx) => activate(tools, wanted(), ctx)),
    step('restart', (ctx) => restart(tools, wanted(), ctx)),
    step('probation', (ctx) => probation(tools, wanted(), ctx)),
    { name: 'read-back', cancellable: true, run: (ctx) => readBack(tools, wanted(), ctx) },
  ]
}
