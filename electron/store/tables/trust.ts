/** Factory roots that this site trusts. */
import { z } from 'zod'
import type { Database } from '../database'
import { flagColumn, fromRow, toRow, upsertSql } from '../rows'

const rowSchema = z.object({
  fingerprint: z.string(),
  name: z.string(),
  pem: z.string(),
  practice: flagColumn,
  addedAtMs: z.number(),
})
/** `fingerprint` is the SHA-256 of the DER as in CertificateSummary; `practice` marks a root for practice sites only. */
export type StoredRoot = z.output<typeof rowSchema>

export interface TrustTable {
  /** Oldest first. */
  list(): StoredRoot[]
  put(root: StoredRoot): void
  /** Whether there was one. */
  remove(fingerprint: string): boolean
}

const COLUMNS = ['fingerprint', 'name', 'pem', 'practice', 'addedAtMs'] as const

/** The `trustRoots` table. */
export const trustTable = (database: Database): TrustTable => {
  const list = database.prepare(
    `SELECT ${COLUMNS.join(', ')} FROM trustRoots ORDER BY addedAtMs, fingerprint`,
  )
  const put = database.prepare(upsertSql('trustRoots', 'fingerprint', COLUMNS))
  const remove = database.prepare('DELETE FROM trustRoots WHERE fingerprint = ?')
  return {
    list: () => list.all().map((row: unknown) => fromRow(rowSchema, 'trustRoots', row)),
    put: (root) => void put.run(toRow(COLUMNS, root)),
    remove: (fingerprint) => remove.run(fingerprint).changes > 0,
  }
}
