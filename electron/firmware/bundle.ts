/** Bundles (`.iotfw`): a signed manifest and the image that it binds by size and hash, in one file. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { asIotmcError, IotmcError } from '../contract/errors'
import type { FirmwareSigner, Manifest } from '../contract/firmware'
import { syncFolder } from '../identity/atomic-file'
import { readCertificate } from '../identity/certificate'
import { OID } from '../identity/oids'
import { derBlocks, sha256Hex } from '../identity/pem'
import { writeZip } from '../store/zip-write'
import {
  type FirmwareTrust,
  judgeSigner,
  type ReadSignature,
  readSignature,
  signerTrust,
  signManifest,
} from './cms'
import { ImageCheck, type ImagePassOptions, passImage } from './image-pass'
import { MANIFEST_FILE, parseManifest, SIGNATURE_FILE, writeManifest } from './manifest'
import { BundleFile } from './zip-read'

export interface NewBundle {
  /** Its image says only file and format; size and hash are taken from the file. */
  readonly manifest: Omit<Manifest, 'image'> & { readonly image: Pick<Manifest['image'], 'file' | 'format'> }
  readonly imagePath: string
  /** P-256, PKCS#8 PEM. */
  readonly keyPem: string
  /** The signer's certificate, its issuers, and that of the key which signed an MCUboot image, if it is another. */
  readonly chainPem: string
  /** Path of the bundle; one that exists is replaced. */
  readonly out: string
  readonly now: Date
  readonly signal?: AbortSignal
}

/**
 * Packs and signs a bundle; there is either all of it or none. Throws BUNDLE_INVALID (manifest), IMAGE_INVALID,
 * SIGNER_REFUSED (not made for code signing), CERTIFICATE_INVALID, FILE_INVALID, CANCELLED.
 */
export const packBundle = async (o: NewBundle): Promise<Manifest> => {
  const certificates = derBlocks(o.chainPem, 'CERTIFICATE').map(readCertificate)
  if (!certificates[0]?.extendedKeyUsage?.includes(OID.codeSigning))
    throw new IotmcError('SIGNER_REFUSED', { detail: 'the certificate is not made for code signing' })
  const { size, sha256 } = await hashFile(o.imagePath, o.signal)
  const manifestBytes = writeManifest({ ...o.manifest, image: { ...o.manifest.image, size, sha256 } })
  const manifest = parseManifest(manifestBytes)
  const signature = await signManifest({ ...o, manifest: manifestBytes })
  const keys = certificates.map(({ publicKeySpki }) => publicKeySpki)
  const aside = `${o.out}.${process.pid}.tmp`
  try {
    await rm(aside, { force: true })
    const parts = [
      { name: MANIFEST_FILE, bytes: manifestBytes },
      { name: SIGNATURE_FILE, bytes: signature },
      // Judged once more on its way in: the file may have changed since its hash was taken.
      {
        name: manifest.image.file,
        size,
        open: () => Readable.from(checkedChunks(o.imagePath, manifest, keys), { objectMode: false }),
      },
    ]
    await writeZip(aside, parts, o.signal ? { signal: o.signal } : {})
    await rename(aside, o.out)
    syncFolder(dirname(o.out))
  } catch (thrown) {
    await rm(aside, { force: true })
    throw asIotmcError(thrown, 'FILE_INVALID')
  }
  return manifest
}

const hashFile = async (path: string, signal?: AbortSignal): Promise<{ size: number; sha256: string }> => {
  const hash = createHash('sha256')
  let size = 0
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES, signal })) {
      hash.update(chunk as Buffer)
      size += (chunk as Buffer).length
    }
  } catch (cause) {
    if (signal?.aborted) throw new IotmcError('CANCELLED', { cause })
    throw new IotmcError('FILE_INVALID', { subject: path, detail: 'the image can not be read', cause })
  }
  return { size, sha256: hash.digest('hex') }
}

async function* checkedChunks(
  path: string,
  manifest: Manifest,
  keys: readonly Buffer[],
): AsyncGenerator<Buffer> {
  const check = new ImageCheck(manifest, keys)
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    check.write(chunk as Buffer)
    yield chunk as Buffer
  }
  check.end()
}

const CHUNK_BYTES = 256 * 1024

export interface ReadOptions extends FirmwareTrust, ImagePassOptions {
  /** Milliseconds since 1970. */
  readonly now: number
  readonly signal?: AbortSignal
}

/** A bundle of which everything was checked. */
export interface CheckedBundle {
  /** SHA-256 of `manifest.json`, hex. */
  readonly id: string
  readonly manifest: Manifest
  readonly manifestBytes: Buffer
  readonly signatureBytes: Buffer
  readonly signer: FirmwareSigner
  /** Writes the image to a new file, checked once more on the way. Throws as readBundle does. */
  copyImage(to: string, signal?: AbortSignal): Promise<void>
}

/**
 * Checks a bundle from its first byte to its last, in bounded memory; with `imageTo` the image is written on the way.
 * Throws BUNDLE_INVALID, SIGNATURE_INVALID, SIGNER_REFUSED, HASH_MISMATCH, IMAGE_TRUNCATED, IMAGE_INVALID, CANCELLED.
 */
export const readBundle = (path: string, o: ReadOptions): Promise<CheckedBundle> =>
  withBundle(path, async (file) => {
    const manifestBytes = await file.read(file.manifest)
    const signatureBytes = await file.read(file.signature)
    // The signature first: what nobody signed is not even read.
    const signature = readSignature(manifestBytes, signatureBytes)
    const manifest = parseManifest(manifestBytes)
    const trust = signerTrust(
      () => o,
      () => o.now,
    )
    const signer = judgeSigner(signature, trust)
    await passPart(file, manifest, signature, o)
    return {
      id: sha256Hex(manifestBytes),
      manifest,
      manifestBytes,
      signatureBytes,
      signer,
      copyImage: (imageTo, signal) =>
        withBundle(path, (again) =>
          passPart(again, manifest, signature, { imageTo, ...(signal ? { signal } : {}) }),
        ),
    }
  })

/** What a bundle calls itself, unchecked: enough to see whether it is known. Throws BUNDLE_INVALID. */
export const bundleId = (path: string): Promise<string> =>
  withBundle(path, async (file) => sha256Hex(await file.read(file.manifest)))

const passPart = async (
  file: BundleFile,
  manifest: Manifest,
  signature: ReadSignature,
  { signal, ...o }: ImagePassOptions & { readonly signal?: AbortSignal },
): Promise<void> => {
  const { file: name, size } = manifest.image
  const invalid = (detail: string): IotmcError => new IotmcError('BUNDLE_INVALID', { detail })
  if (file.image.name !== name) throw invalid(`${file.image.name.slice(0, 80)}: the manifest names ${name}`)
  if (file.image.size > size) throw invalid('its image is larger than the manifest says')
  const keys = imageKeys(signature)
  await passImage(manifest, keys, (take) => file.each(file.image, take, signal), o)
}

/** Keys that may have signed an MCUboot image: those whose certificates stand in the bundle's signature. */
export const imageKeys = ({ signer, others }: ReadSignature): Buffer[] =>
  [signer, ...others].map(({ publicKeySpki }) => publicKeySpki)

// Whatever is wrong with a bundle names the bundle.
const withBundle = async <T>(path: string, work: (file: BundleFile) => Promise<T>): Promise<T> => {
  const file = await BundleFile.open(path)
  try {
    return await work(file)
  } catch (thrown) {
    const { code, subject = path, detail } = asIotmcError(thrown)
    throw new IotmcError(code, { subject, cause: thrown, ...(detail ? { detail } : {}) })
  } finally {
    await file.close()
  }
}
