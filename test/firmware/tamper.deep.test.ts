/** Whatever is changed in a bundle, wherever: it is refused for a reason, or nothing that counts has changed. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { type CheckedBundle, readBundle } from '../../electron/firmware/bundle'
import { verifyManifest } from '../../electron/firmware/cms'
import { makeMcuboot } from '../../electron/firmware/mcuboot'
import { sampleImage } from '../../electron/firmware/sample-image'
import { makeTempDir } from '../helpers/temp-dir'
import { NOW } from '../identity/make'
import { draft, type Maker, maker, pack } from './make'

const REFUSALS = [
  'BUNDLE_INVALID',
  'SIGNATURE_INVALID',
  'SIGNER_REFUSED',
  'HASH_MISMATCH',
  'IMAGE_TRUNCATED',
  'IMAGE_INVALID',
]

let folder: ReturnType<typeof makeTempDir>
let known: Maker
const payload = sampleImage({ version: '2.4.0', behaviour: 'healthy', padBytes: 500 })
beforeAll(async () => {
  folder = makeTempDir('iotmc-tamper-')
  known = await maker()
})
afterAll(() => folder.remove())

const trust = () => ({ anchors: [known.root.pem], crls: [], now: NOW })
let files = 0
const fresh = (): string => join(folder.path, `file-${files++}`)

/** Reads changed bytes; gives the refusal, or the bundle and where its image lies. */
const tried = async (bytes: Buffer): Promise<IotmcError | { bundle: CheckedBundle; imagePath: string }> => {
  const path = fresh()
  const imagePath = fresh()
  writeFileSync(path, bytes)
  try {
    return { bundle: await readBundle(path, { ...trust(), imageTo: imagePath }), imagePath }
  } catch (thrown) {
    expect(statSync(imagePath, { throwIfNoEntry: false })).toBeUndefined()
    expect(thrown).toBeInstanceOf(IotmcError)
    const refusal = thrown as IotmcError
    expect(REFUSALS).toContain(refusal.code)
    expect(refusal.detail).toBeTruthy()
    return refusal
  }
}

it.each(['raw', 'mcuboot'] as const)('any byte of a bundle with a %s image', async (format) => {
  const image =
    format === 'raw'
      ? payload
      : makeMcuboot({ payload, version: '2.4.0', securityCounter: 3, keyPem: known.signer.keyPem })
  const manifest = draft({ image: { file: 'image.bin', format } })
  const bytes = readFileSync(await pack(folder.path, { signer: known.signer, image, manifest, name: format }))
  const good = await tried(bytes)
  if (good instanceof IotmcError) throw good
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ flip
      const result = await tried(changed)
      if (result instanceof IotmcError) return
      expect(result.bundle.id, `byte ${at} ^ ${flip}`).toBe(good.bundle.id)
      expect(readFileSync(result.imagePath).equals(image), `byte ${at} ^ ${flip}`).toBe(true)
    }),
    { numRuns: 400 },
  )
})

it('bytes taken out, put in, or put in the place of others', async () => {
  const bytes = readFileSync(
    await pack(folder.path, { signer: known.signer, image: payload, name: 'spliced' }),
  )
  const anywhere = fc.nat(bytes.length)
  await fc.assert(
    fc.asyncProperty(anywhere, fc.nat(200), fc.uint8Array({ maxLength: 100 }), async (at, removed, added) => {
      const changed = Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)])
      fc.pre(changed.length !== bytes.length)
      expect(await tried(changed)).toBeInstanceOf(IotmcError)
    }),
    { numRuns: 300 },
  )
})

it('any byte of a signature', async () => {
  const bundle = await readBundle(await pack(folder.path, { signer: known.signer, name: 'signed' }), trust())
  const { manifestBytes, signatureBytes } = bundle
  await fc.assert(
    fc.asyncProperty(
      fc.nat(signatureBytes.length - 1),
      fc.integer({ min: 1, max: 255 }),
      async (at, flip) => {
        const signature = Buffer.from(signatureBytes)
        signature[at] = (signature[at] ?? 0) ^ flip
        const thrown = await verifyManifest({ manifest: manifestBytes, signature, ...trust() }).catch(
          (one) => one,
        )
        expect(thrown, `byte ${at} ^ ${flip}`).toBeInstanceOf(IotmcError)
        expect(['SIGNATURE_INVALID', 'SIGNER_REFUSED']).toContain(thrown.code)
      },
    ),
    { numRuns: 500 },
  )
})
