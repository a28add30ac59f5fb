/** The life of a plan's row as pure functions: asked for, in hand of a job, ended. */
import type { PlanRow } from '../contract/configuration'
import type { IotmcError } from '../contract/errors'
import type { Job } from '../contract/job'
import { type ConfigureDirection, directionOf } from '../jobs/configure'

/** Whether a job has the row in hand. */
export const isUnderWay = ({ state }: PlanRow): boolean => state === 'applying' || state === 'rolling-back'

/** Whether anything could be sent to this device. */
const isSendable = (row: PlanRow): boolean => !row.problem && row.changes.length > 0

/** Rows that may be asked for when they are named; the way back is open once something may have been sent. */
export const mayAsk = (row: PlanRow, direction: ConfigureDirection): boolean =>
  isSendable(row) &&
  (direction === 'apply'
    ? row.state === 'previewed' || row.state === 'failed' || row.state === 'rolled-back'
    : row.state === 'applied' || (row.state === 'failed' && row.direction !== undefined))

/** Rows that are meant when none is named; what failed on the way back is not meant on the way there. */
export const isMeant = (row: PlanRow, direction: ConfigureDirection): boolean =>
  mayAsk(row, direction) &&
  (direction === 'apply'
    ? row.state !== 'rolled-back' && row.direction !== 'rollback'
    : row.state === 'applied' || row.direction === direction)

const IN_HAND = { apply: 'applying', rollback: 'rolling-back' } as const
const ENDED = { apply: 'applied', rollback: 'rolled-back' } as const

/** A row that was just asked for; its job follows. */
export const askedRow = (row: PlanRow, direction: ConfigureDirection): PlanRow => {
  const { error: _, jobId: __, ...rest } = row
  return { ...rest, direction, state: IN_HAND[direction] }
}

/** A row whose change was read back. */
export const endedRow = ({ error: _, ...row }: PlanRow, job: Job): PlanRow => ({
  ...row,
  state: ENDED[directionOf(job)],
})

export const failedRow = (row: PlanRow, { code, detail }: Pick<IotmcError, 'code' | 'detail'>): PlanRow => ({
  ...row,
  state: 'failed',
  error: { code, ...(detail ? { detail } : {}) },
})

/** The row as its job has it; the same row where nothing has changed. */
export const rowOf = (row: PlanRow, job: Job): PlanRow => {
  const direction = directionOf(job)
  switch (job.state) {
    case 'done':
      return row.state === ENDED[direction] ? row : endedRow(row, job)
    case 'failed':
    case 'cancelled': {
      const { code = 'CANCELLED' as const, detail } = job.error ?? {}
      const same = row.state === 'failed' && row.error?.code === code && row.error.detail === detail
      return same ? row : failedRow(row, { code, detail })
    }
    default: {
      // What was read back stands, whatever older news of its job comes after it.
      if (isUnderWay(row) || row.state === ENDED[direction]) return row
      const { error: _, ...rest } = row
      return { ...rest, direction, state: IN_HAND[direction] }
    }
  }
}
