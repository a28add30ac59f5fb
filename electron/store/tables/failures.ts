/** The last failure of each kind of job on each device that no later success has answered, whatever the list of jobs forgets. */
import { z } from 'zod'
import { ERROR_CODES } from '../../contract/errors'
import { JOB_KINDS } from '../../contract/job'
import type { Database } from '../database'
import { fromRow, toRow, upsertSql } from '../rows'

const rowSchema = z.object({
  kind: z.enum(JOB_KINDS),
  /** UDN. */
  subject: z.string(),
  code: z.enum(ERROR_CODES),
  atMs: z.number(),
})
export type Failure = z.output<typeof rowSchema>

export interface FailureTable {
  /** Newest first. */
  list(): Failure[]
  /** In place of an earlier one of the same kind and device. */
  put(failure: Failure): void
  /** Of one kind, or of all. */
  remove(subject: string, kind?: Failure['kind']): void
}

const COLUMNS = ['subject', 'kind', 'code', 'atMs'] as const

/** The `failures` table. */
export const failureTable = (database: Database): FailureTable => {
  const list = database.prepare(
    `SELECT ${COLUMNS.join(', ')} FROM failures ORDER BY atMs DESC, subject, kind`,
  )
  const put = database.prepare(upsertSql('failures', 'subject, kind', COLUMNS))
  const removeOne = database.prepare('DELETE FROM failures WHERE subject = ? AND kind = ?')
  const removeAll = database.prepare('DELETE FROM failures WHERE subject = ?')
  return {
    list: () => list.all().map((row: unknown) => fromRow(rowSchema, 'failures', row)),
    put: (failure) => void put.run(toRow(COLUMNS, failure)),
    remove: (subject, kind) => void (kind ? removeOne.run(subject, kind) : removeAll.run(subject)),
  }
}
