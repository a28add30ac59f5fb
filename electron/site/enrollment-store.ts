/** The Enrollment service's view of the records: rows, and certificates that are signed once for one request. */
import type { Enrollment } from '../contract/enrollment'
import { ENROLLMENT_TIMINGS } from '../contract/timings'
import type { EnrollmentStore } from '../enrollment/service'
import type { Authority } from '../identity/authority'
import { sha256Hex, toPem } from '../identity/pem'
import type { CheckedRequest } from '../identity/request'
import type { Records } from '../store/records'
import { publicEnrollment } from '../store/tables/enrollments'

/** `now` in milliseconds. */
export const enrollmentStore = (
  records: Records,
  authority: Authority,
  now: () => number,
): EnrollmentStore => {
  const { enrollments, certificates } = records
  const shown = (row: Parameters<typeof publicEnrollment>[0] | undefined): Enrollment | undefined =>
    row ? publicEnrollment(row) : undefined
  return {
    byId: (enrollmentId) => shown(enrollments.get(enrollmentId)),
    byUdn: (udn) => shown(enrollments.byUdn(udn)),
    put: (row) => {
      const kept = enrollments.get(row.enrollmentId)
      enrollments.put({ ...kept, ...row })
    },
    begin: (row, request, chainDer) =>
      records.transaction(() => {
        // One identity has one row: a device that asks with a new key starts again.
        const before = enrollments.byIdentity(row.identityFingerprint)
        if (before) enrollments.remove(before.enrollmentId)
        const { der, publicKeySha256 } = request
        enrollments.put({ ...row, requestDer: der, requestSha256: sha256Hex(der), publicKeySha256 })
        const chainPem = chainDer.map((one) => toPem('CERTIFICATE', one)).join('')
        records.factoryIdentities.put(row.identityFingerprint, chainPem)
      }),
    keyHolder: (publicKeySha256) => certificates.byKey('LDevID', publicKeySha256)?.udn,
    request: (enrollmentId) => {
      const der = enrollments.get(enrollmentId)?.requestDer
      return der ? Buffer.from(der) : undefined
    },
    certificateFor: (request, subject) => issueOnce(records, authority, now, request, subject),
  }
}

type Subject = Parameters<EnrollmentStore['certificateFor']>[1]

const issueOnce = async (
  records: Records,
  authority: Authority,
  now: () => number,
  request: CheckedRequest,
  subject: Subject,
) => {
  const { certificates } = records
  const { publicKeySha256 } = request
  const reserved = certificates.reserve({
    kind: 'LDevID',
    udn: subject.udn,
    requestSha256: sha256Hex(request.der),
    publicKeySha256,
    atMs: now(),
  })
  if (reserved.state === 'issued') return reserved
  const { serialNumber } = reserved
  const signed = await authority.issueLdevid({
    csr: request,
    udn: subject.udn,
    serialNumber: subject.serialNumber,
    model: subject.model,
    validityDays: ENROLLMENT_TIMINGS.ldevidValidityDays,
    now: new Date(reserved.reservedAtMs),
    certificateSerial: serialNumber,
  })
  return certificates.complete(serialNumber, signed, now())
}
