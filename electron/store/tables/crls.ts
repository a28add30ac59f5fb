/** Revocation lists of factory authorities, the newest of each issuer. */
import { z } from 'zod'
import type { Database } from '../database'
import { fromRow, toRow, upsertSql } from '../rows'

const rowSchema = z.object({ issuer: z.string(), pem: z.string(), addedAtMs: z.number() })
export type StoredCrl = z.output<typeof rowSchema>

export interface CrlTable {
  list(): StoredCrl[]
  /** Takes the place of an older list of the same issuer. */
  put(crl: StoredCrl): void
}

const COLUMNS = ['issuer', 'pem', 'addedAtMs'] as const

/** The `crls` table. */
export const crlTable = (database: Database): CrlTable => {
  const list = database.prepare(`SELECT ${COLUMNS.join(', ')} FROM crls ORDER BY issuer`)
  const put = database.prepare(upsertSql('crls', 'issuer', COLUMNS))
  return {
    list: () => list.all().map((row: unknown) => fromRow(rowSchema, 'crls', row)),
    put: (crl) => void put.run(toRow(COLUMNS, crl)),
  }
}
