/** One request and its whole answer over a prepared ClientRequest, with limits; shared by both HTTP clients. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { IotmcError } from '../contract/errors'

export interface Exchange {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Record<string, string>
  readonly body: Buffer
}

export interface ExchangeOptions {
  readonly body?: string | Buffer | undefined
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly signal?: AbortSignal | undefined
  /** The answer's head has come; its socket can be looked at. */
  onHead?(response: IncomingMessage): void
}

/** Lower-case names; a header that came more than once is joined by commas. */
export const headersOf = (response: IncomingMessage): Record<string, string> => {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return headers
}

/** Rejects with TIMED_OUT, CANCELLED, BAD_ANSWER (too large, cut short) or the socket's own error. */
export const exchange = (req: ClientRequest, o: ExchangeOptions): Promise<Exchange> =>
  new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      finish()
      reject(error)
      req.destroy(error)
    }
    const onAbort = (): void => fail(new IotmcError('CANCELLED'))
    const timer = setTimeout(
      () => fail(new IotmcError('TIMED_OUT', { detail: `${o.timeoutMs} ms` })),
      o.timeoutMs,
    )
    const finish = (): void => {
      clearTimeout(timer)
      o.signal?.removeEventListener('abort', onAbort)
    }
    // Stays for good: destroying a request emits errors after the promise has settled.
    req.on('error', fail)
    req.once('response', (response) => {
      o.onHead?.(response)
      const chunks: Buffer[] = []
      let size = 0
      if (Number(response.headers['content-length'] ?? 0) > o.maxBytes) {
        fail(new IotmcError('BAD_ANSWER', { detail: 'too-large' }))
        return
      }
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > o.maxBytes) fail(new IotmcError('BAD_ANSWER', { detail: 'too-large' }))
        else chunks.push(chunk)
      })
      response.once('end', () => {
        if (!response.complete) return
        finish()
        resolve({
          status: response.statusCode ?? 0,
          headers: headersOf(response),
          body: Buffer.concat(chunks),
        })
      })
      response.once('close', () => {
        if (!response.complete) fail(new IotmcError('BAD_ANSWER', { detail: 'cut short' }))
      })
      response.on('error', (cause) => fail(new IotmcError('BAD_ANSWER', { detail: 'cut short', cause })))
    })
    if (o.signal?.aborted) {
      onAbort()
      return
    }
    o.signal?.addEventListener('abort', onAbort, { once: true })
    req.end(o.body)
  })

const UNREACHABLE =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EINVAL)$/

/** Names the cause of a failed exchange; what is an IotmcError already is kept. */
export const networkError = (thrown: unknown, subject: string): IotmcError => {
  if (thrown instanceof IotmcError) {
    if (thrown.subject) return thrown
    return new IotmcError(thrown.code, {
      subject,
      ...(thrown.detail ? { detail: thrown.detail } : {}),
      cause: thrown.cause,
    })
  }
  const { code = '', message = '' } = (thrown ?? {}) as { code?: string; message?: string }
  const detail = code || message.slice(0, 100)
  if (UNREACHABLE.test(code)) return new IotmcError('DEVICE_UNREACHABLE', { subject, detail, cause: thrown })
  if (code.startsWith('HPE_')) return new IotmcError('BAD_ANSWER', { subject, detail, cause: thrown })
  if (
    code === 'EPROTO' ||
    code.startsWith('ERR_SSL_') ||
    code.startsWith('ERR_OSSL_') ||
    code.startsWith('ERR_TLS_')
  ) {
    return new IotmcError('TLS_REFUSED', { subject, detail, cause: thrown })
  }
  return new IotmcError('DEVICE_UNREACHABLE', { subject, detail, cause: thrown })
}
