/**
 * What the boot step asks of a bank before it starts what lies there: a signature of a signer that an anchor stands for,
 * and the hash and size that are signed. Time and revocation do not count: an installed image must not end with its
 * signer's certificate. The program is written out from the very bytes that were judged.
 */
import { createHash } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Bank, BankTable, Slot } from '../contract/banks'
import { IotmcError } from '../contract/errors'
import { FIRMWARE_LIMITS } from '../contract/timings'
import { verifyManifest } from '../firmware/cms'
import { parseManifest } from '../firmware/manifest'
import { readImageHeader } from '../firmware/mcuboot'
import { McubootCheck } from '../firmware/mcuboot-check'
import { derBlocks, splitPem } from '../identity/pem'
import { readFileBounded } from './atomic-file'
import { type BankPaths, bankPaths } from './banks-file'
import { ANCHOR_FILE, KEYS_FILE } from './firmware-trust-files'

const HEADER_BYTES = 32
const PEM_MAX_BYTES = 256 * 1024

/** What the image has to be. */
interface Expected {
  readonly format: 'raw' | 'mcuboot'
  readonly size: number
  /** Hex; undefined where only the bootloader's own signature stands for it. */
  readonly sha256: string | undefined
}

/** Where the program of a bank is written to be started. */
export const programPath = (folder: string, slot: Slot): string => join(folder, 'run', `image-${slot}.mjs`)

/**
 * Judges a bank and writes its program to `programPath`. `anchorFiles` are trusted beside the device's own anchors. Throws
 * IMAGE_INVALID, IMAGE_TRUNCATED, HASH_MISMATCH, SIGNATURE_INVALID, SIGNER_REFUSED, BUNDLE_INVALID, DATA_DAMAGED.
 */
export const verifyBank = async (
  folder: string,
  table: BankTable,
  slot: Slot,
  anchorFiles: readonly string[],
): Promise<void> => {
  const paths = bankPaths(folder, slot)
  const bank = table.banks[slot]
  const size = statSync(paths.image, { throwIfNoEntry: false })?.size
  if (!size) throw new IotmcError('IMAGE_TRUNCATED', { subject: paths.image, detail: 'no image' })
  const signed = existsSync(paths.signature)
  const expected = signed ? await signedExpectation(folder, paths, bank, anchorFiles) : byCable(size)
  if (expected.size !== size)
    throw new IotmcError('IMAGE_TRUNCATED', { detail: `${size} of ${expected.size} bytes` })
  const check = signed ? undefined : new McubootCheck({ ...bankFacts(bank), size, keys: imageKeys(folder) })
  await writeProgram(paths.image, programPath(folder, slot), expected, check)
}

const signedExpectation = async (
  folder: string,
  paths: BankPaths,
  bank: Bank,
  anchorFiles: readonly string[],
): Promise<Expected> => {
  if ((statSync(paths.signature).size ?? 0) > FIRMWARE_LIMITS.signatureMaxBytes)
    throw new IotmcError('SIGNATURE_INVALID', { detail: 'too large' })
  const text = readFileBounded(paths.manifest, FIRMWARE_LIMITS.manifestMaxBytes)
  if (text === undefined) throw new IotmcError('BUNDLE_INVALID', { detail: 'no manifest' })
  const manifest = readFileSync(paths.manifest)
  await verifyManifest({
    manifest,
    signature: readFileSync(paths.signature),
    anchors: [join(folder, ANCHOR_FILE), ...anchorFiles].flatMap(pemsIn),
    crls: [],
    now: undefined,
  })
  const { version, securityVersion, image } = parseManifest(manifest)
  if (version !== bank.version || securityVersion !== bank.securityVersion || image.sha256 !== bank.sha256)
    throw new IotmcError('IMAGE_INVALID', { detail: 'the manifest is about another image' })
  return { format: image.format, size: image.size, sha256: image.sha256 }
}

const byCable = (size: number): Expected => ({ format: 'mcuboot', size, sha256: undefined })

const bankFacts = ({ version, securityVersion }: Bank) => {
  if (version === undefined) throw new IotmcError('IMAGE_INVALID', { detail: 'no version' })
  return { version, securityVersion: securityVersion ?? 0 }
}

const pemsIn = (path: string): string[] => splitPem(readFileBounded(path, PEM_MAX_BYTES) ?? '')

/** Keys that the bootloader itself knows, SubjectPublicKeyInfo. */
const imageKeys = (folder: string): Buffer[] =>
  derBlocks(readFileBounded(join(folder, KEYS_FILE), PEM_MAX_BYTES) ?? '', 'PUBLIC KEY')

/** One pass: hash, the bootloader's checks, and the program aside; it gets its name only when all of it was right. */
const writeProgram = async (
  image: string,
  program: string,
  expected: Expected,
  check: McubootCheck | undefined,
): Promise<void> => {
  mkdirSync(dirname(program), { recursive: true, mode: 0o700 })
  const aside = `${program}.tmp`
  const file = openSync(aside, 'w', 0o600)
  const hash = createHash('sha256')
  try {
    const range = expected.format === 'raw' ? { from: 0, to: expected.size } : payloadRange(image)
    let at = 0
    for await (const chunk of createReadStream(image) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      check?.write(chunk)
      const part = chunk.subarray(Math.max(0, range.from - at), Math.max(0, range.to - at))
      for (let done = 0; done < part.length; ) done += writeSync(file, part, done)
      at += chunk.length
    }
    if (at !== expected.size) throw new IotmcError('IMAGE_TRUNCATED')
    check?.end()
  } finally {
    closeSync(file)
  }
  if (expected.sha256 !== undefined && hash.digest('hex') !== expected.sha256)
    throw new IotmcError('HASH_MISMATCH')
  renameSync(aside, program)
}

const payloadRange = (image: string): { from: number; to: number } => {
  const file = openSync(image, 'r')
  try {
    const start = Buffer.alloc(HEADER_BYTES)
    const header = readImageHeader(start.subarray(0, readSync(file, start, 0, HEADER_BYTES, 0)))
    if (!header) throw new IotmcError('IMAGE_INVALID', { detail: 'no MCUboot header' })
    return { from: header.payloadAt, to: header.payloadEnd }
  } finally {
    closeSync(file)
  }
}
