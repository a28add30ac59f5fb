/** Jobs keep off a device that is leaving. */
import type { StepPlan } from '../jobs/step'

/** What the device at the end of a cable says that it is; a board without an identity says neither. */
export interface CabledIdentity {
  readonly udn?: string | undefined
  readonly serialNumber?: string | undefined
}

/**
 * The same steps, each of which asks first whether the device may still be worked on; `requireFree` throws FROZEN. Asked
 * when it begins, not when the job is submitted: many devices are asked for in one go, and one may leave meanwhile.
 */
export const unlessFrozen = (steps: readonly StepPlan[], requireFree: () => void): readonly StepPlan[] =>
  steps.map((step) => {
    const { reconcile } = step
    return {
      ...step,
      run: async (ctx) => {
        requireFree()
        await step.run(ctx)
      },
      ...(reconcile
        ? {
            reconcile: async (ctx) => {
              requireFree()
              return reconcile.call(step, ctx)
            },
          }
        : {}),
    }
  })
