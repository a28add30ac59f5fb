/** Whom a line of the audit names: who asked for it, or the device that did it by itself. */
import type { AccountActor } from './account-desk'

/** What devices do of their own accord, whoever is signed in at that moment. */
const BY_DEVICE: readonly string[] = [
  'enroll-requested',
  'certificate-issued',
  'certificate-renewed',
  'enrollment-confirmed',
]

/** What jobs do once somebody has started them, whoever is signed in by then; who started them has a line of his own. */
const BY_JOB: readonly string[] = [
  'configuration.applied',
  'configuration.rolled-back',
  'configuration.failed',
  'log.cleared',
]
const JOB: AccountActor = { name: 'job' }

/** What approved a device without asking anybody. */
const POLICY: AccountActor = { name: 'approval policy' }

/** `who` is the account that is signed in, or the owner of the laptop. */
export const actorOf = (
  action: string,
  subject: string,
  who: AccountActor,
  detail: string | undefined,
): AccountActor => {
  if (BY_DEVICE.includes(action)) return { name: subject }
  if (BY_JOB.includes(action)) return JOB
  return action === 'enrollment-approved' && !detail?.startsWith('technician') ? POLICY : who
}
