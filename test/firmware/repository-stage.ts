/** A repository behind a real server, its library in memory, and clients of several kinds. */
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import type { FirmwareBundle, Manifest } from '../../electron/contract/firmware'
import { DEVICE_TYPE } from '../../electron/contract/names'
import { FIRMWARE_PREFIX, Repository } from '../../electron/firmware/repository'
import { HttpsClient } from '../../electron/net/https-client'
import { type HttpsServerOptions, startHttpsServer } from '../../electron/net/https-server'
import { pathOf, UpnpEndpoint } from '../../electron/upnp/endpoint'
import { makeTempDir } from '../helpers/temp-dir'
import { issue, makeRoot, type TestCertificate } from '../net/pki'

const temp = makeTempDir('iotmc-repository-')
export const IMAGE = randomBytes(1_000_003)
export let root: TestCertificate
export let server1: TestCertificate
export let client1: TestCertificate
export const closers: (() => Promise<void>)[] = []

beforeAll(async () => {
  root = await makeRoot('Root')
  server1 = await issue({ name: 'Server', issuer: root })
  client1 = await issue({ name: 'Client', issuer: root })
})
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})
afterAll(() => temp.remove())

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** A library in memory with its files on disk. */
export const shelf = () => {
  const bundles = new Map<string, FirmwareBundle>()
  const path = (id: string, name: string): string => join(temp.path, `${id}-${name}`)
  const files = (id: string) => ({
    manifest: path(id, 'json'),
    signature: path(id, 'p7s'),
    image: path(id, 'image'),
  })
  const add = (o: Partial<Manifest> & { version: string }, image = IMAGE): FirmwareBundle => {
    const manifest: Manifest = {
      format: 1,
      vendor: 'Example maker',
      model: 'PX-200',
      hardwareRevisions: ['C2', 'C3'],
      securityVersion: 3,
      releaseDate: '2026-01-01T00:00:00Z',
      image: { file: 'image.mjs', format: 'raw', size: image.length, sha256: sha256(image) },
      probationHours: 24,
      notes: '',
      ...o,
    }
    const bytes = Buffer.from(JSON.stringify(manifest))
    const id = sha256(bytes)
    writeFileSync(files(id).manifest, bytes)
    writeFileSync(files(id).signature, 'the signature')
    writeFileSync(files(id).image, image)
    const signer = { subject: 'CN=Signer', fingerprint: '', notAfter: '' }
    const bundle = { id, manifest, signer, bytes: image.length, addedAtMs: bundles.size }
    bundles.set(id, bundle)
    return bundle
  }
  return { bundles, files, add, library: { get: (id: string) => bundles.get(id), files } }
}

export const hosted = async (repository: Repository) => {
  const endpoint = new UpnpEndpoint({
    udn: 'uuid:12345678-1234-1234-1234-1234567890ab',
    deviceType: DEVICE_TYPE.controller,
    friendlyName: 'C',
    manufacturer: 'M',
    model: 'C',
    serialNumber: '1',
    configId: () => 1,
    services: ['FirmwareRepository'],
    identity: server1,
    clientCas: [root.pem],
    clientCertificate: 'optional',
    hosts: ['127.0.0.1'],
    judgePeer: () => ({ ok: true, role: 'Public' }),
  })
  for (const [name, handler] of Object.entries(repository.actions))
    endpoint.handle('FirmwareRepository', name, handler)
  endpoint.serve(FIRMWARE_PREFIX, async (req, res) => {
    await repository.serveFile(req, res, pathOf(req))
  })
  const { httpsPort, httpPort } = await endpoint.start()
  closers.push(() => endpoint.close())
  return { base: `https://127.0.0.1:${httpsPort}`, httpPort }
}

export const clientOf = (identity: TestCertificate | undefined = client1): HttpsClient => {
  const client = new HttpsClient({
    ...(identity ? { identity } : {}),
    cas: [root.pem],
    judgePeer: () => ({ ok: true }),
  })
  closers.push(() => client.close())
  return client
}

export const onStage = async (o: { version: string } = { version: '2.0.0' }) => {
  const store = shelf()
  const bundle = store.add(o)
  const logged: Record<string, unknown>[] = []
  const repository = new Repository({
    library: store.library,
    log: (event, facts) => logged.push({ event, ...facts }),
  })
  repository.offer(bundle.id)
  const { base, httpPort } = await hosted(repository)
  const url = `${base}/firmware/${bundle.id}/image`
  return { store, bundle, repository, base, httpPort, url, logged }
}

export const ask = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  clientOf().request({ url, method, headers, maxBytes: 8 * 1024 * 1024 })

export const fetched = async (url: string, headers: Record<string, string> = {}) => {
  const chunks: Buffer[] = []
  const answer = await clientOf().download({ url, headers, sink: (chunk) => void chunks.push(chunk) })
  return { ...answer, body: Buffer.concat(chunks) }
}

export const causeOf = (work: () => unknown): string => {
  try {
    work()
    return 'nothing'
  } catch (thrown) {
    return thrown instanceof IotmcError ? thrown.code : String(thrown)
  }
}

/** Descriptors of this process that lead to a file. */
export const openOf = (path: string): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path
    } catch {
      return false
    }
  }).length

/** A client that reads only when it is told to. */
export const slowClient = async (url: string): Promise<TLSSocket> => {
  const { port, pathname } = new URL(url)
  const socket = connect({
    host: '127.0.0.1',
    port: Number(port),
    key: client1.keyPem,
    cert: client1.chainPem,
    ca: root.pem,
    checkServerIdentity: () => undefined,
  })
  closers.push(async () => void socket.destroy())
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => undefined)
  socket.pause()
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: x\r\n\r\n`)
  return socket
}

export const until = async (is: () => boolean): Promise<void> => {
  while (!is()) await new Promise((resolve) => setTimeout(resolve, 5))
}

export const LARGE = randomBytes(32 * 1024 * 1024)

export const served = async (limits: HttpsServerOptions['limits'] = {}) => {
  const store = shelf()
  const bundle = store.add({ version: '2.0.0' }, LARGE)
  const repository = new Repository({ library: store.library, offered: () => [bundle.id] })
  const server = await startHttpsServer({
    host: '127.0.0.1',
    port: 0,
    identity: server1,
    clientCas: [root.pem],
    clientCertificate: 'required',
    judgePeer: () => ({ ok: true }),
    handler: async (req, res) => {
      await repository.serveFile(req, res, pathOf(req))
    },
    limits,
  })
  closers.push(() => server.close())
  const path = store.files(bundle.id).image
  return { repository, path, url: `https://127.0.0.1:${server.port}/firmware/${bundle.id}/image` }
}
