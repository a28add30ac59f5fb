/**
 * Reads a ZIP of plain stored files, such as this program writes. yauzl reads the directory; on top of it everything that
 * a ZIP may have and such a file does not need is refused, and its parts must cover the file from the first byte to the
 * last, so that no two readers could see different contents. Checksums of the ZIP are passed over: whoever uses it has a
 * signature and a SHA-256 over every byte.
 */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { type Entry, fromFd, type LocalFileHeader, type ZipFile } from 'yauzl'
import { type ErrorCode, IotmcError } from '../contract/errors'

const CHUNK_BYTES = 1024 * 1024
const LOCAL_HEADER_BYTES = 30
const DIRECTORY_ENTRY_BYTES = 46
const DESCRIPTOR_BYTES = 16
const END_BYTES = 22
const ZIP64_LOCATOR_BYTES = 20
const SIGNATURES = { end: 0x06054b50, zip64Locator: 0x07064b50, descriptor: 0x08074b50 } as const
/** Sizes after the data; names in UTF-8. */
const FLAG = { descriptor: 0x0008, utf8: 0x0800 } as const
const FILE_TYPE = { mask: 0o170000, regular: 0o100000, dosDirectory: 0x10 } as const

/** What a kind of file is made of, and how its refusals are called. */
export interface ZipRules {
  readonly code: ErrorCode
  /** Names and largest sizes of its files in their order; without a name, any plain one that no other of them has. */
  readonly parts: readonly { readonly name?: string; readonly maxBytes: number }[]
  /** `not three files`. */
  readonly wrongCount: string
}

/** One file inside: where its bytes lie. */
export interface ZipPart {
  readonly name: string
  readonly at: number
  readonly size: number
}

/** An open ZIP whose outer form is right. */
export class ZipReader {
  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    private readonly rules: ZipRules,
    /** As many as the rules name, in that order. */
    readonly parts: readonly ZipPart[],
  ) {}

  /** Throws the rules' code with what is wrong. */
  static async open(path: string, rules: ZipRules): Promise<ZipReader> {
    const handle = await openFile(path, rules)
    try {
      return new ZipReader(path, handle, rules, await readParts(handle, rules))
    } catch (thrown) {
      await handle.close()
      if (thrown instanceof IotmcError && thrown.code !== rules.code) throw thrown
      const detail =
        thrown instanceof IotmcError || thrown instanceof Wrong ? thrown.detail : messageOf(thrown)
      throw new IotmcError(rules.code, { subject: path, cause: thrown, ...(detail ? { detail } : {}) })
    }
  }

  /** All of a small part. Throws the rules' code where the file has become shorter. */
  async read(part: ZipPart): Promise<Buffer> {
    return this.#readAt(Buffer.alloc(part.size), part.at)
  }

  /** Hands out a part in pieces that are only good until `take` is done; the next is read meanwhile. */
  async each(part: ZipPart, take: (chunk: Buffer) => Promise<void>, signal?: AbortSignal): Promise<void> {
    const buffers = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)] as const
    const readFrom = (done: number): Promise<Buffer> => {
      const buffer = buffers[(done / CHUNK_BYTES) % 2 === 0 ? 0 : 1]
      return this.#readAt(buffer.subarray(0, Math.min(CHUNK_BYTES, part.size - done)), part.at + done)
    }
    let coming = readFrom(0)
    try {
      for (let done = 0; done < part.size; ) {
        const chunk = await coming
        done += chunk.length
        if (done < part.size) coming = readFrom(done)
        if (signal?.aborted) throw new IotmcError('CANCELLED', { subject: this.path, cause: signal.reason })
        await take(chunk)
      }
    } finally {
      // Nothing may still read into the buffers or the file.
      await coming.catch(() => undefined)
    }
  }

  close(): Promise<void> {
    return this.handle.close()
  }

  async #readAt(buffer: Buffer, position: number): Promise<Buffer> {
    try {
      return await readAt(this.handle, buffer, position)
    } catch (thrown) {
      if (thrown instanceof Wrong)
        throw new IotmcError(this.rules.code, { detail: thrown.detail, cause: thrown })
      throw thrown
    }
  }
}

/** What is wrong with a file, before the caller's code is put on it. */
class Wrong extends Error {
  constructor(readonly detail: string) {
    super(detail)
  }
}

const openFile = async (path: string, { code }: ZipRules): Promise<FileHandle> => {
  let handle: FileHandle | undefined
  try {
    // A pipe in the place of a file must not hold this up.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    if ((await handle.stat()).isFile()) return handle
  } catch (cause) {
    await handle?.close()
    throw new IotmcError(code, { subject: path, detail: 'the file can not be read', cause })
  }
  await handle.close()
  throw new IotmcError(code, { subject: path, detail: 'not a file' })
}

const readParts = async (handle: FileHandle, rules: ZipRules): Promise<readonly ZipPart[]> => {
  const { size } = await handle.stat()
  const directory = await readEnd(handle, size, rules)
  const zip = await openZip(handle.fd)
  const entries = await readEntries(zip, rules)
  const parts: ZipPart[] = []
  let next = 0
  let directoryEnd = directory.at
  for (const [i, entry] of entries.entries()) {
    checkEntry(entry, i, rules)
    if (entry.relativeOffsetOfLocalHeader !== next)
      throw invalid(next === 0 ? 'bytes before its first file' : 'its files overlap or leave gaps')
    const header = await readLocalHeader(zip, entry)
    checkLocalHeader(entry, header)
    const at = next + LOCAL_HEADER_BYTES + header.fileNameLength
    next = at + entry.compressedSize
    if (hasDescriptor(entry)) {
      await checkDescriptor(handle, entry, next)
      next += DESCRIPTOR_BYTES
    }
    if (next > directory.at) throw invalid('a file runs into the directory')
    parts.push({ name: entry.fileName, at, size: entry.compressedSize })
    directoryEnd += DIRECTORY_ENTRY_BYTES + entry.fileNameLength
  }
  if (next !== directory.at) throw invalid('bytes between its files and its directory')
  if (directoryEnd !== directory.end) throw invalid('its directory and its entries do not agree')
  if (parts.length !== rules.parts.length) throw invalid(rules.wrongCount)
  return parts
}

/** Where the directory begins and ends, from the record at the very end of the file. */
const readEnd = async (
  handle: FileHandle,
  size: number,
  { parts, wrongCount }: ZipRules,
): Promise<{ at: number; end: number }> => {
  if (size < END_BYTES + ZIP64_LOCATOR_BYTES) throw invalid('too short')
  if (size > parts.reduce((sum, { maxBytes }) => sum + maxBytes, CHUNK_BYTES)) throw invalid('too large')
  const end = size - END_BYTES
  const tail = await readAt(handle, Buffer.alloc(ZIP64_LOCATOR_BYTES + END_BYTES), end - ZIP64_LOCATOR_BYTES)
  if (tail.readUInt32LE(0) === SIGNATURES.zip64Locator) throw invalid('ZIP64 is not for such files')
  const record = tail.subarray(ZIP64_LOCATOR_BYTES)
  if (record.readUInt32LE(0) !== SIGNATURES.end)
    throw invalid('no end of a ZIP at its end: not a ZIP, cut short, or something is attached')
  if (record.readUInt16LE(20) !== 0) throw invalid('a comment')
  if (record.readUInt16LE(4) !== 0 || record.readUInt16LE(6) !== 0) throw invalid('more than one disk')
  if (record.readUInt16LE(8) !== parts.length || record.readUInt16LE(10) !== parts.length)
    throw invalid(wrongCount)
  const at = record.readUInt32LE(16)
  if (at + record.readUInt32LE(12) !== end) throw invalid('its directory is not where its end says')
  return { at, end }
}

const openZip = (fd: number): Promise<ZipFile> =>
  new Promise((resolve, reject) => {
    fromFd(fd, { autoClose: false, lazyEntries: true, strictFileNames: true }, (error, zip) =>
      error ? reject(error) : resolve(zip),
    )
  })

const readEntries = (zip: ZipFile, { parts, wrongCount }: ZipRules): Promise<Entry[]> =>
  new Promise((resolve, reject) => {
    const entries: Entry[] = []
    zip.on('error', reject)
    zip.on('end', () => resolve(entries))
    zip.on('entry', (entry: Entry) => {
      entries.push(entry)
      if (entries.length > parts.length) reject(invalid(wrongCount))
      else zip.readEntry()
    })
    zip.readEntry()
  })

const readLocalHeader = (zip: ZipFile, entry: Entry): Promise<LocalFileHeader> =>
  new Promise((resolve, reject) => {
    zip.readLocalFileHeader(entry, { minimal: false }, (error, header) =>
      error ? reject(error) : resolve(header),
    )
  })

const checkEntry = (entry: Entry, i: number, { parts }: ZipRules): void => {
  const { fileName: name } = entry
  const wrong = (what: string): Wrong => invalid(`${name.slice(0, 80)}: ${what}`)
  if (entry.isEncrypted()) throw wrong('encrypted')
  if ((entry.generalPurposeBitFlag & ~(FLAG.descriptor | FLAG.utf8)) !== 0) throw wrong('unknown flags')
  if (entry.compressionMethod !== 0) throw wrong('compressed')
  if ((entry.versionNeededToExtract & 0xff) > 20) throw wrong('needs a newer reader')
  const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE.mask
  if (type !== 0 && type !== FILE_TYPE.regular) throw wrong('a link, or not a plain file')
  if (entry.externalFileAttributes & FILE_TYPE.dosDirectory || name.endsWith('/')) throw wrong('a folder')
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) throw wrong('a path, or a name that is not plain')
  if (entry.extraFieldLength !== 0 || entry.fileCommentLength !== 0) throw wrong('extra fields or a comment')
  const { name: expected, maxBytes = 0 } = parts[i] ?? {}
  const isTaken = parts.some((part) => part.name === name.toLowerCase())
  if (expected === undefined ? isTaken : name !== expected)
    throw wrong(expected !== undefined ? `${expected} was to stand here` : 'stands there twice')
  if (entry.compressedSize !== entry.uncompressedSize) throw wrong('two sizes')
  if (entry.compressedSize < 1) throw wrong('empty')
  if (entry.compressedSize > maxBytes) throw wrong('too large')
}

const hasDescriptor = (entry: Entry): boolean => (entry.generalPurposeBitFlag & FLAG.descriptor) !== 0

// What a reader that goes through the file from its start would see must be what the directory says.
const checkLocalHeader = (entry: Entry, header: LocalFileHeader): void => {
  const later = hasDescriptor(entry)
  const agree = (local: number, central: number): boolean => local === central || (later && local === 0)
  const same =
    header.fileName.equals(entry.fileNameRaw) &&
    header.extraFieldLength === 0 &&
    header.versionNeededToExtract === entry.versionNeededToExtract &&
    header.generalPurposeBitFlag === entry.generalPurposeBitFlag &&
    header.compressionMethod === entry.compressionMethod &&
    header.lastModFileTime === entry.lastModFileTime &&
    header.lastModFileDate === entry.lastModFileDate &&
    agree(header.crc32, entry.crc32) &&
    agree(header.compressedSize, entry.compressedSize) &&
    agree(header.uncompressedSize, entry.uncompressedSize)
  if (!same) throw invalid(`${entry.fileName}: its header and the directory do not agree`)
}

const checkDescriptor = async (handle: FileHandle, entry: Entry, at: number): Promise<void> => {
  const bytes = await readAt(handle, Buffer.alloc(DESCRIPTOR_BYTES), at)
  const same =
    bytes.readUInt32LE(0) === SIGNATURES.descriptor &&
    bytes.readUInt32LE(4) === entry.crc32 &&
    bytes.readUInt32LE(8) === entry.compressedSize &&
    bytes.readUInt32LE(12) === entry.uncompressedSize
  if (!same) throw invalid(`${entry.fileName}: what stands behind it and the directory do not agree`)
}

/** Fills `buffer` from `position`. */
const readAt = async (handle: FileHandle, buffer: Buffer, position: number): Promise<Buffer> => {
  for (let done = 0; done < buffer.length; ) {
    const { bytesRead } = await handle.read(buffer, done, buffer.length - done, position + done)
    if (bytesRead === 0) throw invalid('cut short')
    done += bytesRead
  }
  return buffer
}

const messageOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error ? thrown.message.slice(0, 200) : undefined

const invalid = (detail: string): Wrong => new Wrong(detail)
