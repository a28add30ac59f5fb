import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import type { FirmwareBundle } from '../../electron/contract/firmware'
import { serviceType } from '../../electron/contract/names'
import { Repository } from '../../electron/firmware/repository'
import { HttpsClient } from '../../electron/net/https-client'
import { SoapClient } from '../../electron/upnp/soap-client'
import {
  ask,
  causeOf,
  clientOf,
  closers,
  fetched,
  hosted,
  IMAGE,
  onStage,
  openOf,
  root,
  served,
  sha256,
  shelf,
  slowClient,
  until,
} from './repository-stage'

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

describe('a reader', () => {
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
})
