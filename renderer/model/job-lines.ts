/** The list of batches with their jobs as lines, so that only those in sight have to be drawn. Pure. */
import type { Job } from '../../electron/contract/job'
import { type Batch, byUrgency, filterJobs, type JobFilter } from './batches'

/** Jobs of a batch that are shown before somebody asks for all. */
export const BATCH_FEW = 20

export interface BatchView {
  readonly all: boolean
  readonly filter: JobFilter
}

export type JobLine =
  | { readonly kind: 'head' | 'filters' | 'none' | 'gap'; readonly key: string; readonly batch: Batch }
  | { readonly kind: 'job'; readonly key: string; readonly job: Job }
  | { readonly kind: 'end'; readonly key: string; readonly batch: Batch; readonly shown: number }

/** The lines of one batch. A few: most urgent first. All: as they were asked for, so that nothing jumps. */
export const jobLines = (batch: Batch, view: BatchView): readonly JobLine[] => {
  const { id, jobs } = batch
  const large = jobs.length > BATCH_FEW
  const fitting = large ? filterJobs(jobs, view.filter) : jobs
  const shown = large && view.all ? fitting : byUrgency(fitting).slice(0, BATCH_FEW)
  const lines: JobLine[] = [{ kind: 'head', key: `${id} head`, batch }]
  if (large) lines.push({ kind: 'filters', key: `${id} filters`, batch })
  for (const job of shown) lines.push({ kind: 'job', key: job.id, job })
  if (shown.length === 0) lines.push({ kind: 'none', key: `${id} none`, batch })
  if (fitting.length > BATCH_FEW) lines.push({ kind: 'end', key: `${id} end`, batch, shown: shown.length })
  lines.push({ kind: 'gap', key: `${id} gap`, batch })
  return lines
}
