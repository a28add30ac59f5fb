/** The devices of a site as the plan is compared with them: what was heard, and what is on record. */
import type { PlanDevice } from '../configuration/site-plan-compare'
import type { Device } from '../contract/device'
import { plainFingerprint } from '../contract/fingerprint'
import type { KnownDevice } from '../store/tables/devices'
import type { EnrollmentRecord } from '../store/tables/enrollments'

export interface DeviceRecords {
  readonly known: (udn: string) => Pick<KnownDevice, 'givenName' | 'place' | 'note'> | undefined
  readonly enrollment: (
    udn: string,
  ) => Pick<EnrollmentRecord, 'identityFingerprint' | 'hardwareRevision'> | undefined
  readonly isEnrolled: (udn: string) => boolean
}

/** SHA-256 of its factory certificate as it was proven; else the digits that it claims. */
const identityOf = (
  { proven, claimedIdentity }: Device,
  enrolled: string | undefined,
): string | undefined => {
  const known = proven?.kind === 'IDevID' ? proven.fingerprint : (enrolled ?? claimedIdentity)
  return known ? plainFingerprint(known) : undefined
}

export const planDevice = (device: Device, records: DeviceRecords): PlanDevice => {
  const { udn, name, model, serialNumber, online, proven, group, firmwareVersion } = device
  const known = records.known(udn)
  const enrollment = records.enrollment(udn)
  return {
    udn,
    name,
    model,
    serialNumber,
    proven: proven !== undefined,
    identity: identityOf(device, enrollment?.identityFingerprint),
    online,
    enrolled: records.isEnrolled(udn),
    givenName: known?.givenName,
    place: known?.place,
    note: known?.note,
    group: group === '' ? undefined : group,
    firmware: firmwareVersion === '' ? undefined : firmwareVersion,
    hardwareRevision: enrollment?.hardwareRevision,
  }
}

/** As an entry of a plan: what is known of it without asking, under its UDN. */
export const entryOf = (device: PlanDevice, values: Record<string, string>) => {
  const { udn, serialNumber, identity, model, givenName, place, note, group, firmware } = device
  const full = identity?.length === 64 ? identity : undefined
  const facts = { serialNumber, identity: full, model, name: givenName, place, note, group, firmware }
  const present = Object.fromEntries(
    Object.entries(facts).filter(([, text]) => text !== undefined && text !== ''),
  )
  return { ...present, udn, ...(Object.keys(values).length > 0 ? { values } : {}) }
}
