/** Factory identities that this site keeps out, by the fingerprint of their certificate. */
import { z } from 'zod'
import { type Database, durableTransaction } from '../database'
import { fromRow, placeholders, toRow } from '../rows'

const rowSchema = z.object({
  /** SHA-256 of the factory certificate: upper-case hex pairs joined by colons. */
  fingerprint: z.string(),
  /** Of the factory certificate, hex; empty where it is not known. */
  serialNumber: z.string(),
  udn: z.string(),
  atMs: z.number(),
})
export type BlockedIdentity = z.output<typeof rowSchema>

export interface BlockedIdentityTable {
  /** Newest first. */
  list(): BlockedIdentity[]
  /** On the disk when it returns; the first block of an identity stands. */
  add(blocked: BlockedIdentity): void
}

const COLUMNS = ['fingerprint', 'serialNumber', 'udn', 'atMs'] as const

/** The `blockedIdentities` table. */
export const blockedIdentityTable = (database: Database): BlockedIdentityTable => {
  const list = database.prepare(
    `SELECT ${COLUMNS.join(', ')} FROM blockedIdentities ORDER BY atMs DESC, fingerprint`,
  )
  const add = database.prepare(
    `INSERT INTO blockedIdentities (${COLUMNS.join(', ')}) VALUES (${placeholders(COLUMNS)}) ON CONFLICT DO NOTHING`,
  )
  return {
    list: () => list.all().map((row: unknown) => fromRow(rowSchema, 'blockedIdentities', row)),
    add: (blocked) => durableTransaction(database, () => void add.run(toRow(COLUMNS, blocked))),
  }
}
