/**
 * HTTPS client that judges the server before a byte of the request leaves (docs/protocol.md §3).
 * On node:https, whose `reusedSocket` tells a stale kept connection from a refusal, and whose sockets show the
 * certificates of the very connection that answered.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { asIotmcError, IotmcError } from '../contract/errors'
import { PRODUCT_TOKEN } from '../contract/names'
import { HTTP_LIMITS } from '../contract/timings'
import { type Exchange, exchange, networkError } from './http-exchange'
import { type PeerUrl, parsePeerUrl } from './http-url'
import { type DownloadAnswer, download, type HttpsDownload } from './https-download'
import {
  authorizationErrorOf,
  type PeerCertificate,
  type PeerVerdict,
  peerCertificateOf,
  TIME_IS_OVER,
  TLS_LIMITS,
  TLS_OPTIONS,
  type TlsIdentity,
  verifyErrorCode,
} from './tls'

export interface HttpsClientOptions {
  readonly identity?: TlsIdentity
  /** PEM. The server's chain must end in one of them, and `judgePeer` must agree. */
  readonly cas: readonly string[]
  judgePeer(peer: PeerCertificate): PeerVerdict
  /** Told once when the client is closed. */
  onClose?(): void
}

export interface HttpAnswer extends Exchange {
  readonly peer?: PeerCertificate
}

export interface HttpsRequest {
  readonly url: string
  readonly method: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly timeoutMs?: number
  readonly maxBytes?: number
  readonly signal?: AbortSignal
}

interface Attempt {
  readonly method: string
  readonly headers: Readonly<Record<string, string | number>>
}

/** Drives one request to its end and reports the head of the answer as soon as it is there. */
type Drive<T> = (req: ClientRequest, onHead: (response: IncomingMessage) => void) => Promise<T>

type Connected = (error: Error | null, socket?: Duplex) => void

/** How long to watch a fresh connection for being closed again, to tell a refusal from a crash. */
const PROBE_MS = 500

/** Keeps connections for reuse, but none longer than a verdict holds. */
class JudgingAgent extends Agent {
  readonly #bornMs = new WeakMap<object, number>()
  readonly #open: (url: { host: string; port: number }, done: Connected) => void
  constructor(open: (url: { host: string; port: number }, done: Connected) => void) {
    super({ keepAlive: true, maxSockets: 4, maxFreeSockets: 2, scheduling: 'lifo', timeout: 10_000 })
    this.#open = open
  }
  override createConnection(
    options: { host?: string | null; port?: number | string | null },
    done: Connected,
  ): undefined {
    this.#open({ host: options.host ?? '', port: Number(options.port) }, done)
    return undefined
  }
  born(socket: Duplex): void {
    this.#bornMs.set(socket, performance.now())
  }
  // Documented by Node, missing in its types.
  override keepSocketAlive(socket: Socket): boolean {
    const ageMs = performance.now() - (this.#bornMs.get(socket) ?? 0)
    if (ageMs > TLS_LIMITS.verdictMaxAgeMs) return false
    socket.setKeepAlive(true, 1000)
    socket.unref()
    return true
  }
}

/** A pool of judged connections under one identity. Each request's error names its cause; see `request`. */
export class HttpsClient {
  readonly #options: HttpsClientOptions
  readonly #agent: JudgingAgent
  readonly #peers = new WeakMap<object, PeerCertificate>()
  readonly #sockets = new Set<TLSSocket>()
  readonly #closing = new AbortController()

  constructor(options: HttpsClientOptions) {
    this.#options = options
    this.#agent = new JudgingAgent((target, done) => this.#open(target, done))
  }

  /**
   * Rejects with DEVICE_UNREACHABLE, TLS_REFUSED (the server refuses us), the verdict's code (we refuse the server),
   * TIMED_OUT, CANCELLED, BAD_ANSWER (too large, cut short, not HTTP).
   */
  async request(r: HttpsRequest): Promise<HttpAnswer> {
    const deadlineMs = performance.now() + (r.timeoutMs ?? HTTP_LIMITS.requestTimeoutMs)
    const length = r.body === undefined ? 0 : Buffer.byteLength(r.body)
    const attempt = { method: r.method, headers: { 'content-length': length, ...r.headers } }
    const signal = this.#untilClosed(r.signal)
    const { answer, peer } = await this.#judged(r.url, attempt, (req, onHead) =>
      exchange(req, {
        body: r.body,
        timeoutMs: Math.max(1, Math.ceil(deadlineMs - performance.now())),
        maxBytes: r.maxBytes ?? HTTP_LIMITS.bodyMaxBytes,
        signal,
        onHead,
      }),
    )
    return peer ? { ...answer, peer } : answer
  }

  /**
   * GET with a body of any length, given on as it comes, after the server was judged. Rejects as `request` does, and with
   * IMAGE_TRUNCATED (ended before its announced length) or what `onHead` or `sink` threw; TIMED_OUT means no new byte.
   */
  async download(d: HttpsDownload): Promise<DownloadAnswer> {
    const attempt = { method: 'GET', headers: { 'accept-encoding': 'identity', ...d.headers } }
    const signal = this.#untilClosed(d.signal)
    return (await this.#judged(d.url, attempt, (req, onHead) => download(req, { ...d, signal }, onHead)))
      .answer
  }

  /**
   * Judges the server of each open connection again; where it is refused now the connection ends at once, and who waits for
   * an answer on it gets the verdict's code. `judge` takes the place of `judgePeer`, where that does more than to judge.
   */
  rejudge(judge: HttpsClientOptions['judgePeer'] = this.#options.judgePeer): void {
    for (const socket of [...this.#sockets]) {
      const peer = this.#peers.get(socket)
      const problem = peer && problemOf(judgedBy(judge, peer))
      if (problem) socket.destroy(problem)
    }
  }

  /** Drops every connection; those who wait get CANCELLED. */
  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) this.#options.onClose?.()
    this.#closing.abort()
    this.#agent.destroy()
    for (const socket of this.#sockets) socket.destroy()
  }

  #untilClosed(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal
  }

  async #judged<T>(
    text: string,
    r: Attempt,
    drive: Drive<T>,
  ): Promise<{ answer: T; peer: PeerCertificate | undefined }> {
    const url = parsePeerUrl(text)
    const subject = `${url.host}:${url.port}`
    if (url.protocol !== 'https:') throw new IotmcError('BAD_ANSWER', { subject, detail: 'not an https URL' })
    if (this.#closing.signal.aborted) throw new IotmcError('CANCELLED', { subject })
    try {
      return await this.#attempt(url, r, drive, true)
    } catch (thrown) {
      throw networkError(thrown, subject)
    }
  }

  async #attempt<T>(
    url: PeerUrl,
    r: Attempt,
    drive: Drive<T>,
    mayRetry: boolean,
  ): Promise<{ answer: T; peer: PeerCertificate | undefined }> {
    const req = request({
      agent: this.#agent,
      host: url.host,
      port: url.port,
      path: url.path,
      method: r.method,
      maxHeaderSize: HTTP_LIMITS.headerMaxBytes,
      headers: { host: url.hostHeader, 'user-agent': `UPnP/2.0 ${PRODUCT_TOKEN}`, ...r.headers },
    })
    let peer: PeerCertificate | undefined
    let answered = false
    let secured = false
    req.once('socket', (socket) => {
      secured = this.#peers.has(socket)
    })
    try {
      const answer = await drive(req, (response) => {
        answered = true
        peer = this.#peers.get(response.socket)
      })
      return { answer, peer }
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code
      const closedUnanswered = !answered && secured && (code === 'ECONNRESET' || code === 'EPIPE')
      if (!closedUnanswered) throw thrown
      // A kept connection that the server had just closed says nothing about the request: ask once more.
      if (req.reusedSocket && mayRetry) return this.#attempt(url, r, drive, false)
      if (await this.#closesOnUs(url)) {
        throw new IotmcError('TLS_REFUSED', { detail: 'closed after the handshake', cause: thrown })
      }
      throw thrown
    }
  }

  #open(target: { host: string; port: number }, done: Connected): void {
    const { identity, cas } = this.#options
    let settled = false
    let socket: TLSSocket | undefined
    const settle = (error: Error | null): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      if (error) socket?.destroy()
      done(error, error ? undefined : socket)
    }
    const timer = setTimeout(() => {
      const code = socket?.connecting === false ? 'TIMED_OUT' : 'DEVICE_UNREACHABLE'
      settle(new IotmcError(code, { detail: `no connection in ${HTTP_LIMITS.connectTimeoutMs} ms` }))
    }, HTTP_LIMITS.connectTimeoutMs)
    const options: ConnectionOptions & { allowPartialTrustChain: boolean } = {
      ...TLS_OPTIONS,
      host: target.host,
      port: target.port,
      ca: [...cas],
      // Refused below, so that the judge always sees the chain and can name the cause.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ...(identity ? { key: identity.keyPem, cert: identity.chainPem } : {}),
    }
    let opened: TLSSocket
    try {
      opened = connect(options)
    } catch (thrown) {
      settle(asIotmcError(thrown, 'CERTIFICATE_INVALID'))
      return
    }
    socket = opened
    this.#sockets.add(opened)
    let reached = false
    opened.once('connect', () => {
      reached = true
    })
    opened.once('close', () => {
      this.#sockets.delete(opened)
      settle(new IotmcError('TLS_REFUSED', { detail: 'closed in the handshake' }))
    })
    opened.on('error', (cause: NodeJS.ErrnoException) => {
      const inHandshake = reached && cause.code === 'ECONNRESET'
      settle(
        inHandshake ? new IotmcError('TLS_REFUSED', { detail: 'closed in the handshake', cause }) : cause,
      )
    })
    opened.once('secureConnect', () => settle(this.#judge(opened)))
    opened.setNoDelay(true)
  }

  #judge(socket: TLSSocket): IotmcError | null {
    const peer = peerCertificateOf(socket)
    if (!peer) return new IotmcError('IDENTITY_NOT_TRUSTED', { detail: 'no certificate' })
    const verdict = judgedBy(this.#options.judgePeer, peer)
    const problem = problemOf(verdict)
    if (problem) return problem
    const name = authorizationErrorOf(socket)
    const isTaken = socket.authorized || (name === TIME_IS_OVER && acceptsExpired(verdict))
    if (!isTaken) {
      return new IotmcError(verifyErrorCode(name), name ? { detail: name } : {})
    }
    this.#peers.set(socket, peer)
    this.#agent.born(socket)
    return null
  }

  /** In TLS 1.3 a server refuses only after the client believes the handshake done: watch an empty connection. */
  #closesOnUs(url: PeerUrl): Promise<boolean> {
    return new Promise((resolve) => {
      this.#open(url, (error, socket) => {
        if (error || !socket) {
          resolve(error instanceof IotmcError && error.code === 'TLS_REFUSED')
          return
        }
        const done = (closed: boolean): void => {
          clearTimeout(timer)
          resolve(closed)
          socket.destroy()
        }
        const timer = setTimeout(() => done(false), PROBE_MS)
        socket.once('close', () => done(true))
        socket.resume()
      })
    })
  }
}

/** What the judge says; its error where it throws. */
const judgedBy = (
  judge: HttpsClientOptions['judgePeer'],
  peer: PeerCertificate,
): PeerVerdict | IotmcError => {
  try {
    return judge(peer)
  } catch (thrown) {
    return asIotmcError(thrown)
  }
}

const acceptsExpired = (verdict: PeerVerdict | IotmcError): boolean =>
  !(verdict instanceof IotmcError) && verdict.ok && verdict.acceptsExpired === true

const problemOf = (verdict: PeerVerdict | IotmcError): IotmcError | null => {
  if (verdict instanceof IotmcError) return verdict
  return verdict.ok ? null : new IotmcError(verdict.code, verdict.detail ? { detail: verdict.detail } : {})
}
