/** How long work takes on this site, learned from the jobs that were done here. Pure rules. */
import type { Job, JobKind, StepName } from '../contract/job'
import type { WorkKind } from '../contract/site-plan'
import { PACE_LEARNED_FROM } from '../contract/timings'

/** Seconds as the median of finished jobs; what has been done too seldom here is left out. */
export type Paces = ReadonlyMap<WorkKind, { readonly durationS: number; readonly downtimeS?: number }>

/** Steps that wait for a person, for a device that is away, for a window of time, or for as long as an image is big. */
const WAITING: ReadonlySet<StepName> = new Set(['find', 'approve', 'download', 'await-window', 'probation'])

const SOURCES: readonly (readonly [WorkKind, JobKind, StepName?])[] = [
  ['commission', 'commission'],
  ['describe', 'apply', 'describe'],
  ['assign-group', 'apply', 'assign-group'],
  ['configure', 'configure'],
  ['update', 'update'],
]

const isWaiting = (name: string): boolean => (WAITING as ReadonlySet<string>).has(name)

/** Seconds in the steps that count, or in one step; undefined when none of them was done. */
const secondsIn = (job: Job, counts: (name: string) => boolean): number | undefined => {
  const spent = job.steps.flatMap(({ name, state, startedAtMs, endedAtMs }) =>
    counts(name) && state === 'done' && startedAtMs !== undefined && endedAtMs !== undefined
      ? [Math.max(0, endedAtMs - startedAtMs)]
      : [],
  )
  return spent.length === 0 ? undefined : spent.reduce((all, one) => all + one, 0) / 1000
}

const median = (numbers: readonly number[]): number | undefined => {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted.length < PACE_LEARNED_FROM.least ? undefined : sorted[Math.floor(sorted.length / 2)]
}

/** From the newest finished jobs of each kind, `PACE_LEARNED_FROM`. A job that was taken up again tells nothing. */
export const learnPaces = (jobs: Iterable<Job>): Paces => {
  const done = [...jobs]
    .filter(({ state, attempt }) => state === 'done' && attempt <= 1)
    .sort((a, b) => b.updatedAtMs - a.updatedAtMs)
  return new Map(
    SOURCES.flatMap(([work, kind, step]) => {
      const counts = (name: string): boolean => (step === undefined ? !isWaiting(name) : name === step)
      const times = (which: (name: string) => boolean) =>
        median(
          done
            .filter((job) => job.kind === kind)
            .flatMap((job) => secondsIn(job, which) ?? [])
            .slice(0, PACE_LEARNED_FROM.most),
        )
      const durationS = times(counts)
      if (durationS === undefined) return []
      const downtimeS = work === 'update' ? times((name) => name === 'restart') : undefined
      return [[work, { durationS, ...(downtimeS === undefined ? {} : { downtimeS }) }] as const]
    }),
  )
}
