/** Devices that leave, or have left: what was ordered, how far it is, what each has answered. A record is never removed, but by the same order under another job. */
import { z } from 'zod'
import { decommissionRecordSchema } from '../../contract/decommission'
import { DECOMMISSION_STATES } from '../../contract/decommission-states'
import { IotmcError } from '../../contract/errors'
import { type Database, durableTransaction } from '../database'
import { fromRow, jsonColumn, toRow, upsertSql } from '../rows'

const keptSchema = decommissionRecordSchema.extend({
  /** What the device has said, before its signature was checked: it may be gone when that is done. */
  answer: z.object({ statement: z.string().max(4096), signature: z.string().max(512) }).optional(),
})
/** A record with what only the controller needs of it. */
export type KeptDecommission = z.infer<typeof keptSchema>

const rowSchema = z.object({ state: z.enum(DECOMMISSION_STATES), content: jsonColumn(keptSchema) })
const keySchema = z.object({ id: z.string(), udn: z.string(), state: z.string() })

export interface DecommissionTable {
  /** Oldest first; those that can't be read are not among them. */
  list(): KeptDecommission[]
  /** What is known of those that can't be read: they stay as they are. */
  unreadable(): { readonly id: string; readonly udn: string; readonly state: string }[]
  /** All or none, on the disk when it returns. Errors: DEFECT for what could not be read again. */
  putAll(entries: readonly DecommissionEntry[]): void
}

/** With `instead`, the record under that id becomes this one. */
export interface DecommissionEntry {
  readonly record: KeptDecommission
  readonly instead?: string
}

const COLUMNS = ['id', 'udn', 'orderedAtMs', 'state', 'content'] as const

/** The `decommissions` table. */
export const decommissionTable = (database: Database): DecommissionTable => {
  const list = database.prepare('SELECT id, udn, state, content FROM decommissions ORDER BY orderedAtMs, id')
  const put = database.prepare(upsertSql('decommissions', 'id', COLUMNS))
  const remove = database.prepare('DELETE FROM decommissions WHERE id = ?')
  const rows = (): { row: unknown; content: KeptDecommission | undefined }[] =>
    list.all().map((row: unknown) => ({ row, content: rowSchema.safeParse(row).data?.content }))
  return {
    list: () => rows().flatMap(({ content }) => content ?? []),
    unreadable: () =>
      rows().flatMap(({ row, content }) => (content ? [] : [fromRow(keySchema, 'decommissions', row)])),
    putAll: (entries) => {
      const rows = entries.map(({ record, instead }) => ({ kept: checked(record), instead }))
      durableTransaction(database, () => {
        for (const { kept, instead } of rows) {
          if (instead !== undefined) remove.run(instead)
          put.run(toRow(COLUMNS, { ...kept, content: JSON.stringify(kept) }))
        }
      })
    },
  }
}

const checked = (record: KeptDecommission): KeptDecommission => {
  const kept = keptSchema.safeParse(record)
  if (kept.success) return kept.data
  const detail = `decommissions: ${kept.error.issues[0]?.path.join('.') ?? ''}`
  throw new IotmcError('DEFECT', { subject: record.udn, detail, cause: kept.error })
}
