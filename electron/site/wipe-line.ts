/**
 * The one place that talks to a device whose certificate was revoked: to wipe it, and to hear that it is wiped. The device has
 * to show, byte for byte, a certificate that this site gave it, or the factory certificate that it was known by.
 */
import { asIotmcError, type ErrorCode, IotmcError } from '../contract/errors'
import { plainFingerprint } from '../contract/fingerprint'
import { readCertificate, splitPem } from '../identity/certificate'
import { sha256Hex } from '../identity/pem'
import { type Expectation, TrustStore } from '../identity/trust'
import type { WipeAnswer } from '../jobs/decommission-proof'
import { DeviceLink, type DeviceLinkOptions, type LinkVerdict } from '../jobs/device-link'

export interface WipeLineOptions extends Pick<DeviceLinkOptions, 'clock' | 'identity' | 'cas' | 'sighting'> {
  /** Trusted factory roots, PEM. */
  readonly roots: () => readonly string[]
  readonly siteCa: () => string
  /** Certificates that this site issued to a device, PEM. */
  readonly issued: (udn: string) => readonly string[]
  /** SHA-256 of the factory certificate that a device was known by, in any usual form. */
  readonly knownIdentity: (udn: string) => string | undefined
}

const ACTIONS = ['Decommission', 'GetDecommissionProof'] as const
type Action = (typeof ACTIONS)[number]

/** What a device says that was wiped already: it is no member any more, and nobody there is its Admin. */
const MAYBE_WIPED: ReadonlySet<ErrorCode> = new Set([
  'WRONG_PHASE',
  'NOT_AUTHORIZED',
  'AUTHENTICATION_FAILED',
  'INVALID_ACTION',
])
/** Chains kept until their proof was checked. */
const SEEN_KEPT = 256
/** Characters, as in decommissionRecordSchema. */
const STATEMENT_MAX = 4096
const SIGNATURE_MAX = 512

/** Speaks Lifecycle.{Decommission, GetDecommissionProof, GetLifecycleState} only. Errors: those of DeviceLink. */
export class WipeLine {
  private readonly link: DeviceLink
  private readonly trust: TrustStore
  /** Factory certificates as TLS has proven them last, with what came with them; DER. */
  private readonly seen = new Map<string, readonly Buffer[]>()
  /** Devices whose wipe was ordered: theirs may be an LDevID whose time is over. */
  private readonly ordered = new Set<string>()

  constructor(private readonly o: WipeLineOptions) {
    const { clock, identity, cas, sighting, roots, siteCa } = o
    // Valid in everything but the revocation.
    this.trust = new TrustStore({ roots, siteCa, crls: () => [], now: () => clock.now() })
    const judge = (chainDer: readonly Buffer[], expect?: Expectation) => this.judge(chainDer, expect)
    this.link = new DeviceLink({ clock, identity, cas, sighting, trust: { judge } })
  }

  /**
   * The device's answer to this order. It is asked first whether it has answered it already. WRONG_PHASE where it was reset
   * without the order; BUSY where it has begun and goes on with it at its next start; ACTION_FAILED where its disk refuses.
   */
  async wipe(udn: string, nonce: string, signal: AbortSignal): Promise<WipeAnswer> {
    this.ordered.add(udn)
    const before = await this.last(udn, signal)
    if (before && nonceOf(before) === nonce) return before
    try {
      return answerOf(udn, await this.call(udn, 'Decommission', { Nonce: nonce }, signal))
    } catch (thrown) {
      // The order may have come through in a try whose answer was lost.
      if (!MAYBE_WIPED.has(asIotmcError(thrown).code)) throw thrown
      const after = await this.last(udn, signal)
      if (after && nonceOf(after) === nonce) return after
      // Its own wipe has taken away by whom it knew us.
      if ((await this.link.state(udn, signal)).phase === 'decommissioning')
        throw new IotmcError('BUSY', { subject: udn, detail: 'its wipe has begun', cause: thrown })
      throw thrown
    }
  }

  /** What the device said last, on a fresh connection; BUSY while it does not show its factory certificate there. */
  async see(udn: string, signal: AbortSignal): Promise<WipeAnswer> {
    this.ordered.add(udn)
    this.link.forget(udn)
    this.seen.delete(udn)
    const answer = answerOf(udn, await this.call(udn, 'GetDecommissionProof', {}, signal))
    if (!this.seen.has(udn))
      throw new IotmcError('BUSY', { subject: udn, detail: 'it shows the certificate of the site still' })
    return answer
  }

  /** The factory certificate that TLS has proven, first, with what came with it; DER. */
  identityOf(udn: string): readonly Buffer[] | undefined {
    return this.seen.get(udn)
  }

  /** After the end of a decommissioning. */
  forget(udn: string): void {
    this.ordered.delete(udn)
    this.seen.delete(udn)
    this.link.forget(udn)
  }

  close(): void {
    this.link.close()
  }

  private async last(udn: string, signal: AbortSignal): Promise<WipeAnswer | undefined> {
    try {
      return answerOf(udn, await this.call(udn, 'GetDecommissionProof', {}, signal))
    } catch (thrown) {
      const { code } = asIotmcError(thrown)
      if (code === 'ACTION_FAILED' || code === 'INVALID_ACTION') return undefined
      throw thrown
    }
  }

  private async call(
    udn: string,
    action: Action,
    args: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>>> {
    try {
      return await this.link.call(udn, 'Lifecycle', action, args, signal)
    } catch (thrown) {
      throw asIotmcError(thrown).code === 'TLS_REFUSED' ? this.refusedByDevice(udn, thrown) : thrown
    }
  }

  /** The device closes on us and gives no reason: what is out of date here, or may be for its clock, is the likely one. */
  private refusedByDevice(udn: string, cause: unknown): IotmcError {
    const { clock, identity } = this.o
    const over = splitPem(identity().chainPem)
      .map((pem) => readCertificate(pem))
      .find(({ notAfterMs }) => notAfterMs < clock.now())
    const why = over
      ? `${over.summary.subject} expired on ${over.summary.notAfter.slice(0, 10)}`
      : "by the device's clock it may be out of date"
    const detail = `the device refuses this controller's certificate: ${why}`
    return new IotmcError('TLS_REFUSED', { subject: udn, detail, cause })
  }

  private isIssued(udn: string, leaf: Buffer): boolean {
    return this.o.issued(udn).some((pem) => readCertificate(pem).der.equals(leaf))
  }

  /** Whether this was the device's own certificate, right in everything until its time was over. */
  private wasValid(chainDer: readonly Buffer[], udn: string, leaf: Buffer): boolean {
    const { clock, siteCa } = this.o
    if (!this.ordered.has(udn) || !this.isIssued(udn, leaf)) return false
    const { notAfterMs } = readCertificate(leaf)
    const then = new TrustStore({ roots: () => [], siteCa, crls: () => [], now: () => notAfterMs })
    return notAfterMs < clock.now() && then.judge(chainDer, { udn, kind: 'LDevID' }).ok
  }

  private judge(chainDer: readonly Buffer[], expect: Expectation = {}): LinkVerdict {
    const verdict = this.trust.judge(chainDer, expect)
    const [leaf] = chainDer
    const { udn } = expect
    if (!leaf || udn === undefined) return verdict
    if (!verdict.ok) {
      if (verdict.code !== 'IDENTITY_EXPIRED' || !this.wasValid(chainDer, udn, leaf)) return verdict
      return { ok: true, kind: 'LDevID', role: 'Public', udn, chain: verdict.chain, acceptsExpired: true }
    }
    if (verdict.kind === 'LDevID')
      return this.isIssued(udn, leaf)
        ? verdict
        : stranger(verdict, 'this site did not give it this certificate')
    const known = this.o.knownIdentity(udn)
    if (known === undefined || plainFingerprint(known) !== sha256Hex(leaf))
      return stranger(verdict, 'not the factory identity that it was known by')
    const oldest = this.seen.keys().next().value
    if (this.seen.size >= SEEN_KEPT && oldest !== undefined) this.seen.delete(oldest)
    this.seen.set(udn, chainDer)
    return verdict
  }
}

const stranger = ({ chain }: LinkVerdict, detail: string): LinkVerdict => ({
  ok: false,
  code: 'IDENTITY_NOT_TRUSTED',
  detail,
  chain,
})

const answerOf = (udn: string, { Statement, Proof }: Readonly<Record<string, string>>): WipeAnswer => {
  if (!Statement || !Proof)
    throw new IotmcError('BAD_ANSWER', { subject: udn, detail: 'no Statement or no Proof' })
  // What no record may hold is not taken into one.
  if (Statement.length > STATEMENT_MAX || Proof.length > SIGNATURE_MAX)
    throw new IotmcError('BAD_ANSWER', { subject: udn, detail: 'a Statement or Proof that is too long' })
  return { statement: Statement, signature: Proof }
}

/** Of a text that nobody has vouched for yet. */
const nonceOf = ({ statement }: WipeAnswer): unknown => {
  try {
    const said: unknown = JSON.parse(statement)
    return typeof said === 'object' && said !== null && 'nonce' in said ? said.nonce : undefined
  } catch {
    return undefined
  }
}
