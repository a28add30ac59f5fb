/** The fault `garbage-soap`: a second HTTPS port whose description is right and whose answers are not SOAP. */
import { plainGet } from '../net/http-client'
import { type HttpsServer, startHttpsServer } from '../net/https-server'
import type { TlsIdentity } from '../net/tls'

const GARBAGE =
  '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:GetLif\u0000\uFFFD]]>'

export interface GarbageOptions {
  readonly host: string
  readonly identity: TlsIdentity
  readonly clientCas: readonly string[]
  /** Where the true description is. */
  readonly location: string
}

/** Starts it on a port of its own. */
export const startGarbageServer = (options: GarbageOptions): Promise<HttpsServer> =>
  startHttpsServer({
    host: options.host,
    port: 0,
    identity: options.identity,
    clientCas: options.clientCas,
    clientCertificate: 'optional',
    judgePeer: () => ({ ok: true }),
    handler: async (req, res) => {
      const isDocument = req.method === 'GET'
      const body = isDocument ? (await plainGet({ url: options.location })).body : Buffer.from(GARBAGE)
      res.writeHead(200, { 'content-type': 'text/xml; charset="utf-8"', 'content-length': body.length })
      res.end(body)
    },
  })

/** The same URL on another port. */
export const onPort = (url: string, port: number): string => {
  const changed = new URL(url)
  changed.port = String(port)
  return changed.href
}
