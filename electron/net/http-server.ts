/** Plain HTTP, for public documents only (docs/protocol.md §3): GET and HEAD, nothing else. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { guardConnections, listen, SERVER_LIMITS, type ServerLimits } from './server-limits'

export interface HttpServerOptions {
  readonly host: string
  readonly port: number
  readonly handler: (req: IncomingMessage, res: ServerResponse) => void | Promise<void>
  readonly limits?: Partial<ServerLimits>
}

export interface HttpServer {
  readonly port: number
  close(): Promise<void>
}

/** Starts listening; rejects with NETWORK_UNAVAILABLE when the address can't be bound. */
export const startHttpServer = async (o: HttpServerOptions): Promise<HttpServer> => {
  const limits = { ...SERVER_LIMITS, ...o.limits }
  const server = createServer(
    { maxHeaderSize: limits.headerMaxBytes, connectionsCheckingInterval: limits.checkMs },
    (req, res) => {
      if (req.method !== 'GET' && req.method !== 'HEAD') {
        res.writeHead(405, { allow: 'GET, HEAD', connection: 'close' }).end()
        return
      }
      Promise.resolve()
        .then(() => o.handler(req, res))
        .catch(() => {
          if (res.headersSent) res.destroy()
          else res.writeHead(500, { connection: 'close' }).end()
        })
    },
  )
  const guard = guardConnections(server, limits)
  await listen(server, o.port, o.host)
  return { port: (server.address() as AddressInfo).port, close: () => guard.close() }
}
