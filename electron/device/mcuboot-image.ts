/** The outer form of an MCUboot image: header and hash, as far as a bootloader's listing shows them. Pure. */

const HEADER_BYTES = 32
const INFO_BYTES = 4
const MAGIC = 0x96f3b83d
const INFO_MAGIC = 0x6907
const HASH_TAG = 0x10
const NON_BOOTABLE = 0x10

/** Major, minor, revision, build number. */
export type ImageVersion = readonly [number, number, number, number]

export interface ImageHeader {
  readonly version: ImageVersion
  readonly bootable: boolean
  /** Where the trailer begins that holds the hash. */
  readonly trailerAt: number
}

/** Whether bytes begin as an image does. */
export const hasImageMagic = (bytes: Buffer): boolean => bytes.length >= 4 && bytes.readUInt32LE(0) === MAGIC

/** The header; undefined where there is none. */
export const readImageHeader = (bytes: Buffer): ImageHeader | undefined => {
  if (bytes.length < HEADER_BYTES || !hasImageMagic(bytes)) return undefined
  const headerBytes = bytes.readUInt16LE(8)
  const protectedBytes = bytes.readUInt16LE(10)
  return {
    version: [bytes[20] ?? 0, bytes[21] ?? 0, bytes.readUInt16LE(22), bytes.readUInt32LE(24)],
    bootable: (bytes.readUInt32LE(16) & NON_BOOTABLE) === 0,
    trailerAt: headerBytes + bytes.readUInt32LE(12) + protectedBytes,
  }
}

/** The SHA-256 that an image says it has, which is not checked here; undefined where it says none. */
export const statedHash = (image: Buffer): Buffer | undefined => {
  const at = readImageHeader(image)?.trailerAt
  if (at === undefined || at + INFO_BYTES > image.length || image.readUInt16LE(at) !== INFO_MAGIC)
    return undefined
  const end = Math.min(at + image.readUInt16LE(at + 2), image.length)
  for (let next = at + INFO_BYTES; next + INFO_BYTES <= end; ) {
    const length = image.readUInt16LE(next + 2)
    const value = image.subarray(next + INFO_BYTES, next + INFO_BYTES + length)
    if (image.readUInt16LE(next) === HASH_TAG && value.length === 32) return value
    next += INFO_BYTES + length
  }
  return undefined
}

export const versionText = ([major, minor, revision, build]: ImageVersion): string =>
  `${major}.${minor}.${revision}${build > 0 ? `.${build}` : ''}`

/** Whether a version is higher than a text such as 1.4.0; the build number does not count. */
export const isHigher = (version: ImageVersion, than: string): boolean => {
  const other = than.split(/[.+-]/).map((part) => Number.parseInt(part, 10) || 0)
  for (let i = 0; i < 3; i += 1) {
    const difference = (version[i] ?? 0) - (other[i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return false
}
