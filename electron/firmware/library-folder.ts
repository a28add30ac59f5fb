/** One bundle's folder in the library. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest } from '../contract/firmware'
import { FIRMWARE_LIMITS } from '../contract/timings'
import { writeFileDurably } from '../identity/atomic-file'
import { sha256Hex } from '../identity/pem'
import { type ReadSignature, readSignature } from './cms'
import { MANIFEST_FILE, parseManifest, SIGNATURE_FILE } from './manifest'

const IMAGE_FILE = 'image'
const ADDED_FILE = 'added.json'

/** Paths. */
export interface BundleFiles {
  readonly manifest: string
  readonly signature: string
  readonly image: string
}

/** A bundle as it lies there; its signature is right, whoever made it. */
export interface KeptBundle {
  readonly id: string
  readonly files: BundleFiles
  readonly manifest: Manifest
  readonly signature: ReadSignature
  /** All of its files. */
  readonly bytes: number
  readonly addedAtMs: number
}

export const filesIn = (folder: string): BundleFiles => ({
  manifest: join(folder, MANIFEST_FILE),
  signature: join(folder, SIGNATURE_FILE),
  image: join(folder, IMAGE_FILE),
})

export const writeAdded = (folder: string, addedAtMs: number): void =>
  writeFileDurably(join(folder, ADDED_FILE), `${JSON.stringify({ addedAtMs })}\n`)

/** The bundle in a folder; undefined where its manifest or its signature is damaged or not that of `id`. */
export const readKept = (folder: string, id: string): KeptBundle | undefined => {
  const files = filesIn(folder)
  try {
    const manifestBytes = readBounded(files.manifest, FIRMWARE_LIMITS.manifestMaxBytes)
    const signatureBytes = readBounded(files.signature, FIRMWARE_LIMITS.signatureMaxBytes)
    if (sha256Hex(manifestBytes) !== id) return undefined
    const manifest = parseManifest(manifestBytes)
    return {
      id,
      files,
      manifest,
      signature: readSignature(manifestBytes, signatureBytes),
      bytes: manifestBytes.length + signatureBytes.length + manifest.image.size,
      addedAtMs: readAdded(folder),
    }
  } catch {
    return undefined
  }
}

const readBounded = (path: string, max: number): Buffer => {
  if (statSync(path).size > max) throw new RangeError('too large')
  return readFileSync(path)
}

const readAdded = (folder: string): number => {
  try {
    const { addedAtMs } = JSON.parse(readBounded(join(folder, ADDED_FILE), 1024).toString('utf8'))
    if (Number.isFinite(addedAtMs)) return Number(addedAtMs)
  } catch {
    // Only a date for people: that of the folder does as well.
  }
  return statSync(folder).mtimeMs
}
