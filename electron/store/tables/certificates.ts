/**
 * Certificates of this site's authority, each issued exactly once. A row is *reserved*, with its serial number, and
 * committed before anything is signed; then it becomes *issued*. Whatever crashes in between, one request can never
 * bring forth two different certificates.
 */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { IotmcError } from '../../contract/errors'
import { type Database, durableTransaction } from '../database'
import { fromRow, placeholders, toRow } from '../rows'

export const CERTIFICATE_KINDS = ['IDevID', 'LDevID', 'Controller'] as const
export type CertificateKind = (typeof CERTIFICATE_KINDS)[number]

const base = {
  /** Lower-case hex without separators, positive, 16 bytes. */
  serialNumber: z.string(),
  kind: z.enum(CERTIFICATE_KINDS),
  udn: z.string(),
  requestSha256: z.string(),
  publicKeySha256: z.string(),
  /** Use it as the notBefore moment, so that a completed reservation is the certificate that was meant. */
  reservedAtMs: z.number(),
}
const rowSchema = z.discriminatedUnion('state', [
  z.object({ ...base, state: z.literal('reserved') }),
  z.object({
    ...base,
    state: z.literal('issued'),
    issuedAtMs: z.number(),
    notAfter: z.string(),
    fingerprint: z.string(),
    pem: z.string(),
    chainPem: z.string(),
  }),
])
export type CertificateRecord = z.output<typeof rowSchema>
export type IssuedRecord = Extract<CertificateRecord, { state: 'issued' }>

export interface Reservation {
  readonly kind: CertificateKind
  readonly udn: string
  /** SHA-256 of the certificate request's DER, hex. */
  readonly requestSha256: string
  /** SHA-256 of the SubjectPublicKeyInfo, hex. */
  readonly publicKeySha256: string
  readonly atMs: number
}

export interface SignedCertificate {
  readonly pem: string
  readonly chainPem: string
  readonly notAfter: string
  readonly fingerprint: string
}

export interface CertificateTable {
  /**
   * The row of a request, made and committed if there is none. `issued`: hand that certificate out again.
   * `reserved`: sign with exactly its serial number, then `complete`. The same key of the same device in a new request
   * gives the same row. Errors: KEY_REUSED (another device shows this key), IDENTITY_REVOKED (its certificate was revoked).
   */
  reserve(reservation: Reservation): CertificateRecord
  /** Keeps the signed certificate; where another run was first, that one stands and is returned. Errors: DEFECT. */
  complete(serialNumber: string, signed: SignedCertificate, atMs: number): IssuedRecord
  get(serialNumber: string): CertificateRecord | undefined
  byRequest(requestSha256: string): CertificateRecord | undefined
  byKey(kind: CertificateKind, publicKeySha256: string): CertificateRecord | undefined
  /** Newest first. */
  ofDevice(udn: string): CertificateRecord[]
  /** Those handed out to devices and to other programs, newest first, read one by one as they are asked for. */
  handedOut(): Iterable<HandedOut>
}

const handedOutSchema = z.object({
  serialNumber: z.string(),
  kind: z.enum(['LDevID', 'Controller']),
  udn: z.string(),
  issuedAtMs: z.number(),
  notAfter: z.string(),
  /** Of other programs only: their name and role are in it. */
  pem: z.string().optional(),
})
export type HandedOut = z.output<typeof handedOutSchema>

const COLUMNS = [
  'serialNumber',
  'kind',
  'udn',
  'requestSha256',
  'publicKeySha256',
  'state',
  'reservedAtMs',
] as const
const SIGNED = ['serialNumber', 'issuedAtMs', 'notAfter', 'fingerprint', 'pem', 'chainPem'] as const

/** The `certificates` table; `newSerial` is injected in tests only. */
export const certificateTable = (
  database: Database,
  newSerial: () => string = randomSerial,
): CertificateTable => {
  const select = (where: string) => database.prepare(`SELECT * FROM certificates WHERE ${where}`)
  const bySerial = select('serialNumber = ?')
  const byRequest = select('requestSha256 = ?')
  const byKey = select('kind = ? AND publicKeySha256 = ?')
  const ofDevice = select('udn = ? ORDER BY reservedAtMs DESC, rowid DESC')
  const handedOut = database.prepare(
    `SELECT serialNumber, kind, udn, issuedAtMs, notAfter, CASE kind WHEN 'Controller' THEN pem END AS pem
     FROM certificates WHERE state = 'issued' AND kind IN ('LDevID', 'Controller')
     ORDER BY issuedAtMs DESC, rowid DESC`,
  )
  const revoked = database.prepare('SELECT 1 FROM revocations WHERE serialNumber = ?')
  const insert = database.prepare(
    `INSERT INTO certificates (${COLUMNS.join(', ')}) VALUES (${placeholders(COLUMNS)})`,
  )
  const issue = database.prepare(
    `UPDATE certificates SET state = 'issued', issuedAtMs = :issuedAtMs, notAfter = :notAfter,
       fingerprint = :fingerprint, pem = :pem, chainPem = :chainPem
     WHERE serialNumber = :serialNumber AND state = 'reserved'`,
  )
  const one = (row: unknown): CertificateRecord | undefined =>
    row === undefined ? undefined : fromRow(rowSchema, 'certificates', row)

  const existing = (wanted: Reservation): CertificateRecord | undefined => {
    const found =
      one(byRequest.get(wanted.requestSha256)) ?? one(byKey.get(wanted.kind, wanted.publicKeySha256))
    if (!found) return undefined
    const same = found.kind === wanted.kind && found.publicKeySha256 === wanted.publicKeySha256
    if (found.udn !== wanted.udn || !same) {
      throw new IotmcError('KEY_REUSED', { subject: wanted.udn, detail: `this key belongs to ${found.udn}` })
    }
    if (revoked.get(found.serialNumber) !== undefined) {
      throw new IotmcError('IDENTITY_REVOKED', { subject: wanted.udn, detail: 'a new key is needed' })
    }
    return found
  }

  const table: CertificateTable = {
    reserve: (wanted) =>
      durableTransaction(database, () => {
        const found = existing(wanted)
        if (found) return found
        const serialNumber = newSerial()
        const { atMs, ...rest } = wanted
        insert.run(toRow(COLUMNS, { ...rest, serialNumber, state: 'reserved', reservedAtMs: atMs }))
        return { ...rest, serialNumber, state: 'reserved', reservedAtMs: atMs }
      }),
    complete: (serialNumber, signed, atMs) => {
      durableTransaction(database, () =>
        issue.run(toRow(SIGNED, { ...signed, serialNumber, issuedAtMs: atMs })),
      )
      const row = table.get(serialNumber)
      if (row?.state !== 'issued') {
        throw new IotmcError('DEFECT', { subject: serialNumber, detail: 'completed without a reservation' })
      }
      return row
    },
    get: (serialNumber) => one(bySerial.get(serialNumber)),
    byRequest: (requestSha256) => one(byRequest.get(requestSha256)),
    byKey: (kind, publicKeySha256) => one(byKey.get(kind, publicKeySha256)),
    handedOut: function* () {
      for (const row of handedOut.iterate()) yield fromRow(handedOutSchema, 'certificates', row)
    },
    ofDevice: (udn) => ofDevice.all(udn).map((row: unknown) => fromRow(rowSchema, 'certificates', row)),
  }
  return table
}

/** 16 random bytes made a positive DER integer of full length (RFC 5280 §4.1.2.2). */
const randomSerial = (): string => {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}
