/** HTTPS server that judges its peers before it hears them (docs/protocol.md §3). */
import { constants } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { asIotmcError, type ErrorCode } from '../contract/errors'
import { guardConnections, listen, SERVER_LIMITS, type ServerLimits } from './server-limits'
import {
  authorizationErrorOf,
  type PeerCertificate,
  type PeerVerdict,
  peerCertificateOf,
  TLS_LIMITS,
  TLS_OPTIONS,
  type TlsIdentity,
  verifyErrorCode,
} from './tls'

/** A peer that was turned away, for the log and for "why is my device missing". */
export interface Refusal {
  readonly remote: string
  readonly code: ErrorCode
  readonly detail?: string
}

export interface HttpsServerOptions {
  readonly host: string
  readonly port: number
  readonly identity: TlsIdentity
  /** PEM. With `required` a client whose chain ends elsewhere is refused in the handshake. */
  readonly clientCas: readonly string[]
  /** `optional`: no certificate is let in with no peer; one that is shown is decided by `judgePeer` alone. */
  readonly clientCertificate: 'required' | 'optional'
  /** Asked at the end of the handshake, before any request is handled, and again from time to time. */
  judgePeer(peer: PeerCertificate): PeerVerdict
  readonly handler: (
    req: IncomingMessage,
    res: ServerResponse,
    peer: PeerCertificate | undefined,
  ) => void | Promise<void>
  onRefused?(info: Refusal): void
  /** A handler threw; the client got 500 and nothing else. */
  onDefect?(thrown: unknown): void
  readonly limits?: Partial<ServerLimits>
}

export type TlsUpdate = Partial<Pick<HttpsServerOptions, 'identity' | 'clientCas' | 'clientCertificate'>>

export interface HttpsServer {
  readonly port: number
  /** New connections use the new credentials; open ones are judged again and closed if refused. */
  update(o: TlsUpdate): void
  /**
   * Judges the peers of open connections again, and at once closes those of who is refused now, whatever runs on them. `also`
   * may refuse who is let in: their open connections end, and a new one begins with `judgePeer` alone.
   */
  rejudge(also?: (peer: PeerCertificate) => PeerVerdict): void
  close(): Promise<void>
}

interface Judged {
  readonly peer: PeerCertificate | undefined
  readonly atMs: number
}

/** Node reads these two at each connection but types them as constructor options only. */
interface AdjustableServer {
  requestCert: boolean
  rejectUnauthorized: boolean
}

/** Node has destroyed a refused socket before it says so; only the TCP socket beneath still knows the address. */
const remoteOf = (socket: TLSSocket): string =>
  socket.remoteAddress ?? (socket as unknown as { _parent?: Socket })._parent?.remoteAddress ?? ''

/** Starts listening; rejects with NETWORK_UNAVAILABLE when the address can't be bound, CERTIFICATE_INVALID for a bad identity. */
export const startHttpsServer = async (options: HttpsServerOptions): Promise<HttpsServer> => {
  let o = options
  const limits = { ...SERVER_LIMITS, ...options.limits }
  const judged = new Map<TLSSocket, Judged>()

  const credentials = () => ({
    ...TLS_OPTIONS,
    key: o.identity.keyPem,
    cert: o.identity.chainPem,
    ca: [...o.clientCas],
  })

  const refuse = (socket: TLSSocket, code: ErrorCode, detail?: string): void => {
    const remote = socket.remoteAddress ?? ''
    judged.delete(socket)
    socket.destroy()
    o.onRefused?.({ remote, code, ...(detail ? { detail } : {}) })
  }

  /** True when the socket may go on. A judge that throws refuses. */
  const judge = (
    socket: TLSSocket,
    peer = peerCertificateOf(socket),
    also?: HttpsServerOptions['judgePeer'],
  ): boolean => {
    if (!peer && o.clientCertificate === 'required') {
      refuse(socket, 'TLS_REFUSED', 'no client certificate')
      return false
    }
    let verdict: PeerVerdict = { ok: true }
    try {
      if (peer) verdict = options.judgePeer(peer)
      if (peer && also && verdict.ok) verdict = also(peer)
    } catch (thrown) {
      verdict = { ok: false, code: asIotmcError(thrown).code, detail: 'the check itself failed' }
    }
    if (!verdict.ok) {
      refuse(socket, verdict.code, verdict.detail)
      return false
    }
    judged.set(socket, { peer, atMs: Date.now() })
    return true
  }

  const rejudge: HttpsServer['rejudge'] = (also) => {
    // A copy: what was known of the peer is for its old verdict.
    for (const [socket, { peer }] of [...judged]) judge(socket, peer && { ...peer }, also)
  }

  const onRequest = (req: IncomingMessage, res: ServerResponse): void => {
    const socket = req.socket as TLSSocket
    const known = judged.get(socket)
    if (!known) {
      socket.destroy()
      return
    }
    if (Date.now() - known.atMs > TLS_LIMITS.verdictMaxAgeMs && !judge(socket)) return
    Promise.resolve()
      .then(() => o.handler(req, res, known.peer))
      .catch((thrown: unknown) => {
        // A client that goes away in the middle of its request is no defect of ours.
        if (socket.destroyed) return
        o.onDefect?.(thrown)
        if (res.headersSent) res.destroy()
        else res.writeHead(500, { connection: 'close' }).end()
      })
  }

  let server: ReturnType<typeof createServer>
  try {
    server = createServer(
      {
        ...credentials(),
        requestCert: true,
        rejectUnauthorized: o.clientCertificate === 'required',
        handshakeTimeout: limits.handshakeMs,
        maxHeaderSize: limits.headerMaxBytes,
        connectionsCheckingInterval: limits.checkMs,
        // A resumed session may lack the peer's chain, so none is ever given out.
        secureOptions: constants.SSL_OP_NO_TICKET,
      },
      onRequest,
    )
  } catch (thrown) {
    throw asIotmcError(thrown, 'CERTIFICATE_INVALID')
  }
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    socket.once('close', () => judged.delete(socket))
    judge(socket)
  })
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    const name = authorizationErrorOf(socket)
    const code = name ? verifyErrorCode(name) : 'TLS_REFUSED'
    o.onRefused?.({ remote: remoteOf(socket), code, detail: name ?? error.code ?? error.message })
  })
  const guard = guardConnections(server, limits)
  await listen(server, o.port, o.host)

  return {
    port: (server.address() as AddressInfo).port,
    update: (change) => {
      o = { ...o, ...change }
      try {
        server.setSecureContext(credentials())
      } catch (thrown) {
        throw asIotmcError(thrown, 'CERTIFICATE_INVALID')
      }
      const adjustable = server as unknown as AdjustableServer
      adjustable.rejectUnauthorized = o.clientCertificate === 'required'
      rejudge()
    },
    rejudge,
    close: () => guard.close(),
  }
}
