/** A certificate revoked by a person. A device's is not alone: all that the device has goes, and a person lets it in again. */
import { isPhrase, type RevocationReason, revokePhrase } from '../contract/decommission'
import { REVOKED_BY_HAND } from '../contract/enrollment'
import { IotmcError } from '../contract/errors'
import { normalSerial } from '../identity/serial-number'
import type { Clock } from '../net/clock'
import type { Records } from '../store/records'
import type { CertificateRecord } from '../store/tables/certificates'
import { unrevoked } from './decommission-look'

export interface RevokeOrder {
  readonly serialNumber: string
  readonly reason: RevocationReason
  readonly phrase: string
}

interface ByHandParts {
  readonly clock: Clock
  readonly records: Pick<Records, 'certificates' | 'revocations' | 'enrollments'>
  /** Serial number (normal form) of the controller's own certificate. */
  readonly own: string
  /** Durable and honoured when it resolves. */
  readonly revoke: (
    ones: readonly { readonly serialNumber: string; readonly reason: RevocationReason }[],
  ) => Promise<unknown>
  /** The enrolment of this device has ended. */
  readonly enrollmentEnded: (udn: string) => void
  readonly audit: (action: string, subject: string, detail?: string) => void
}

/**
 * Where it is a device's LDevID that counts: every LDevID of the device that may still be valid is revoked with it, and its
 * enrolment is never approved by policy until a person does. Errors: CERTIFICATE_UNKNOWN, PHRASE_WRONG, REQUEST_REFUSED.
 */
export const revokeByHand = async (parts: ByHandParts, order: RevokeOrder): Promise<void> => {
  const { records, own, revoke } = parts
  const { reason } = order
  const unknown = new IotmcError('CERTIFICATE_UNKNOWN', { subject: order.serialNumber.slice(0, 64) })
  if (!/^[0-9A-Fa-f:]+$/.test(order.serialNumber)) throw unknown
  const serialNumber = normalSerial(order.serialNumber)
  const certificate = serialNumber === own ? undefined : records.certificates.get(serialNumber.toLowerCase())
  if (serialNumber !== own && !certificate) throw unknown
  if (!isPhrase(order.phrase, revokePhrase(serialNumber)))
    throw new IotmcError('PHRASE_WRONG', { detail: revokePhrase(serialNumber) })
  const named = { serialNumber, reason }
  if (!certificate || !counts(parts, certificate)) {
    await revoke([named])
    return
  }
  const { udn } = certificate
  const others = () =>
    unrevoked(records, udn)
      .filter((one) => normalSerial(one.serialNumber) !== serialNumber && mayRun(parts, one))
      .map((one) => ({ serialNumber: normalSerial(one.serialNumber), reason }))
  // First: nothing of it may be renewed or asked for again while the rest is under way.
  endEnrollment(parts, udn, serialNumber)
  await revoke([named, ...others()])
  // Once more: one that was being asked for meanwhile.
  const late = others()
  if (late.length > 0) await revoke(late)
}

/** Whether a device may be let in with it still: a device's, neither revoked nor over. */
const counts = (parts: ByHandParts, one: CertificateRecord): boolean =>
  one.kind === 'LDevID' && !parts.records.revocations.has(one.serialNumber) && mayRun(parts, one)

/** Those that are being signed among them. */
const mayRun = ({ clock }: ByHandParts, one: CertificateRecord): boolean =>
  one.state === 'reserved' || Date.parse(one.notAfter) >= clock.now()

const endEnrollment = (
  { clock, records, enrollmentEnded, audit }: ByHandParts,
  udn: string,
  why: string,
): void => {
  const row = records.enrollments.byUdn(udn)
  // Of a device that has left it has ended for good, by another policy.
  if (!row || row.rejectCode === 'DECOMMISSIONED') return
  const state = row.state === 'pending' ? 'pending' : 'rejected'
  records.enrollments.put({ ...row, state, rejectCode: REVOKED_BY_HAND, updatedAtMs: clock.now() })
  audit('enrollment-revoked', udn, why)
  enrollmentEnded(udn)
}
