/**
 * One connection to one controller, as one identity. The controller is believed when its certificate ends at the site's
 * authority, names its UDN and carries the role Admin; what its packets or its plain description say is not used.
 */
import { z } from 'zod'
import type { ServiceDescription } from '../contract/description'
import { IotmcError } from '../contract/errors'
import { serviceType } from '../contract/names'
import { HTTP_LIMITS } from '../contract/timings'
import { parsePeerUrl } from '../net/http-url'
import { HttpsClient } from '../net/https-client'
import type { PeerVerdict, TlsIdentity } from '../net/tls'
import { parseDescription } from '../upnp/description'
import { SoapClient } from '../upnp/soap-client'
import { siteTrust } from './site-anchor'

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

export type EnrollArguments = Record<
  'DeviceUDN' | 'Model' | 'HardwareRevision' | 'FirmwareVersion' | 'CertificateRequest',
  string
>

const judgeController = (options: LinkOptions, chainDer: readonly Buffer[]): PeerVerdict => {
  const verdict = siteTrust(options.anchorPem, options.now).judge(chainDer, { udn: options.sighting.udn })
  if (!verdict.ok)
    return { ok: false, code: verdict.code, ...(verdict.detail ? { detail: verdict.detail } : {}) }
  if (verdict.role === 'Admin') return { ok: true }
  return { ok: false, code: 'IDENTITY_NOT_TRUSTED', detail: `role ${verdict.role}` }
}

export class ControllerLink {
  private service: ServiceDescription | undefined
  private readonly http: HttpsClient
  private readonly soap: SoapClient

  constructor(private readonly options: LinkOptions) {
    this.http = new HttpsClient({
      identity: options.identity,
      cas: [options.anchorPem],
      judgePeer: (peer) => judgeController(options, peer.chainDer),
    })
    this.soap = new SoapClient({ client: this.http })
  }

  /** Proves the controller and learns where its Enrollment:1 is. Errors: those of TLS, UDN_MISMATCH, BAD_ANSWER. */
  async open(signal: AbortSignal): Promise<void> {
    const { secureLocation: url, udn } = this.options.sighting
    const { bodyMaxBytes: maxBytes, requestTimeoutMs: timeoutMs } = HTTP_LIMITS
    const answer = await this.http.request({ url, method: 'GET', timeoutMs, maxBytes, signal })
    if (answer.status !== 200)
      throw new IotmcError('BAD_ANSWER', { subject: udn, detail: `HTTP ${answer.status}` })
    const description = parseDescription(answer.body, url)
    if (description.udn !== udn) throw new IotmcError('UDN_MISMATCH', { subject: udn })
    this.service = description.services.find((each) => each.serviceType === serviceType('Enrollment'))
    if (!this.service) throw new IotmcError('BAD_ANSWER', { subject: udn, detail: 'it has no Enrollment:1' })
    const [there, here] = [parsePeerUrl(this.service.controlUrl), parsePeerUrl(url)]
    if (there.protocol !== here.protocol || there.host !== here.host || there.port !== here.port)
      throw new IotmcError('BAD_ANSWER', { subject: udn, detail: 'control URL elsewhere' })
  }

  private async call<T>(
    action: string,
    args: Record<string, string>,
    shape: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T> {
    if (!this.service) throw new IotmcError('DEFECT', { detail: 'the link is not open' })
    const { controlUrl } = this.service
    const target = { serviceType: serviceType('Enrollment'), controlUrl, name: 'Enrollment' as const }
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
    const answer = await this.call('Enroll', args, enrollSchema, signal)
    return { enrollmentId: answer.EnrollmentId, status: answer.Status, retryAfterS: answer.RetryAfter }
  }

  /** PENDING while nobody has decided. */
  async result(enrollmentId: string, signal: AbortSignal) {
    const answer = await this.call(
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
    const answer = await this.call('ConfirmEnrollment', args, confirmSchema, signal)
    return answer.Accepted === '1' || answer.Accepted === 'true'
  }

  async renew(certificateRequest: string, signal: AbortSignal): Promise<string> {
    const answer = await this.call(
      'RenewCertificate',
      { CertificateRequest: certificateRequest },
      renewSchema,
      signal,
    )
    return answer.CertificateChain
  }

  /** Drops the connections; those who wait get CANCELLED. */
  close(): Promise<void> {
    return this.http.close()
  }
}
