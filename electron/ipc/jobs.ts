/** Calls about jobs. `jobs.open` answers with all of them; later changes come as `jobs.changed` events. */
import { isEnded, type Job } from '../contract/job'
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
  'jobs.open': () => shorter(controller.jobs()),
  'jobs.batches': () => controller.work().batches(),
  'jobs.pause': ({ batch }) => controller.work().pause(batch),
  'jobs.resume': ({ batch }) => controller.work().resume(batch),
  'jobs.commission': ({ udns, group, approval }) => controller.commission(udns, group, approval),
  'jobs.cancel': ({ ids }) => controller.cancelJobs(ids),
  'jobs.retry': ({ ids }) => controller.retryJobs(ids),
  'jobs.clear': () => controller.clearJobs(),
})

/** So many jobs cross with everything; of more, those that have ended come without the times of their steps. */
const WHOLE = 1_000

const shorter = (jobs: readonly Job[]): Job[] =>
  jobs.map((job, index) =>
    index >= jobs.length - WHOLE || !isEnded(job.state)
      ? job
      : { ...job, steps: job.steps.map(({ startedAtMs: _, endedAtMs: __, ...step }) => step) },
  )
