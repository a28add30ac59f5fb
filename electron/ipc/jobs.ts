/** Calls about jobs. `jobs.open` answers with all of them; later changes come as `jobs.changed` events. */
import type { ControllerApi } from './controller-api'
import type { Handlers } from './dispatch'

export type JobCalls =
  | 'jobs.open'
  | 'jobs.batches'
  | 'jobs.pause'
  | 'jobs.resume'
  | 'jobs.commission'
  | 'jobs.cancel'
  | 'jobs.retry'
  | 'jobs.clear'

export const jobHandlers = (controller: ControllerApi): Pick<Handlers, JobCalls> => ({
  'jobs.open': () => controller.jobs(),
  'jobs.batches': () => controller.batches(),
  'jobs.pause': ({ batch }) => controller.pauseBatch(batch),
  'jobs.resume': ({ batch }) => controller.resumeBatch(batch),
  'jobs.commission': ({ udns, group, approval }) => controller.commission(udns, group, approval),
  'jobs.cancel': ({ ids }) => controller.cancelJobs(ids),
  'jobs.retry': ({ ids }) => controller.retryJobs(ids),
  'jobs.clear': () => controller.clearJobs(),
})
