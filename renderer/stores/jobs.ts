/** Mirror of the jobs that the main process owns. */
import { create } from 'zustand'
import type { Job } from '../../electron/contract/job'
import { call, listen } from '../bridge'
import { type Batch, changeBatches, groupBatches, withoutJobs } from '../model/batches'

export interface JobList {
  readonly byId: ReadonlyMap<string, Job>
  /** Newest batch first. */
  readonly batches: readonly Batch[]
}

const listOf = (byId: ReadonlyMap<string, Job>): JobList => ({
  byId,
  batches: groupBatches([...byId.values()]),
})

/** The list after some jobs changed. */
export const applyJobs = (list: JobList, changed: readonly Job[]): JobList => {
  const byId = new Map(list.byId)
  for (const job of changed) byId.set(job.id, job)
  return { byId, batches: changeBatches(list.batches, changed) }
}

/** The list without jobs that are kept no longer. */
const dropJobs = (list: JobList, ids: readonly string[]): JobList => {
  const byId = new Map(list.byId)
  for (const id of ids) byId.delete(id)
  return { byId, batches: withoutJobs(list.batches, new Set(ids)) }
}

export const useJobs = create<JobList>(() => listOf(new Map()))

/** Asks for all jobs anew: what was just started stands in the list at once. */
export const reload = async (): Promise<void> => {
  const jobs = await call('jobs.open')
  useJobs.setState(listOf(new Map(jobs.map((job) => [job.id, job]))))
}

export const openJobs = async (): Promise<() => void> => {
  const stops = [
    listen('jobs.changed', (changed) => useJobs.setState((list) => applyJobs(list, changed))),
    listen('jobs.gone', (ids) => useJobs.setState((list) => dropJobs(list, ids))),
  ]
  await reload()
  return () => {
    for (const stop of stops) stop()
  }
}

/** Starts (or finds the running) commissioning of each device; ids in no particular order. */
export const commission = async (udns: readonly string[], group: string): Promise<readonly string[]> => {
  const ids = await call('jobs.commission', { udns: [...udns], group, approval: 'ask' })
  await reload()
  return ids
}

/** As many as one call takes: a batch may have more. */
const AT_ONCE = 5_000
const inParts = async (
  ids: readonly string[],
  order: (part: string[]) => Promise<unknown>,
): Promise<void> => {
  for (let from = 0; from < ids.length; from += AT_ONCE) await order(ids.slice(from, from + AT_ONCE))
}

export const cancelJobs = (ids: readonly string[]): Promise<void> =>
  inParts(ids, (part) => call('jobs.cancel', { ids: part }))

export const retryJobs = (ids: readonly string[]): Promise<void> =>
  inParts(ids, (part) => call('jobs.retry', { ids: part }))

export const clearJobs = async (): Promise<void> => {
  await call('jobs.clear')
  await reload()
}
