/** Factory roots and revocation lists: kept in the records, cached for judging. */

import { IotmcError } from '../contract/errors'
import type { TrustRoot } from '../contract/identity'
import { readCertificate, splitPem } from '../identity/certificate'
import { readCrl } from '../identity/crl'
import type { Records } from '../store/records'

/** Reads once, judges often; `changed` is called after each change. */
export class TrustShelf {
  private rootPems: readonly string[] = []
  private crlPems: readonly string[] = []

  constructor(
    private readonly records: Records,
    private readonly now: () => number,
    private readonly changed: () => void,
  ) {
    this.refresh()
  }

  /** PEM of trusted factory roots. */
  roots = (): readonly string[] => this.rootPems

  /** PEM of revocation lists, the site's own not among them. */
  crls = (): readonly string[] => this.crlPems

  list(): TrustRoot[] {
    return this.records.trust.list().map(({ pem, name, addedAtMs, practice }) => ({
      ...readCertificate(pem).summary,
      name,
      addedAtMs,
      practice,
    }))
  }

  /** Takes roots and revocation lists from one PEM text, all or nothing; what it took, in words. Errors: FILE_INVALID, CERTIFICATE_INVALID. */
  add(pem: string, practice = false): string[] {
    const roots = splitPem(pem).map((block) => ({ block, facts: readCertificate(block) }))
    const lists = pem.match(/-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----/g) ?? []
    if (roots.length === 0 && lists.length === 0) {
      throw new IotmcError('FILE_INVALID', { detail: 'no certificate and no revocation list in it' })
    }
    for (const { facts } of roots) {
      const { isCa, subject } = facts.summary
      if (!isCa) throw new IotmcError('CERTIFICATE_INVALID', { subject, detail: 'not a CA certificate' })
    }
    const read = lists.map((block) => ({ block, facts: readCrl(block) }))
    this.records.transaction(() => {
      for (const { block, facts } of roots) {
        const { fingerprint, subject } = facts.summary
        const name = /CN=([^,\n]+)/.exec(subject)?.[1] ?? subject
        this.records.trust.put({ fingerprint, name, pem: block, practice, addedAtMs: this.now() })
      }
      for (const { block, facts } of read) {
        this.records.crls.put({
          issuer: facts.issuerDer.toString('base64'),
          pem: block,
          addedAtMs: this.now(),
        })
      }
    })
    this.refresh()
    return [...roots.map(({ facts }) => facts.summary.subject), ...lists.map(() => 'revocation list')]
  }

  /** Errors: VALUE_INVALID where there is no such root. */
  remove(fingerprint: string): void {
    if (!this.records.trust.remove(fingerprint)) {
      throw new IotmcError('VALUE_INVALID', { subject: fingerprint, detail: 'no such root' })
    }
    this.refresh()
  }

  private refresh(): void {
    this.rootPems = this.records.trust.list().map((root) => root.pem)
    this.crlPems = this.records.crls.list().map((crl) => crl.pem)
    this.changed()
  }
}
