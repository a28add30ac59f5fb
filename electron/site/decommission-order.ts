/** The record that an order of decommissioning begins with. */
import { LEAVE_REASON_NAMES } from '../contract/decommission'
import type { DecommissionState } from '../contract/decommission-states'
import type { Device } from '../contract/device'
import { plainFingerprint } from '../contract/fingerprint'
import type { Job } from '../contract/job'
import type { Records } from '../store/records'
import type { KeptDecommission } from '../store/tables/decommissions'

/** From here on an order can't be called off. */
export const REVOKED_FROM: readonly DecommissionState[] = [
  'revoked',
  'queued',
  'wiped',
  'proven',
  'certified',
  'closed',
]

/** A SHA-256 in hex digits as in CertificateSummary: upper-case pairs joined by colons. */
export const pairs = (hex: string): string => (hex.toUpperCase().match(/../g) ?? []).join(':')

type Enrollment = ReturnType<Records['enrollments']['byUdn']>

/** What is known of the device when it is ordered; `nonce` in hex digits. */
export const orderedRecord = (
  { id, subject: udn, params, createdAtMs }: Job,
  device: Device | undefined,
  enrollment: Enrollment,
  nonce: string,
): KeptDecommission => {
  const serialNumber = device?.serialNumber ?? enrollment?.serialNumber
  const model = device?.model ?? enrollment?.model
  const idevid = enrollment?.identityFingerprint
  return {
    id,
    udn,
    name: device?.name ?? serialNumber ?? udn,
    ...(model ? { model } : {}),
    ...(serialNumber ? { serialNumber } : {}),
    ...(device?.place ? { place: device.place } : {}),
    orderedAtMs: createdAtMs,
    orderedBy: params.by ?? '',
    reason: LEAVE_REASON_NAMES.find((one) => one === params.reason) ?? 'retired',
    note: params.note ?? '',
    state: 'ordered',
    nonce,
    revoked: [],
    ...(idevid ? { idevid: plainFingerprint(idevid) } : {}),
  }
}
