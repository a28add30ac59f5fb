/** Which jobs still want an answer: those that no later success of the same kind on the same device has settled. Pure. */
import type { ErrorCode } from '../contract/errors'
import { isEnded, type Job } from '../contract/job'

/** What a report says of a job. */
export type JobOutcome = Pick<Job, 'kind' | 'subject' | 'state' | 'error' | 'updatedAtMs'>

/** A failure that is kept for longer than its job. */
export interface KeptFailure extends Pick<Job, 'kind' | 'subject'> {
  readonly code: ErrorCode
  readonly atMs: number
}

/** A job that stands open. `failed` also where a later try was cancelled or is not done. */
export interface UnansweredJob {
  readonly job: JobOutcome
  readonly what: 'job-failed' | 'job-cancelled' | 'job-unfinished'
}

/**
 * Newest first. Of one kind on one device: the last failure, or the last cancel, and what is still under way. `kept` tells
 * of failures whose jobs were cleared from the list since.
 */
export const unansweredJobs = (jobs: readonly Job[], kept: readonly KeptFailure[] = []): UnansweredJob[] => {
  const lanes = new Map<string, Job[]>()
  for (const job of jobs) {
    const key = `${job.kind} ${job.subject}`
    lanes.set(key, [...(lanes.get(key) ?? []), job])
  }
  const listed = [...lanes.values()].flatMap(ofLane)
  // A job that is tried again is unfinished, and no failure until it has failed again.
  const told = new Set(
    listed.flatMap(({ job, what }) => (what === 'job-cancelled' ? [] : [`${job.kind} ${job.subject}`])),
  )
  const forgotten = kept
    .filter(({ kind, subject }) => !told.has(`${kind} ${subject}`))
    .map(({ kind, subject, code, atMs }): UnansweredJob => {
      return {
        job: { kind, subject, state: 'failed', error: { code }, updatedAtMs: atMs },
        what: 'job-failed',
      }
    })
  return [...listed, ...forgotten].sort((a, b) => b.job.updatedAtMs - a.job.updatedAtMs)
}

const ofLane = (jobs: readonly Job[]): UnansweredJob[] => {
  // A job that is tried again stays the same job, so what counts is when it ended.
  const ordered = jobs
    .map((job, position) => ({ job, position }))
    .sort((a, b) => a.job.updatedAtMs - b.job.updatedAtMs || a.position - b.position)
    .map(({ job }) => job)
  const since = ordered.slice(ordered.findLastIndex(({ state }) => state === 'done') + 1)
  const failed = since.findLast(({ state }) => state === 'failed')
  const cancelled = since.findLast(({ state }) => state === 'cancelled')
  const open = since.filter(({ state }) => !isEnded(state))
  return [
    ...(failed ? [{ job: failed, what: 'job-failed' as const }] : []),
    ...(cancelled && !failed ? [{ job: cancelled, what: 'job-cancelled' as const }] : []),
    ...open.map((job) => ({ job, what: 'job-unfinished' as const })),
  ]
}
