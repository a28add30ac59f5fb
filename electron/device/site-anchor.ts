/** The certificate of the site's authority, which a device trusts from provisioning until it is wiped. */
import { asIotmcError, IotmcError } from '../contract/errors'
import type { Role } from '../contract/names'
import { readCertificate, splitPem } from '../identity/certificate'
import { TrustStore } from '../identity/trust'
import type { Clock } from '../net/clock'
import type { PeerVerdict } from '../net/tls'
import { readFileBounded } from './atomic-file'
import type { DeviceLog } from './log'
import type { StateFile } from './state-file'

const ANCHOR_MAX_BYTES = 16 * 1024

/** The anchor as one PEM block, or CERTIFICATE_INVALID: not one certificate, no authority's, or not valid now. */
export const checkAnchor = (text: string, nowMs: number): string => {
  const invalid = (detail: string, cause?: unknown) =>
    new IotmcError('CERTIFICATE_INVALID', { subject: 'SiteTrustAnchor', detail, cause })
  if (text.length > ANCHOR_MAX_BYTES) throw invalid('too long')
  const [pem, second] = splitPem(text)
  if (!pem) throw invalid('not PEM')
  if (second) throw invalid('more than one certificate')
  let summary: ReturnType<typeof readCertificate>['summary']
  try {
    summary = readCertificate(pem).summary
  } catch (cause) {
    throw invalid('unreadable', cause)
  }
  if (!summary.isCa) throw invalid("not an authority's certificate")
  if (Date.parse(summary.notAfter) < nowMs) throw invalid('expired')
  return pem
}

/** The anchor in a file, undefined while there is no such file. */
export const readAnchorFile = (path: string, nowMs: number): string | undefined => {
  const text = readFileBounded(path, ANCHOR_MAX_BYTES)
  return text === undefined || text.trim() === '' ? undefined : checkAnchor(text, nowMs)
}

/** Serial numbers, in normal form, of what the site has revoked. */
export type Revoked = () => ReadonlySet<string>
const NOBODY: ReadonlySet<string> = new Set()
const nobody: Revoked = () => NOBODY

/** Trust in one site and nobody else. */
export const siteTrust = (anchorPem: string, now: () => number, revoked: Revoked = nobody): TrustStore =>
  new TrustStore({ roots: () => [], siteCa: () => anchorPem, crls: () => [], revoked, now })

export type CallerVerdict =
  | { readonly ok: true; readonly role: Role; readonly udn?: string }
  | Extract<PeerVerdict, { ok: false }>

/** Who a caller is to a device: what its site says of it; before there is a site, everybody is Public. */
export const judgeCaller = (
  anchorPem: string | undefined,
  chainDer: readonly Buffer[],
  now: () => number,
  revoked?: Revoked,
): CallerVerdict => {
  if (!anchorPem) return { ok: true, role: 'Public' }
  const verdict = siteTrust(anchorPem, now, revoked).judge(chainDer)
  if (!verdict.ok)
    return { ok: false, code: verdict.code, ...(verdict.detail ? { detail: verdict.detail } : {}) }
  return { ok: true, role: verdict.role, ...(verdict.udn ? { udn: verdict.udn } : {}) }
}

export interface AnchorTools {
  readonly store: StateFile
  /** Where a site leaves its authority's certificate. */
  readonly anchorFile: string | undefined
  readonly clock: Clock
  readonly log: DeviceLog
}

/** True when an anchor was found that was not there before. Once accepted it stays until the device is wiped. */
export const acceptAnchor = ({ store, anchorFile, clock, log }: AnchorTools): boolean => {
  const { phase, anchorPem } = store.current
  if (phase !== 'commissioning' || anchorPem || !anchorFile) return false
  try {
    const found = readAnchorFile(anchorFile, clock.now())
    if (!found) return false
    store.update({ anchorPem: found })
    log('anchor-accepted')
    return true
  } catch (thrown) {
    const { code, detail } = asIotmcError(thrown)
    log('anchor-refused', { code, ...(detail ? { detail } : {}) })
    return false
  }
}
