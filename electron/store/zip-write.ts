/** Writes ZIP files: nothing in them depends on when or where they were packed. */
import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Options, ZipFile } from 'yazl'
import { asIotmcError, IotmcError } from '../contract/errors'

/** A file to be packed: bytes, or what is only made when its turn comes. */
export type ZipEntry =
  | { readonly name: string; readonly bytes: Uint8Array }
  | { readonly name: string; readonly size?: number; open(): Readable }

export interface ZipWriting {
  /** Default false: stored as they are. */
  readonly compress?: boolean
  /** Rights of the new file; as usual without it. */
  readonly mode?: number
  readonly signal?: AbortSignal
}

/**
 * Writes a new file, one entry after another. Throws what an entry's stream throws; CANCELLED; FILE_INVALID where it can
 * not be written. What was begun is left for whoever asked to remove.
 */
export const writeZip = async (
  out: string,
  entries: readonly ZipEntry[],
  { compress = false, mode = 0o666, signal }: ZipWriting = {},
): Promise<void> => {
  const zip = new ZipFile()
  const failed = new Promise<never>((_, reject) => zip.on('error', reject))
  // Nobody may be left to hear of it when the writing itself has failed first.
  failed.catch(() => undefined)
  for (const entry of entries) addEntry(zip, entry, compress)
  zip.end()
  const written = pipeline(zip.outputStream, createWriteStream(out, { flags: 'wx', flush: true, mode }), {
    ...(signal ? { signal } : {}),
  })
  try {
    await Promise.race([written, failed])
  } catch (thrown) {
    // The stream must be shut before its file is removed by whoever asked for it.
    const output = zip.outputStream as NodeJS.ReadableStream & { destroy(): void }
    output.destroy()
    await written.catch(() => undefined)
    if (signal?.aborted) throw new IotmcError('CANCELLED', { subject: out, cause: signal.reason })
    throw asIotmcError(thrown, 'FILE_INVALID')
  }
}

/** The same as bytes, for what is small. */
export const zipBytes = async (entries: readonly { name: string; bytes: Uint8Array }[]): Promise<Buffer> => {
  const zip = new ZipFile()
  for (const entry of entries) addEntry(zip, entry, false)
  zip.end()
  const parts: Buffer[] = []
  for await (const part of zip.outputStream) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

const addEntry = (zip: ZipFile, entry: ZipEntry, compress: boolean): void => {
  if ('bytes' in entry) {
    zip.addBuffer(Buffer.from(entry.bytes), entry.name, { ...FIXED, compress })
    return
  }
  const { name, size, open } = entry
  const options = { ...FIXED, compress, ...(size === undefined ? {} : { size }) }
  zip.addReadStreamLazy(name, options, (begin) => {
    const stream = open()
    stream.on('error', (error) => zip.emit('error', error))
    begin(null, stream)
  })
}

// Times in a ZIP are local: the same numbers everywhere, so that the same contents are the same bytes.
const FIXED: Partial<Options> = {
  mtime: new Date(1980, 0, 1),
  mode: 0o100644,
  forceDosTimestamp: true,
}
