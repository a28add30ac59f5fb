/**
 * An identity for one blank device, exactly once: what is about to happen stands in the ledger before it happens, and
 * ledger and device are asked before anything is done again (docs/protocol.md §9).
 */
import type { Job, StepName } from '../contract/job'
import { InjectRun } from './inject-run'
import * as steps from './inject-steps'
import type { InjectTools } from './inject-tools'
import type { StepContext, StepPlan } from './step'

export type { InjectTools } from './inject-tools'

/**
 * The ten steps of `JOB_STEPS.inject`. The subject is the serial number; the parameters are `path`, `lane`, `model`,
 * `operator` and `hardwareId`.
 */
export const injectPlan = (tools: InjectTools, job: Job): readonly StepPlan[] => {
  const run = new InjectRun(tools, job)
  const step = (
    name: StepName,
    cancellable: boolean,
    work: (run: InjectRun, ctx: StepContext) => Promise<void>,
  ): StepPlan => ({
    name,
    cancellable,
    run: async (ctx) => {
      try {
        await work(run, ctx)
      } catch (thrown) {
        throw run.ended(name, thrown)
      }
    },
  })
  return [
    step('connect', true, steps.connect),
    step('reserve', true, steps.reserve),
    step('keygen', true, steps.keygen),
    step('check-request', true, steps.checkRequest),
    step('issue', false, steps.issue),
    step('install', true, steps.install),
    step('read-back', true, steps.readBack),
    step('self-test', true, steps.selfTest),
    step('lock', false, steps.lock),
    step('complete', false, steps.complete),
  ]
}
