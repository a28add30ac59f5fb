/** A proven way to one device: finds its address, opens mutual TLS, checks its identity, calls its actions. */
import type { DeviceDescription } from '../contract/description'
import type { DeviceAddress, ProvenIdentity } from '../contract/device'
import { asIotmcError, IotmcError } from '../contract/errors'
import type { CertificateSummary, IdentityCheck } from '../contract/identity'
import { type ServiceName, serviceType } from '../contract/names'
import { PHASES, type Phase } from '../contract/phases'
import { HTTP_LIMITS } from '../contract/timings'
import type { Expectation, Verdict } from '../identity/trust'
import type { Clock } from '../net/clock'
import { HttpsClient } from '../net/https-client'
import type { TlsIdentity } from '../net/tls'
import { parseDescription } from '../upnp/description'
import { SoapClient } from '../upnp/soap-client'

/** What discovery knows of a device, as far as a link needs it. */
export interface Sighting {
  readonly online: boolean
  readonly addresses: readonly DeviceAddress[]
  readonly bootId?: number | undefined
}

/** `acceptsExpired`: taken though the time of its certificate is over (see PeerVerdict). */
export type LinkVerdict = Verdict & { readonly acceptsExpired?: true }

export interface DeviceLinkOptions {
  readonly clock: Clock
  readonly trust: { judge(chainDer: readonly Buffer[], expect?: Expectation): LinkVerdict }
  readonly identity: () => TlsIdentity
  /** PEM of every root a device's certificate may end at. */
  readonly cas: () => readonly string[]
  readonly sighting: (udn: string) => Sighting | undefined
  /** Told each time TLS has proven who a device is. */
  readonly onProven?: (udn: string, proven: ProvenIdentity) => void
}

/** What GetLifecycleState answers, in types. */
export interface LifecycleState {
  readonly phase: Phase
  readonly model: string
  readonly serialNumber: string
  readonly firmwareVersion: string
  readonly hardwareRevision: string
  readonly configurationVersion: number
  readonly ldevidSerial: string
  readonly group: string
}

interface Line {
  readonly key: string
  readonly url: string
  readonly http: HttpsClient
  readonly soap: SoapClient
  readonly description: Promise<DeviceDescription>
  readonly proof: { identity?: Proof }
  /** Exchanges under way. */
  uses: number
}

interface Proof {
  readonly kind: 'IDevID' | 'LDevID'
  readonly chain: readonly CertificateSummary[]
}

const LINES_KEPT = 64

/** Keeps one connection pool per device; a failed exchange throws its line away, so that the next starts afresh. */
export class DeviceLink {
  private readonly lines = new Map<string, Line>()
  /** URLs that could not be reached since one could. */
  private readonly failed = new Map<string, Set<string>>()
  /** Connections of subscriptions, for as long as their owners keep them. */
  private readonly dedicatedLines = new Map<HttpsClient, string>()
  constructor(private readonly options: DeviceLinkOptions) {}

  /**
   * Calls `Service.Action` on a device. Errors: DEVICE_OFFLINE, DEVICE_NOT_MANAGED, those of TLS and identity, and
   * the device's own as their codes.
   */
  async call(
    udn: string,
    service: ServiceName,
    action: string,
    args: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>>> {
    return this.withLine(udn, signal, async (line) => {
      const description = await line.description
      const found = description.services.find((entry) => entry.serviceType === serviceType(service))
      if (!found)
        throw new IotmcError('INVALID_ACTION', { subject: udn, detail: `the device has no ${service}` })
      const target = { serviceType: found.serviceType, controlUrl: found.controlUrl, name: service }
      return line.soap.call(target, action, { ...args }, { signal }).catch((thrown: unknown) => {
        throw aboutDevice(udn, `${service}.${action}`, thrown)
      })
    })
  }

  /** GetLifecycleState, checked. Errors as `call`, and BAD_ANSWER. */
  async state(udn: string, signal: AbortSignal): Promise<LifecycleState> {
    const answer = await this.call(udn, 'Lifecycle', 'GetLifecycleState', {}, signal)
    const phase = PHASES.find((entry) => entry === answer.LifecycleState)
    if (!phase || answer.DeviceUDN !== udn) {
      throw new IotmcError('BAD_ANSWER', {
        subject: udn,
        detail: 'GetLifecycleState is not in its documented form',
      })
    }
    return {
      phase,
      model: answer.Model ?? '',
      serialNumber: answer.SerialNumber ?? '',
      firmwareVersion: answer.FirmwareVersion ?? '',
      hardwareRevision: answer.HardwareRevision ?? '',
      configurationVersion: Number(answer.ConfigurationVersion ?? 0),
      ldevidSerial: answer.LdevidSerial ?? '',
      group: answer.ManagementGroup ?? '',
    }
  }

  /** Opens TLS afresh and says who answers; a distrusted identity is an answer here, not an error. */
  async verify(udn: string, signal: AbortSignal): Promise<IdentityCheck> {
    this.forget(udn)
    const checkedAtMs = this.options.clock.now()
    try {
      const state = await this.state(udn, signal)
      const proof = this.lines.get(udn)?.proof.identity
      if (!proof) throw new IotmcError('TLS_REFUSED', { subject: udn })
      return {
        udn,
        trusted: true,
        kind: proof.kind,
        chain: [...proof.chain],
        phase: state.phase,
        checkedAtMs,
      }
    } catch (thrown) {
      const error = asIotmcError(thrown)
      if (!DISTRUST.has(error.code)) throw error
      const chain = [...(this.refusedChains.get(udn) ?? [])]
      return {
        udn,
        trusted: false,
        code: error.code,
        chain,
        checkedAtMs,
        ...(error.detail ? { detail: error.detail } : {}),
      }
    }
  }

  /**
   * A line of its own for a subscription, which outlives what `call` keeps; the caller closes its `http`. `url` is where the
   * device was reached.
   */
  async dedicated(
    udn: string,
    signal: AbortSignal,
  ): Promise<{ http: HttpsClient; description: DeviceDescription; url: string }> {
    const { url, key } = this.target(udn)
    const { http, description } = this.open(udn, url, key, signal, () => this.dedicatedLines.delete(http))
    this.dedicatedLines.set(http, udn)
    try {
      return { http, description: await description, url }
    } catch (thrown) {
      await http.close()
      throw thrown
    }
  }

  /** Drops the connection to a device; the next call starts afresh. */
  forget(udn: string): void {
    const line = this.lines.get(udn)
    this.lines.delete(udn)
    void line?.http.close().catch(() => undefined)
  }

  /** After the trust in somebody has ended: ends the connections to who is no longer accepted, at once, and no other. */
  rejudge(): void {
    const { trust } = this.options
    const rejudge = (http: HttpsClient, udn: string): void =>
      http.rejudge((peer) => trust.judge(peer.chainDer, { udn }))
    for (const [udn, { http }] of this.lines) rejudge(http, udn)
    for (const [http, udn] of this.dedicatedLines) rejudge(http, udn)
  }

  /** Drops every connection but those of subscriptions, of which only those to who is refused now. */
  close(): void {
    for (const [udn, line] of [...this.lines]) {
      this.ended.add(line)
      this.forget(udn)
    }
    this.rejudge()
  }

  /** Lines whose end is the end of what was under way on them. */
  private readonly ended = new WeakSet<Line>()
  private readonly refusedChains = new Map<string, readonly CertificateSummary[]>()

  private async withLine<T>(udn: string, signal: AbortSignal, use: (line: Line) => Promise<T>): Promise<T> {
    const line = this.line(udn, signal)
    try {
      line.uses += 1
      return await use(line)
    } catch (thrown) {
      const error = asIotmcError(thrown, 'DEVICE_UNREACHABLE')
      const isTheLine = this.lines.get(udn) === line
      // Ended for another's sake (a check of the identity, a device heard elsewhere) is not the end of this exchange.
      if (error.code === 'CANCELLED' && !isTheLine && !signal.aborted && !this.ended.has(line))
        return this.withLine(udn, signal, use)
      if (BROKEN.has(error.code) && isTheLine) this.forget(udn)
      if (error.code !== 'DEVICE_UNREACHABLE') this.failed.delete(udn)
      else if (this.hasOtherAddress(udn, line.url)) return this.withLine(udn, signal, use)
      throw error
    } finally {
      line.uses -= 1
    }
  }

  private target(udn: string): { url: string; key: string } {
    const seen = this.options.sighting(udn)
    if (!seen) throw new IotmcError('DEVICE_UNKNOWN', { subject: udn })
    const url = this.reachable(udn, seen.addresses)
    if (!seen.online) throw new IotmcError('DEVICE_OFFLINE', { subject: udn })
    if (!url) throw new IotmcError('DEVICE_NOT_MANAGED', { subject: udn })
    return { url, key: `${url} ${seen.bootId ?? ''}` }
  }

  /** Marks an address as failed; true while another one has not been tried. Every action may be repeated (§5, §6). */
  private hasOtherAddress(udn: string, url: string): boolean {
    const failed = (this.failed.get(udn) ?? new Set()).add(url)
    this.failed.set(udn, failed)
    const addresses = this.options.sighting(udn)?.addresses ?? []
    return addresses.some((entry) => entry.secureLocation !== undefined && !failed.has(entry.secureLocation))
  }

  /** The preferred address that has not failed; when all have, from the start. */
  private reachable(udn: string, addresses: readonly DeviceAddress[]): string | undefined {
    const urls = [...addresses].sort(byPreference).flatMap((entry) => entry.secureLocation ?? [])
    const failed = this.failed.get(udn)
    const left = urls.find((url) => !failed?.has(url))
    if (!left) this.failed.delete(udn)
    return left ?? urls[0]
  }

  private line(udn: string, signal: AbortSignal): Line {
    const { url, key } = this.target(udn)
    const known = this.lines.get(udn)
    if (known?.key === key) return known
    this.forget(udn)
    const line = this.open(udn, url, key, signal)
    this.lines.set(udn, line)
    if (this.lines.size > LINES_KEPT) this.forgetOldestIdle(line)
    return line
  }

  private forgetOldestIdle(besides: Line): void {
    for (const [udn, line] of this.lines)
      if (line !== besides && line.uses === 0) {
        this.forget(udn)
        return
      }
  }

  private open(udn: string, url: string, key: string, signal: AbortSignal, onClose?: () => void): Line {
    const proof: { identity?: Proof } = {}
    const { trust, identity, cas, clock, onProven } = this.options
    const http = new HttpsClient({
      identity: identity(),
      cas: cas(),
      ...(onClose ? { onClose } : {}),
      judgePeer: (peer) => {
        const verdict = trust.judge(peer.chainDer, { udn })
        this.refusedChains.delete(udn)
        if (!verdict.ok) {
          if (this.refusedChains.size >= LINES_KEPT) this.refusedChains.clear()
          this.refusedChains.set(udn, verdict.chain)
          return verdict
        }
        proof.identity = { kind: verdict.kind, chain: verdict.chain }
        const leaf = verdict.chain.at(-1)
        if (leaf) {
          const { fingerprint, notAfter } = leaf
          const serialNumber = verdict.deviceSerial ?? ''
          onProven?.(udn, {
            kind: verdict.kind,
            serialNumber,
            fingerprint,
            notAfter,
            provenAtMs: clock.now(),
          })
        }
        return { ok: true, ...(verdict.acceptsExpired ? { acceptsExpired: true } : {}) }
      },
    })
    const description = this.describe(http, udn, url, signal)
    description.catch(() => undefined)
    return { key, url, http, soap: new SoapClient({ client: http }), description, proof, uses: 0 }
  }

  private async describe(
    http: HttpsClient,
    udn: string,
    url: string,
    signal: AbortSignal,
  ): Promise<DeviceDescription> {
    const answer = await http.request({
      url,
      method: 'GET',
      timeoutMs: HTTP_LIMITS.connectTimeoutMs * 2,
      maxBytes: HTTP_LIMITS.bodyMaxBytes,
      signal,
    })
    if (answer.status !== 200)
      throw new IotmcError('BAD_ANSWER', { subject: udn, detail: `HTTP ${answer.status}` })
    const description = parseDescription(answer.body, url)
    if (description.udn !== udn) {
      throw new IotmcError('UDN_MISMATCH', {
        subject: udn,
        detail: `its description says ${description.udn}`,
      })
    }
    return description
  }
}

/** IPv4 before link-local IPv6, which needs a zone; then the one heard last. */
const byPreference = (a: DeviceAddress, b: DeviceAddress): number =>
  Number(a.address.includes(':')) - Number(b.address.includes(':')) || b.lastSeenMs - a.lastSeenMs

const DISTRUST: ReadonlySet<string> = new Set([
  'IDENTITY_NOT_TRUSTED',
  'IDENTITY_REVOKED',
  'IDENTITY_EXPIRED',
  'UDN_MISMATCH',
])
const BROKEN: ReadonlySet<string> = new Set([
  ...DISTRUST,
  'DEVICE_UNREACHABLE',
  'TLS_REFUSED',
  'TIMED_OUT',
  'BAD_ANSWER',
  'CANCELLED',
])

/** People are told of a device, not of an action. */
const aboutDevice = (udn: string, action: string, thrown: unknown): unknown => {
  if (!(thrown instanceof IotmcError) || thrown.subject !== action) return thrown
  return new IotmcError(thrown.code, { subject: udn, detail: thrown.detail ?? action, cause: thrown })
}
