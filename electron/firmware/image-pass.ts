/** One pass over an image: size, hash and format are judged while its bytes go by, and perhaps into a file. */
import { createHash } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { asIotmcError, IotmcError } from '../contract/errors'
import type { Manifest } from '../contract/firmware'
import { McubootCheck } from './mcuboot-check'

export interface ImagePassOptions {
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void
  /** A new file; it is durable when the pass is over, and gone when the pass failed. */
  readonly imageTo?: string
}

/** Calls `take` for all of an image's bytes in order. */
export type EachChunk = (take: (chunk: Buffer) => Promise<void>) => Promise<void>

/** Throws HASH_MISMATCH, IMAGE_TRUNCATED, IMAGE_INVALID, and what `each` throws. `keys` may have signed the image. */
export const passImage = async (
  manifest: Manifest,
  keys: readonly Buffer[],
  each: EachChunk,
  { imageTo, onProgress }: ImagePassOptions,
): Promise<void> => {
  const check = new ImageCheck(manifest, keys)
  const out = imageTo === undefined ? undefined : await create(imageTo)
  try {
    await each(async (chunk) => {
      const written = out?.appendFile(chunk)
      try {
        check.write(chunk)
      } finally {
        await written
      }
      onProgress?.(check.seenBytes, manifest.image.size)
    })
    check.end()
    await out?.sync()
    await out?.close()
  } catch (thrown) {
    await out?.close().catch(() => undefined)
    if (imageTo !== undefined) await rm(imageTo, { force: true })
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC')
      throw new IotmcError('NO_SPACE', { detail: 'the disk is full', cause: thrown })
    throw asIotmcError(thrown)
  }
}

/** Judges the bytes of an image against its manifest, in order. Throws as passImage does. */
export class ImageCheck {
  readonly #manifest: Manifest
  readonly #hash = createHash('sha256')
  readonly #mcuboot: McubootCheck | undefined
  seenBytes = 0

  constructor(manifest: Manifest, keys: readonly Buffer[]) {
    const { version, securityVersion, image } = manifest
    this.#manifest = manifest
    if (image.format === 'mcuboot')
      this.#mcuboot = new McubootCheck({ version, securityVersion, size: image.size, keys })
  }

  write(chunk: Buffer): void {
    this.seenBytes += chunk.length
    if (this.seenBytes > this.#manifest.image.size)
      throw new IotmcError('HASH_MISMATCH', { detail: 'longer than the manifest says' })
    this.#hash.update(chunk)
    this.#mcuboot?.write(chunk)
  }

  end(): void {
    const { size, sha256 } = this.#manifest.image
    if (this.seenBytes < size)
      throw new IotmcError('IMAGE_TRUNCATED', { detail: `${this.seenBytes} of ${size} bytes` })
    if (this.#hash.digest('hex') !== sha256) throw new IotmcError('HASH_MISMATCH', { detail: 'image' })
    this.#mcuboot?.end()
  }
}

const create = async (path: string): Promise<FileHandle> => {
  try {
    return await open(path, 'wx', 0o600)
  } catch (cause) {
    throw new IotmcError('FILE_INVALID', { subject: path, detail: 'it can not be written', cause })
  }
}
