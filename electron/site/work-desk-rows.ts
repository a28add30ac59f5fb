/** The life of a work's row as pure functions: asked for, held, in hand of a job, ended. */
import type { ErrorCode } from '../contract/errors'
import type { Job } from '../contract/job'
import type { SiteWorkRow } from '../contract/site-plan'

/** Whether the row may be asked for; without a name, and by name, what failed is asked for again. */
export const mayApply = ({ tasks, problem, state }: SiteWorkRow): boolean =>
  tasks.length > 0 && !problem && (state === 'previewed' || state === 'failed')

/** A row that was just asked for; its job follows, or is held until its device is heard. */
export const askedRow = (row: SiteWorkRow, udn: string | undefined, online: boolean): SiteWorkRow => {
  const { error: _, jobId: __, udn: ___, ...rest } = row
  return { ...rest, ...(udn ? { udn } : {}), online, state: online ? 'running' : 'held' }
}

export const failedRow = (row: SiteWorkRow, code: ErrorCode, detail?: string): SiteWorkRow => ({
  ...row,
  state: 'failed',
  error: { code, ...(detail ? { detail } : {}) },
})

/** Whether nothing but the search for its device has begun. */
const isSearching = ({ steps }: Job): boolean =>
  steps.slice(1).every(({ startedAtMs, state }) => startedAtMs === undefined && state === 'pending')

/** The row as its job has it; the same row where nothing has changed. */
export const rowOf = (row: SiteWorkRow, job: Job, online: boolean): SiteWorkRow => {
  switch (job.state) {
    case 'done': {
      if (row.state === 'done') return row
      const { error: _, ...rest } = row
      return { ...rest, online, state: 'done' }
    }
    case 'failed':
    case 'cancelled': {
      const { code = 'CANCELLED' as const, detail } = job.error ?? {}
      const same = row.state === 'failed' && row.error?.code === code && row.error.detail === detail
      return same ? row : failedRow({ ...row, online }, code, detail)
    }
    default: {
      const state = isSearching(job) && !online ? 'held' : 'running'
      // What was read back stands, whatever older news of its job comes after it.
      if (row.state === 'done' || (row.state === state && row.online === online)) return row
      const { error: _, ...rest } = row
      return { ...rest, online, state }
    }
  }
}
