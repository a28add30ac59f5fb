/** Bundles: packed, read back, and refused wherever they are touched. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asIotmcError } from '../../electron/contract/errors'
import { packBundle, type ReadOptions, readBundle } from '../../electron/firmware/bundle'
import { makeMcuboot } from '../../electron/firmware/mcuboot'
import { sampleImage } from '../../electron/firmware/sample-image'
import { sha256Hex } from '../../electron/identity/pem'
import { makeTempDir } from '../helpers/temp-dir'
import { NOW, root } from '../identity/make'
import { draft, type Maker, maker, pack, signerOf } from './make'

let folder: ReturnType<typeof makeTempDir>
let known: Maker
const image = sampleImage({ version: '2.4.0', behaviour: 'healthy', padBytes: 3_000 })
let path: string
beforeAll(async () => {
  folder = makeTempDir('iotmc-bundle-')
  known = await maker()
  path = await pack(folder.path, { signer: known.signer, image })
})
afterAll(() => folder.remove())

const read = (from: string, o: Partial<ReadOptions> = {}) =>
  readBundle(from, { anchors: [known.root.pem], crls: [], now: NOW, ...o })
const fresh = (() => {
  let n = 0
  return (): string => join(folder.path, `file-${n++}`)
})()

describe('a good bundle', () => {
  it('says what it is and hands out its image', async () => {
    const to = fresh()
    const steps: number[] = []
    const bundle = await read(path, { imageTo: to, onProgress: (done) => steps.push(done) })
    expect(bundle.manifest).toEqual({
      ...draft(),
      image: { file: 'th-10-2.4.0.bin', format: 'raw', size: image.length, sha256: sha256Hex(image) },
    })
    expect(bundle.id).toBe(sha256Hex(bundle.manifestBytes))
    expect(bundle.signer.root).toBe('Example maker')
    expect(readFileSync(to)).toEqual(image)
    expect(steps.at(-1)).toBe(image.length)
    const copy = fresh()
    await bundle.copyImage(copy)
    expect(readFileSync(copy)).toEqual(image)
  })

  it('has the same image and manifest however often it is packed', async () => {
    const again = await read(await pack(folder.path, { signer: known.signer, image, name: 'again' }))
    expect(again.id).toBe((await read(path)).id)
    expect(statSync(path).size - image.length).toBeLessThan(4096)
  })

  it('may be larger than one piece of reading, and of any size', async () => {
    for (const padBytes of [1024 * 1024, 2 * 1024 * 1024 + 1]) {
      const large = sampleImage({ version: '2.4.0', behaviour: 'healthy', padBytes })
      const to = fresh()
      await read(await pack(folder.path, { signer: known.signer, image: large, name: 'large' }), {
        imageTo: to,
      })
      expect(readFileSync(to).equals(large)).toBe(true)
    }
  })

  it('may have an MCUboot image, signed with any key whose certificate it carries', async () => {
    const bootloader = await signerOf(known.root, { name: 'Bootloader key 1' })
    const signed = makeMcuboot({
      payload: image,
      version: '2.4.0',
      securityCounter: 3,
      keyPem: bootloader.keyPem,
    })
    const o = {
      signer: known.signer,
      image: signed,
      manifest: draft({ image: { file: 'image.bin', format: 'mcuboot' } }),
      name: 'mcuboot',
    }
    await expect(pack(folder.path, o)).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
      detail: expect.stringContaining('no certificate'),
    })
    const bundle = await read(await pack(folder.path, { ...o, chain: [bootloader] }))
    expect(bundle.manifest.image).toMatchObject({ format: 'mcuboot', size: signed.length })
    expect(bundle.signer.subject).toBe('CN=Firmware signer 1')
  })

  it('stops when told to, and leaves nothing behind', async () => {
    const stop = new AbortController()
    const large = sampleImage({ version: '2.4.0', behaviour: 'healthy', padBytes: 4 * 1024 * 1024 })
    const from = await pack(folder.path, { signer: known.signer, image: large, name: 'stopped' })
    const to = fresh()
    const reading = read(from, { imageTo: to, signal: stop.signal, onProgress: () => stop.abort() })
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(statSync(to, { throwIfNoEntry: false })).toBeUndefined()
  })
})

describe('packing', () => {
  it('refuses a signer that is not made for it, and what is no manifest or no image', async () => {
    const client = await signerOf(known.root, { purposes: undefined })
    await expect(pack(folder.path, { signer: client, name: 'no' })).rejects.toMatchObject({
      code: 'SIGNER_REFUSED',
    })
    const signer = known.signer
    for (const manifest of [draft({ version: 'new' }), draft({ image: { file: '../x', format: 'raw' } })])
      await expect(pack(folder.path, { signer, manifest, name: 'no' })).rejects.toMatchObject({
        code: 'BUNDLE_INVALID',
      })
    const manifest = draft({ image: { file: 'image.bin', format: 'mcuboot' } })
    await expect(pack(folder.path, { signer, manifest, name: 'no' })).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
    })
    const missing = packBundle({
      manifest: draft(),
      imagePath: join(folder.path, 'nothing'),
      keyPem: signer.keyPem,
      chainPem: signer.pem,
      out: join(folder.path, 'no.iotfw'),
      now: new Date(NOW),
    })
    await expect(missing).rejects.toMatchObject({ code: 'FILE_INVALID' })
    expect(statSync(join(folder.path, 'no.iotfw'), { throwIfNoEntry: false })).toBeUndefined()
  })
})

describe('a bundle is refused', () => {
  const damaged = (change: (bytes: Buffer) => Buffer): string => {
    const to = fresh()
    writeFileSync(to, change(Buffer.from(readFileSync(path))))
    return to
  }
  const replaced = (from: string | Buffer, to: string | Buffer) =>
    damaged((bytes) => {
      const at = bytes.indexOf(from)
      expect(at).toBeGreaterThan(0)
      bytes.set(Buffer.from(to), at)
      return bytes
    })

  it('for each part that is not what was signed', async () => {
    const codes = async (changed: string) => asIotmcError(await read(changed).catch((error) => error)).code
    expect(await codes(replaced('"TH-10"', '"TH-11"'))).toBe('SIGNATURE_INVALID')
    expect(await codes(replaced('running', 'walking'))).toBe('HASH_MISMATCH')
    expect(await codes(replaced('Firmware signer 1', 'Firmware signer 2'))).toBe('SIGNER_REFUSED')
    const other = await root('Example maker')
    await expect(read(path, { anchors: [other.pem] })).rejects.toMatchObject({
      code: 'SIGNER_REFUSED',
      detail: expect.stringContaining('another key'),
    })
    await expect(read(path, { now: NOW + 400 * 24 * 3600_000 })).rejects.toMatchObject({
      code: 'SIGNER_REFUSED',
    })
  })

  it.each([
    ['a folder', () => folder.path],
    ['a file that is not there', () => join(folder.path, 'nothing')],
    ['an empty file', () => damaged(() => Buffer.alloc(0))],
    ['a text', () => damaged(() => Buffer.from('hello '.repeat(100)))],
    ['only zeros', () => damaged(() => Buffer.alloc(4096))],
  ])('when it is %s', async (_, make) => {
    await expect(read(make())).rejects.toMatchObject({ code: 'BUNDLE_INVALID', detail: expect.any(String) })
  })
})
