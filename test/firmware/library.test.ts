/** The library of bundles: all of one or nothing of it, judged anew whenever it is looked at. */
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { FirmwareTrust } from '../../electron/firmware/cms'
import { Library } from '../../electron/firmware/library'
import { sampleImage } from '../../electron/firmware/sample-image'
import { makeTempDir } from '../helpers/temp-dir'
import { crlOf, DAY, NOW, revoke } from '../identity/make'
import { draft, type Maker, maker, pack } from './make'

let folder: ReturnType<typeof makeTempDir>
let home: string
let known: Maker
let trust: FirmwareTrust
let nowMs: number
let free: number
beforeEach(async () => {
  folder = makeTempDir('iotmc-library-')
  home = join(folder.path, 'firmware')
  known = await maker()
  trust = { anchors: [known.root.pem], crls: [] }
  nowMs = NOW
  free = 1e12
})
afterEach(() => folder.remove())

const open = () =>
  Library.open(home, { trust: () => trust, now: () => nowMs, freeBytes: () => Promise.resolve(free) })
const imageOf = (version: string) => sampleImage({ version, behaviour: 'healthy' })
const bundle = (version: string) =>
  pack(folder.path, {
    signer: known.signer,
    manifest: draft({ version }),
    image: imageOf(version),
    name: version,
  })

it('keeps bundles, newest first, also when it is opened again', async () => {
  const library = await open()
  expect(await library.list()).toEqual({ bundles: [], usedBytes: 0, freeBytes: free })
  const first = await library.add(await bundle('2.4.0'))
  nowMs += DAY
  const second = await library.add(await bundle('2.5.0'))
  const again = await open()
  const { bundles, usedBytes } = await again.list()
  expect(bundles).toEqual([second, first])
  expect(bundles.map(({ addedAtMs }) => addedAtMs)).toEqual([NOW + DAY, NOW])
  expect(usedBytes).toBe(first.bytes + second.bytes)
  expect(readFileSync(again.files(first.id).image)).toEqual(imageOf('2.4.0'))
  expect(again.get(second.id)).toEqual(second)
  expect(again.get('../2')).toBeUndefined()
})

it('keeps a bundle once, however often and however many at a time it is added', async () => {
  const library = await open()
  const path = await bundle('2.4.0')
  const rows = await Promise.all([library.add(path), library.add(path), library.add(path)])
  nowMs += DAY
  expect(new Set([...rows, await library.add(path)].map((row) => JSON.stringify(row)))).toHaveProperty(
    'size',
    1,
  )
  expect((await library.list()).bundles).toHaveLength(1)
  expect(readdirSync(home)).toHaveLength(1)
})

it('says what a bundle that it knows is worth, when a damaged copy comes', async () => {
  const library = await open()
  const path = await bundle('2.4.0')
  await library.add(path)
  const bytes = readFileSync(path)
  bytes.write('X', bytes.indexOf('running'))
  writeFileSync(path, bytes)
  await expect(library.add(path)).rejects.toMatchObject({ code: 'HASH_MISMATCH' })
  expect((await library.list()).bundles[0]).not.toHaveProperty('problem')
})

it('forgets a bundle', async () => {
  const library = await open()
  const { id } = await library.add(await bundle('2.4.0'))
  const { image } = library.files(id)
  await library.remove(id)
  expect(existsSync(image)).toBe(false)
  expect(readdirSync(home)).toEqual([])
  expect(() => library.files(id)).toThrow(expect.objectContaining({ code: 'BUNDLE_UNKNOWN' }))
  await expect(library.remove(id)).rejects.toMatchObject({ code: 'BUNDLE_UNKNOWN' })
})

it('judges each bundle by what is trusted now', async () => {
  const library = await open()
  const { id } = await library.add(await bundle('2.4.0'))
  const problem = async () => (await library.list()).bundles[0]?.problem
  expect(await problem()).toBeUndefined()
  trust = { anchors: [known.root.pem], crls: [await crlOf(known.root, [revoke(known.signer)])] }
  expect(await problem()).toMatchObject({
    code: 'SIGNER_REFUSED',
    detail: expect.stringContaining('revoked'),
  })
  expect(library.get(id)).toHaveProperty('problem.code', 'SIGNER_REFUSED')
  trust = { anchors: [], crls: [] }
  expect(await problem()).toMatchObject({ detail: expect.stringContaining('no trusted root') })
  expect(library.get(id)?.signer).not.toHaveProperty('root')
  trust = { anchors: [known.root.pem], crls: [] }
  nowMs = NOW + 366 * DAY
  expect(await problem()).toMatchObject({ detail: expect.stringContaining('expired') })
  nowMs = NOW
  expect(await problem()).toBeUndefined()
})

it('adds nothing that is not right, and nothing of it stays', async () => {
  const library = await open()
  const path = await bundle('2.4.0')
  trust = { anchors: [], crls: [] }
  await expect(library.add(path)).rejects.toMatchObject({
    code: 'SIGNER_REFUSED',
    subject: 'CN=Firmware signer 1',
  })
  trust = { anchors: [known.root.pem], crls: [] }
  truncateSync(path, 3_000)
  await expect(library.add(path)).rejects.toMatchObject({ code: 'BUNDLE_INVALID', subject: path })
  const stopped = AbortSignal.abort()
  await expect(library.add(await bundle('2.5.0'), { signal: stopped })).rejects.toMatchObject({
    code: 'CANCELLED',
  })
  expect(readdirSync(home)).toEqual([])
})

it('needs room on the disk first', async () => {
  const library = await open()
  const path = await bundle('2.4.0')
  free = 1_000_000
  await expect(library.add(path)).rejects.toMatchObject({ code: 'NO_SPACE' })
  expect(readdirSync(home)).toEqual([])
  free = 1_100_000
  await library.add(path)
})

it('clears away what was cut short, and takes a damaged bundle again', async () => {
  const { id } = await (await open()).add(await bundle('2.4.0'))
  for (const name of [`.adding-${id}`, `.removing-${id}`]) {
    mkdirSync(join(home, name))
    writeFileSync(join(home, name, 'image'), 'half')
  }
  mkdirSync(join(home, 'of-somebody-else'))
  const library = await open()
  expect(readdirSync(home).sort()).toEqual([id, 'of-somebody-else'])
  truncateSync(library.files(id).image, 10)
  expect(library.get(id)?.problem?.code).toBe('IMAGE_TRUNCATED')
  expect(await library.add(await bundle('2.4.0'))).not.toHaveProperty('problem')
  truncateSync(library.files(id).manifest, 10)
  const damaged = await open()
  expect((await damaged.list()).bundles).toEqual([])
  expect(await damaged.add(await bundle('2.4.0'))).toHaveProperty('id', id)
  expect(readFileSync(damaged.files(id).image)).toEqual(imageOf('2.4.0'))
})
