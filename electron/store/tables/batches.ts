/** What holds up jobs that were asked for together: a pause, and how many of them run at once. */
import { z } from 'zod'
import { batchSchema } from '../../contract/job'
import { type Database, transaction } from '../database'
import { flagColumn, fromRow, toRow, upsertSql } from '../rows'

const rowSchema = z.object({
  id: batchSchema.shape.id,
  paused: flagColumn,
  limitTo: batchSchema.shape.limit,
})

interface BatchHold {
  readonly id: string
  readonly paused: boolean
  readonly limit?: number
}

export interface BatchTable {
  list(): BatchHold[]
  save(hold: BatchHold): void
  remove(ids: readonly string[]): void
}

const COLUMNS = ['id', 'paused', 'limitTo'] as const

/** The `batches` table: only those that something holds. */
export const batchTable = (database: Database): BatchTable => {
  const list = database.prepare(`SELECT ${COLUMNS.join(', ')} FROM batches`)
  const save = database.prepare(upsertSql('batches', 'id', COLUMNS))
  const remove = database.prepare('DELETE FROM batches WHERE id = ?')
  return {
    list: () =>
      list.all().map((row) => {
        const { id, paused, limitTo } = fromRow(rowSchema, 'batches', row)
        return { id, paused, ...(limitTo === undefined ? {} : { limit: limitTo }) }
      }),
    save: ({ id, paused, limit }) => void save.run(toRow(COLUMNS, { id, paused, limitTo: limit })),
    remove: (ids) =>
      transaction(database, () => {
        for (const id of ids) remove.run(id)
      }),
  }
}
