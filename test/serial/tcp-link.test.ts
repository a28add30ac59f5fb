import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { IotmcError } from '../../electron/contract/errors'
import { type ByteLink, openLink } from '../../electron/serial/link'
import { parseTcpPath } from '../../electron/serial/tcp-link'

describe('a path over TCP', () => {
  it.each([
    ['tcp:ser2net.bench.example:4001', 'ser2net.bench.example', 4001],
    ['tcp:bench-1:1', 'bench-1', 1],
    ['tcp:192.0.2.7:65535', '192.0.2.7', 65_535],
    ['tcp:[2001:db8::7]:4001', '2001:db8::7', 4001],
    ['tcp:[::1]:4001', '::1', 4001],
  ])('%s is a host and a port', (path, host, port) => {
    expect(parseTcpPath(path)).toEqual({ host, port })
  })

  it.each([
    ...['', 'tcp:', 'tcp:host', 'tcp:host:', 'tcp::4001', 'tcp:host:0', 'tcp:host:65536', 'tcp:host:04001'],
    ...['tcp:host:4001 ', ' tcp:host:4001', 'tcp:host:4001\n', 'TCP:host:4001', 'tcp://host:4001'],
    ...['tcp:host:4001/x', 'tcp:user@host:4001', 'tcp:ho st:4001', 'tcp:-host:4001', 'tcp:host.:4001'],
    ...['tcp:::1:4001', 'tcp:[host]:4001', 'tcp:[192.0.2.7]:4001', 'tcp:[::1:4001', 'tcp:[]:4001'],
    ...['tcp:127.1:4001', 'tcp:2130706433:4001', 'tcp:256.1.1.1:4001', 'tcp:host:+1', 'tcp:host:1e3'],
    `tcp:${'a'.repeat(64)}:4001`,
    `tcp:${'a.'.repeat(127)}a:4001`,
    '/dev/ttyUSB0',
    'tcp-listen:0',
  ])('%j is none', (path) => {
    expect(parseTcpPath(path)).toBeUndefined()
  })

  it('of any text is either none, or says exactly that text again', () => {
    const piece = fc.constantFrom('tcp:', 'a', '1', '.', '-', ':', '[', ']', '0', 'é', '%', '\n', '4001')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        const place = parseTcpPath(text)
        if (!place) return
        const host = place.host.includes(':') ? `[${place.host}]` : place.host
        expect(`tcp:${host}:${place.port}`).toBe(text)
      }),
      { numRuns: 2_000 },
    )
  })
})

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A serial server on this machine, and what connects to it. */
const listen = async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const sockets: Socket[] = []
  const waiting: ((socket: Socket) => void)[] = []
  server.on('connection', (socket) => {
    socket.on('error', () => {})
    sockets.push(socket)
    waiting.shift()?.(socket)
  })
  ends.push(() => {
    for (const socket of sockets) socket.destroy()
    return closed(server)
  })
  return {
    server,
    path: `tcp:127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: () => new Promise<Socket>((resolve) => waiting.push(resolve)),
  }
}
const closed = (server: Server) => new Promise((resolve) => server.close(resolve))

const join = async () => {
  const { path, next } = await listen()
  const arrival = next()
  const link = await openLink(path)
  ends.push(() => link.close())
  return { link, path, far: await arrival }
}

const read = (link: ByteLink, bytes: number): Promise<Buffer> =>
  new Promise((resolve) => {
    let all = Buffer.alloc(0)
    const stop = link.onData((piece) => {
      all = Buffer.concat([all, piece])
      if (all.length < bytes) return
      stop()
      resolve(all)
    })
  })

const failureOf = (promise: Promise<unknown>): Promise<IotmcError | undefined> =>
  promise.then(
    () => undefined,
    (thrown: IotmcError) => thrown,
  )

describe('a link over TCP', () => {
  it('carries every byte value both ways, and knows its path', async () => {
    const { link, path, far } = await join()
    far.on('data', (bytes) => far.write(bytes))
    const all = Buffer.from(Array.from({ length: 70_000 }, (_, at) => at % 256))
    const back = read(link, all.length)
    await link.write(all)
    expect((await back).equals(all)).toBe(true)
    expect(link.path).toBe(path)
  })

  it('is unplugged as soon as the other side closes, though nothing was read or written', async () => {
    const { link, path, far } = await join()
    far.end()
    expect(await link.gone).toMatchObject({ code: 'SERIAL_UNPLUGGED', subject: path })
    expect((await failureOf(link.write(Buffer.from('x'))))?.code).toBe('SERIAL_UNPLUGGED')
  })

  it('is unplugged by a reset as well, and a write that waits is rejected', async () => {
    const { link, far } = await join()
    far.pause()
    // More than two kernels hold: the write waits.
    const writing = failureOf(link.write(Buffer.alloc(64 * 1024 * 1024)))
    far.resetAndDestroy()
    expect((await writing)?.code).toBe('SERIAL_UNPLUGGED')
    expect((await link.gone).code).toBe('SERIAL_UNPLUGGED')
  })

  it('that is closed here was cancelled, and the other side hears of it', async () => {
    const { link, far } = await join()
    const left = new Promise((resolve) => far.once('close', resolve))
    far.resume()
    await link.close()
    await link.close()
    expect((await link.gone).code).toBe('CANCELLED')
    expect((await failureOf(link.write(Buffer.from('x'))))?.code).toBe('CANCELLED')
    await left
  })
})

describe('a link over TCP is not opened', () => {
  it('where nothing listens', async () => {
    const { server, path } = await listen()
    await closed(server)
    expect(await failureOf(openLink(path))).toMatchObject({
      code: 'SERIAL_PORT_MISSING',
      subject: path,
      detail: 'nothing listens there',
    })
  })

  it('by a malformed path', async () => {
    const failure = await failureOf(openLink('tcp:127.0.0.1:0'))
    expect(failure).toMatchObject({ code: 'SERIAL_PORT_MISSING', detail: 'tcp:HOST:PORT is expected' })
  })

  it('after it was given up, before or while connecting', async () => {
    const { path } = await listen()
    expect((await failureOf(openLink(path, { signal: AbortSignal.abort() })))?.code).toBe('CANCELLED')
    const giveUp = new AbortController()
    const opening = failureOf(openLink(path, { signal: giveUp.signal }))
    giveUp.abort()
    expect((await opening)?.code).toBe('CANCELLED')
  })
})
