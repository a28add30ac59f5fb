/** Plain GET for public description documents, the only thing that is ever fetched without TLS. */
import { Agent, request } from 'node:http'
import { IotmcError } from '../contract/errors'
import { PRODUCT_TOKEN } from '../contract/names'
import { DISCOVERY_LIMITS, HTTP_LIMITS } from '../contract/timings'
import { exchange, networkError } from './http-exchange'
import { parsePeerUrl } from './http-url'
import type { HttpAnswer } from './https-client'

export interface PlainGetOptions {
  readonly url: string
  readonly timeoutMs?: number
  readonly maxBytes?: number
  readonly signal?: AbortSignal
  /** Follow at most three redirects that stay on the same host (default true). */
  readonly sameHostRedirects?: boolean
}

const REDIRECTS_MAX = 3
/** No kept connections: a dead host must not hold one. */
const agent = new Agent({ keepAlive: false })

const getOnce = async (o: PlainGetOptions, timeoutMs: number): Promise<HttpAnswer> => {
  const url = parsePeerUrl(o.url)
  if (url.protocol !== 'http:')
    throw new IotmcError('BAD_ANSWER', { subject: url.host, detail: 'not an http URL' })
  const req = request({
    agent,
    host: url.host,
    port: url.port,
    path: url.path,
    method: 'GET',
    maxHeaderSize: HTTP_LIMITS.headerMaxBytes,
    headers: {
      host: url.hostHeader,
      accept: 'text/xml, application/xml',
      'user-agent': `UPnP/2.0 ${PRODUCT_TOKEN}`,
    },
  })
  try {
    return await exchange(req, {
      timeoutMs,
      maxBytes: o.maxBytes ?? DISCOVERY_LIMITS.descriptionMaxBytes,
      signal: o.signal,
    })
  } catch (thrown) {
    throw networkError(thrown, `${url.host}:${url.port}`)
  }
}

/**
 * Fetches a public document. Rejects with DEVICE_UNREACHABLE, TIMED_OUT, CANCELLED, or BAD_ANSWER whose `detail`
 * begins with `too-large`, `redirect-other-host`, `redirect-loop`, `cut short` or `not a`.
 */
export const plainGet = async (o: PlainGetOptions): Promise<HttpAnswer> => {
  const startedMs = performance.now()
  const timeoutMs = o.timeoutMs ?? DISCOVERY_LIMITS.descriptionTimeoutMs
  let url = o.url
  for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
    const leftMs = Math.max(1, timeoutMs - (performance.now() - startedMs))
    const answer = await getOnce({ ...o, url }, leftMs)
    const target = answer.headers.location
    if (answer.status < 300 || answer.status > 399 || !target || o.sameHostRedirects === false) return answer
    const from = parsePeerUrl(url)
    let next: string
    try {
      next = new URL(target, `http://${from.hostHeader}${from.path}`).href
    } catch (cause) {
      throw new IotmcError('BAD_ANSWER', { subject: from.host, detail: 'not a URL in the redirect', cause })
    }
    if (new URL(next).hostname !== new URL(`http://${from.hostHeader}`).hostname) {
      throw new IotmcError('BAD_ANSWER', { subject: from.host, detail: 'redirect-other-host' })
    }
    const zone = from.host.split('%')[1]
    url = zone ? next.replace(']', `%25${zone}]`) : next
  }
  throw new IotmcError('BAD_ANSWER', { subject: o.url, detail: 'redirect-loop' })
}
