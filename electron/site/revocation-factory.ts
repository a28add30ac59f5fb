/**
 * The list of this laptop's own factory authority: what it issued and this site keeps out. Other sites take it as they take
 * any factory's list; here the block itself counts.
 */
import type { Authority } from '../identity/authority'
import { readCertificate } from '../identity/certificate'
import { derBlocks } from '../identity/pem'
import type { Clock } from '../net/clock'
import type { Records } from '../store/records'

const FACT = 'factoryRevocationListNumber'
/** CRLReason privilegeWithdrawn: the site says why it keeps a device out in its own records. */
const REASON = 9

export interface FactoryIssuer {
  authority(): Promise<Pick<Authority, 'issueCrl' | 'certificatePem'> | undefined>
  /** By fingerprint as in CertificateSummary; undefined where this laptop did not make it. */
  certificate(fingerprint: string): string | undefined
}

interface FactoryListOptions {
  readonly clock: Clock
  readonly records: Pick<Records, 'facts' | 'blockedIdentities'>
  readonly factory?: FactoryIssuer
}

export class FactoryList {
  constructor(private readonly o: FactoryListOptions) {}

  /** PEM of the list as of now; undefined where this laptop issued none of what is kept out. */
  async make(): Promise<string | undefined> {
    const { clock, records, factory } = this.o
    const authority = await factory?.authority()
    if (!factory || !authority) return undefined
    const issuer = readCertificate(authority.certificatePem)
    const revoked = records.blockedIdentities.list().flatMap(({ fingerprint, atMs }) => {
      const pem = factory.certificate(fingerprint)
      const facts = pem === undefined ? undefined : readCertificate(pem)
      if (!facts?.issuerDer.equals(issuer.subjectDer) || facts.authorityKeyId !== issuer.subjectKeyId)
        return []
      return [{ serialNumber: facts.summary.serialNumber, atMs, reason: REASON }]
    })
    if (revoked.length === 0) return undefined
    const nowMs = clock.now()
    const number = Math.max(nowMs, Number(records.facts.get(FACT) ?? 0) + 1)
    records.facts.set(FACT, String(number))
    return authority.issueCrl(revoked, new Date(nowMs), number)
  }

  /** As a file to hand on. */
  static file(pem: string, format: 'pem' | 'der'): { readonly name: string; readonly data: Buffer } {
    if (format === 'pem') return { name: 'factory-crl.pem', data: Buffer.from(pem) }
    return { name: 'factory.crl', data: derBlocks(pem, 'X509 CRL')[0] ?? Buffer.alloc(0) }
  }
}
