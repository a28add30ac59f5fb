import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { HttpsClient, type HttpsClientOptions } from '../../electron/net/https-client'
import { type HttpsServer, type HttpsServerOptions, startHttpsServer } from '../../electron/net/https-server'
import { issue, makeRoot, type TestCertificate } from './pki'

let root: TestCertificate
let foreignRoot: TestCertificate
let server1: TestCertificate
let client1: TestCertificate
let foreign: TestCertificate
const closers: (() => Promise<void>)[] = []

beforeAll(async () => {
  root = await makeRoot('Root')
  foreignRoot = await makeRoot('Foreign root')
  const middle = await issue({ name: 'Middle', ca: true, issuer: root })
  server1 = await issue({ name: 'Server', issuer: middle, uris: ['urn:uuid:1'], hardwareModule: true })
  client1 = await issue({ name: 'Client', issuer: middle, uris: ['urn:uuid:2'] })
  foreign = await issue({ name: 'Foreign', issuer: foreignRoot })
})

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const serve = async (o: Partial<HttpsServerOptions> = {}): Promise<HttpsServer> => {
  const server = await startHttpsServer({
    host: '127.0.0.1',
    port: 0,
    identity: server1,
    clientCas: [root.pem],
    clientCertificate: 'required',
    judgePeer: () => ({ ok: true }),
    handler: (_req, res) => {
      res.end('hello')
    },
    ...o,
  })
  closers.push(() => server.close())
  return server
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

const get = (client: HttpsClient, server: HttpsServer) =>
  client.request({ url: `https://127.0.0.1:${server.port}/x`, method: 'GET' })

describe('mutual TLS', () => {
  it('shows each side the whole chain of the other', async () => {
    const seen: number[] = []
    const server = await serve({
      handler: (_req, res, peer) => {
        seen.push(peer?.chainDer.length ?? 0)
        expect(peer?.der.equals(client1.der)).toBe(true)
        res.end('hello')
      },
    })
    const answer = await get(clientOf(), server)
    expect(answer.body.toString()).toBe('hello')
    expect(answer.peer?.der.equals(server1.der)).toBe(true)
    expect(answer.peer?.chainDer).toHaveLength(3)
    expect(seen).toEqual([3])
  })

  it('keeps the connection for the next request', async () => {
    const ports: (number | undefined)[] = []
    const server = await serve({
      handler: (req, res) => {
        ports.push(req.socket.remotePort)
        res.end()
      },
    })
    const client = clientOf()
    await get(client, server)
    const second = await get(client, server)
    expect(ports[0]).toBe(ports[1])
    expect(second.peer?.der.equals(server1.der)).toBe(true)
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('refuses a client without a certificate (%s)', async (version) => {
    let handled = 0
    const server = await serve({ handler: () => void handled++ })
    const code = await new Promise((resolve) => {
      const socket = connectTls(
        { host: '127.0.0.1', port: server.port, rejectUnauthorized: false, maxVersion: version },
        () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
      )
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    })
    expect(String(code)).toMatch(/^(ERR_SSL_|EPROTO)/)
    await expect(
      get(new HttpsClient({ cas: [root.pem], judgePeer: () => ({ ok: true }) }), server),
    ).rejects.toMatchObject({ code: 'TLS_REFUSED' })
    expect(handled).toBe(0)
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'refuses a foreign chain before any request (%s)',
    async (version) => {
      let handled = 0
      let refused: unknown
      const server = await serve({
        handler: () => void handled++,
        onRefused: (info) => {
          refused = info
        },
      })
      await new Promise((resolve) => {
        const socket = connectTls(
          {
            port: server.port,
            rejectUnauthorized: false,
            maxVersion: version,
            key: foreign.keyPem,
            cert: foreign.chainPem,
          },
          () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
        )
        socket.on('error', () => undefined)
        socket.on('close', resolve)
      })
      await expect(get(clientOf({ identity: foreign }), server)).rejects.toMatchObject({
        code: 'TLS_REFUSED',
      })
      expect(handled).toBe(0)
      expect(refused).toMatchObject({ code: 'IDENTITY_NOT_TRUSTED', remote: '127.0.0.1' })
    },
  )

  it('refuses whom the judge refuses, before any request', async () => {
    let handled = 0
    const refusals: unknown[] = []
    const server = await serve({
      handler: () => void handled++,
      judgePeer: () => ({ ok: false, code: 'IDENTITY_REVOKED', detail: 'serial 2' }),
      onRefused: (info) => refusals.push(info),
    })
    await expect(get(clientOf(), server)).rejects.toMatchObject({ code: 'TLS_REFUSED' })
    expect(handled).toBe(0)
    expect(refusals[0]).toEqual({ remote: '127.0.0.1', code: 'IDENTITY_REVOKED', detail: 'serial 2' })
  })

  it('closes open connections of a peer that was revoked meanwhile', async () => {
    let revoked = false
    const server = await serve({
      judgePeer: () => (revoked ? { ok: false, code: 'IDENTITY_REVOKED' } : { ok: true }),
    })
    const client = clientOf()
    await get(client, server)
    revoked = true
    server.update({})
    await expect(get(client, server)).rejects.toMatchObject({ code: 'TLS_REFUSED' })
  })

  it('lets in a client without a certificate where it is optional, and judges one that is shown', async () => {
    const server = await serve({
      clientCertificate: 'optional',
      clientCas: [],
      judgePeer: (peer) =>
        peer.der.equals(foreign.der) ? { ok: false, code: 'IDENTITY_NOT_TRUSTED' } : { ok: true },
      handler: (_req, res, peer) => {
        res.end(peer ? 'known' : 'anonymous')
      },
    })
    const anonymous = new HttpsClient({ cas: [root.pem], judgePeer: () => ({ ok: true }) })
    closers.push(() => anonymous.close())
    expect((await get(anonymous, server)).body.toString()).toBe('anonymous')
    expect((await get(clientOf(), server)).body.toString()).toBe('known')
    await expect(get(clientOf({ identity: foreign }), server)).rejects.toMatchObject({ code: 'TLS_REFUSED' })
    server.update({ clientCertificate: 'required', clientCas: [root.pem] })
    await expect(
      get(new HttpsClient({ cas: [root.pem], judgePeer: () => ({ ok: true }) }), server),
    ).rejects.toMatchObject({ code: 'TLS_REFUSED' })
  })

  it('serves a new identity to new connections', async () => {
    const server = await serve()
    const next = await issue({ name: 'Next', issuer: root })
    server.update({ identity: next })
    const answer = await get(clientOf(), server)
    expect(answer.peer?.der.equals(next.der)).toBe(true)
  })
})

describe('the client', () => {
  it('sends nothing to a server that the judge refuses, and passes on its code', async () => {
    let handled = 0
    const server = await serve({ handler: () => void handled++ })
    let chain = 0
    const client = clientOf({
      judgePeer: (peer) => {
        chain = peer.chainDer.length
        return { ok: false, code: 'UDN_MISMATCH', detail: 'other' }
      },
    })
    await expect(get(client, server)).rejects.toMatchObject({
      code: 'UDN_MISMATCH',
      detail: 'other',
      subject: `127.0.0.1:${server.port}`,
    })
    expect(chain).toBe(3)
    expect(handled).toBe(0)
  })

  it('refuses a chain that ends elsewhere or is expired, even with a lenient judge', async () => {
    const server = await serve({ identity: foreign })
    await expect(get(clientOf(), server)).rejects.toMatchObject({ code: 'IDENTITY_NOT_TRUSTED' })
    const expired = await issue({ name: 'Old', issuer: root, notAfter: new Date('2021-01-01T00:00:00Z') })
    server.update({ identity: expired })
    await expect(get(clientOf(), server)).rejects.toMatchObject({ code: 'IDENTITY_EXPIRED' })
    await expect(get(clientOf({ cas: [] }), server)).rejects.toMatchObject({ code: 'IDENTITY_EXPIRED' })
  })

  it('names an unreachable host, a plain server, a time-out, an abort and a closed client', async () => {
    const client = clientOf()
    const dead = await serve()
    await dead.close()
    await expect(get(client, dead)).rejects.toMatchObject({ code: 'DEVICE_UNREACHABLE' })
    const server = await serve({ handler: () => undefined })
    const url = `https://127.0.0.1:${server.port}/`
    await expect(client.request({ url, method: 'GET', timeoutMs: 50 })).rejects.toMatchObject({
      code: 'TIMED_OUT',
    })
    const abort = new AbortController()
    const waiting = client.request({ url, method: 'GET', signal: abort.signal })
    abort.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' })
    const closing = client.request({ url, method: 'GET' })
    await client.close()
    await expect(closing).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(client.request({ url, method: 'GET' })).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(clientOf().request({ url: 'http://127.0.0.1/', method: 'GET' })).rejects.toMatchObject({
      code: 'BAD_ANSWER',
    })
  })

  it('stops reading an answer that is too large or cut short', async () => {
    const large = await serve({ handler: (_req, res) => void res.end(Buffer.alloc(5000)) })
    const url = `https://127.0.0.1:${large.port}/`
    const client = clientOf()
    await expect(client.request({ url, method: 'GET', maxBytes: 4999 })).rejects.toMatchObject({
      code: 'BAD_ANSWER',
      detail: 'too-large',
    })
    expect((await client.request({ url, method: 'GET', maxBytes: 5000 })).body).toHaveLength(5000)
    const cut = await serve({
      handler: (_req, res) => {
        res.writeHead(200, { 'content-length': 100 })
        res.write('half', () => res.destroy())
      },
    })
    await expect(get(client, cut)).rejects.toMatchObject({ code: 'BAD_ANSWER', detail: 'cut short' })
  })

  it('asks once more when a kept connection was closed under the request', async () => {
    let connections = 0
    let requests = 0
    const seen = new Set<unknown>()
    const server = await serve({
      handler: (req, res) => {
        if (!seen.has(req.socket)) connections++
        seen.add(req.socket)
        requests++
        if (requests === 2) req.socket.destroy()
        else res.end('fine')
      },
    })
    const client = clientOf()
    await get(client, server)
    expect((await get(client, server)).body.toString()).toBe('fine')
    expect({ connections, requests }).toEqual({ connections: 2, requests: 3 })
  })

  it('calls a server that dies at the request unreachable, not refusing', async () => {
    const server = await serve({ handler: (req) => void req.socket.destroy() })
    await expect(get(clientOf(), server)).rejects.toMatchObject({ code: 'DEVICE_UNREACHABLE' })
  })
})

describe('the server', () => {
  it('ends a handler that throws with 500 and nothing inside', async () => {
    let defect: unknown
    const server = await serve({
      handler: () => {
        throw new Error('secret')
      },
      onDefect: (thrown) => {
        defect = thrown
      },
    })
    const answer = await get(clientOf(), server)
    expect({ status: answer.status, body: answer.body.toString() }).toEqual({ status: 500, body: '' })
    expect(defect).toBeInstanceOf(Error)
  })

  it('drops slow and silent connections', async () => {
    const server = await serve({ limits: { handshakeMs: 100, headersMs: 100, idleMs: 300, checkMs: 50 } })
    await new Promise((resolve) => connectTcp(server.port, '127.0.0.1').once('close', resolve).resume())
    await new Promise((resolve) => {
      const socket = connectTls(
        {
          port: server.port,
          host: '127.0.0.1',
          rejectUnauthorized: false,
          key: client1.keyPem,
          cert: client1.chainPem,
        },
        () => socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '),
      )
      socket.once('close', resolve).resume()
    })
    await new Promise((resolve) => {
      const socket = connectTls({
        port: server.port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        key: client1.keyPem,
        cert: client1.chainPem,
      })
      socket.once('close', resolve).resume()
    })
  })

  it('takes no more connections than it can hold', async () => {
    const server = await serve({ limits: { connectionsMax: 2 } })
    const opened = () => connectTcp(server.port, '127.0.0.1').on('error', () => undefined)
    const [first, second] = [opened(), opened()]
    await Promise.all(
      [first, second].map((socket) => new Promise((resolve) => socket.once('connect', resolve))),
    )
    await new Promise((resolve) => opened().once('close', resolve).resume())
    expect([first, second].map((socket) => socket.destroyed)).toEqual([false, false])
    first.destroy()
    second.destroy()
  })

  it('closes with connections open', async () => {
    let onRequest: () => void = () => undefined
    const requested = new Promise<void>((resolve) => {
      onRequest = resolve
    })
    const server = await serve({ handler: () => onRequest() })
    const client = clientOf()
    const waiting = get(client, server)
    await requested
    const silent = connectTcp(server.port, '127.0.0.1')
    await new Promise((resolve) => silent.once('connect', resolve))
    const closed = new Promise((resolve) => silent.once('close', resolve).once('error', () => undefined))
    await server.close()
    await expect(waiting).rejects.toMatchObject({ code: 'DEVICE_UNREACHABLE' })
    await closed
  })

  it('never resumes a session', async () => {
    const server = await serve({ handler: (_req, res) => void res.end() })
    const once = (session?: Buffer): Promise<{ session: Buffer | undefined; reused: boolean }> =>
      new Promise((resolve, reject) => {
        const socket = connectTls(
          {
            port: server.port,
            host: '127.0.0.1',
            rejectUnauthorized: false,
            key: client1.keyPem,
            cert: client1.chainPem,
            ...(session ? { session } : {}),
          },
          () => {
            reused = socket.isSessionReused()
            socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
          },
        )
        let ticket: Buffer | undefined
        let reused = false
        socket.on('session', (s) => {
          ticket = s
        })
        socket.on('error', reject)
        socket.on('close', () => resolve({ session: ticket, reused }))
        socket.resume()
      })
    const first = await once()
    expect((await once(first.session)).reused).toBe(false)
  })

  it('names an address that it cannot bind and an identity that is no identity', async () => {
    const server = await serve()
    await expect(serve({ port: server.port })).rejects.toMatchObject({
      code: 'NETWORK_UNAVAILABLE',
      detail: 'EADDRINUSE',
    })
    await expect(serve({ identity: { keyPem: 'x', chainPem: 'y' } })).rejects.toMatchObject({
      code: 'CERTIFICATE_INVALID',
    })
  })
})
