import type { ErrorCode } from '../contract/errors'
import type { CertificateSummary } from '../contract/identity'
import type { Role } from '../contract/names'
import { BoundedMap } from './bounded-map'
import { type CertificateFacts, readCertificate, splitPem } from './certificate'
import { type CrlFacts, type RevokedSerials, readCrl } from './crl'
import { type Anchor, type CertificateKind, findPath, type Usage } from './path'

/** What the trust store trusts, asked at each judgement so that a change counts at once. */
export interface TrustSources {
  /** Trusted factory roots, PEM. */
  roots(): readonly string[]
  /** The site's CA certificate, PEM: an anchor even if it is not self-signed. */
  siteCa(): string | undefined
  /** Revocation lists, PEM. A list that is out of date still counts. */
  crls(): readonly string[]
  /** Serial numbers (normal form) that the site has revoked: they count before the list that says so is made. */
  revoked?(): ReadonlySet<string>
  /** Fingerprints (as in CertificateSummary) of factory certificates that the site keeps out whoever vouches for them. */
  blocked?(): ReadonlySet<string>
  /** Milliseconds since 1970; undefined where neither time nor revocation are to count (see PathInput). */
  now(): number | undefined
}

export interface Expectation {
  readonly udn?: string
  readonly kind?: CertificateKind
  /** What the certificate must be made for; without it either role in TLS will do. */
  readonly usage?: Usage
}

export type Verdict =
  | {
      readonly ok: true
      readonly kind: CertificateKind
      /** Always Public under a factory root: only the site gives roles. */
      readonly role: Role
      readonly udn?: string
      readonly deviceSerial?: string
      /** Root first. */
      readonly chain: readonly CertificateSummary[]
    }
  | {
      readonly ok: false
      readonly code: ErrorCode
      readonly detail: string
      readonly chain: readonly CertificateSummary[]
    }

const SENT_MAX = 8

/** Decides whether a certificate chain is the identity that it claims to be (docs/protocol.md §3). */
export class TrustStore {
  readonly #sources: TrustSources
  readonly #parsed = new BoundedMap<string, CertificateFacts | undefined>(2048)
  readonly #anchors = new BoundedMap<string, readonly CertificateFacts[]>(512)
  readonly #crls = new BoundedMap<string, CrlFacts | undefined>(64)
  readonly #signatures = new BoundedMap<string, boolean>(4096)

  constructor(sources: TrustSources) {
    this.#sources = sources
  }

  /** Judges a chain, leaf first, the rest in any order. Never throws for what a peer sent. */
  judge(chainDer: readonly Buffer[], expect: Expectation = {}): Verdict {
    const [leaf, ...others] = chainDer.slice(0, SENT_MAX).map((der) => this.#parse(der))
    if (!leaf)
      return refuse(
        'IDENTITY_NOT_TRUSTED',
        chainDer[0] ? 'the certificate can not be read' : 'no certificate',
      )
    return this.judgeRead(
      leaf,
      others.filter((one) => one !== undefined),
      expect,
    )
  }

  /** As judge, for certificates that were read already. */
  judgeRead(leaf: CertificateFacts, others: readonly CertificateFacts[], expect: Expectation = {}): Verdict {
    const found = findPath({
      leaf,
      others,
      anchors: this.#anchorList().filter(({ kind }) => kind === (expect.kind ?? kind)),
      crls: this.#crlList(),
      nowMs: this.#sources.now(),
      ...(expect.usage ? { usage: expect.usage } : {}),
      isSignedBy: (child, issuer) => this.#isSignedBy(child, issuer),
    })
    if (this.#sources.blocked?.().has(leaf.summary.fingerprint))
      return refuse('IDENTITY_REVOKED', 'this site keeps this identity out', found.path)
    if ('code' in found) return refuse(found.code, found.detail, found.path)
    if (expect.udn !== undefined && leaf.udn !== expect.udn)
      return refuse('UDN_MISMATCH', `the certificate is for ${leaf.udn ?? 'no device'}`, found.path)
    return {
      ok: true,
      kind: found.kind,
      role: found.kind === 'LDevID' ? leaf.role : 'Public',
      ...(leaf.udn ? { udn: leaf.udn } : {}),
      ...(leaf.deviceSerial ? { deviceSerial: leaf.deviceSerial } : {}),
      chain: rootFirst(found.path),
    }
  }

  #parse(der: Buffer): CertificateFacts | undefined {
    return this.#parsed.take(der.toString('latin1'), () => attempt(() => readCertificate(der)))
  }

  #anchorList(): Anchor[] {
    const read = (pem: string) =>
      this.#anchors.take(pem, () => splitPem(pem).flatMap((one) => attempt(() => readCertificate(one)) ?? []))
    const siteCa = this.#sources.siteCa()
    const [site] = siteCa === undefined ? [] : read(siteCa)
    return [
      ...(site ? [{ facts: site, kind: 'LDevID' as const }] : []),
      ...this.#sources
        .roots()
        .flatMap(read)
        .map((facts) => ({ facts, kind: 'IDevID' as const })),
    ]
  }

  #crlList(): RevokedSerials[] {
    const lists = this.#sources
      .crls()
      .map((pem) => this.#crls.take(pem, () => attempt(() => readCrl(pem))))
      .filter((one) => one !== undefined)
    const serials = this.#sources.revoked?.()
    const [site] = serials ? this.#anchorList().filter(({ kind }) => kind === 'LDevID') : []
    return serials && site ? [...lists, revokedBy(site.facts, serials)] : lists
  }

  #isSignedBy(child: CertificateFacts, issuer: CertificateFacts): boolean {
    const key = `${child.summary.fingerprint} ${issuer.summary.fingerprint}`
    return this.#signatures.take(key, () => attempt(() => child.x509.verify(issuer.x509.publicKey)) ?? false)
  }
}

/** What an authority has revoked, known without a list of its own making. */
const revokedBy = (issuer: CertificateFacts, serials: ReadonlySet<string>): RevokedSerials => ({
  issuerDer: issuer.subjectDer,
  serials,
  signedBy: ({ summary }) => summary.fingerprint === issuer.summary.fingerprint,
})

const rootFirst = (path: readonly CertificateFacts[]): CertificateSummary[] =>
  path.map((one) => one.summary).reverse()

const refuse = (code: ErrorCode, detail: string, path: readonly CertificateFacts[] = []): Verdict => ({
  ok: false,
  code,
  detail,
  chain: rootFirst(path),
})

const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work()
  } catch {
    return undefined
  }
}
