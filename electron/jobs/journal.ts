/** What the runner needs of the journal, and how a job read from it is brought to where a start can go on. */
import type { Job, JobStep } from '../contract/job'
import { advance } from './machine'

/** Where jobs are committed; `Records.jobs` is one. Each call survives a kill when it returns. */
export interface Journal {
  /** In the order they were asked for. */
  list(): Job[]
  insert(jobs: readonly Job[]): void
  save(job: Job): void
  remove(ids: readonly string[]): void
}

/** A job as a start finds it: what was under way when the program ended is interrupted. */
export const recovered = (job: Job, atMs: number): Job => advance(job, { type: 'interrupted' }, atMs) ?? job

/** Whether a step of it has come to an end. */
export const hasProgress = (job: Job): boolean =>
  job.steps.some((step) => step.state === 'done' || step.state === 'skipped')

/** The name and cancel rule of one planned step. */
interface Planned {
  readonly name: string
  readonly cancellable: boolean
}

/**
 * Steps for a plan, with what the journal knows of each by name: a newer program may plan other steps than the one that
 * began the job, and what is done stays done.
 */
export const alignSteps = (plan: readonly Planned[], journalled: readonly JobStep[]): readonly JobStep[] => {
  const aligned = plan.map(({ name, cancellable }): JobStep => {
    const known = journalled.find((step) => step.name === name)
    if (!known) return { name, state: 'pending', cancellable }
    return known.cancellable === cancellable ? known : { ...known, cancellable }
  })
  const same = aligned.length === journalled.length && aligned.every((step, i) => step === journalled[i])
  return same ? journalled : aligned
}
