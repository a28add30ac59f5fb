/** Whether a device can be given a bundle, and why not: one pure judgement for wizard, terminal and job. */
import type { Fit, Manifest, UnfitReason, UpdateState } from '../contract/firmware'
import { compareVersions, isVersion } from './version'

/** What is known of a device; an absent member is not known. */
export interface FitFacts {
  readonly udn: string
  readonly managed: boolean
  /** Member of this site: in operation or maintenance. */
  readonly enrolled: boolean
  readonly online: boolean
  /** It says that it can be updated over the network. */
  readonly ota: boolean
  readonly model?: string | undefined
  readonly hardwareRevision?: string | undefined
  readonly firmwareVersion?: string | undefined
  /** Its floor: nothing below it may be installed. */
  readonly securityVersion?: number | undefined
  readonly updateState?: UpdateState | undefined
}

type Made = Pick<Manifest, 'model' | 'hardwareRevisions' | 'version' | 'securityVersion'>

interface Cause {
  readonly reason: UnfitReason
  readonly detail?: string
}

/** Under way or on trial: another update would be refused as busy. */
const RUNNING: ReadonlySet<UpdateState> = new Set([
  'downloading',
  'verifying',
  'staged',
  'rebooting',
  'probation',
])

const unreachable = (device: FitFacts): Cause | undefined => {
  if (!device.managed) return { reason: 'not-managed' }
  if (!device.enrolled) return { reason: 'not-enrolled' }
  return device.ota ? undefined : { reason: 'no-ota' }
}

const wrongHardware = ({ model, hardwareRevision }: FitFacts, made: Made): Cause | undefined => {
  if (model === undefined) return { reason: 'unknown-state', detail: 'model' }
  if (model !== made.model) return { reason: 'wrong-model', detail: made.model }
  if (hardwareRevision === undefined) return { reason: 'unknown-state', detail: 'hardware revision' }
  if (made.hardwareRevisions.includes(hardwareRevision)) return undefined
  return { reason: 'wrong-revision', detail: made.hardwareRevisions.slice(0, 8).join(', ') }
}

const wrongVersion = ({ firmwareVersion, securityVersion }: FitFacts, made: Made): Cause | undefined => {
  if (firmwareVersion === undefined || !isVersion(firmwareVersion)) {
    return { reason: 'unknown-state', detail: 'firmware version' }
  }
  const order = compareVersions(made.version, firmwareVersion)
  if (order === 0) return { reason: 'same-version' }
  if (order < 0) return { reason: 'lower-version' }
  // Not known before it was asked: then the device itself decides.
  if (securityVersion === undefined || made.securityVersion >= securityVersion) return undefined
  return { reason: 'security-version', detail: `${made.securityVersion} < ${securityVersion}` }
}

/**
 * The first cause against it, hardest first. A device that only is not there at the moment fits, with the reason
 * `offline`: it may be chosen and is held until it is back.
 */
export const fitOf = (device: FitFacts, manifest: Made): Fit => {
  const { udn, firmwareVersion } = device
  const known = { udn, ...(firmwareVersion !== undefined && { currentVersion: firmwareVersion }) }
  const cause = unreachable(device) ?? wrongHardware(device, manifest) ?? wrongVersion(device, manifest)
  if (cause !== undefined) return { ...known, fits: false, ...cause }
  if (device.updateState !== undefined && RUNNING.has(device.updateState)) {
    return { ...known, fits: false, reason: 'update-running', detail: device.updateState }
  }
  return device.online ? { ...known, fits: true } : { ...known, fits: true, reason: 'offline' }
}
