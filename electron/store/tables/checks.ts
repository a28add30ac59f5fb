/** Guided health checks: what each has found so far, and which test runs on the device for it now. */
import { z } from 'zod'
import { CHECK_TESTS, healthCheckSchema } from '../../contract/self-test'
import { type Database, transaction } from '../database'
import { fromRow, jsonColumn } from '../rows'

const contentSchema = z.object({
  check: healthCheckSchema,
  /** The test that the device was told to run: asked for after a restart, instead of begun anew. */
  running: z.object({ test: z.enum(CHECK_TESTS), testId: z.number().int() }).optional(),
})
export type CheckRecord = z.output<typeof contentSchema>

const rowSchema = z.object({ content: jsonColumn(contentSchema) })

export interface CheckTable {
  get(id: string): CheckRecord | undefined
  /** Newest first; of one device or of all. */
  list(query: { readonly udn?: string | undefined; readonly limit: number }): CheckRecord[]
  /** Those that have not ended. */
  open(): CheckRecord[]
  /** Writes the whole record, and drops the oldest ones beyond `CHECKS_KEPT`. */
  save(record: CheckRecord): void
}

/** Checks kept of all devices together. */
export const CHECKS_KEPT = 20_000

/** The table `checks`. */
export const checkTable = (database: Database): CheckTable => {
  const get = database.prepare('SELECT content FROM checks WHERE id = ?')
  const all = database.prepare('SELECT content FROM checks ORDER BY startedAtMs DESC, id LIMIT ?')
  const ofDevice = database.prepare(
    'SELECT content FROM checks WHERE udn = ? ORDER BY startedAtMs DESC, id LIMIT ?',
  )
  const open = database.prepare(
    "SELECT content FROM checks WHERE json_extract(content, '$.check.endedAtMs') IS NULL ORDER BY startedAtMs",
  )
  const update = database.prepare('UPDATE checks SET content = ? WHERE id = ?')
  const insert = database.prepare('INSERT INTO checks (id, udn, startedAtMs, content) VALUES (?, ?, ?, ?)')
  const prune = database.prepare(
    'DELETE FROM checks WHERE id IN (SELECT id FROM checks ORDER BY startedAtMs DESC, id LIMIT -1 OFFSET ?)',
  )
  const read = (row: unknown): CheckRecord => fromRow(rowSchema, 'checks', row).content
  return {
    get: (id) => {
      const row = get.get(id)
      return row === undefined ? undefined : read(row)
    },
    list: ({ udn, limit }) => (udn === undefined ? all.all(limit) : ofDevice.all(udn, limit)).map(read),
    open: () => open.all().map(read),
    save: (record) => {
      const { id, udn, startedAtMs } = record.check
      const content = JSON.stringify(record)
      if (update.run(content, id).changes > 0) return
      transaction(database, () => {
        insert.run(id, udn, startedAtMs, content)
        prune.run(CHECKS_KEPT)
      })
    },
  }
}
