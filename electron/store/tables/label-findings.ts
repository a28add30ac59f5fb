/** Labels that were found on a device and are not its own, until the right one is scanned. Never a setup code. */
import { z } from 'zod'
import { udnSchema } from '../../contract/device'
import type { Database } from '../database'
import { fromRow, jsonColumn, toRow, upsertSql } from '../rows'

const labelSchema = z.object({
  /** Absent where only a serial number was scanned. */
  udn: udnSchema.optional(),
  serialNumber: z.string(),
})
const rowSchema = z.object({ udn: udnSchema, atMs: z.number(), content: jsonColumn(labelSchema) })

/** What the label on the device `udn` says. */
export interface FoundLabel {
  readonly udn: string
  readonly atMs: number
  readonly label: z.output<typeof labelSchema>
}

export interface LabelFindingTable {
  /** Newest first. */
  list(): FoundLabel[]
  /** One for each device: the last. */
  put(found: FoundLabel): void
  remove(udn: string): void
}

const COLUMNS = ['udn', 'atMs', 'content'] as const

/** The `labelFindings` table. */
export const labelFindingTable = (database: Database): LabelFindingTable => {
  const list = database.prepare(`SELECT ${COLUMNS.join(', ')} FROM labelFindings ORDER BY atMs DESC, udn`)
  const put = database.prepare(upsertSql('labelFindings', 'udn', COLUMNS))
  const remove = database.prepare('DELETE FROM labelFindings WHERE udn = ?')
  return {
    list: () =>
      list.all().map((row: unknown) => {
        const { udn, atMs, content } = fromRow(rowSchema, 'labelFindings', row)
        return { udn, atMs, label: content }
      }),
    // Named one by one: whatever else the caller knows of the label, such as its setup code, does not get in.
    put: ({ udn, atMs, label }) => {
      const content = JSON.stringify({ udn: label.udn, serialNumber: label.serialNumber })
      put.run(toRow(COLUMNS, { udn, atMs, content }))
    },
    remove: (udn) => void remove.run(udn),
  }
}
