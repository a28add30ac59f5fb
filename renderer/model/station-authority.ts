/** Whether the station may issue certificates, and for how long yet. Pure. */
import type { ErrorCode } from '../../electron/contract/errors'
import type { StationView } from '../../electron/contract/factory'

type Authority = StationView['authority']

/** The state of the authority by this laptop's clock: time passes between two views. */
export const authorityState = (authority: Authority, nowMs: number): Authority['state'] => {
  if (authority.state !== 'ready') return authority.state
  if (authority.notAfter !== undefined && Date.parse(authority.notAfter) <= nowMs) return 'expired'
  if (authority.quota !== undefined && authority.issued >= authority.quota) return 'exhausted'
  return 'ready'
}

const LOW_SHARE = 0.05
const LOW_MS = 14 * 86_400_000

/** ok, amber when less than a twentieth or 14 days are left, red when nothing can be issued. */
export const authorityTone = (authority: Authority, nowMs: number): 'ok' | 'warn' | 'bad' => {
  if (authorityState(authority, nowMs) !== 'ready') return 'bad'
  const { quota, issued, notAfter } = authority
  const fewLeft = quota !== undefined && (quota - issued) / quota < LOW_SHARE
  const soonOver = notAfter !== undefined && Date.parse(notAfter) - nowMs < LOW_MS
  return fewLeft || soonOver ? 'warn' : 'ok'
}

/** Why nothing at all can be started now, whatever is scanned. */
export const standingProblem = (
  view: Pick<StationView, 'authority' | 'ledgerProblem'>,
  nowMs: number,
): { readonly code: ErrorCode; readonly subject?: string } | undefined => {
  const { authority, ledgerProblem } = view
  if (ledgerProblem !== undefined) return { code: 'LEDGER_INVALID', subject: ledgerProblem }
  switch (authorityState(authority, nowMs)) {
    case 'missing':
    case 'requested':
      return { code: 'AUTHORITY_MISSING' }
    case 'expired':
      return { code: 'AUTHORITY_EXPIRED', ...(authority.commonName ? { subject: authority.commonName } : {}) }
    case 'exhausted':
      return { code: 'QUOTA_EXHAUSTED' }
    default:
      return undefined
  }
}
