/** Jobs asked for together, counted for people. Pure. */
import { isEnded, type Job, type JobKind } from '../../electron/contract/job'

export interface BatchCounts {
  readonly done: number
  readonly running: number
  readonly failed: number
  readonly cancelled: number
  readonly needsYou: number
  /** Held until their device is online. */
  readonly waiting: number
  /** Not started or interrupted, without those that wait. */
  readonly queued: number
}

export interface Batch {
  readonly id: string
  readonly kind: JobKind
  readonly jobs: readonly Job[]
  readonly counts: BatchCounts
  /** Steps done or skipped of all steps, 0…1; cancelled jobs count as ended. */
  readonly progress: number
  readonly createdAtMs: number
  readonly updatedAtMs: number
  readonly ended: boolean
}

const COUNTED: Readonly<Record<Job['state'], keyof BatchCounts>> = {
  queued: 'queued',
  interrupted: 'queued',
  waiting: 'waiting',
  running: 'running',
  'needs-you': 'needsYou',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
}

/** Counts of any set of jobs. */
export const countJobs = (jobs: readonly Job[]): BatchCounts => {
  const counts = { done: 0, running: 0, failed: 0, cancelled: 0, needsYou: 0, waiting: 0, queued: 0 }
  for (const job of jobs) counts[COUNTED[job.state]] += 1
  return counts
}

/** All that has neither ended nor runs: "14 to go". */
export const toGo = (counts: BatchCounts): number => counts.queued + counts.waiting + counts.needsYou

/** Share of the way that a job has come, 0…1. */
export const jobProgress = (job: Job): number => {
  if (job.state === 'done' || job.state === 'cancelled') return 1
  if (job.steps.length === 0) return 0
  return (
    job.steps.filter((step) => step.state === 'done' || step.state === 'skipped').length / job.steps.length
  )
}

/** Batches with the newest first; jobs in the order in which they were asked for. */
export const groupBatches = (jobs: readonly Job[]): readonly Batch[] => {
  const groups = new Map<string, Job[]>()
  for (const job of jobs) {
    const group = groups.get(job.batch)
    if (group) group.push(job)
    else groups.set(job.batch, [job])
  }
  return [...groups.values()]
    .map((members): Batch => {
      const sorted = members.sort((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1))
      const first = sorted[0] as Job
      return {
        id: first.batch,
        kind: first.kind,
        jobs: sorted,
        counts: countJobs(sorted),
        progress: sorted.reduce((sum, job) => sum + jobProgress(job), 0) / sorted.length,
        createdAtMs: first.createdAtMs,
        updatedAtMs: sorted.reduce((latest, job) => Math.max(latest, job.updatedAtMs), 0),
        ended: sorted.every((job) => isEnded(job.state)),
      }
    })
    .sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? -1 : 1))
}

const URGENCY: readonly Job['state'][] = [
  'needs-you',
  'failed',
  'running',
  'interrupted',
  'waiting',
  'queued',
  'cancelled',
  'done',
]

/** What a person should see first comes first; else the order asked for. */
export const byUrgency = (jobs: readonly Job[]): readonly Job[] =>
  [...jobs].sort((a, b) => URGENCY.indexOf(a.state) - URGENCY.indexOf(b.state))
