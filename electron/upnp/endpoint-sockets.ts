/** The listening sockets of an endpoint: one HTTP and one HTTPS port, the same on every address. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { IotmcError } from '../contract/errors'
import { type HttpServer, startHttpServer } from '../net/http-server'
import { type HttpsServer, type HttpsServerOptions, startHttpsServer } from '../net/https-server'
import type { PeerCertificate } from '../net/tls'

export interface EndpointSockets {
  readonly httpPort: number
  readonly httpsPort: number
  readonly http: readonly HttpServer[]
  readonly https: readonly HttpsServer[]
}

export interface SocketOptions {
  readonly hosts?: readonly string[]
  readonly tls: Omit<HttpsServerOptions, 'host' | 'port' | 'handler'>
  onPublic(req: IncomingMessage, res: ServerResponse): void
  onSecure(req: IncomingMessage, res: ServerResponse, peer: PeerCertificate | undefined): Promise<void>
}

const PORT_ATTEMPTS = 5

/** Binds the first address to a free port and the others to the same one. */
const onOnePort = async <T extends { port: number; close(): Promise<void> }>(
  hosts: readonly string[],
  open: (host: string, port: number) => Promise<T>,
): Promise<T[]> => {
  for (let attempt = 1; ; attempt++) {
    const opened: T[] = []
    try {
      for (const host of hosts) opened.push(await open(host, opened[0]?.port ?? 0))
      return opened
    } catch (thrown) {
      for (const server of opened) await server.close()
      const taken = thrown instanceof IotmcError && thrown.detail === 'EADDRINUSE'
      if (!taken || attempt >= PORT_ATTEMPTS) throw thrown
    }
  }
}

/** Rejects with NETWORK_UNAVAILABLE or CERTIFICATE_INVALID. Without hosts: all addresses, IPv4 alone where IPv6 is off. */
export const openSockets = async (o: SocketOptions): Promise<EndpointSockets> => {
  const open = async (hosts: readonly string[]): Promise<EndpointSockets> => {
    const http = await onOnePort(hosts, (host, port) => startHttpServer({ host, port, handler: o.onPublic }))
    try {
      const https = await onOnePort(hosts, (host, port) =>
        startHttpsServer({ ...o.tls, host, port, handler: (req, res, peer) => o.onSecure(req, res, peer) }),
      )
      return { http, https, httpPort: http[0]?.port ?? 0, httpsPort: https[0]?.port ?? 0 }
    } catch (thrown) {
      for (const server of http) await server.close()
      throw thrown
    }
  }
  if (o.hosts && o.hosts.length > 0) return open(o.hosts)
  try {
    return await open(['::'])
  } catch (thrown) {
    if (!(thrown instanceof IotmcError) || thrown.code !== 'NETWORK_UNAVAILABLE') throw thrown
    return open(['0.0.0.0'])
  }
}

export const closeSockets = async (sockets: EndpointSockets): Promise<void> => {
  await Promise.all([...sockets.http, ...sockets.https].map((server) => server.close()))
}
