import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, createServer } from 'node:net'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { HttpsClient, type HttpsClientOptions } from '../../electron/net/https-client'
import { type HttpsServerOptions, startHttpsServer } from '../../electron/net/https-server'
import { issue, makeRoot, type TestCertificate } from './pki'

const BODY = randomBytes(1024 * 1024)
let root: TestCertificate
let server1: TestCertificate
let client1: TestCertificate
const closers: (() => Promise<void>)[] = []

beforeAll(async () => {
  root = await makeRoot('Root')
  server1 = await issue({ name: 'Server', issuer: root })
  client1 = await issue({ name: 'Client', issuer: root })
})
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

type Handler = (req: IncomingMessage, res: ServerResponse) => void

const serve = async (handler: Handler, o: Partial<HttpsServerOptions> = {}): Promise<string> => {
  const server = await startHttpsServer({
    host: '127.0.0.1',
    port: 0,
    identity: server1,
    clientCas: [root.pem],
    clientCertificate: 'required',
    judgePeer: () => ({ ok: true }),
    handler,
    ...o,
  })
  closers.push(() => server.close())
  return `https://127.0.0.1:${server.port}/image`
}

const clientOf = (o: Partial<HttpsClientOptions> = {}): HttpsClient => {
  const client = new HttpsClient({
    identity: client1,
    cas: [root.pem],
    judgePeer: () => ({ ok: true }),
    ...o,
  })
  closers.push(() => client.close())
  return client
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'resolved',
    (thrown: unknown) => (thrown instanceof IotmcError ? thrown.code : String(thrown)),
  )

describe('a download', () => {
  it('gives the head before the first byte and every byte in order', async () => {
    const url = await serve((req, res) => {
      res.writeHead(206, { etag: '"x"', 'content-range': `bytes 0-9/10`, 'x-range': req.headers.range })
      res.end(BODY)
    })
    const seen: Buffer[] = []
    let head: unknown
    const answer = await clientOf().download({
      url,
      headers: { range: 'bytes=0-9' },
      onHead: (status, headers) => {
        head = [status, headers.etag, headers['x-range'], seen.length]
      },
      sink: (chunk) => void seen.push(chunk),
    })
    expect(head).toEqual([206, '"x"', 'bytes=0-9', 0])
    expect(Buffer.concat(seen).equals(BODY)).toBe(true)
    expect(answer).toMatchObject({ status: 206, bytes: BODY.length })
  })

  it('asks for no more than the sink takes', async () => {
    const total = 64 * 1024 * 1024
    let written = 0
    const url = await serve((_req, res) => {
      res.writeHead(200, { 'content-length': total })
      const more = (): void => {
        while (written < total) {
          written += BODY.length
          if (!res.write(BODY)) {
            res.once('drain', more)
            return
          }
        }
        res.end()
      }
      more()
    })
    let taken = 0
    let ahead = 0
    const answer = await clientOf().download({
      url,
      sink: async (chunk) => {
        // Others have many turns while the sink is at work.
        for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
        ahead = Math.max(ahead, written - taken)
        taken += chunk.length
      },
    })
    expect(answer.bytes).toBe(total)
    // What the buffers between the two hold, in memory and in the kernel, is far less than all.
    expect(ahead).toBeLessThan(total / 2)
  })

  it('gives the body of a refusal to nobody', async () => {
    const url = await serve((_req, res) => void res.writeHead(404).end('not here'))
    let pieces = 0
    const answer = await clientOf().download({ url, sink: () => void pieces++ })
    expect(answer).toMatchObject({ status: 404, bytes: 0 })
    expect(pieces).toBe(0)
  })

  it('leaves the connection for the next one', async () => {
    const ports: (number | undefined)[] = []
    const url = await serve((req, res) => {
      ports.push(req.socket.remotePort)
      res.end(BODY)
    })
    const client = clientOf()
    for (let n = 0; n < 2; n++) await client.download({ url, sink: () => undefined })
    expect(ports[0]).toBe(ports[1])
  })
})

describe('a download that fails', () => {
  it('has seen no byte of a server that the judge refuses', async () => {
    let asked = 0
    const url = await serve((_req, res) => {
      asked += 1
      res.end(BODY)
    })
    let pieces = 0
    const client = clientOf({ judgePeer: () => ({ ok: false, code: 'IDENTITY_REVOKED' }) })
    const code = await codeOf(client.download({ url, sink: () => void pieces++ }))
    expect([code, asked, pieces]).toEqual(['IDENTITY_REVOKED', 0, 0])
  })

  it('is truncated when the connection ends before the announced length', async () => {
    const url = await serve((_req, res) => {
      res.writeHead(200, { 'content-length': BODY.length * 2 })
      res.write(BODY, () => res.destroy())
    })
    let bytes = 0
    const count = (chunk: Buffer): void => {
      bytes += chunk.length
    }
    const work = clientOf().download({ url, sink: count })
    expect(await codeOf(work)).toBe('IMAGE_TRUNCATED')
    expect(bytes).toBeLessThanOrEqual(BODY.length)
  })

  it('is truncated when a chunked body has no end', async () => {
    const url = await serve((_req, res) => {
      res.writeHead(200)
      res.write(BODY, () => res.socket?.end())
    })
    expect(await codeOf(clientOf().download({ url, sink: () => undefined }))).toBe('IMAGE_TRUNCATED')
  })

  it('has timed out when no byte comes, but not while its sink works', async () => {
    const silent = await serve((_req, res) => {
      res.writeHead(200, { 'content-length': BODY.length })
      res.write(BODY.subarray(0, 1000))
    })
    const work = clientOf().download({ url: silent, idleMs: 150, sink: () => undefined })
    expect(await codeOf(work)).toBe('TIMED_OUT')
    const short = await serve((_req, res) => void res.end('short'))
    const slowly = () => new Promise<void>((resolve) => setTimeout(resolve, 400))
    const answer = await clientOf().download({ url: short, idleMs: 200, sink: slowly })
    expect(answer.bytes).toBe(5)
  })

  it('has timed out when not even the head comes', async () => {
    const url = await serve(() => undefined)
    expect(await codeOf(clientOf().download({ url, idleMs: 150, sink: () => undefined }))).toBe('TIMED_OUT')
  })

  it.each([
    ['of this program', new IotmcError('NO_SPACE'), 'NO_SPACE'],
    ['of the system', Object.assign(new Error('no'), { code: 'ECONNRESET' }), 'DEFECT'],
  ])('says what its sink threw: an error %s', async (_name, thrown, code) => {
    let gone: (() => void) | undefined
    const closed = new Promise<void>((resolve) => {
      gone = resolve
    })
    const url = await serve((_req, res) => {
      res.once('close', () => gone?.())
      res.writeHead(200, { 'content-length': BODY.length * 2 })
      res.write(BODY)
    })
    const sink = () => Promise.reject(thrown)
    expect(await codeOf(clientOf().download({ url, sink }))).toBe(code)
    await closed
  })

  it('says what onHead threw and has given the sink nothing', async () => {
    const url = await serve((_req, res) => void res.end(BODY))
    let pieces = 0
    const work = clientOf().download({
      url,
      onHead: () => {
        throw new IotmcError('HASH_MISMATCH')
      },
      sink: () => void pieces++,
    })
    expect([await codeOf(work), pieces]).toEqual(['HASH_MISMATCH', 0])
  })

  it('is cancelled by its signal, before and in the middle, and by the end of the client', async () => {
    const url = await serve((_req, res) => {
      res.writeHead(200, { 'content-length': BODY.length * 2 })
      res.write(BODY)
    })
    const sink = () => undefined
    expect(await codeOf(clientOf().download({ url, signal: AbortSignal.abort(), sink }))).toBe('CANCELLED')
    const stop = new AbortController()
    const middle = clientOf().download({ url, signal: stop.signal, sink: () => stop.abort() })
    expect(await codeOf(middle)).toBe('CANCELLED')
    const client = clientOf()
    expect(await codeOf(client.download({ url, sink: () => void client.close() }))).toBe('CANCELLED')
  })

  it('names a server that is not there and one that does not let us in', async () => {
    const port = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const address = server.address()
        server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
      })
    })
    await new Promise((resolve) => connect(port, '127.0.0.1').once('error', resolve))
    const sink = () => undefined
    const nowhere = clientOf().download({ url: `https://127.0.0.1:${port}/image`, sink })
    expect(await codeOf(nowhere)).toBe('DEVICE_UNREACHABLE')
    const url = await serve((_req, res) => void res.end(BODY))
    const nobody = new HttpsClient({ cas: [root.pem], judgePeer: () => ({ ok: true }) })
    closers.push(() => nobody.close())
    expect(await codeOf(nobody.download({ url, sink }))).toBe('TLS_REFUSED')
  })
})
