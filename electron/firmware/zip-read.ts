/** The outer form of a bundle: exactly a manifest, its signature and an image, in this order. */
import { FIRMWARE_LIMITS } from '../contract/timings'
import { type ZipPart, ZipReader, type ZipRules } from '../store/zip-read'
import { MANIFEST_FILE, SIGNATURE_FILE } from './manifest'

export type { ZipPart } from '../store/zip-read'

const RULES: ZipRules = {
  code: 'BUNDLE_INVALID',
  wrongCount: 'not three files',
  parts: [
    { name: MANIFEST_FILE, maxBytes: FIRMWARE_LIMITS.manifestMaxBytes },
    { name: SIGNATURE_FILE, maxBytes: FIRMWARE_LIMITS.signatureMaxBytes },
    { maxBytes: FIRMWARE_LIMITS.imageMaxBytes },
  ],
}

/** An open bundle whose outer form is right. */
export class BundleFile {
  private constructor(
    private readonly zip: ZipReader,
    readonly manifest: ZipPart,
    readonly signature: ZipPart,
    readonly image: ZipPart,
  ) {}

  /** Throws BUNDLE_INVALID with what is wrong. */
  static async open(path: string): Promise<BundleFile> {
    const zip = await ZipReader.open(path, RULES)
    return new BundleFile(zip, ...(zip.parts as readonly [ZipPart, ZipPart, ZipPart]))
  }

  /** All of a small part. Throws BUNDLE_INVALID where the file has become shorter. */
  read(part: ZipPart): Promise<Buffer> {
    return this.zip.read(part)
  }

  /** Hands out a part in pieces that are only good until `take` is done; the next is read meanwhile. */
  each(part: ZipPart, take: (chunk: Buffer) => Promise<void>, signal?: AbortSignal): Promise<void> {
    return this.zip.each(part, take, signal)
  }

  close(): Promise<void> {
    return this.zip.close()
  }
}
