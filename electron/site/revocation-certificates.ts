/** The certificates of this site as people look for them. */
import { type IssuedCertificateView, reasonName } from '../contract/decommission'
import { commonNameOf } from '../factory/authority-chain'
import { type CertificateFacts, readCertificate } from '../identity/certificate'
import { normalSerial } from '../identity/serial-number'
import type { Records } from '../store/records'
import type { HandedOut } from '../store/tables/certificates'

interface IssuedSources {
  readonly records: Pick<Records, 'certificates' | 'revocations'>
  readonly nameOf: (udn: string) => string | undefined
  /** The controller's own. */
  readonly own: CertificateFacts
}

/** The controller's own first, then newest first; `search` in name, UDN and serial number. */
export const listIssued = (
  { records, nameOf, own }: IssuedSources,
  { search, limit }: { readonly search: string; readonly limit: number },
): IssuedCertificateView[] => {
  const fits = matcher(search)
  const found: IssuedCertificateView[] = []
  const views = function* (): Iterable<IssuedCertificateView> {
    yield ownView(own)
    for (const one of records.certificates.handedOut()) yield viewOf(one, nameOf)
  }
  for (const view of views()) {
    if (!fits(view)) continue
    const revocation = records.revocations.get(view.serialNumber)
    const { atMs, reason } = revocation ?? {}
    found.push(atMs === undefined ? view : { ...view, revoked: { atMs, reason: reasonName(reason) } })
    if (found.length >= limit) break
  }
  return found
}

const matcher = (search: string): ((view: IssuedCertificateView) => boolean) => {
  const wanted = search.trim().toLowerCase()
  const digits = wanted.replace(/:/g, '')
  return ({ name, udn, serialNumber }) =>
    name.toLowerCase().includes(wanted) ||
    udn.toLowerCase().includes(wanted) ||
    serialNumber.toLowerCase().includes(digits)
}

const ownView = (own: CertificateFacts): IssuedCertificateView => ({
  serialNumber: own.summary.serialNumber,
  kind: 'Controller',
  ...nameAndRole(own),
  udn: own.udn ?? '',
  issuedAtMs: own.notBeforeMs,
  notAfter: own.summary.notAfter,
  own: true,
})

const viewOf = (
  { serialNumber, kind, udn, issuedAtMs, notAfter, pem }: HandedOut,
  nameOf: (udn: string) => string | undefined,
): IssuedCertificateView => ({
  serialNumber: normalSerial(serialNumber),
  kind,
  // Its name and role stand in the certificate itself.
  ...(pem === undefined ? { name: nameOf(udn) ?? udn } : nameAndRole(readCertificate(pem))),
  udn,
  issuedAtMs,
  notAfter,
  own: false,
})

const nameAndRole = (facts: CertificateFacts): Pick<IssuedCertificateView, 'name' | 'role'> => ({
  name: commonNameOf(facts),
  ...(facts.role === 'Public' ? {} : { role: facts.role }),
})
