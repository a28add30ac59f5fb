/** Finds, proves and keeps one controller to talk to; changes it when it fails or another one is better. */
import { asIotmcError, type ErrorCode, IotmcError } from '../contract/errors'
import type { TlsIdentity } from '../net/tls'
import { ControllerLink, type ControllerSighting } from './controller-link'
import type { Controllers } from './controllers'
import type { DeviceLog } from './log'
import type { Revoked } from './site-anchor'

export interface AccessOptions {
  readonly controllers: Controllers
  readonly anchor: () => string | undefined
  readonly now: () => number
  readonly revoked?: Revoked
  readonly log: DeviceLog
}

/** What the controller's own certificate, not its answers, can be wrong in. */
const STRANGE: ReadonlySet<ErrorCode> = new Set([
  'IDENTITY_NOT_TRUSTED',
  'IDENTITY_REVOKED',
  'IDENTITY_EXPIRED',
  'UDN_MISMATCH',
])
/** Causes after which the connection is thrown away. */
const BROKEN: ReadonlySet<ErrorCode> = new Set([
  'DEVICE_UNREACHABLE',
  'TLS_REFUSED',
  'TIMED_OUT',
  'BAD_ANSWER',
  'CANCELLED',
])

export class ControllerAccess {
  private open:
    | { readonly key: string; readonly link: ControllerLink; readonly sighting: ControllerSighting }
    | undefined
  constructor(private readonly options: AccessOptions) {}

  /**
   * Runs `use` on a proven connection that shows `identity`. Errors: DEVICE_UNKNOWN (no controller, or no anchor to
   * judge one by), those of the connection, and what the controller answers.
   */
  async use<T>(
    identity: TlsIdentity,
    signal: AbortSignal,
    use: (link: ControllerLink) => Promise<T>,
  ): Promise<T> {
    const sighting = this.options.controllers.best()
    const anchorPem = this.options.anchor()
    if (!sighting || !anchorPem) throw new IotmcError('DEVICE_UNKNOWN', { detail: 'no controller is known' })
    const link = await this.linkTo(sighting, identity, anchorPem, signal)
    try {
      const result = await use(link)
      this.options.controllers.worked(sighting.udn)
      return result
    } catch (thrown) {
      const error = asIotmcError(thrown)
      if (BROKEN.has(error.code)) {
        this.forget()
        this.options.controllers.failed(sighting.udn)
      }
      throw error
    }
  }

  /** What the site has revoked has changed: a connection to a controller that is refused now ends at once. */
  rejudge(): void {
    const { open } = this
    const problem = open?.link.rejudge()
    if (!open || !problem) return
    this.forget()
    this.notOpened(open.sighting, problem)
  }

  /** Drops the connection; the next use starts afresh. */
  forget(): void {
    const { open } = this
    this.open = undefined
    void open?.link.close().catch(() => undefined)
  }

  private async linkTo(
    sighting: ControllerSighting,
    identity: TlsIdentity,
    anchorPem: string,
    signal: AbortSignal,
  ): Promise<ControllerLink> {
    const key = [sighting.udn, sighting.secureLocation, sighting.bootId ?? '', identity.chainPem].join(' ')
    if (this.open?.key === key) return this.open.link
    this.forget()
    const { now, revoked } = this.options
    const link = new ControllerLink({ sighting, identity, anchorPem, now, revoked })
    try {
      await link.open(signal)
    } catch (thrown) {
      void link.close().catch(() => undefined)
      throw this.notOpened(sighting, asIotmcError(thrown))
    }
    this.open = { key, link, sighting }
    return link
  }

  private notOpened(sighting: ControllerSighting, error: IotmcError): IotmcError {
    const { controllers, log } = this.options
    const { udn } = sighting
    log('controller-refused', { udn, code: error.code, ...(error.detail ? { detail: error.detail } : {}) })
    if (!STRANGE.has(error.code)) {
      controllers.failed(udn)
      return error
    }
    controllers.stranger(udn)
    const { cause, detail } = error
    return new IotmcError('DEVICE_UNREACHABLE', { subject: udn, cause, ...(detail ? { detail } : {}) })
  }
}
