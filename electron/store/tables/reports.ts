/** The reports that were made, by their number. The files themselves lie in folders of their own. */
import { z } from 'zod'
import { type ReportView, reportViewSchema } from '../../contract/report'
import type { Database } from '../database'
import { fromRow, placeholders, toRow } from '../rows'

const rowSchema = reportViewSchema.extend({ sequence: z.number().int().min(1) })

export interface ReportTable {
  /** Newest first. */
  list(): ReportView[]
  get(sequence: number): ReportView | undefined
  newest(): ReportView | undefined
  /** Throws where the number is taken. */
  add(report: ReportView): void
}

const COLUMNS = ['sequence', 'madeAtMs', 'technician', 'customer', 'devices', 'open', 'hash'] as const

/** The `reports` table. */
export const reportTable = (database: Database): ReportTable => {
  const select = (rest: string) => database.prepare(`SELECT ${COLUMNS.join(', ')} FROM reports ${rest}`)
  const list = select('ORDER BY sequence DESC')
  const get = select('WHERE sequence = ?')
  const newest = select('ORDER BY sequence DESC LIMIT 1')
  const add = database.prepare(
    `INSERT INTO reports (${COLUMNS.join(', ')}) VALUES (${placeholders(COLUMNS)})`,
  )
  const read = (row: unknown): ReportView => fromRow(rowSchema, 'reports', row)
  const one = (row: unknown): ReportView | undefined => (row === undefined ? undefined : read(row))
  return {
    list: () => list.all().map(read),
    get: (sequence) => one(get.get(sequence)),
    newest: () => one(newest.get()),
    add: (report) => void add.run(toRow(COLUMNS, report)),
  }
}
