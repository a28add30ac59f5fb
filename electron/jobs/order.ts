/** Where a job queues. */
import type { Job } from '../contract/job'
import { hasProgress } from './journal'
import { mustFinishStep } from './machine'
import { ORDER, type Order } from './turns'

/** `underWay`: it has run in this attempt, so that a pause leaves it alone once a step of it has ended. */
export const orderOf = (job: Job, underWay: boolean): Order => {
  if (mustFinishStep(job) || (underWay && hasProgress(job))) return ORDER.underWay
  if (job.steps.some((step) => step.startedAtMs !== undefined)) return ORDER.begun
  return job.kind === 'apply' ? ORDER.whole : ORDER.fresh
}
