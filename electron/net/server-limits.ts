/** What keeps one peer from holding a server: limits on connections, headers, bodies and waits. */
import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { IotmcError } from '../contract/errors'
import { HTTP_LIMITS } from '../contract/timings'

export interface ServerLimits {
  readonly handshakeMs: number
  readonly headersMs: number
  readonly requestMs: number
  readonly keepAliveMs: number
  readonly idleMs: number
  /** How often Node looks for requests that are too slow. */
  readonly checkMs: number
  readonly headerMaxBytes: number
  readonly connectionsMax: number
  /** Connections of one address; loopback is exempt, since every practice device comes from there. */
  readonly perAddressMax: number
}

export const SERVER_LIMITS: ServerLimits = {
  handshakeMs: 10_000,
  headersMs: 10_000,
  requestMs: HTTP_LIMITS.requestTimeoutMs,
  keepAliveMs: 15_000,
  idleMs: 60_000,
  checkMs: 2_000,
  headerMaxBytes: HTTP_LIMITS.headerMaxBytes,
  connectionsMax: 1024,
  perAddressMax: 32,
}

const isLoopback = (address: string): boolean => /^(127\.|::1$|::ffff:127\.)/.test(address)

/** Applies the limits and returns the way to close everything, connections in the handshake included. */
export const guardConnections = (server: Server, limits: ServerLimits): { close(): Promise<void> } => {
  const open = new Set<Socket>()
  const perAddress = new Map<string, number>()
  server.headersTimeout = limits.headersMs
  server.requestTimeout = limits.requestMs
  server.keepAliveTimeout = limits.keepAliveMs
  server.timeout = limits.idleMs
  server.maxConnections = limits.connectionsMax
  server.maxHeadersCount = 100
  server.prependListener('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    // A peer may reset at any moment, also before the HTTP or TLS layer listens for it.
    socket.on('error', () => socket.destroy())
    const count = (perAddress.get(address) ?? 0) + 1
    if (count > limits.perAddressMax && !isLoopback(address)) {
      socket.destroy()
      return
    }
    open.add(socket)
    perAddress.set(address, count)
    socket.once('close', () => {
      open.delete(socket)
      const left = (perAddress.get(address) ?? 1) - 1
      if (left > 0) perAddress.set(address, left)
      else perAddress.delete(address)
    })
  })
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}

/** Binds; rejects with NETWORK_UNAVAILABLE and the operating system's word. */
export const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void =>
      reject(
        new IotmcError('NETWORK_UNAVAILABLE', {
          subject: host,
          detail: error.code ?? error.message,
          cause: error,
        }),
      )
    server.once('error', onError)
    server.listen({ port, host }, () => {
      server.off('error', onError)
      // After listening an error (too many open files) must not take the program down.
      server.on('error', () => undefined)
      resolve()
    })
  })

/** The whole body of a request; undefined when it is larger than `maxBytes`. Rejects with CANCELLED when the client goes away. */
export const readBody = (
  req: IncomingMessage,
  maxBytes: number = HTTP_LIMITS.bodyMaxBytes,
): Promise<Buffer | undefined> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const tooLarge = (): void => {
      chunks.length = 0
      req.pause()
      resolve(undefined)
    }
    if (Number(req.headers['content-length'] ?? 0) > maxBytes) {
      tooLarge()
      return
    }
    req.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) tooLarge()
      else chunks.push(chunk)
    })
    req.once('end', () => resolve(Buffer.concat(chunks)))
    req.once('close', () => reject(new IotmcError('CANCELLED', { detail: 'the client went away' })))
    req.once('error', (cause) =>
      reject(new IotmcError('CANCELLED', { detail: 'the client went away', cause })),
    )
  })
