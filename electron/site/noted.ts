/** What people do to the site and its devices, as lines of its audit. */
import { IotmcError } from '../contract/errors'
import { isEnded, type Job } from '../contract/job'
import type { ProvisionRequest } from '../contract/provision'
import type { Settings } from '../contract/settings'
import type { AccountDesk } from './account-desk'
import type { DecommissionDesk } from './decommission-desk'
import { REVOKED_FROM } from './decommission-order'
import type { SiteJobs } from './site-jobs'

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
 * FROZEN for anything else on a device that is leaving, ORDER_NEEDED for the wipe itself.
 */
export const noteCall = (site: Guarded, udn: string, action: string): void => {
  if (/\.Get[A-Z]/.test(action)) return
  site.life.decommissions.requireFree('configure', [udn])
  // It would be wiped with its certificate still good, nothing on record and nothing proven.
  if (action.endsWith('.Decommission')) throw new IotmcError('ORDER_NEEDED', { subject: udn })
  site.operation.audit('action-called', udn, action.slice(0, 100))
}

/** Which network a device was to be brought into; gives the job's `id` on. */
export const notedProvisioning = (site: Audited, request: ProvisionRequest, id: string): string => {
  const subject = request.via === 'network' ? request.udn : request.path
  site.operation.audit('provisioning-started', subject, request.ssid)
  return id
}

interface AtWork {
  readonly jobs: Pick<SiteJobs, 'list' | 'retry' | 'cancel'>
  readonly operation: Audited['operation'] & { readonly accounts: Pick<AccountDesk, 'require'> }
  readonly life: { readonly decommissions: Pick<DecommissionDesk, 'ofDevice'> }
}

/**
 * Jobs are tried again. What takes a device out of operation needs who may order it; before anything was revoked it needs
 * a new order, with its typed words. Errors: ORDER_NEEDED, ROLE_TOO_LOW, JOB_UNKNOWN.
 */
export const retryNoted = (site: AtWork, ids: readonly string[]): void => {
  const jobs = site.jobs.list()
  const leaving = leavingOf(jobs, ids).filter(({ state }) => isEnded(state))
  if (leaving.length > 0) site.operation.accounts.require('supervisor')
  for (const { id, subject } of leaving) {
    const record = site.life.decommissions.ofDevice(subject).find((one) => one.id === id)
    if (!record || !REVOKED_FROM.includes(record.state)) throw new IotmcError('ORDER_NEEDED', { subject })
  }
  noted(site, 'jobs-retried', subjectsOf(jobs, ids), site.jobs.retry(ids))
}

/** Jobs are called off; what takes a device out of operation by who may order it. Errors: ROLE_TOO_LOW, JOB_UNKNOWN. */
export const cancelNoted = (site: AtWork, ids: readonly string[]): void => {
  const jobs = site.jobs.list()
  if (leavingOf(jobs, ids).some(({ state }) => !isEnded(state))) site.operation.accounts.require('supervisor')
  noted(site, 'jobs-cancelled', subjectsOf(jobs, ids), site.jobs.cancel(ids))
}

const leavingOf = (jobs: readonly Job[], ids: readonly string[]): Job[] =>
  jobs.filter(({ id, kind }) => kind === 'decommission' && ids.includes(id))

/** The devices of jobs. */
const subjectsOf = (jobs: readonly Job[], ids: readonly string[]): string[] =>
  jobs.filter(({ id }) => ids.includes(id)).map(({ subject }) => subject)

/** Names of the settings that a change is about; language and theme are everybody's own. */
export const changedSettings = (change: Partial<Settings>): string[] =>
  Object.keys(change).filter((name) => name !== 'language' && name !== 'theme')
