/** Enrolments, one row per device identity (docs/protocol.md §5): the same device asking again finds its row. */
import { z } from 'zod'
import { type Enrollment, enrollmentSchema } from '../../contract/enrollment'
import { IotmcError } from '../../contract/errors'
import { type Database, transaction } from '../database'
import { fromRow, toRow, upsertSql } from '../rows'

const rowSchema = enrollmentSchema.omit({ group: true }).extend({
  groupName: z.string().optional(),
  requestDer: z.instanceof(Uint8Array).optional(),
  requestSha256: z.string().optional(),
  publicKeySha256: z.string().optional(),
})

/** An enrolment with the certificate request it came with, which stays in the controller. */
export interface EnrollmentRecord extends Enrollment {
  readonly requestDer?: Uint8Array | undefined
  /** SHA-256 of `requestDer`, hex; the key of certificates.reserve. */
  readonly requestSha256?: string | undefined
  readonly publicKeySha256?: string | undefined
}

type EnrollmentState = Enrollment['state']

/** Where a row may go. A confirmed or rejected device that asks afresh, with a new request, starts again. */
const MOVES: Readonly<Record<EnrollmentState, readonly EnrollmentState[]>> = {
  pending: ['approved', 'rejected'],
  approved: ['issued', 'rejected', 'pending'],
  issued: ['confirmed', 'rejected', 'pending', 'approved'],
  confirmed: ['pending', 'approved', 'issued', 'rejected'],
  rejected: ['pending', 'approved'],
}

/** Whether an enrolment may go from one state to another; staying is always allowed. */
export const isMoveAllowed = (from: EnrollmentState, to: EnrollmentState): boolean =>
  from === to || MOVES[from].includes(to)

export interface EnrollmentTable {
  /** Oldest request first. */
  list(): EnrollmentRecord[]
  get(enrollmentId: string): EnrollmentRecord | undefined
  byIdentity(identityFingerprint: string): EnrollmentRecord | undefined
  /** The newest row of a UDN. */
  byUdn(udn: string): EnrollmentRecord | undefined
  /** Writes the whole row. Errors: DEFECT where the identity has another row, or the certificate is not on record. */
  put(enrollment: EnrollmentRecord): void
  /**
   * Changes a row, in one transaction, if its state is one of `from`; undefined if it is not, or there is no row.
   * Errors: DEFECT for a move that the table of states does not have.
   */
  move(
    enrollmentId: string,
    from: readonly EnrollmentState[],
    change: Partial<Omit<EnrollmentRecord, 'enrollmentId' | 'identityFingerprint'>> & { updatedAtMs: number },
  ): EnrollmentRecord | undefined
  remove(enrollmentId: string): void
}

const COLUMNS = [
  'enrollmentId',
  'udn',
  'model',
  'hardwareRevision',
  'firmwareVersion',
  'serialNumber',
  'identityFingerprint',
  'state',
  'groupName',
  'ldevidSerial',
  'ldevidNotAfter',
  'configurationVersion',
  'rejectCode',
  'requestedAtMs',
  'updatedAtMs',
  'requestDer',
  'requestSha256',
  'publicKeySha256',
] as const

/** The `enrollments` table. */
export const enrollmentTable = (database: Database): EnrollmentTable => {
  const select = (rest: string) => database.prepare(`SELECT ${COLUMNS.join(', ')} FROM enrollments ${rest}`)
  const list = select('ORDER BY requestedAtMs, enrollmentId')
  const get = select('WHERE enrollmentId = ?')
  const byIdentity = select('WHERE identityFingerprint = ?')
  const byUdn = select('WHERE udn = ? ORDER BY updatedAtMs DESC, rowid DESC LIMIT 1')
  const put = database.prepare(upsertSql('enrollments', 'enrollmentId', COLUMNS))
  const remove = database.prepare('DELETE FROM enrollments WHERE enrollmentId = ?')
  const one = (row: unknown): EnrollmentRecord | undefined => (row === undefined ? undefined : read(row))

  const table: EnrollmentTable = {
    list: () => list.all().map(read),
    get: (enrollmentId) => one(get.get(enrollmentId)),
    byIdentity: (identityFingerprint) => one(byIdentity.get(identityFingerprint)),
    byUdn: (udn) => one(byUdn.get(udn)),
    put: ({ group, ...rest }) => {
      try {
        put.run(toRow(COLUMNS, { ...rest, groupName: group }))
      } catch (thrown) {
        const detail = thrown instanceof Error ? thrown.message.slice(0, 200) : ''
        throw new IotmcError('DEFECT', { subject: rest.udn, detail, cause: thrown })
      }
    },
    move: (enrollmentId, from, change) =>
      transaction(database, () => {
        const row = table.get(enrollmentId)
        if (!row || !from.includes(row.state)) return undefined
        const next: EnrollmentRecord = { ...row, ...change }
        if (!isMoveAllowed(row.state, next.state)) {
          throw new IotmcError('DEFECT', {
            subject: row.udn,
            detail: `enrolment ${row.state} → ${next.state}`,
          })
        }
        table.put(next)
        return next
      }),
    remove: (enrollmentId) => void remove.run(enrollmentId),
  }
  return table
}

const read = (row: unknown): EnrollmentRecord => {
  const { groupName, ...rest } = fromRow(rowSchema, 'enrollments', row)
  return groupName === undefined ? rest : { ...rest, group: groupName }
}

/** What of a record may leave the controller's own process parts. */
export const publicEnrollment = (record: EnrollmentRecord): Enrollment => {
  const { requestDer: _der, requestSha256: _sha, publicKeySha256: _key, ...shown } = record
  return shown
}
