/** Jobs asked for together, counted for people. Pure. */
import type { Job, JobKind } from '../../electron/contract/job'

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
  /** Job id → its place in `jobs`. */
  readonly places: ReadonlyMap<string, number>
  readonly counts: BatchCounts
  /** Sum of the shares of the way that its jobs have come. */
  readonly reached: number
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

const sumSteps = (jobs: readonly Job[]): number => jobs.reduce((sum, job) => sum + jobProgress(job), 0)
const endedOf = ({ done, failed, cancelled }: BatchCounts): number => done + failed + cancelled

const batchOf = (members: readonly Job[]): Batch => {
  const jobs = members.toSorted((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1))
  const first = jobs[0] as Job
  const counts = countJobs(jobs)
  const reached = sumSteps(jobs)
  return {
    id: first.batch,
    kind: first.kind,
    jobs,
    places: new Map(jobs.map((job, place) => [job.id, place])),
    counts,
    reached,
    progress: reached / jobs.length,
    createdAtMs: first.createdAtMs,
    updatedAtMs: jobs.reduce((latest, job) => Math.max(latest, job.updatedAtMs), 0),
    ended: endedOf(counts) === jobs.length,
  }
}

const byBatch = (jobs: readonly Job[]): ReadonlyMap<string, Job[]> => {
  const groups = new Map<string, Job[]>()
  for (const job of jobs) {
    const group = groups.get(job.batch)
    if (group) group.push(job)
    else groups.set(job.batch, [job])
  }
  return groups
}

const newestFirst = (batches: readonly Batch[]): readonly Batch[] =>
  batches.toSorted((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? -1 : 1))

/** Batches with the newest first; jobs in the order in which they were asked for. */
export const groupBatches = (jobs: readonly Job[]): readonly Batch[] =>
  newestFirst([...byBatch(jobs).values()].map(batchOf))

/** A batch after some of its jobs changed: only these are counted anew, so that one of 5,000 costs no more than one of 5. */
const changedBatch = (batch: Batch, changed: readonly Job[]): Batch => {
  if (changed.some((job) => !batch.places.has(job.id))) {
    const jobs = new Map([...batch.jobs, ...changed].map((job) => [job.id, job]))
    return batchOf([...jobs.values()])
  }
  const jobs = [...batch.jobs]
  const counts = { ...batch.counts }
  let { reached, updatedAtMs } = batch
  for (const job of changed) {
    const place = batch.places.get(job.id) as number
    const before = jobs[place] as Job
    counts[COUNTED[before.state]] -= 1
    counts[COUNTED[job.state]] += 1
    reached += jobProgress(job) - jobProgress(before)
    updatedAtMs = Math.max(updatedAtMs, job.updatedAtMs)
    jobs[place] = job
  }
  return {
    ...batch,
    jobs,
    counts,
    reached,
    progress: Math.min(Math.max(reached / jobs.length, 0), 1),
    updatedAtMs,
    ended: endedOf(counts) === jobs.length,
  }
}

/** The batches after some jobs changed or came; those without such a job keep their objects. */
export const changeBatches = (batches: readonly Batch[], changed: readonly Job[]): readonly Batch[] => {
  const groups = new Map(byBatch(changed))
  const next = batches.map((batch) => {
    const group = groups.get(batch.id)
    if (!group) return batch
    groups.delete(batch.id)
    return changedBatch(batch, group)
  })
  return groups.size === 0 ? next : newestFirst([...next, ...[...groups.values()].map(batchOf)])
}

/** The counts of several batches together. */
export const sumCounts = (batches: readonly Batch[]): BatchCounts => {
  const sum = countJobs([])
  const total: Record<keyof BatchCounts, number> = { ...sum }
  for (const { counts } of batches)
    for (const key of Object.keys(total) as (keyof BatchCounts)[]) total[key] += counts[key]
  return total
}

/** Which jobs of a large batch are shown. */
export const JOB_FILTERS = ['all', 'open', 'running', 'attention', 'done'] as const
export type JobFilter = (typeof JOB_FILTERS)[number]

const SHOWN_BY: Readonly<Record<JobFilter, readonly Job['state'][]>> = {
  all: ['queued', 'interrupted', 'waiting', 'running', 'needs-you', 'done', 'failed', 'cancelled'],
  open: ['queued', 'interrupted', 'waiting'],
  running: ['running'],
  attention: ['needs-you', 'failed'],
  done: ['done', 'cancelled'],
}

/** How many of a batch each filter shows. */
export const countFilter = (counts: BatchCounts, filter: JobFilter): number =>
  [...new Set(SHOWN_BY[filter].map((state) => COUNTED[state]))].reduce((sum, key) => sum + counts[key], 0)

export const filterJobs = (jobs: readonly Job[], filter: JobFilter): readonly Job[] =>
  filter === 'all' ? jobs : jobs.filter((job) => SHOWN_BY[filter].includes(job.state))

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
export const byUrgency = (jobs: readonly Job[]): readonly Job[] => {
  const piles = new Map<Job['state'], Job[]>(URGENCY.map((state) => [state, []]))
  for (const job of jobs) piles.get(job.state)?.push(job)
  return [...piles.values()].flat()
}

/** The batches without some jobs; those of which nothing goes keep their objects, those of which nothing is left go. */
export const withoutJobs = (batches: readonly Batch[], gone: ReadonlySet<string>): readonly Batch[] =>
  batches.flatMap((batch) => {
    const left = batch.jobs.filter(({ id }) => !gone.has(id))
    if (left.length === batch.jobs.length) return batch
    return left.length > 0 ? batchOf(left) : []
  })
