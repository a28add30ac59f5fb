import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcp } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { plainGet } from '../../electron/net/http-client'
import { parsePeerUrl, peerOrigin } from '../../electron/net/http-url'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

const serve = async (handler: (req: IncomingMessage, res: ServerResponse) => void): Promise<string> => {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const raw = async (bytes: string): Promise<string> => {
  const server = createTcp((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

describe('a plain GET', () => {
  it('follows redirects on the same host only', async () => {
    const base = await serve((req, res) => {
      if (req.url === '/a') res.writeHead(302, { location: '/b' }).end()
      else if (req.url === '/b') res.end('here')
      else if (req.url === '/loop') res.writeHead(301, { location: '/loop' }).end()
      else if (req.url === '/tls') res.writeHead(301, { location: 'https://127.0.0.1/' }).end()
      else if (req.url === '/bad') res.writeHead(301, { location: 'http://[' }).end()
      else res.writeHead(302, { location: 'http://localhost/x' }).end()
    })
    expect((await plainGet({ url: `${base}/a` })).body.toString()).toBe('here')
    expect((await plainGet({ url: `${base}/a`, sameHostRedirects: false })).status).toBe(302)
    const detail = async (path: string) =>
      plainGet({ url: base + path }).catch(
        (error: { code: string; detail: string }) => `${error.code} ${error.detail}`,
      )
    expect(await detail('/out')).toBe('BAD_ANSWER redirect-other-host')
    expect(await detail('/loop')).toBe('BAD_ANSWER redirect-loop')
    expect(await detail('/tls')).toBe('BAD_ANSWER not an http URL')
    expect(await detail('/bad')).toBe('BAD_ANSWER not a URL in the redirect')
  })

  it('stops at a size, a time and an abort', async () => {
    const base = await serve((req, res) => {
      if (req.url === '/big') res.end('x'.repeat(101))
      else if (req.url === '/drip') {
        res.write('x')
        const timer = setInterval(() => res.write('x'), 10)
        res.on('close', () => clearInterval(timer))
      }
    })
    const get = (path: string, o = {}) => plainGet({ url: base + path, maxBytes: 100, ...o })
    await expect(get('/big')).rejects.toMatchObject({ code: 'BAD_ANSWER', detail: 'too-large' })
    await expect(get('/drip', { timeoutMs: 60 })).rejects.toMatchObject({ code: 'TIMED_OUT' })
    await expect(get('/silent', { timeoutMs: 60 })).rejects.toMatchObject({ code: 'TIMED_OUT' })
    await expect(get('/silent', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it.each([
    ['not HTTP', 'hello\r\n\r\n', 'BAD_ANSWER'],
    ['endless headers', `HTTP/1.1 200 OK\r\n${'X-Long: yyyyyyyyyyyyyyyy\r\n'.repeat(5000)}`, 'BAD_ANSWER'],
    ['cut short', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', 'BAD_ANSWER'],
    ['nothing', '', 'DEVICE_UNREACHABLE'],
  ])('names the cause of an answer that is %s', async (_name, bytes, code) => {
    await expect(plainGet({ url: await raw(bytes) })).rejects.toMatchObject({ code })
  })

  it('names a host where nothing listens, and what is no URL', async () => {
    await expect(plainGet({ url: 'http://127.0.0.1:9/' })).rejects.toMatchObject({
      code: 'DEVICE_UNREACHABLE',
    })
    for (const url of ['ftp://127.0.0.1/', 'x', 'http://a:b@127.0.0.1/', 'https://127.0.0.1/']) {
      await expect(plainGet({ url })).rejects.toMatchObject({ code: 'BAD_ANSWER' })
    }
  })
})

describe('URLs of peers', () => {
  it('carry the zone of a link-local address for connecting, not in the Host header', () => {
    for (const text of ['https://[fe80::1%25eth0]:8443/a?b', 'https://[fe80::1%eth0]:8443/a?b']) {
      expect(parsePeerUrl(text)).toEqual({
        protocol: 'https:',
        host: 'fe80::1%eth0',
        port: 8443,
        path: '/a?b',
        hostHeader: '[fe80::1]:8443',
      })
    }
    expect(peerOrigin('https', 'fe80::1%eth0', 1)).toBe('https://[fe80::1%25eth0]:1')
    expect(peerOrigin('http', '10.0.0.1', 80)).toBe('http://10.0.0.1:80')
    expect(parsePeerUrl('http://10.0.0.1')).toMatchObject({ port: 80, path: '/' })
  })
})
