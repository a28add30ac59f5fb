/**
 * Certificates that this site has revoked; the source of its revocation list. A revocation is never taken back. Beside
 * it, which device has told to have which list.
 */
import { z } from 'zod'
import { type Database, durableTransaction } from '../database'
import { fromRow, toRow } from '../rows'

const rowSchema = z.object({
  serialNumber: z.string(),
  atMs: z.number(),
  reason: z.number().int().optional(),
})
/** `serialNumber` in lower-case hex, as in the table of certificates; `reason` is a CRL reason code (RFC 5280 §5.3.1). */
export type Revocation = z.output<typeof rowSchema>

export interface RevocationTable {
  /** Oldest first. */
  list(): Revocation[]
  get(serialNumber: string): Revocation | undefined
  has(serialNumber: string): boolean
  /** The first revocation of a serial number stands; a second changes nothing. */
  add(revocation: Revocation): void
  /** All of them, or none, and on the disk when it returns. Gives those that were not there before. */
  addAll(revocations: readonly Revocation[]): Revocation[]
  /** Enrolled devices whose certificate is not revoked, and how many of them have told this list or a later one. */
  spread(crlNumber: number): { has: number; of: number }
  /** UDNs of enrolled devices that have not told this list or a later one. */
  behind(crlNumber: number): string[]
  /** Whether a device is one of `behind`. */
  isBehind(udn: string, crlNumber: number): boolean
  /** What a device says that it has, also when that is less than before. */
  told(udn: string, crlNumber: number): void
}

const COLUMNS = ['serialNumber', 'atMs', 'reason'] as const

const ENROLLED = `SELECT enrollments.udn AS udn, max(coalesce(devices.crlNumber, 0)) AS has
  FROM enrollments LEFT JOIN devices ON devices.udn = enrollments.udn
  WHERE enrollments.state IN ('issued', 'confirmed') AND enrollments.ldevidSerial IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM revocations WHERE serialNumber = lower(enrollments.ldevidSerial))`

/** The `revocations` table. */
export const revocationTable = (database: Database): RevocationTable => {
  const list = database.prepare(
    'SELECT serialNumber, atMs, reason FROM revocations ORDER BY atMs, serialNumber',
  )
  const get = database.prepare('SELECT serialNumber, atMs, reason FROM revocations WHERE serialNumber = ?')
  const add = database.prepare(
    'INSERT INTO revocations (serialNumber, atMs, reason) VALUES (:serialNumber, :atMs, :reason) ON CONFLICT DO NOTHING',
  )
  const spread = database.prepare(
    `SELECT count(*) AS total, coalesce(sum(has >= ?), 0) AS has FROM (${ENROLLED} GROUP BY enrollments.udn)`,
  )
  const behind = database.prepare(
    `SELECT udn FROM (${ENROLLED} GROUP BY enrollments.udn) WHERE has < ? ORDER BY udn`,
  )
  const isBehind = database.prepare(
    `SELECT 1 FROM (${ENROLLED} AND enrollments.udn = ? GROUP BY enrollments.udn) WHERE has < ?`,
  )
  const told = database.prepare(
    `INSERT INTO devices (udn, crlNumber) VALUES (:udn, :crlNumber)
     ON CONFLICT (udn) DO UPDATE SET crlNumber = excluded.crlNumber`,
  )
  const key = (serialNumber: string): string => serialNumber.toLowerCase()
  const insert = (one: Revocation): boolean =>
    add.run(toRow(COLUMNS, { ...one, serialNumber: key(one.serialNumber) })).changes > 0
  return {
    list: () => list.all().map((row: unknown) => fromRow(rowSchema, 'revocations', row)),
    get: (serialNumber) => {
      const row: unknown = get.get(key(serialNumber))
      return row === undefined ? undefined : fromRow(rowSchema, 'revocations', row)
    },
    has: (serialNumber) => get.get(key(serialNumber)) !== undefined,
    add: (revocation) => void insert(revocation),
    addAll: (revocations) => durableTransaction(database, () => revocations.filter(insert)),
    spread: (crlNumber) => {
      const row = spread.get(crlNumber) as { total: number; has: number }
      return { has: row.has, of: row.total }
    },
    behind: (crlNumber) => behind.all(crlNumber).map((row: unknown) => (row as { udn: string }).udn),
    isBehind: (udn, crlNumber) => isBehind.get(udn, crlNumber) !== undefined,
    told: (udn, crlNumber) => void told.run({ udn, crlNumber }),
  }
}
