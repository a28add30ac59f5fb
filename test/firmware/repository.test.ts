import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import type { FirmwareBundle, Manifest } from '../../electron/contract/firmware'
import { DEVICE_TYPE, serviceType } from '../../electron/contract/names'
import { FIRMWARE_PREFIX, Repository } from '../../electron/firmware/repository'
import { HttpsClient } from '../../electron/net/https-client'
import { type HttpsServerOptions, startHttpsServer } from '../../electron/net/https-server'
import { pathOf, UpnpEndpoint } from '../../electron/upnp/endpoint'
import { SoapClient } from '../../electron/upnp/soap-client'
import { makeTempDir } from '../helpers/temp-dir'
import { issue, makeRoot, type TestCertificate } from '../net/pki'

const temp = makeTempDir('iotmc-repository-')
const IMAGE = randomBytes(1_000_003)
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
afterAll(() => temp.remove())

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** A library in memory with its files on disk. */
const shelf = () => {
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

const hosted = async (repository: Repository) => {
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

const clientOf = (identity: TestCertificate | undefined = client1): HttpsClient => {
  const client = new HttpsClient({
    ...(identity ? { identity } : {}),
    cas: [root.pem],
    judgePeer: () => ({ ok: true }),
  })
  closers.push(() => client.close())
  return client
}

const onStage = async (o: { version: string } = { version: '2.0.0' }) => {
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

const ask = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  clientOf().request({ url, method, headers, maxBytes: 8 * 1024 * 1024 })

const fetched = async (url: string, headers: Record<string, string> = {}) => {
  const chunks: Buffer[] = []
  const answer = await clientOf().download({ url, headers, sink: (chunk) => void chunks.push(chunk) })
  return { ...answer, body: Buffer.concat(chunks) }
}

const causeOf = (work: () => unknown): string => {
  try {
    work()
    return 'nothing'
  } catch (thrown) {
    return thrown instanceof IotmcError ? thrown.code : String(thrown)
  }
}

describe('what is offered', () => {
  it('is what was offered, is still there and has nothing against it', () => {
    const { add, bundles, library } = shelf()
    const [a, b] = [add({ version: '1.0.0' }), add({ version: '2.0.0' })]
    const repository = new Repository({ library, offered: () => [a.id, 'f'.repeat(64)] })
    let changes = 0
    const end = repository.onChange(() => {
      changes += 1
    })
    expect(repository.offered).toEqual([a.id])
    repository.offer(b.id)
    repository.offer(b.id)
    expect(repository.availability()).toBe(
      '[{"model":"PX-200","version":"2.0.0"},{"model":"PX-200","version":"1.0.0"}]',
    )
    bundles.set(b.id, { ...b, problem: { code: 'IDENTITY_REVOKED' } })
    expect(repository.offered).toEqual([a.id])
    repository.withdraw(a.id)
    repository.withdraw(a.id)
    expect([repository.availability(), changes]).toEqual(['[]', 2])
    expect(causeOf(() => repository.offer('f'.repeat(64)))).toBe('BUNDLE_UNKNOWN')
    repository.withdraw(b.id)
    expect(causeOf(() => repository.offer(b.id))).toBe('IDENTITY_REVOKED')
    end()
  })

  it('is announced newest first, each once, in no more than an event may hold', () => {
    const { add, library } = shelf()
    const small = Buffer.from('x')
    const made: FirmwareBundle[] = []
    for (let n = 0; n < 150; n++) {
      const releaseDate = new Date(Date.UTC(2026, 0, 1 + n)).toISOString()
      made.push(add({ version: `1.${n}.0`, model: `MODEL-${n % 3}`, releaseDate }, small))
    }
    made.push(add({ version: '1.0.0', model: 'OLD-1', releaseDate: '2020-01-01T00:00:00Z' }, small))
    made.push(add({ version: '1.149.0', model: 'MODEL-2', releaseDate: '2019-01-01T00:00:00Z' }, small))
    const text = new Repository({ library, offered: () => made.map(({ id }) => id) }).availability()
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096)
    expect(Buffer.byteLength(text)).toBeGreaterThan(3900)
    const entries = JSON.parse(text) as { model: string; version: string }[]
    expect(entries.slice(0, 2)).toEqual([
      { model: 'MODEL-2', version: '1.149.0' },
      { model: 'MODEL-1', version: '1.148.0' },
    ])
    // A model with one version alone is worth more than an old version of another.
    expect(entries.at(-1)).toEqual({ model: 'OLD-1', version: '1.0.0' })
    expect(new Set(entries.map((entry) => JSON.stringify(entry))).size).toBe(entries.length)
  })
})

describe('GetFirmwareInfo', () => {
  const asked = async (o: Record<string, string>) => {
    const { add, library } = shelf()
    const made = [
      add({ version: '2.0.0' }),
      add({ version: '2.10.0' }),
      add({ version: '2.9.0' }),
      add({ version: '3.0.0', hardwareRevisions: ['D1'] }),
      add({ version: '4.0.0', model: 'PX-300' }),
    ]
    const repository = new Repository({ library, offered: () => made.map(({ id }) => id) })
    const { base } = await hosted(repository)
    const control = {
      name: 'FirmwareRepository',
      serviceType: serviceType('FirmwareRepository'),
      controlUrl: `${base}/control/FirmwareRepository`,
    } as const
    const args = { Model: 'PX-200', HardwareRevision: 'C2', CurrentVersion: '', WantedVersion: '', ...o }
    const call = new SoapClient({ client: clientOf() }).call(control, 'GetFirmwareInfo', args)
    return call.catch((thrown: unknown) => (thrown instanceof IotmcError ? thrown.code : String(thrown)))
  }

  it('gives the newest version above the current one, and where its files are', async () => {
    const info = await asked({ CurrentVersion: '2.0.0' })
    const id = /[0-9a-f]{64}/.exec((info as Record<string, string>).ImageUrl ?? '')?.[0]
    expect(info).toEqual({
      Version: '2.10.0',
      Size: String(IMAGE.length),
      Checksum: sha256(IMAGE),
      ReleaseDate: '2026-01-01T00:00:00Z',
      SecurityVersion: '3',
      ManifestUrl: `/firmware/${id}/manifest.json`,
      SignatureUrl: `/firmware/${id}/manifest.p7s`,
      ImageUrl: `/firmware/${id}/image`,
    })
  })

  it.each([
    [{ CurrentVersion: '' }, '2.10.0'],
    [{ CurrentVersion: '2.10.0-rc.1' }, '2.10.0'],
    [{ CurrentVersion: '2.10.0', WantedVersion: '2.0.0' }, '2.0.0'],
    [{ CurrentVersion: 'as delivered', WantedVersion: '2.0.0' }, '2.0.0'],
    [{ HardwareRevision: 'D1' }, '3.0.0'],
  ])('%j gives %s', async (args, version) => {
    expect(await asked(args)).toMatchObject({ Version: version })
  })

  it.each([
    [{ CurrentVersion: '2.10.0' }, 'VERSION_NOT_OFFERED'],
    [{ WantedVersion: '2.1.0' }, 'VERSION_NOT_OFFERED'],
    [{ HardwareRevision: 'E1' }, 'VERSION_NOT_OFFERED'],
    [{ Model: 'PX-400' }, 'VERSION_NOT_OFFERED'],
    [{ CurrentVersion: 'as delivered' }, 'VALUE_INVALID'],
  ])('%j gives %s', async (args, code) => {
    expect(await asked(args)).toBe(code)
  })
})

describe('the files', () => {
  it('are the very bytes, with their hash as the tag', async () => {
    const { store, bundle, base, url } = await onStage()
    const image = await fetched(url)
    expect(image.body.equals(IMAGE)).toBe(true)
    expect(image.headers).toMatchObject({
      etag: `"${sha256(IMAGE)}"`,
      'content-length': String(IMAGE.length),
      'accept-ranges': 'bytes',
      'content-type': 'application/octet-stream',
    })
    const manifest = await ask(`${base}/firmware/${bundle.id}/manifest.json`)
    expect(sha256(manifest.body)).toBe(bundle.id)
    expect(manifest.headers.etag).toBe(`"${bundle.id}"`)
    const signature = await ask(`${base}/firmware/${bundle.id}/manifest.p7s`)
    expect(signature.body.toString()).toBe('the signature')
    writeFileSync(store.files(bundle.id).signature, 'another one')
    const later = await ask(`${base}/firmware/${bundle.id}/manifest.p7s`)
    expect(later.headers.etag).not.toBe(signature.headers.etag)
  })

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=65536-', 65_536, IMAGE.length],
    ['bytes=65535-131073', 65_535, 131_074],
    ['bytes=-5', IMAGE.length - 5, IMAGE.length],
  ])('come in part: %s', async (range, from, to) => {
    const { url } = await onStage()
    const part = await fetched(url, { range, 'if-range': `"${sha256(IMAGE)}"` })
    expect([part.status, part.headers['content-range']]).toEqual([
      206,
      `bytes ${from}-${to - 1}/${IMAGE.length}`,
    ])
    expect(part.body.equals(IMAGE.subarray(from, to))).toBe(true)
  })

  it('come whole where the part is of another file', async () => {
    const { url } = await onStage()
    const whole = await fetched(url, { range: 'bytes=5-', 'if-range': '"other"' })
    expect([whole.status, whole.bytes]).toEqual([200, IMAGE.length])
  })

  it('need not come again, and have an end', async () => {
    const { url } = await onStage()
    const known = await ask(url, { 'if-none-match': `"${sha256(IMAGE)}"` })
    expect([known.status, known.body.length]).toEqual([304, 0])
    const beyond = await ask(url, { range: `bytes=${IMAGE.length}-` })
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, `bytes */${IMAGE.length}`])
    const head = await ask(url, {}, 'HEAD')
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([
      200,
      String(IMAGE.length),
      0,
    ])
  })

  it('are those of offered bundles alone, by those paths alone', async () => {
    const { store, bundle, base, repository } = await onStage()
    const hidden = store.add({ version: '9.0.0' })
    const status = async (path: string, method = 'GET') => (await ask(`${base}${path}`, {}, method)).status
    expect(await status(`/firmware/${hidden.id}/image`)).toBe(404)
    expect(await status(`/firmware/${bundle.id}`)).toBe(404)
    expect(await status(`/firmware/${bundle.id}/`)).toBe(404)
    expect(await status(`/firmware/${bundle.id}/image/`)).toBe(404)
    expect(await status(`/firmware/${bundle.id}/%69mage`)).toBe(404)
    expect(await status(`/firmware/${bundle.id}/..%2f${hidden.id}/image`)).toBe(404)
    expect(await status(`/firmware/${bundle.id}/image`, 'POST')).toBe(405)
    repository.withdraw(bundle.id)
    expect(await status(`/firmware/${bundle.id}/image`)).toBe(404)
  })

  it('are for callers with a certificate, over TLS', async () => {
    const { base, bundle, httpPort } = await onStage()
    const path = `/firmware/${bundle.id}/image`
    const nobody = new HttpsClient({ cas: [root.pem], judgePeer: () => ({ ok: true }) })
    closers.push(() => nobody.close())
    expect((await nobody.request({ url: `${base}${path}`, method: 'GET' })).status).toBe(403)
    expect((await fetch(`http://127.0.0.1:${httpPort}${path}`)).status).toBe(404)
  })

  it('are never other bytes than were offered', async () => {
    const { store, bundle, url, base, logged } = await onStage()
    const paths = store.files(bundle.id)
    writeFileSync(paths.image, Buffer.concat([IMAGE, IMAGE]))
    expect((await ask(url)).status).toBe(500)
    rmSync(paths.image)
    expect((await ask(url)).status).toBe(500)
    writeFileSync(paths.manifest, '{}')
    expect((await ask(`${base}/firmware/${bundle.id}/manifest.json`)).status).toBe(500)
    expect(logged).toHaveLength(3)
    expect(logged[0]).toMatchObject({ event: 'firmware-not-served', code: 'DATA_DAMAGED' })
  })
})

/** Descriptors of this process that lead to a file. */
const openOf = (path: string): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path
    } catch {
      return false
    }
  }).length

/** A client that reads only when it is told to. */
const slowClient = async (url: string): Promise<TLSSocket> => {
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

const until = async (is: () => boolean): Promise<void> => {
  while (!is()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('a reader', () => {
  const LARGE = randomBytes(32 * 1024 * 1024)

  const served = async (limits: HttpsServerOptions['limits'] = {}) => {
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

  it('that goes away leaves nothing open', async () => {
    const { repository, path, url } = await served()
    const socket = await slowClient(url)
    await until(() => repository.downloads === 1)
    expect(openOf(path)).toBe(1)
    socket.destroy()
    await until(() => repository.downloads === 0)
    await until(() => openOf(path) === 0)
  })

  it('that stands still is let go after the idle time', async () => {
    const { repository, path, url } = await served({ idleMs: 300 })
    const socket = await slowClient(url)
    await until(() => repository.downloads === 1)
    await until(() => repository.downloads === 0)
    await until(() => openOf(path) === 0)
    socket.destroy()
  })

  it('that is slow but moves gets everything, however long it takes', async () => {
    const { url } = await served({ idleMs: 300, requestMs: 300, headersMs: 300, checkMs: 50 })
    const beganMs = performance.now()
    let pauses = 0
    const hash = createHash('sha256')
    const answer = await clientOf().download({
      url,
      sink: async (chunk) => {
        hash.update(chunk)
        // Pauses add up to more than three times the idle time.
        if (pauses++ % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 50))
      },
    })
    expect(answer.bytes).toBe(LARGE.length)
    expect(hash.digest('hex')).toBe(sha256(LARGE))
    expect(performance.now() - beganMs).toBeGreaterThan(900)
  })

  it('gets a broken connection, never a filled-up body, when the file shrinks under it', async () => {
    const { repository, path, url } = await served()
    let first = true
    const work = clientOf().download({
      url,
      sink: () => {
        if (first) truncateSync(path, 1024 * 1024)
        first = false
      },
    })
    await expect(work).rejects.toMatchObject({ code: 'IMAGE_TRUNCATED' })
    await until(() => repository.downloads === 0)
  })

  it('is one of many: all get the same bytes and one buffer each', async () => {
    const { repository, url } = await served()
    let most = 0
    const one = async () => {
      const hash = createHash('sha256')
      const sink = (chunk: Buffer): void => {
        most = Math.max(most, repository.downloads)
        hash.update(chunk)
      }
      await clientOf().download({ url, headers: { range: 'bytes=0-4194303' }, sink })
      return hash.digest('hex')
    }
    const seen = await Promise.all(Array.from({ length: 20 }, one))
    expect(new Set(seen)).toEqual(new Set([sha256(LARGE.subarray(0, 4_194_304))]))
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(20)
    await until(() => repository.downloads === 0)
  })
})
