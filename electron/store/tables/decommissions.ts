/** Devices that leave, or have left: what was ordered, how far it is, what each has answered. A record is never removed, but by the same order under another job. */
import { z } from 'zod'
import { decommissionRecordSchema } from '../../contract/decommission'
import { DECOMMISSION_STATES } from '../../contract/decommission-states'
import { type Database, durableTransaction } from '../database'
import { fromRow, jsonColumn, toRow, upsertSql } from '../rows'

const keptSchema = decommissionRecordSchema.extend({
  /** What the device has said, before its signature was checked: it may be gone when that is done. */
  answer: z.object({ statement: z.string().max(4096), signature: z.string().max(512) }).optional(),
})
/** A record with what only the controller needs of it. */
export type KeptDecommission = z.infer<typeof keptSchema>

const rowSchema = z.object({ state: z.enum(DECOMMISSION_STATES), content: jsonColumn(keptSchema) })

export interface DecommissionTable {
  /** Oldest first. */
  list(): KeptDecommission[]
  /** On the disk when it returns. With `instead`, that record becomes this one. */
  put(record: KeptDecommission, instead?: string): void
}

const COLUMNS = ['id', 'udn', 'orderedAtMs', 'state', 'content'] as const

/** The `decommissions` table. */
export const decommissionTable = (database: Database): DecommissionTable => {
  const list = database.prepare('SELECT state, content FROM decommissions ORDER BY orderedAtMs, id')
  const put = database.prepare(upsertSql('decommissions', 'id', COLUMNS))
  const remove = database.prepare('DELETE FROM decommissions WHERE id = ?')
  return {
    list: () => list.all().map((row: unknown) => fromRow(rowSchema, 'decommissions', row).content),
    put: (record, instead) =>
      durableTransaction(database, () => {
        if (instead !== undefined) remove.run(instead)
        put.run(toRow(COLUMNS, { ...record, content: JSON.stringify(record) }))
      }),
  }
}
