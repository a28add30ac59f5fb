/** Which jobs may be tried again where they stand in a list. */
import type { Job } from '../../electron/contract/job'

/**
 * Provisioning has forgotten its secrets: its wizard asks for them again. A device that was to leave, and of which nothing
 * was revoked yet, is ordered to leave anew.
 */
export const mayTryAgain = ({ kind, state, steps }: Job): boolean => {
  if ((state !== 'failed' && state !== 'cancelled') || kind === 'provision') return false
  const revoke = kind === 'decommission' ? steps.find(({ name }) => name === 'revoke') : undefined
  return revoke === undefined || revoke.startedAtMs !== undefined
}
