/** What a ZIP may have and a bundle may not. */
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ZipFile } from 'yazl'
import { BundleFile } from '../../electron/firmware/zip-read'
import { makeTempDir } from '../helpers/temp-dir'

let folder: ReturnType<typeof makeTempDir>
beforeEach(() => {
  folder = makeTempDir('iotmc-zip-')
})
afterEach(() => folder.remove())

interface File {
  readonly name: string
  readonly bytes?: Buffer
  readonly mode?: number
  readonly compress?: boolean
  readonly forceDosTimestamp?: boolean
  readonly forceZip64Format?: boolean
  readonly fileComment?: string
}

const MANIFEST: File = { name: 'manifest.json', bytes: Buffer.from('{"manifest":true}') }
const SIGNATURE: File = { name: 'manifest.p7s', bytes: Buffer.from('a signature') }
const IMAGE: File = { name: 'image.bin', bytes: Buffer.alloc(1_000, 'x') }

const zipped = async (
  files: readonly File[],
  end: { comment?: string; forceZip64Format?: boolean } = {},
): Promise<Buffer> => {
  const zip = new ZipFile()
  for (const { name, bytes, ...o } of files) {
    if (name.endsWith('/')) zip.addEmptyDirectory(name)
    else
      zip.addBuffer(bytes ?? Buffer.from('x'), name, {
        mtime: new Date(1980, 0, 1),
        mode: 0o100644,
        compress: false,
        forceDosTimestamp: true,
        ...o,
      })
  }
  zip.end({ comment: '', forceZip64Format: false, ...end })
  const path = join(folder.path, 'made.zip')
  await pipeline(zip.outputStream, createWriteStream(path))
  return readFileSync(path)
}

const good = () => zipped([MANIFEST, SIGNATURE, IMAGE])

const opened = (bytes: Buffer): Promise<BundleFile> => {
  const path = join(folder.path, 'bundle.iotfw')
  writeFileSync(path, bytes)
  return BundleFile.open(path)
}

const refused = (detail: RegExp) =>
  expect.objectContaining({ code: 'BUNDLE_INVALID', detail: expect.stringMatching(detail) })

const LOCAL = Buffer.from('PK\x03\x04', 'latin1')
const CENTRAL = Buffer.from('PK\x01\x02', 'latin1')
const END = Buffer.from('PK\x05\x06', 'latin1')

/** Where the nth record of a kind begins. */
const nth = (bytes: Buffer, mark: Buffer, n = 0): number => {
  let at = bytes.indexOf(mark)
  for (let i = 0; i < n; i += 1) at = bytes.indexOf(mark, at + 1)
  expect(at).toBeGreaterThanOrEqual(0)
  return at
}

it('gives the three files of a bundle', async () => {
  const file = await opened(await good())
  try {
    for (const [part, { bytes }] of [
      [file.manifest, MANIFEST],
      [file.signature, SIGNATURE],
      [file.image, IMAGE],
    ] as const)
      expect(await file.read(part)).toEqual(bytes)
    const chunks: Buffer[] = []
    await file.each(file.image, async (chunk) => {
      chunks.push(Buffer.from(chunk))
    })
    expect(Buffer.concat(chunks)).toEqual(IMAGE.bytes)
  } finally {
    await file.close()
  }
})

it.each<[string, readonly File[], RegExp]>([
  ['a compressed file', [MANIFEST, SIGNATURE, { ...IMAGE, compress: true }], /image\.bin: compressed/],
  [
    'a bomb',
    [{ ...MANIFEST, bytes: Buffer.alloc(20_000_000), compress: true }, SIGNATURE, IMAGE],
    /manifest\.json: compressed/,
  ],
  ['a link', [MANIFEST, SIGNATURE, { ...IMAGE, mode: 0o120777 }], /image\.bin: a link/],
  ['a device file', [MANIFEST, SIGNATURE, { ...IMAGE, mode: 0o060644 }], /not a plain file/],
  ['a folder', [MANIFEST, SIGNATURE, { name: 'folder/' }], /folder/],
  ['a path', [MANIFEST, SIGNATURE, { ...IMAGE, name: 'folder/image.bin' }], /a path/],
  ['a hidden file', [MANIFEST, SIGNATURE, { ...IMAGE, name: '.image' }], /not plain/],
  ['a name with spaces', [MANIFEST, SIGNATURE, { ...IMAGE, name: 'my image' }], /not plain/],
  ['a name that only looks plain', [MANIFEST, SIGNATURE, { ...IMAGE, name: 'im\u0430ge.bin' }], /not plain/],
  ['two manifests', [MANIFEST, SIGNATURE, MANIFEST], /stands there twice/],
  ['two manifests by another spelling', [MANIFEST, SIGNATURE, { ...IMAGE, name: 'Manifest.P7S' }], /twice/],
  ['no image', [MANIFEST, SIGNATURE], /not three files/],
  ['one file more', [MANIFEST, SIGNATURE, IMAGE, { name: 'readme' }], /not three files/],
  ['another order', [SIGNATURE, MANIFEST, IMAGE], /manifest\.json was to stand here/],
  ['the image first', [IMAGE, MANIFEST, SIGNATURE], /manifest\.json was to stand here/],
  ['an empty image', [MANIFEST, SIGNATURE, { ...IMAGE, bytes: Buffer.alloc(0) }], /empty/],
  ['a manifest too large', [{ ...MANIFEST, bytes: Buffer.alloc(65_537) }, SIGNATURE, IMAGE], /too large/],
  ['a signature too large', [MANIFEST, { ...SIGNATURE, bytes: Buffer.alloc(65_537) }, IMAGE], /too large/],
  ['extra fields', [MANIFEST, SIGNATURE, { ...IMAGE, forceDosTimestamp: false }], /extra fields/],
  ['ZIP64 sizes', [MANIFEST, SIGNATURE, { ...IMAGE, forceZip64Format: true }], /newer reader|extra fields/],
])('refuses %s', async (_, files, detail) => {
  await expect(opened(await zipped(files))).rejects.toThrow(refused(detail))
})

it('refuses a comment and the long form of a ZIP', async () => {
  const files = [MANIFEST, SIGNATURE, IMAGE]
  await expect(opened(await zipped(files, { comment: 'hello' }))).rejects.toThrow(refused(/at its end/))
  await expect(opened(await zipped(files, { forceZip64Format: true }))).rejects.toThrow(refused(/ZIP64/))
})

it.each<[string, (bytes: Buffer) => Buffer, RegExp]>([
  ['bytes before', (bytes) => Buffer.concat([Buffer.alloc(10), bytes]), /not where its end says/],
  ['bytes after', (bytes) => Buffer.concat([bytes, Buffer.alloc(10)]), /at its end/],
  ['another ZIP after', (bytes) => Buffer.concat([bytes, bytes]), /not where its end says/],
  ['a program before', (bytes) => moved(bytes, 64), /before its first file/],
  ['a cut end', (bytes) => bytes.subarray(0, -1), /at its end/],
  ['only its end', (bytes) => bytes.subarray(nth(bytes, END)), /too short/],
])('refuses %s', async (_, change, detail) => {
  await expect(opened(change(await good()))).rejects.toThrow(refused(detail))
})

/** As a program with a ZIP at its end is made: everything moved and all offsets put right. */
const moved = (bytes: Buffer, by: number): Buffer => {
  const result = Buffer.concat([Buffer.alloc(by), bytes])
  for (let i = 0; i < 3; i += 1) {
    const at = nth(result, CENTRAL, i) + 42
    result.writeUInt32LE(result.readUInt32LE(at) + by, at)
  }
  const end = nth(result, END) + 16
  result.writeUInt32LE(result.readUInt32LE(end) + by, end)
  return result
}

const poke =
  (mark: Buffer, n: number, offset: number, value: number, width = 2) =>
  (bytes: Buffer) => {
    bytes.writeUIntLE(value, nth(bytes, mark, n) + offset, width)
    return bytes
  }

it.each<[string, (bytes: Buffer) => Buffer, RegExp]>([
  ['an encrypted file', poke(CENTRAL, 2, 8, 0x0001), /encrypted|mismatch/],
  ['strong encryption', poke(CENTRAL, 2, 8, 0x0041), /strong encryption/],
  ['flags that nobody knows', poke(CENTRAL, 2, 8, 0x8000), /unknown flags/],
  ['a method that only its header has', poke(LOCAL, 2, 8, 8), /do not agree/],
  ['a name that only its header has', poke(LOCAL, 2, 30, 0x58, 1), /do not agree/],
  ['a size that only its header has', poke(LOCAL, 2, 18, 999, 4), /do not agree/],
  ['an extra field that only its header has', poke(LOCAL, 2, 28, 4), /do not agree/],
  ['two sizes', poke(CENTRAL, 2, 24, 999, 4), /mismatch/],
  ['a file inside another', poke(CENTRAL, 2, 42, 0, 4), /overlap/],
  ['a file outside', poke(CENTRAL, 2, 42, 0x7fff_ffff, 4), /overlap/],
  ['a directory entry with a comment', poke(CENTRAL, 2, 32, 4), /comment|end of/],
  ['fewer files than it has', (b) => poke(END, 0, 8, 2)(poke(END, 0, 10, 2)(b)), /not three files/],
  ['more than one disk', poke(END, 0, 4, 1), /disk/],
  ['a directory elsewhere', poke(END, 0, 16, 0, 4), /not where its end says/],
  ['a directory of another length', poke(END, 0, 12, 1, 4), /not where its end says/],
  ['a damaged directory', poke(CENTRAL, 1, 0, 0, 4), /signature/],
  ['a damaged header', poke(LOCAL, 1, 0, 0, 4), /signature/],
])('refuses %s', async (_, change, detail) => {
  await expect(opened(change(await good()))).rejects.toThrow(refused(detail))
})

it('refuses a path of any system, however it is spelt', async () => {
  for (const name of ['../../a.bin', '/abs/x.bin', 'C:\\x\\y.bin', '..\\..\\a.bin', 'a//b/c.bin']) {
    const bytes = await zipped([MANIFEST, SIGNATURE, { ...IMAGE, name: 'p'.repeat(name.length) }])
    for (const at of [nth(bytes, LOCAL, 2) + 30, nth(bytes, CENTRAL, 2) + 46]) bytes.write(name, at, 'latin1')
    await expect(opened(bytes), name).rejects.toThrow(refused(/path|invalid characters/))
  }
})
