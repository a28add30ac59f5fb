/** What people do to the site and its devices, as lines of its audit. */
import type { Job } from '../contract/job'
import type { ProvisionRequest } from '../contract/provision'
import type { Settings } from '../contract/settings'
import type { DecommissionDesk } from './decommission-desk'

interface Audited {
  readonly operation: { audit(action: string, subject: string, detail?: string): void }
}

/**
 * Writes one line for each subject, in the name of whoever is signed in, and gives `result` on. Called with what was
 * done as `result`, so that nothing is written of what was refused.
 */
export const noted = <T>(
  site: Audited | undefined,
  action: string,
  subjects: string | readonly string[],
  result: T,
): T => {
  for (const subject of typeof subjects === 'string' ? [subjects] : subjects)
    site?.operation.audit(action, subject)
  return result
}

interface Guarded extends Audited {
  readonly life: { readonly decommissions: Pick<DecommissionDesk, 'requireFree'> }
}

/**
 * Before it is asked: where the answer is lost, nobody knows whether it was done. Reading is not written down. Errors:
 * FROZEN for anything else on a device that is leaving.
 */
export const noteCall = (site: Guarded, udn: string, action: string): void => {
  if (/\.Get[A-Z]/.test(action)) return
  site.life.decommissions.requireFree('configure', [udn])
  site.operation.audit('action-called', udn, action.slice(0, 100))
}

/** Which network a device was to be brought into; gives the job's `id` on. */
export const notedProvisioning = (site: Audited, request: ProvisionRequest, id: string): string => {
  const subject = request.via === 'network' ? request.udn : request.path
  site.operation.audit('provisioning-started', subject, request.ssid)
  return id
}

/** The devices of jobs. */
export const subjectsOf = (jobs: readonly Job[], ids: readonly string[]): string[] =>
  jobs.filter(({ id }) => ids.includes(id)).map(({ subject }) => subject)

/** Names of the settings that a change is about; language and theme are everybody's own. */
export const changedSettings = (change: Partial<Settings>): string[] =>
  Object.keys(change).filter((name) => name !== 'language' && name !== 'theme')
