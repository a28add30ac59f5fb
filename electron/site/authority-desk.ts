/** Who lets this station issue certificates: the offline root, the request, its signing, the answer. */
import { IotmcError } from '../contract/errors'
import type { AuthorityView } from '../contract/factory'
import { createRoot, installStation, requestStation, rootOf, signStation } from '../factory/authority'
import { readCertificate, splitPem } from '../identity/certificate'
import type { Vault } from '../identity/vault'
import type { Clock } from '../net/clock'

export interface AuthorityDeskOptions {
  readonly clock: Clock
  readonly vault: Vault
  /** Where a root of this laptop lies, in a vault of its own. */
  readonly rootFolder: string
  /** Trusted factory roots, PEM. */
  readonly roots: () => readonly string[]
  readonly trustRoot: (pem: string) => void
  readonly audit: (action: string, subject: string) => void
  /** The station's side of the view. */
  readonly view: () => Omit<AuthorityView, 'rootHere'>
  /** Told when the station's authority or request is another one. */
  readonly changed: () => Promise<void>
}

export class AuthorityDesk {
  constructor(private readonly options: AuthorityDeskOptions) {}

  view(): AuthorityView {
    const rootHere = rootOf(this.options.rootFolder)
    return { ...this.options.view(), ...(rootHere ? { rootHere } : {}) }
  }

  /** Makes the root; this laptop trusts it from now on. Errors: REQUEST_REFUSED if there is one. */
  async createRoot(request: {
    readonly commonName: string
    readonly passphrase: string
  }): Promise<AuthorityView> {
    const root = await createRoot(this.options.rootFolder, { ...request, now: this.now() })
    this.options.trustRoot(root.pem)
    this.options.audit('root-created', root.fingerprint)
    return this.view()
  }

  /** The request of this station; the same again until an answer is installed. */
  async request(commonName: string): Promise<AuthorityView> {
    await requestStation(this.options.vault, { commonName })
    await this.options.changed()
    return this.view()
  }

  /** Errors: AUTHORITY_MISSING without a root here, PASSPHRASE_WRONG, LOCKED_OUT, REQUEST_INVALID. */
  async sign(request: {
    readonly requestPem: string
    readonly passphrase: string
    readonly quota: number
    readonly days: number
  }): Promise<{ chainPem: string; subject: string; fingerprint: string }> {
    const { rootFolder, audit } = this.options
    if (!rootOf(rootFolder))
      throw new IotmcError('AUTHORITY_MISSING', { detail: 'there is no root on this laptop' })
    const signed = await signStation(rootFolder, { ...request, now: this.now() })
    audit('station-signed', signed.fingerprint)
    return signed
  }

  /** Errors: AUTHORITY_UNTRUSTED where the root is not trusted here, CERTIFICATE_INVALID, AUTHORITY_EXPIRED. */
  async install(chainPem: string): Promise<AuthorityView> {
    const { vault, roots, changed, audit } = this.options
    this.requireTrustedRoot(chainPem, roots())
    const installed = await installStation(vault, chainPem, { now: this.now() })
    audit('station-authority-installed', installed.fingerprint)
    await changed()
    return this.view()
  }

  /** A chain proves itself under any root: which root, is for this laptop to say. */
  private requireTrustedRoot(chainPem: string, roots: readonly string[]): void {
    const root = splitPem(chainPem).map(readCertificate).at(-1)
    const trusted = roots.map((pem) => readCertificate(pem).summary.fingerprint)
    if (root && !trusted.includes(root.summary.fingerprint))
      throw new IotmcError('AUTHORITY_UNTRUSTED', {
        subject: root.summary.subject,
        detail: 'add this root under Settings first, if it is yours',
      })
  }

  private now(): Date {
    return new Date(this.options.clock.now())
  }
}
