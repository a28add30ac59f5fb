/** What has to be true before a device, an authority or a step is gone on with. Pure. */
import { createHash } from 'node:crypto'
import { IotmcError } from '../contract/errors'
import { isSoftwareHeld, type StationConfig, type Unit, type UnitState } from '../contract/factory'
import type { Job } from '../contract/job'
import type { LabelFacts } from '../contract/label'
import type { StationAuthority } from '../factory/authority'
import type { DeviceInfo } from '../factory/factory-device'
import { derBlocks } from '../identity/pem'

/** Version of group 64 that this program speaks. */
const GROUP_VERSION = 1

const WAY: readonly UnitState[] = [
  'reserved',
  'keyed',
  'issued',
  'installed',
  'verified',
  'proven',
  'locked',
  'complete',
]

/** Whether a unit stands at this state or behind it; one that was burned or scrapped stands nowhere. */
export const hasReached = (unit: Unit | undefined, state: UnitState): boolean =>
  unit !== undefined && WAY.indexOf(unit.state) >= WAY.indexOf(state)

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Whether the device says that it has this certificate installed. */
export const hasCertificate = ({ certificate }: DeviceInfo, pem: string | undefined): boolean => {
  const [leaf] = pem === undefined ? [] : derBlocks(pem, 'CERTIFICATE')
  return leaf !== undefined && certificate !== undefined && sha256(leaf).equals(certificate)
}

const sha256 = (der: Uint8Array): Buffer => createHash('sha256').update(der).digest()

/** A parameter that every such job was submitted with. */
export const paramOf = (job: Job, name: 'lane' | 'model' | 'operator' | 'hardwareId'): string => {
  const value = job.params[name]
  if (value === undefined) throw new IotmcError('DEFECT', { subject: job.subject, detail: `no ${name}` })
  return value
}

export interface DeviceCheck {
  readonly job: Job
  readonly info: DeviceInfo
  readonly config: StationConfig
  /** What is on record of this number and this very board. */
  readonly unit: Unit | undefined
  readonly certificatePem: string | undefined
}

/**
 * The device of this job, fit to be worked on? Errors: BAD_ANSWER, OTHER_DEVICE, WRONG_MODEL, SOFTWARE_KEY_REFUSED,
 * ALREADY_LOCKED (unless this very unit was about to be locked, with this certificate), WRONG_PHASE.
 */
export const checkDevice = ({ job, info, config, unit, certificatePem }: DeviceCheck): void => {
  const subject = job.subject
  if (info.version !== GROUP_VERSION)
    throw new IotmcError('BAD_ANSWER', { subject, detail: `group 64 in version ${info.version}` })
  if (hexOf(info.hardwareId) !== paramOf(job, 'hardwareId'))
    throw new IotmcError('OTHER_DEVICE', { subject, detail: `board ${hexOf(info.hardwareId)}` })
  const model = paramOf(job, 'model')
  if (info.model !== model)
    throw new IotmcError('WRONG_MODEL', { subject: info.model, detail: `not ${model}` })
  if (isSoftwareHeld(info.keyStorage) && !config.acceptSoftwareKeys)
    throw new IotmcError('SOFTWARE_KEY_REFUSED', { subject, detail: `key storage ${info.keyStorage}` })
  if (info.locked) {
    if (hasReached(unit, 'proven') && hasCertificate(info, certificatePem)) return
    const name = info.serialNumber ?? info.udn ?? info.model
    throw new IotmcError('ALREADY_LOCKED', { subject: name, detail: `phase ${info.phase}` })
  }
  if (info.phase !== 'manufacturing') throw new IotmcError('WRONG_PHASE', { subject, detail: info.phase })
}

/** An authority that may issue now. Errors: AUTHORITY_MISSING, AUTHORITY_EXPIRED. */
export const checkAuthority = (authority: StationAuthority | undefined, nowMs: number): StationAuthority => {
  if (!authority) throw new IotmcError('AUTHORITY_MISSING')
  const { commonName, notBeforeMs, notAfterMs } = authority
  if (nowMs > notAfterMs)
    throw new IotmcError('AUTHORITY_EXPIRED', { subject: commonName, detail: `since ${dayOf(notAfterMs)}` })
  if (nowMs < notBeforeMs)
    throw new IotmcError('AUTHORITY_EXPIRED', {
      subject: commonName,
      detail: `not valid before ${dayOf(notBeforeMs)}: is the clock of this laptop right?`,
    })
  return authority
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** Compares what was read back with what was sent, byte by byte. Errors: READ_BACK_DIFFERS. */
export const checkReadBack = (read: readonly Buffer[], chainPem: string, subject: string): void => {
  const sent = derBlocks(chainPem, 'CERTIFICATE')
  if (read.length !== sent.length)
    throw differs(subject, `${read.length} certificates read, ${sent.length} sent`)
  const at = sent.findIndex((der, index) => !read[index]?.equals(der))
  if (at >= 0) throw differs(subject, `certificate ${at + 1} of ${sent.length} is another`)
}

/** A device at the end of its way: locked, waiting for its network, with its certificate. Errors: READ_BACK_DIFFERS. */
export const checkComplete = (
  info: DeviceInfo,
  certificatePem: string | undefined,
  subject: string,
): void => {
  const problems = [
    info.locked ? '' : 'not locked',
    info.phase === 'provisioning' ? '' : `phase ${info.phase}`,
    hasCertificate(info, certificatePem) ? '' : 'another certificate',
  ].filter((problem) => problem !== '')
  if (problems.length > 0) throw differs(subject, problems.join(', '))
}

/** Errors: READ_BACK_DIFFERS where the label would name another device. */
export const checkLabel = (label: LabelFacts, unit: Unit): void => {
  const same = label.udn === unit.udn && label.serialNumber === unit.serialNumber
  if (!same) throw differs(unit.serialNumber, `the label says ${label.serialNumber}, ${label.udn}`)
}

const differs = (subject: string, detail: string): IotmcError =>
  new IotmcError('READ_BACK_DIFFERS', { subject, detail })

const STANDS_AT: Readonly<Record<UnitState, string>> = {
  reserved: 'the number is reserved, the device is blank',
  keyed: 'the device has its key, no certificate yet',
  issued: 'its certificate is issued, not installed',
  installed: 'its certificate is installed, not read back',
  verified: 'its certificate is read back, the key not proven',
  proven: 'its key is proven, the device not locked',
  locked: 'the device is locked, not checked for the last time',
  complete: 'the device is complete',
  burned: 'the number was burned',
  scrapped: 'the device was scrapped',
}

const STEPS_OF_DEVICE: readonly string[] = ['keygen', 'install', 'lock']

/** How the device is now, in a few words: where the ledger has it, and what may have happened since. */
export const stateWords = (unit: Unit | undefined): string => {
  if (!unit) return 'nothing was changed on the device'
  const { openStep } = unit
  const open = openStep && STEPS_OF_DEVICE.includes(openStep) ? `; ${openStep} may have happened` : ''
  return `${STANDS_AT[unit.state]}${open}`
}
