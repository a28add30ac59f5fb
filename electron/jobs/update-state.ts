/** Where a device stands with one firmware, judged from what it says of its banks and its update: pure functions. */
import { IotmcError } from '../contract/errors'
import type { BankStatus, DeviceUpdate } from '../contract/firmware'
import type { Job } from '../contract/job'

/** The firmware that a job brings. */
export interface Wanted {
  readonly version: string
  readonly sha256: string
}

/**
 * `none`: nothing of this firmware is planned or running; `busy`: another one is under way; `confirmed`: it runs and is
 * kept; the others as the device's own states.
 */
export type Stage =
  | 'none'
  | 'busy'
  | 'scheduled'
  | 'downloading'
  | 'verifying'
  | 'staged'
  | 'rebooting'
  | 'trial'
  | 'confirmed'
  | 'rolledBack'
  | 'failed'

const ORDER: readonly Stage[] = [
  'scheduled',
  'downloading',
  'verifying',
  'staged',
  'rebooting',
  'trial',
  'confirmed',
]
const UNDER_WAY: ReadonlySet<string> = new Set([
  'downloading',
  'verifying',
  'staged',
  'rebooting',
  'probation',
])

/** Whether `stage` is `least` or further on the way. */
export const isAtLeast = (stage: Stage, least: Stage): boolean => ORDER.indexOf(stage) >= ORDER.indexOf(least)

/** The bank that runs, or runs next to the other's trial. */
export const activeBankOf = (status: BankStatus) =>
  status.banks.find((bank) => bank.slot === status.activeBank)

const runs = (status: BankStatus, { version, sha256 }: Wanted): boolean => {
  const active = activeBankOf(status)
  return active?.version === version && (active.sha256 === undefined || active.sha256 === sha256)
}

/** An end of an earlier update with the same version says nothing: only that of `updateId` counts. */
export const stageOf = (status: BankStatus, wanted: Wanted, updateId?: string): Stage => {
  const update = status.update?.version === wanted.version ? status.update : undefined
  if (runs(status, wanted)) {
    if (update?.state === 'probation') return 'trial'
    return update?.state === 'rebooting' ? 'rebooting' : 'confirmed'
  }
  if (!update) return UNDER_WAY.has(status.update?.state ?? '') ? 'busy' : 'none'
  switch (update.state) {
    case 'rolledBack':
    case 'failed':
      return update.updateId === updateId ? update.state : 'none'
    // It says so of a bank that does not run: the old account of a firmware that was replaced since.
    case 'idle':
    case 'confirmed':
      return 'none'
    case 'probation':
      return 'rebooting'
    default:
      return update.state
  }
}

/** The update that this job has planned on the device, as journalled. */
export const plannedUpdate = (job: Job): string | undefined =>
  job.steps.find((step) => step.name === 'schedule')?.note

/** The error of an update that ended on the device by its own account. */
export const endedBadly = (udn: string, update: DeviceUpdate | undefined): IotmcError => {
  if (update?.state === 'rolledBack')
    return new IotmcError('ROLLED_BACK', { subject: udn, detail: update.rollback ?? 'no reason was told' })
  return new IotmcError(update?.code ?? 'ACTION_FAILED', {
    subject: udn,
    detail: 'the device has ended the update',
  })
}
