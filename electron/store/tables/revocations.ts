/** Certificates that this site has revoked; the source of its revocation list. A revocation is never taken back. */
import { z } from 'zod'
import type { Database } from '../database'
import { fromRow, toRow } from '../rows'

const rowSchema = z.object({
  serialNumber: z.string(),
  atMs: z.number(),
  reason: z.number().int().optional(),
})
/** `reason` is a CRL reason code (RFC 5280 §5.3.1). */
export type Revocation = z.output<typeof rowSchema>

export interface RevocationTable {
  /** Oldest first. */
  list(): Revocation[]
  has(serialNumber: string): boolean
  /** The first revocation of a serial number stands; a second changes nothing. */
  add(revocation: Revocation): void
}

const COLUMNS = ['serialNumber', 'atMs', 'reason'] as const

/** The `revocations` table. */
export const revocationTable = (database: Database): RevocationTable => {
  const list = database.prepare(
    'SELECT serialNumber, atMs, reason FROM revocations ORDER BY atMs, serialNumber',
  )
  const has = database.prepare('SELECT 1 FROM revocations WHERE serialNumber = ?')
  const add = database.prepare(
    'INSERT INTO revocations (serialNumber, atMs, reason) VALUES (:serialNumber, :atMs, :reason) ON CONFLICT DO NOTHING',
  )
  return {
    list: () => list.all().map((row: unknown) => fromRow(rowSchema, 'revocations', row)),
    has: (serialNumber) => has.get(serialNumber) !== undefined,
    add: (revocation) => void add.run(toRow(COLUMNS, revocation)),
  }
}
