/** Images for the MCUboot bootloader as bytes: header, payload, protected and plain trailer. Reading and making; pure. */
import { createHash, createPublicKey, sign } from 'node:crypto'

const HEADER_BYTES = 32
const INFO_BYTES = 4
const MAGIC = 0x96f3b83d
const INFO_MAGIC = 0x6907
const PROTECTED_INFO_MAGIC = 0x6908

/** Bits of the header's flags: what makes an image one that can not be judged or started. */
export const IMAGE_FLAG = { encrypted: 0x04 | 0x08, nonBootable: 0x10 } as const

/** Types of entries in the trailer. */
export const TRAILER_TAG = { keyHash: 0x01, sha256: 0x10, ecdsa: 0x22, securityCounter: 0x50 } as const

/** Major, minor, revision, build number. */
export type ImageVersion = readonly [number, number, number, number]

export interface ImageHeader {
  readonly version: ImageVersion
  readonly bootable: boolean
  readonly encrypted: boolean
  /** Where the payload begins and ends. */
  readonly payloadAt: number
  readonly payloadEnd: number
  /** Where the plain trailer begins that holds the hash; the protected one, if any, ends there. */
  readonly trailerAt: number
}

/** Whether bytes begin as an image does. */
export const hasImageMagic = (bytes: Buffer): boolean => bytes.length >= 4 && bytes.readUInt32LE(0) === MAGIC

/** The header; undefined where there is none. */
export const readImageHeader = (bytes: Buffer): ImageHeader | undefined => {
  if (bytes.length < HEADER_BYTES || !hasImageMagic(bytes)) return undefined
  const payloadAt = bytes.readUInt16LE(8)
  const payloadEnd = payloadAt + bytes.readUInt32LE(12)
  const flags = bytes.readUInt32LE(16)
  return {
    version: [bytes[20] ?? 0, bytes[21] ?? 0, bytes.readUInt16LE(22), bytes.readUInt32LE(24)],
    bootable: (flags & IMAGE_FLAG.nonBootable) === 0,
    encrypted: (flags & IMAGE_FLAG.encrypted) !== 0,
    payloadAt,
    payloadEnd,
    trailerAt: payloadEnd + bytes.readUInt16LE(10),
  }
}

/** What the device runs: the payload without header and trailer; the bytes themselves where there is no header. */
export const payloadOf = (image: Buffer): Buffer => {
  const header = readImageHeader(image)
  return header ? image.subarray(header.payloadAt, header.payloadEnd) : image
}

export interface TrailerEntry {
  readonly tag: number
  readonly value: Buffer
}

/** The entries of one trailer that fills `bytes` exactly; undefined where it does not. */
export const readTrailer = (bytes: Buffer, kind: 'plain' | 'protected'): TrailerEntry[] | undefined => {
  const magic = kind === 'plain' ? INFO_MAGIC : PROTECTED_INFO_MAGIC
  if (bytes.length < INFO_BYTES || bytes.readUInt16LE(0) !== magic) return undefined
  if (bytes.readUInt16LE(2) !== bytes.length) return undefined
  const entries: TrailerEntry[] = []
  for (let at = INFO_BYTES; at < bytes.length; ) {
    if (at + INFO_BYTES > bytes.length) return undefined
    const end = at + INFO_BYTES + bytes.readUInt16LE(at + 2)
    if (end > bytes.length) return undefined
    entries.push({ tag: bytes.readUInt16LE(at), value: bytes.subarray(at + INFO_BYTES, end) })
    at = end
  }
  return entries
}

/** The SHA-256 that an image says it has, which is not checked here; undefined where it says none. */
export const statedHash = (image: Buffer): Buffer | undefined => {
  const at = readImageHeader(image)?.trailerAt
  if (at === undefined || at + INFO_BYTES > image.length) return undefined
  const trailer = image.subarray(at, at + image.readUInt16LE(at + 2))
  const found = readTrailer(trailer, 'plain')?.find(
    ({ tag, value }) => tag === TRAILER_TAG.sha256 && value.length === 32,
  )
  return found?.value
}

export const versionText = ([major, minor, revision, build]: ImageVersion): string =>
  `${major}.${minor}.${revision}${build > 0 ? `.${build}` : ''}`

/** Whether a version is higher than a text such as 1.4.0; the build number does not count. */
export const isHigher = (version: ImageVersion, than: string): boolean => {
  const other = numbersOf(than)
  for (let i = 0; i < 3; i += 1) {
    const difference = (version[i] ?? 0) - (other[i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return false
}

/** Whether an image's version is that of a semantic version. A header has no room for what stands after a hyphen. */
export const isSameVersion = ([major, minor, revision, build]: ImageVersion, text: string): boolean => {
  const [a, b, c] = numbersOf(text)
  const stated = /\+(\d+)$/.exec(text)?.[1]
  return major === a && minor === b && revision === c && build === Number(stated ?? 0)
}

const numbersOf = (version: string): [number, number, number] => {
  const [major, minor, revision] = version.split(/[.+-]/).map((part) => Number.parseInt(part, 10) || 0)
  return [major ?? 0, minor ?? 0, revision ?? 0]
}

export interface NewImage {
  readonly payload: Buffer
  /** major.minor.revision, and +build where there is one. */
  readonly version: string
  readonly securityCounter: number
  /** P-256 key of the bootloader's maker, PKCS#8 PEM. */
  readonly keyPem: string
}

/** An image as MCUboot's own tool makes one: security counter in the protected trailer, then hash, key hash, signature. */
export const makeMcuboot = ({ payload, version, securityCounter, keyPem }: NewImage): Buffer => {
  const counter = Buffer.alloc(4)
  counter.writeUInt32LE(securityCounter)
  const guarded = trailer(PROTECTED_INFO_MAGIC, [{ tag: TRAILER_TAG.securityCounter, value: counter }])
  const [major, minor, revision] = numbersOf(version)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32LE(MAGIC, 0)
  header.writeUInt16LE(HEADER_BYTES, 8)
  header.writeUInt16LE(guarded.length, 10)
  header.writeUInt32LE(payload.length, 12)
  header.writeUInt8(major, 20)
  header.writeUInt8(minor, 21)
  header.writeUInt16LE(revision, 22)
  header.writeUInt32LE(Number(/\+(\d+)$/.exec(version)?.[1] ?? 0), 24)
  const body = Buffer.concat([header, payload, guarded])
  const spki = createPublicKey(keyPem).export({ type: 'spki', format: 'der' })
  const plain = trailer(INFO_MAGIC, [
    { tag: TRAILER_TAG.sha256, value: createHash('sha256').update(body).digest() },
    { tag: TRAILER_TAG.keyHash, value: createHash('sha256').update(spki).digest() },
    { tag: TRAILER_TAG.ecdsa, value: sign('sha256', body, keyPem) },
  ])
  return Buffer.concat([body, plain])
}

const trailer = (magic: number, entries: readonly TrailerEntry[]): Buffer => {
  const parts = entries.map(({ tag, value }) => Buffer.concat([words(tag, value.length), value]))
  const size = parts.reduce((sum, part) => sum + part.length, INFO_BYTES)
  return Buffer.concat([words(magic, size), ...parts])
}

const words = (first: number, second: number): Buffer => {
  const bytes = Buffer.alloc(INFO_BYTES)
  bytes.writeUInt16LE(first, 0)
  bytes.writeUInt16LE(second, 2)
  return bytes
}
