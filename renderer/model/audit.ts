/** What the audit screen shows of a line, and how it finds one. */
import type { AuditLine, AuditPage } from '../../electron/contract/access'
import type { Device } from '../../electron/contract/device'

/** Actions that have a name in the window's languages. */
export const AUDIT_ACTIONS = [
  'sign-in',
  'sign-in-failed',
  'sign-out',
  'account-added',
  'account-changed',
  'account-removed',
  'account-idle',
  'client-certificate-issued',
  'enroll-requested',
  'enrollment-approved',
  'enrollment-rejected',
  'enrollment-revoked',
  'enrollment-not-reopened',
  'enrollment-confirmed',
  'certificate-issued',
  'certificate-renewed',
  'jobs-started',
  'jobs-cancelled',
  'jobs-retried',
  'device-identified',
  'action-called',
  'provisioning-started',
  'group-saved',
  'expected-changed',
  'settings-changed',
  'trust-added',
  'trust-removed',
  'configuration.apply',
  'configuration.applied',
  'configuration.rollback',
  'configuration.rolled-back',
  'configuration.failed',
  'check.started',
  'log.clear',
  'log.cleared',
  'log.exportedOnDevice',
  'report-made',
  'bundle-made',
  'firmware.added',
  'firmware.removed',
  'firmware.offered',
  'firmware.serial',
  'firmware.confirmed',
  'firmware.reverted',
  'rollout.started',
  'rollout.paused',
  'rollout.resumed',
  'rollout.stopped',
  'rollout.retried',
  'station-entered',
  'station-left',
  'station-configured',
  'signed-in',
  'signed-out',
  'pin-refused',
  'lane-unlocked',
  'person-added',
  'person-removed',
  'root-created',
  'station-signed',
  'station-authority-installed',
  'batch-paused',
  'batch-resumed',
  'jobs-cleared',
  'certificate-revoked',
  'decommission-ordered',
  'decommission-stopped',
  'decommission-revoked',
  'decommission-wiped',
  'decommission-proven',
  'decommission-certified',
  'decommission-closed',
  'device-described',
  'group-removed',
  'identity-blocked',
  'label-scanned',
  'plan-imported',
  'plan-scanned',
  'site-work.applied',
  'site-work.cancelled',
  'site-work.done',
  'site-work.failed',
] as const
export type AuditAction = (typeof AUDIT_ACTIONS)[number]
/** The key of its text: a dot would part the key. */
export type AuditTextKey<A extends string = AuditAction> = A extends `${infer B}.${infer E}` ? `${B}-${E}` : A

/** Where the text of an action is; undefined for one that has none. */
export const auditTextKey = (action: string): AuditTextKey | undefined => {
  const known = AUDIT_ACTIONS.find((one) => one === action)
  return known && (known.replace('.', '-') as AuditTextKey)
}

/** What to ask for when somebody types into the device filter: the UDN of the one device that is meant, else the text. */
export const subjectFilter = (text: string, devices: Iterable<Device>): string => {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return ''
  const fitting: Device[] = []
  for (const device of devices) {
    const names = [device.name, device.serialNumber]
    if (names.some((name) => name?.toLowerCase() === wanted)) return device.udn
    if (names.some((name) => name?.toLowerCase().includes(wanted))) fitting.push(device)
  }
  return fitting.length === 1 && fitting[0] ? fitting[0].udn : text.trim().slice(0, 64)
}

/** Newer lines before those there are, each once, newest first. */
export const withNewer = (lines: AuditLine[], newer: AuditLine[]): AuditLine[] => {
  const newest = lines[0]?.id ?? 0
  const added = newer.filter(({ id }) => id > newest)
  return added.length === 0 ? lines : [...added, ...lines]
}

/** What is shown once the newest page has come: joined, or begun anew where so much was added that a hole would be left. */
export const withNewest = (known: AuditPage, page: AuditPage): AuditPage => {
  const newest = known.lines[0]?.id ?? 0
  const touches = !page.more || page.lines.some(({ id }) => id <= newest)
  return touches ? { ...known, lines: withNewer(known.lines, page.lines) } : page
}
