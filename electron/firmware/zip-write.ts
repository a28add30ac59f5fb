/** Writes the outer form of a bundle: three stored files, nothing that depends on when or where it was packed. */
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { type Options, ZipFile } from 'yazl'
import { asIotmcError } from '../contract/errors'
import { MANIFEST_FILE, SIGNATURE_FILE } from './manifest'

export interface ZipContents {
  readonly manifest: Buffer
  readonly signature: Buffer
  readonly image: { readonly name: string; readonly size: number; readonly stream: NodeJS.ReadableStream }
}

/** Writes a new file. Throws what the image's stream throws; FILE_INVALID where it can not be written. */
export const writeBundleZip = async (
  out: string,
  contents: ZipContents,
  signal?: AbortSignal,
): Promise<void> => {
  const { manifest, signature, image } = contents
  const zip = new ZipFile()
  const failed = new Promise<never>((_, reject) => zip.on('error', reject))
  zip.addBuffer(manifest, MANIFEST_FILE, fixed())
  zip.addBuffer(signature, SIGNATURE_FILE, fixed())
  zip.addReadStream(image.stream, image.name, { ...fixed(), size: image.size })
  image.stream.on('error', (error) => zip.emit('error', error))
  zip.end()
  const written = pipeline(zip.outputStream, createWriteStream(out, { flags: 'wx', flush: true }), {
    ...(signal ? { signal } : {}),
  })
  try {
    await Promise.race([written, failed])
  } catch (thrown) {
    // The stream must be shut before its file is removed by whoever asked for it.
    const output = zip.outputStream as NodeJS.ReadableStream & { destroy(): void }
    output.destroy()
    await written.catch(() => undefined)
    throw asIotmcError(thrown, 'FILE_INVALID')
  }
}

// Times in a ZIP are local: the same numbers everywhere, so that the same contents are the same bytes.
const fixed = (): Partial<Options> => ({
  mtime: new Date(1980, 0, 1),
  mode: 0o100644,
  compress: false,
  forceDosTimestamp: true,
})
