import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, it } from 'vitest'
import { THROUGHPUT_LIMITS, throughputServer } from '../../electron/diagnostics/throughput'

let server: Server
const serve = async (stallMs?: number): Promise<string> => {
  const answer = throughputServer(stallMs === undefined ? {} : { stallMs })
  server = createServer(async (req, res) => {
    if (!(await answer(req, res, req.url ?? ''))) res.writeHead(404).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
})

it('gives as many bytes as were asked for, which nothing can make smaller', async () => {
  const base = await serve()
  const answer = await fetch(`${base}/throughput/3000001`)
  expect(answer.headers.get('content-length')).toBe('3000001')
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect(bytes).toHaveLength(3_000_001)
  expect(gzipSync(bytes).length).toBeGreaterThan(bytes.length * 0.99)
})

it('answers HEAD with the size alone', async () => {
  const base = await serve()
  const answer = await fetch(`${base}/throughput/1000`, { method: 'HEAD' })
  expect(answer.headers.get('content-length')).toBe('1000')
})

it.each(['0', '-1', '1e3', '01', '', `${THROUGHPUT_LIMITS.bytesMax + 1}`, '999999999999', '10/x', '../x'])(
  'has nothing at /throughput/%s',
  async (tail) => {
    const base = await serve()
    const answer = await fetch(`${base}/throughput/${tail}`)
    expect(answer.status).toBe(404)
    await answer.arrayBuffer()
  },
)

/** A client that asks and never reads. */
const idleClient = async (base: string) => {
  const socket = connect(Number(new URL(base).port), '127.0.0.1')
  await new Promise((done) => socket.once('connect', done))
  socket.pause()
  socket.write(`GET /throughput/${THROUGHPUT_LIMITS.bytesMax} HTTP/1.1\r\nhost: x\r\n\r\n`)
  return socket
}

it('serves a few at once and tells others to come again; who goes away makes room', async () => {
  const base = await serve()
  const sockets = await Promise.all(Array.from({ length: THROUGHPUT_LIMITS.atOnce }, () => idleClient(base)))
  const status = async () => {
    const answer = await fetch(`${base}/throughput/10`)
    await answer.arrayBuffer()
    return answer.status
  }
  await expect.poll(status).toBe(503)
  for (const socket of sockets) socket.destroy()
  await expect.poll(status).toBe(200)
})

it('does not wait for ever for a client that does not read', async () => {
  const base = await serve(50)
  const socket = await idleClient(base)
  const closed = new Promise((done) => socket.once('close', done))
  socket.on('error', () => undefined)
  // What the kernel holds is read only after the server has given up.
  await expect.poll(() => new Promise((done) => server.getConnections((_, count) => done(count)))).toBe(0)
  socket.resume()
  await closed
})
