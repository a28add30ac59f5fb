/** What would happen to devices that are to leave, before anything does. */
import type { DecommissionPreviewRow } from '../contract/decommission'
import type { DecommissionState } from '../contract/decommission-states'
import type { Device } from '../contract/device'
import type { ErrorCode } from '../contract/errors'
import { plainFingerprint } from '../contract/fingerprint'
import { isEnded, type Job } from '../contract/job'
import { normalSerial } from '../identity/serial-number'
import type { Records } from '../store/records'
import type { CertificateRecord } from '../store/tables/certificates'
import { isOver } from './decommission-close'

export interface LookParts {
  readonly records: Pick<Records, 'certificates' | 'enrollments' | 'revocations'>
  readonly device: (udn: string) => Device | undefined
  readonly isOnline: (udn: string) => boolean
  /** All there are. */
  readonly jobs: readonly Job[]
  /** How far an order that counts is, and whether the device came back as new since. */
  readonly standing: (
    udn: string,
  ) => { readonly state: DecommissionState; readonly cameBack: boolean } | undefined
}

/** A row for each device, once. */
export const lookAtAll = (udns: readonly string[], parts: LookParts): DecommissionPreviewRow[] => {
  const open = new Map<string, Job[]>()
  for (const job of parts.jobs)
    if (!isEnded(job.state)) open.set(job.subject, [...(open.get(job.subject) ?? []), job])
  return [...new Set(udns)].map((udn) => look(udn, open.get(udn) ?? [], parts))
}

/** Those that can be taken out. */
export const able = (rows: readonly DecommissionPreviewRow[]): DecommissionPreviewRow[] =>
  rows.filter(({ problem }) => problem === undefined)

/** LDevIDs of a device that are not revoked yet, those that are being signed among them. */
export const unrevoked = (
  { certificates, revocations }: Pick<Records, 'certificates' | 'revocations'>,
  udn: string,
): CertificateRecord[] =>
  certificates
    .ofDevice(udn)
    .filter(({ kind, serialNumber }) => kind === 'LDevID' && !revocations.has(serialNumber))

const look = (udn: string, jobs: readonly Job[], parts: LookParts): DecommissionPreviewRow => {
  const device = parts.device(udn)
  const enrollment = parts.records.enrollments.byUdn(udn)
  const serialNumber = device?.serialNumber ?? enrollment?.serialNumber
  const idevid = enrollment?.identityFingerprint
  const standby = device?.firmware?.banks?.find(({ slot }) => slot !== device.firmware?.activeBank)
  const problem = problemOf(udn, device, jobs, parts)
  return {
    udn,
    name: device?.name ?? serialNumber ?? udn,
    ...(serialNumber ? { serialNumber } : {}),
    online: parts.isOnline(udn),
    ldevids: unrevoked(parts.records, udn)
      .filter(({ state }) => state === 'issued')
      .map((one) => normalSerial(one.serialNumber)),
    ...(idevid ? { idevid: plainFingerprint(idevid) } : {}),
    jobs: jobs.length,
    ...(standby?.version ? { standbyVersion: standby.version } : {}),
    ...(problem ? { problem } : {}),
  }
}

const problemOf = (
  udn: string,
  device: Device | undefined,
  jobs: readonly Job[],
  { records, standing }: LookParts,
): ErrorCode | undefined => {
  if (jobs.some(({ kind }) => kind === 'decommission')) return 'FROZEN'
  const order = standing(udn)
  // One that was closed without proof and turns up after all is still to be wiped.
  if (order && (!isOver(order) || (order.state === 'closed' && !order.cameBack))) return undefined
  if (order && !order.cameBack) return 'DECOMMISSIONED'
  const { certificates, enrollments } = records
  if (enrollments.byUdn(udn) !== undefined || certificates.ofDevice(udn).length > 0) return undefined
  if (!device) return 'DEVICE_UNKNOWN'
  return device.managed ? 'WRONG_PHASE' : 'DEVICE_NOT_MANAGED'
}
