/** Who did what and when. The database itself refuses to change or delete a line. */
import { z } from 'zod'
import type { Database } from '../database'
import { fromRow, toRow } from '../rows'

const rowSchema = z.object({
  id: z.number().int(),
  atMs: z.number(),
  actor: z.string(),
  action: z.string(),
  subject: z.string().optional(),
  detail: z.string().optional(),
})
/** `actor` is the technician or the UDN of a device, `subject` what it was done to. No secrets in `detail`. */
export type AuditLine = z.output<typeof rowSchema>

export interface AuditTable {
  append(line: Omit<AuditLine, 'id'>): void
  /** Newest first; `beforeId` pages on. */
  list(page: { readonly limit: number; readonly beforeId?: number }): AuditLine[]
}

const COLUMNS = ['atMs', 'actor', 'action', 'subject', 'detail'] as const

/** The `audit` table. */
export const auditTable = (database: Database): AuditTable => {
  const append = database.prepare(
    'INSERT INTO audit (atMs, actor, action, subject, detail) VALUES (:atMs, :actor, :action, :subject, :detail)',
  )
  const list = database.prepare(
    `SELECT id, ${COLUMNS.join(', ')} FROM audit WHERE id < :beforeId ORDER BY id DESC LIMIT :limit`,
  )
  return {
    append: (line) => void append.run(toRow(COLUMNS, line)),
    list: ({ limit, beforeId = Number.MAX_SAFE_INTEGER }) =>
      list.all({ limit, beforeId }).map((row: unknown) => fromRow(rowSchema, 'audit', row)),
  }
}
