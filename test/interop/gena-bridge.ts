/**
 * Lets a peer that speaks plain HTTP take part in GENA over mutual TLS: what it sends and gets stays as it is, byte for
 * byte, but for the address in CALLBACK. It shares no code with the product.
 */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server } from 'node:http'
import {
  createServer as createSecureServer,
  type Server as SecureServer,
  request as secureRequest,
} from 'node:https'
import type { AddressInfo } from 'node:net'
import type { CertificateFiles } from './stage'

const HOST = '127.0.0.1'

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = []
  for await (const part of message) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** What one side of the bridge hands to the other. */
export interface Passing {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export class GenaBridge {
  /** Every NOTIFY that passed, in order. */
  readonly notified: Passing[] = []
  private readonly plain: Server
  private readonly secure: SecureServer
  private readonly callbacks = new Map<string, string>()

  private constructor(
    private readonly files: CertificateFiles,
    private readonly caFile: string,
  ) {
    this.plain = createServer((req, res) => this.pass(req, false).then((answer) => reply(res, answer)))
    this.secure = createSecureServer(
      { ...this.tls(), requestCert: true, rejectUnauthorized: true },
      (req, res) => this.pass(req, true).then((answer) => reply(res, answer)),
    )
  }

  /** `files` is who the bridge is on the secure side. */
  static async open(files: CertificateFiles, caFile: string): Promise<GenaBridge> {
    const bridge = new GenaBridge(files, caFile)
    await Promise.all([listening(bridge.plain), listening(bridge.secure)])
    return bridge
  }

  /** Where requests from the plain side go, such as `https://127.0.0.1:4433`; and from the secure side, `http://…`. */
  plainGoesTo = ''
  secureGoesTo = ''

  get plainOrigin(): string {
    return `http://${HOST}:${(this.plain.address() as AddressInfo).port}`
  }

  get secureOrigin(): string {
    return `https://${HOST}:${(this.secure.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    for (const server of [this.plain, this.secure]) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }

  private tls() {
    const { key, cert } = this.files
    return { key: readFileSync(key), cert: readFileSync(cert), ca: readFileSync(this.caFile) }
  }

  private async pass(req: IncomingMessage, fromSecure: boolean): Promise<Answer> {
    const path = req.url ?? '/'
    const passing = { method: req.method ?? '', path, headers: { ...req.headers }, body: await bodyOf(req) }
    if (passing.method === 'NOTIFY') this.notified.push(passing)
    const back = fromSecure ? this.plainOrigin : this.secureOrigin
    const callback = /^<([^>]+)>$/.exec(String(passing.headers.callback ?? ''))?.[1]
    if (callback !== undefined) {
      const here = `/callback/${this.callbacks.size}`
      this.callbacks.set(here, callback)
      passing.headers.callback = `<${back}${here}>`
    }
    const to = this.callbacks.get(path) ?? `${fromSecure ? this.secureGoesTo : this.plainGoesTo}${path}`
    return this.send(to, passing)
  }

  private send(to: string, { method, headers, body }: Passing): Promise<Answer> {
    const url = new URL(to)
    const options = { method, headers: { ...headers, host: url.host, connection: 'close' } }
    return new Promise((resolve, reject) => {
      const done = (message: IncomingMessage): void => {
        bodyOf(message).then(
          (answer) => resolve({ status: message.statusCode ?? 502, headers: message.headers, body: answer }),
          reject,
        )
      }
      const sent =
        url.protocol === 'https:'
          ? secureRequest(url, { ...options, ...this.tls(), checkServerIdentity: () => undefined }, done)
          : request(url, options, done)
      sent.on('error', () => resolve({ status: 502, headers: {}, body: Buffer.alloc(0) }))
      sent.end(body)
    })
  }
}

const reply = (res: import('node:http').ServerResponse, { status, headers, body }: Answer): void => {
  const { 'transfer-encoding': _dropped, connection: _closed, ...rest } = headers
  res.writeHead(status, { ...rest, 'content-length': body.length, connection: 'close' })
  res.end(body)
}

const listening = (server: Server | SecureServer): Promise<void> =>
  new Promise((resolve) => server.listen(0, HOST, resolve))
