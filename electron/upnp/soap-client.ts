/** Calls actions of a service over mutual TLS, arguments checked against the service description both ways. */
import { IotmcError } from '../contract/errors'
import type { ServiceName } from '../contract/names'
import { HTTP_LIMITS } from '../contract/timings'
import type { HttpsClient } from '../net/https-client'
import { checkArguments } from './scpd'
import { loadScpd } from './scpd-files'
import { decodeAnswer, decodeFault, encodeCall, errorOf, soapActionHeader } from './soap-message'

export interface ServiceTarget {
  readonly serviceType: string
  /** https only. */
  readonly controlUrl: string
  readonly name: ServiceName
}

export interface CallOptions {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

const statusError = (status: number, subject: string): IotmcError => {
  const code = status === 401 || status === 403 ? 'NOT_AUTHORIZED' : status === 503 ? 'BUSY' : 'BAD_ANSWER'
  return new IotmcError(code, { subject, detail: `HTTP ${status}` })
}

export class SoapClient {
  readonly #client: Pick<HttpsClient, 'request'>

  constructor(o: { client: Pick<HttpsClient, 'request'> }) {
    this.#client = o.client
  }

  /**
   * Returns the out-arguments of the description, extra ones dropped. Rejects with the cause that a UPnP fault names,
   * BAD_ANSWER for an answer that does not fit the description, or what HttpsClient.request rejects with.
   */
  async call(
    service: ServiceTarget,
    action: string,
    args: Readonly<Record<string, string>>,
    o: CallOptions = {},
  ): Promise<Record<string, string>> {
    const scpd = loadScpd(service.name)
    const subject = `${service.name}.${action}`
    const checked = checkArguments(scpd, action, 'in', args)
    const answer = await this.#client.request({
      url: service.controlUrl,
      method: 'POST',
      headers: {
        'content-type': 'text/xml; charset="utf-8"',
        soapaction: soapActionHeader(service.serviceType, action),
      },
      body: encodeCall({ serviceType: service.serviceType, action, args: checked }),
      timeoutMs: o.timeoutMs ?? HTTP_LIMITS.requestTimeoutMs,
      ...(o.signal ? { signal: o.signal } : {}),
    })
    if (answer.status === 500) throw errorOf(decodeFault(answer.body), subject)
    if (answer.status !== 200) throw statusError(answer.status, subject)
    const out = decodeAnswer(answer.body, action)
    try {
      return checkArguments(scpd, action, 'out', out)
    } catch (cause) {
      const detail = cause instanceof IotmcError && cause.detail ? cause.detail : 'arguments'
      throw new IotmcError('BAD_ANSWER', { subject, detail, cause })
    }
  }
}
