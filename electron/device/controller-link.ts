/**
 * One connection to one controller, as one identity. The controller is believed when its certificate ends at the site's
 * authority, names its UDN and carries the role Admin; what its packets or its plain description say is not used.
 */
import { z } from 'zod'
import type { ServiceDescription } from '../contract/description'
import { IotmcError } from '../contract/errors'
import { CRL_PATH, type ServiceName, serviceType } from '../contract/names'
import { HTTP_LIMITS } from '../contract/timings'
import { parsePeerUrl, peerOrigin } from '../net/http-url'
import { HttpsClient } from '../net/https-client'
import type { PeerVerdict, TlsIdentity } from '../net/tls'
import { parseDescription } from '../upnp/description'
import { SoapClient } from '../upnp/soap-client'
import type { FirmwareOffer, FirmwareWish, ImageSink } from './firmware-source'
import { REVOCATION_MAX_BYTES } from './revocation-list'
import { type Revoked, siteTrust } from './site-anchor'

/** Where a controller says that it is. */
export interface ControllerSighting {
  readonly udn: string
  readonly secureLocation: string
  readonly bootId?: number | undefined
}

export interface LinkOptions {
  readonly sighting: ControllerSighting
  readonly identity: TlsIdentity
  readonly anchorPem: string
  readonly now: () => number
  /** What the site has revoked: nothing unless told. */
  readonly revoked?: Revoked | undefined
}

const ui4Schema = z
  .string()
  .regex(/^\d{1,10}$/)
  .transform(Number)
  .pipe(z.number().max(0xffff_ffff))

const enrollSchema = z.object({
  EnrollmentId: z.string().min(1).max(128),
  Status: z.enum(['Approved', 'Pending', 'Rejected']),
  RetryAfter: ui4Schema.pipe(z.number().max(65_535)),
})
const resultSchema = z.object({
  CertificateChain: z
    .string()
    .min(1)
    .max(32 * 1024),
  ManagementGroup: z.string().max(63),
  ConfigurationVersion: ui4Schema,
})
const confirmSchema = z.object({ Accepted: z.enum(['0', '1', 'true', 'false']) })
const renewSchema = z.object({
  CertificateChain: z
    .string()
    .min(1)
    .max(32 * 1024),
})

const addressSchema = z.string().min(1).max(1024)
const firmwareSchema = z.object({
  Version: z.string().max(31),
  Size: ui4Schema,
  Checksum: z.string().regex(/^[0-9a-fA-F]{64}$/),
  SecurityVersion: ui4Schema,
  ManifestUrl: addressSchema,
  SignatureUrl: addressSchema,
  ImageUrl: addressSchema,
})

export type EnrollArguments = Record<
  'DeviceUDN' | 'Model' | 'HardwareRevision' | 'FirmwareVersion' | 'CertificateRequest',
  string
>

const judgeController = (options: LinkOptions, chainDer: readonly Buffer[]): PeerVerdict => {
  const { anchorPem, now, revoked, sighting } = options
  const verdict = siteTrust(anchorPem, now, revoked).judge(chainDer, { udn: sighting.udn })
  if (!verdict.ok)
    return { ok: false, code: verdict.code, ...(verdict.detail ? { detail: verdict.detail } : {}) }
  if (verdict.role === 'Admin') return { ok: true }
  return { ok: false, code: 'IDENTITY_NOT_TRUSTED', detail: `role ${verdict.role}` }
}

/** For all of the list; a controller that trickles it is given up. */
const REVOCATION_TIMEOUT_MS = 60_000

const fileError = (status: number): IotmcError => {
  const detail = `HTTP ${status}`
  if (status === 404 || status === 410) return new IotmcError('VERSION_NOT_OFFERED', { detail })
  if (status === 401 || status === 403) return new IotmcError('NOT_AUTHORIZED', { detail })
  return new IotmcError(status === 503 ? 'BUSY' : 'BAD_ANSWER', { detail })
}

/** Which bytes of how many a 200 or 206 carries. */
const bodyPlace = (status: number, headers: Readonly<Record<string, string>>) => {
  if (status === 200) return { at: 0, total: Number(headers['content-length']) }
  const range = /^bytes (\d{1,12})-(\d{1,12})\/(\d{1,12})$/.exec(headers['content-range'] ?? '')
  if (status !== 206 || !range) throw fileError(status)
  return { at: Number(range[1]), total: Number(range[3]) }
}

export class ControllerLink {
  private services: readonly ServiceDescription[] | undefined
  private readonly http: HttpsClient
  private readonly soap: SoapClient
  /** What the controller last identified itself with. */
  private shown: readonly Buffer[] | undefined

  constructor(private readonly options: LinkOptions) {
    this.http = new HttpsClient({
      identity: options.identity,
      cas: [options.anchorPem],
      judgePeer: ({ chainDer }) => {
        this.shown = chainDer
        return judgeController(options, chainDer)
      },
    })
    this.soap = new SoapClient({ client: this.http })
  }

  /** Proves the controller and learns where its services are. Errors: those of TLS, UDN_MISMATCH, BAD_ANSWER. */
  async open(signal: AbortSignal): Promise<void> {
    const { secureLocation: url, udn } = this.options.sighting
    const { bodyMaxBytes: maxBytes, requestTimeoutMs: timeoutMs } = HTTP_LIMITS
    const answer = await this.http.request({ url, method: 'GET', timeoutMs, maxBytes, signal })
    if (answer.status !== 200)
      throw new IotmcError('BAD_ANSWER', { subject: udn, detail: `HTTP ${answer.status}` })
    const description = parseDescription(answer.body, url)
    if (description.udn !== udn) throw new IotmcError('UDN_MISMATCH', { subject: udn })
    this.services = description.services
    this.find('Enrollment')
  }

  /** A service that the controller has, on the address that it was proven at. BAD_ANSWER. */
  private find(name: ServiceName): ServiceDescription {
    const { udn } = this.options.sighting
    const found = this.services?.find((each) => each.serviceType === serviceType(name))
    if (!found) throw new IotmcError('BAD_ANSWER', { subject: udn, detail: `it has no ${name}:1` })
    this.here(found.controlUrl, 'control URL')
    return found
  }

  /** An address that the controller named, absolute; BAD_ANSWER unless it is on the controller itself. */
  private here(address: string, what: string): string {
    const { secureLocation, udn } = this.options.sighting
    const url = URL.canParse(address, secureLocation) ? new URL(address, secureLocation).href : address
    const [there, here] = [parsePeerUrl(url), parsePeerUrl(secureLocation)]
    if (there.protocol !== here.protocol || there.host !== here.host || there.port !== here.port)
      throw new IotmcError('BAD_ANSWER', { subject: udn, detail: `${what} elsewhere` })
    return url
  }

  private async call<T>(
    name: ServiceName,
    action: string,
    args: Record<string, string>,
    shape: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T> {
    if (!this.services) throw new IotmcError('DEFECT', { detail: 'the link is not open' })
    const target = { serviceType: serviceType(name), controlUrl: this.find(name).controlUrl, name }
    const answer = await this.soap.call(target, action, args, {
      signal,
      timeoutMs: HTTP_LIMITS.requestTimeoutMs,
    })
    const checked = shape.safeParse(answer)
    if (checked.success) return checked.data
    const member = checked.error.issues[0]?.path.join('.')
    throw new IotmcError('BAD_ANSWER', { subject: this.options.sighting.udn, detail: `${action}: ${member}` })
  }

  async enroll(args: EnrollArguments, signal: AbortSignal) {
    const answer = await this.call('Enrollment', 'Enroll', args, enrollSchema, signal)
    return { enrollmentId: answer.EnrollmentId, status: answer.Status, retryAfterS: answer.RetryAfter }
  }

  /** PENDING while nobody has decided. */
  async result(enrollmentId: string, signal: AbortSignal) {
    const answer = await this.call(
      'Enrollment',
      'GetEnrollmentResult',
      { EnrollmentId: enrollmentId },
      resultSchema,
      signal,
    )
    const { CertificateChain: chainPem, ManagementGroup: group, ConfigurationVersion: wantedVersion } = answer
    return { chainPem, group, wantedVersion }
  }

  async confirm(enrollmentId: string, version: number, signal: AbortSignal): Promise<boolean> {
    const args = { EnrollmentId: enrollmentId, ConfigurationVersion: String(version) }
    const answer = await this.call('Enrollment', 'ConfirmEnrollment', args, confirmSchema, signal)
    return answer.Accepted === '1' || answer.Accepted === 'true'
  }

  async renew(certificateRequest: string, signal: AbortSignal): Promise<string> {
    const answer = await this.call(
      'Enrollment',
      'RenewCertificate',
      { CertificateRequest: certificateRequest },
      renewSchema,
      signal,
    )
    return answer.CertificateChain
  }

  /** What the controller has for such a device. VERSION_NOT_OFFERED. */
  async firmwareInfo(wish: FirmwareWish, signal: AbortSignal): Promise<FirmwareOffer> {
    const args = {
      Model: wish.model,
      HardwareRevision: wish.hardwareRevision,
      CurrentVersion: wish.currentVersion,
      WantedVersion: wish.wantedVersion,
    }
    const answer = await this.call('FirmwareRepository', 'GetFirmwareInfo', args, firmwareSchema, signal)
    return {
      version: answer.Version,
      size: answer.Size,
      checksum: answer.Checksum.toLowerCase(),
      securityVersion: answer.SecurityVersion,
      manifestUrl: this.here(answer.ManifestUrl, 'manifest'),
      signatureUrl: this.here(answer.SignatureUrl, 'signature'),
      imageUrl: this.here(answer.ImageUrl, 'image'),
    }
  }

  /** A document of the controller, whole. BAD_ANSWER where it is larger; VERSION_NOT_OFFERED where it is gone. */
  async document(url: string, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
    const { requestTimeoutMs: timeoutMs } = HTTP_LIMITS
    const answer = await this.http.request({ url, method: 'GET', timeoutMs, maxBytes, signal })
    if (answer.status !== 200) throw fileError(answer.status)
    return answer.body
  }

  /** The site's revocation list, DER; undefined where the controller publishes none. BAD_ANSWER where it is too large. */
  async revocationList(signal: AbortSignal): Promise<Buffer | undefined> {
    const { host, port } = parsePeerUrl(this.options.sighting.secureLocation)
    const answer = await this.http.request({
      url: `${peerOrigin('https', host, port)}${CRL_PATH}`,
      method: 'GET',
      timeoutMs: REVOCATION_TIMEOUT_MS,
      maxBytes: REVOCATION_MAX_BYTES,
      signal,
    })
    if (answer.status === 404) return undefined
    if (answer.status !== 200) throw fileError(answer.status)
    return answer.body
  }

  /** Judges the controller again: where it is refused now its connections end at once, and the reason is given. */
  rejudge(): IotmcError | undefined {
    this.http.rejudge()
    const verdict = this.shown && judgeController(this.options, this.shown)
    if (!verdict || verdict.ok) return undefined
    return new IotmcError(verdict.code, verdict.detail ? { detail: verdict.detail } : {})
  }

  /** An image from `offset` on while it has the offer's hash, else from its start; resolves at its end. */
  async image(offer: FirmwareOffer, offset: number, sink: ImageSink, signal: AbortSignal): Promise<void> {
    const range = { range: `bytes=${offset}-`, 'if-range': `"${offer.checksum}"` }
    await this.http.download({
      url: offer.imageUrl,
      ...(offset > 0 ? { headers: range } : {}),
      signal,
      onHead: (status, headers) => {
        const { at, total } = bodyPlace(status, headers)
        sink.begin(at, total)
      },
      sink: (chunk) => sink.take(chunk),
    })
  }

  /** So many bytes, thrown away as they come; time from the first to the last, in ms. Errors: INVALID_ACTION, BUSY, IMAGE_TRUNCATED. */
  async throughput(bytes: number, signal: AbortSignal): Promise<{ bytes: number; ms: number }> {
    const { host, port } = parsePeerUrl(this.options.sighting.secureLocation)
    const url = `${peerOrigin('https', host, port)}/throughput/${bytes}`
    let beganMs = 0
    const answer = await this.http.download({
      url,
      signal,
      onHead: (status) => {
        beganMs = performance.now()
        if (status === 404) throw new IotmcError('INVALID_ACTION', { detail: 'it measures no throughput' })
        if (status !== 200) throw fileError(status)
      },
      sink: () => undefined,
    })
    if (answer.bytes !== bytes)
      throw new IotmcError('BAD_ANSWER', { detail: `${answer.bytes} of ${bytes} bytes` })
    return { bytes, ms: performance.now() - beganMs }
  }

  /** The proven connection itself, for subscriptions. */
  get client(): HttpsClient {
    return this.http
  }

  /** Where events of FirmwareRepository:1 are subscribed to; undefined where the controller has none. */
  firmwareEvents(): string | undefined {
    const found = this.services?.find((each) => each.serviceType === serviceType('FirmwareRepository'))
    return found && this.here(found.eventSubUrl, 'event URL')
  }

  /** Drops the connections; those who wait get CANCELLED. */
  close(): Promise<void> {
    return this.http.close()
  }
}
