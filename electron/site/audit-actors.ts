/** Whom a line of the audit names: who asked for it, or the device that did it by itself. */
import type { AccountActor } from './account-desk'

/** What devices do of their own accord, whoever is signed in at that moment. */
const BY_DEVICE: readonly string[] = [
  'enroll-requested',
  'certificate-issued',
  'certificate-renewed',
  'enrollment-confirmed',
]

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
  return action === 'enrollment-approved' && !detail?.startsWith('technician') ? POLICY : who
}
