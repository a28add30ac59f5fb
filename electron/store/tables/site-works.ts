/** Works on the whole site and how each of their rows stands; written before any of their jobs begins. */
import { z } from 'zod'
import { valuesSchema } from '../../contract/configuration'
import { expectedDeviceSchema } from '../../contract/enrollment'
import { siteWorkRowSchema, siteWorkSchema } from '../../contract/site-plan'
import { type Database, transaction } from '../database'
import { fromRow, jsonColumn, placeholders, toRow, upsertSql } from '../rows'

/** What is to become of a device, and what was seen of it when the work was previewed. */
export const workOrderSchema = z.object({
  /** As planned; for a move to a group no more than UDN and group. */
  entry: expectedDeviceSchema,
  /** What its groups and the plan want it to run. */
  values: valuesSchema,
  /** Absent where the device could not be asked, or is not of this site yet: then it can't have drifted. */
  seen: z.object({ group: z.string(), firmware: z.string(), values: valuesSchema }).optional(),
  /** What a person had written of it; absent where the device was not known. */
  words: z
    .object({ name: z.string().optional(), place: z.string().optional(), note: z.string().optional() })
    .optional(),
})
export type WorkOrder = z.infer<typeof workOrderSchema>

const workSchema = siteWorkSchema.omit({ rows: true })
/** A work without its rows. */
export type WorkRecord = z.output<typeof workSchema>

const storedWorkSchema = workSchema.extend({ totals: jsonColumn(siteWorkSchema.shape.totals) })
const rowSchema = z.object({
  workId: z.string(),
  key: z.string(),
  udn: z.string().optional(),
  content: jsonColumn(siteWorkRowSchema),
  wanted: jsonColumn(workOrderSchema).optional(),
})

/** A row with what its job needs; without `order` nothing is done with the device. */
export interface WorkRowRecord {
  readonly row: z.output<typeof siteWorkRowSchema>
  readonly order?: WorkOrder
}

export interface SiteWorkTable {
  /** In the order they were made. */
  list(): WorkRecord[]
  /** Of one work, by key. */
  rows(workId: string): WorkRowRecord[]
  /** Works with a row that is running or held. */
  unfinished(): string[]
  /** A work and all its rows in one commit. */
  insert(work: WorkRecord, rows: readonly WorkRowRecord[]): void
  /** Writes how rows stand, all of them in one commit; what is wanted never changes. */
  saveRows(workId: string, rows: readonly WorkRowRecord['row'][]): void
  applied(workId: string, atMs: number): void
  /** Works with their rows. */
  remove(workIds: readonly string[]): void
}

const WORK = ['id', 'what', 'createdAtMs', 'appliedAtMs', 'totals'] as const
const ROW = ['workId', 'key', 'udn', 'content', 'wanted'] as const

/** The tables `siteWorks` and `siteWorkRows`. */
export const siteWorkTable = (database: Database): SiteWorkTable => {
  const list = database.prepare(`SELECT ${WORK.join(', ')} FROM siteWorks ORDER BY position`)
  const rows = database.prepare(`SELECT ${ROW.join(', ')} FROM siteWorkRows WHERE workId = ? ORDER BY key`)
  const unfinished = database.prepare(
    `SELECT DISTINCT workId AS id FROM siteWorkRows
     WHERE json_extract(content, '$.state') IN ('running', 'held')`,
  )
  const insert = database.prepare(`INSERT INTO siteWorks (${WORK.join(', ')}) VALUES (${placeholders(WORK)})`)
  const insertRow = database.prepare(upsertSql('siteWorkRows', 'workId, key', ROW))
  const saveRow = database.prepare(
    'UPDATE siteWorkRows SET udn = :udn, content = :content WHERE workId = :workId AND key = :key',
  )
  const applied = database.prepare('UPDATE siteWorks SET appliedAtMs = :atMs WHERE id = :id')
  const remove = database.prepare('DELETE FROM siteWorks WHERE id = ?')
  return {
    list: () => list.all().map((row) => fromRow(storedWorkSchema, 'siteWorks', row)),
    rows: (workId) =>
      rows.all(workId).map((stored) => {
        const { content, wanted } = fromRow(rowSchema, 'siteWorkRows', stored)
        return { row: content, ...(wanted ? { order: wanted } : {}) }
      }),
    unfinished: () =>
      unfinished.all().map((row) => fromRow(z.object({ id: z.string() }), 'siteWorks', row).id),
    insert: (work, all) =>
      transaction(database, () => {
        insert.run(toRow(WORK, { ...work, totals: JSON.stringify(work.totals) }))
        for (const { row, order } of all) {
          const content = JSON.stringify(row)
          const wanted = order && JSON.stringify(order)
          insertRow.run(toRow(ROW, { workId: work.id, key: row.key, udn: row.udn, content, wanted }))
        }
      }),
    saveRows: (workId, all) =>
      transaction(database, () => {
        for (const row of all) {
          const { key, udn } = row
          saveRow.run({ workId, key, udn: udn ?? null, content: JSON.stringify(row) })
        }
      }),
    applied: (id, atMs) => void applied.run({ id, atMs }),
    remove: (workIds) =>
      transaction(database, () => {
        for (const id of workIds) remove.run(id)
      }),
  }
}
