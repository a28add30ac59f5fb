/** Which ended jobs go: whole batches, so that what failed in one can be retried as long as any of it is listed. */
import { isEnded, type Job } from '../contract/job'

/**
 * Jobs of batches that have ended and have `kept` newer ended jobs behind them, by when the last of each batch has changed. A
 * batch larger than `kept` stays whole while it is the newest.
 */
export const outdated = (jobs: readonly Job[], kept: number): Job[] => {
  const open = new Set<string>()
  const ended = new Map<string, Job[]>()
  for (const job of jobs) {
    if (!isEnded(job.state)) open.add(job.batch)
    const batch = ended.get(job.batch)
    if (batch) batch.push(job)
    else ended.set(job.batch, [job])
  }
  for (const batch of open) ended.delete(batch)
  let newer = 0
  return [...ended.values()]
    .map((batch) => ({ batch, atMs: batch.reduce((last, job) => Math.max(last, job.updatedAtMs), 0) }))
    .reverse()
    .sort((one, other) => other.atMs - one.atMs)
    .flatMap(({ batch }) => {
      const goes = newer >= kept
      newer += batch.length
      return goes ? batch : []
    })
}
