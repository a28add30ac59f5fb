/** Judges an MCUboot image while it streams by: only its trailer is kept. */
import { createHash, createPublicKey, createVerify, timingSafeEqual } from 'node:crypto'
import { IotmcError } from '../contract/errors'
import {
  type ImageHeader,
  isSameVersion,
  readImageHeader,
  readTrailer,
  TRAILER_TAG,
  type TrailerEntry,
  versionText,
} from './mcuboot'

const HEADER_BYTES = 32
/** Both trailers state their lengths in 16 bits. */
const TRAILERS_MAX = 2 * 0xffff

/** What the image is held against. */
export interface McubootExpectation {
  /** Semantic version. */
  readonly version: string
  readonly securityVersion: number
  readonly size: number
  /** SubjectPublicKeyInfo (DER) of each key that may have signed it. */
  readonly keys: readonly Buffer[]
}

/** What an image states of itself, all of it checked. */
export interface McubootFacts {
  readonly version: string
  /** Over header, payload and protected trailer: what a bootloader lists the image by. */
  readonly hash: Buffer
  readonly keyHash: Buffer
  readonly securityCounter?: number
}

/** Takes all bytes of an image in order; `end` gives its facts. Both throw IMAGE_INVALID with what is wrong. */
export class McubootCheck {
  readonly #expected: McubootExpectation
  readonly #hash = createHash('sha256')
  readonly #verify = createVerify('sha256')
  readonly #kept: Buffer[] = []
  #start: Buffer = Buffer.alloc(0)
  #header: ImageHeader | undefined
  #seen = 0

  constructor(expected: McubootExpectation) {
    this.#expected = expected
  }

  write(chunk: Buffer): void {
    if (this.#header) {
      this.#take(chunk, this.#header)
      return
    }
    this.#start = Buffer.concat([this.#start, chunk])
    if (this.#start.length < HEADER_BYTES) return
    this.#header = this.#checkedHeader(this.#start)
    this.#take(this.#start, this.#header)
  }

  end(): McubootFacts {
    const header = this.#header
    if (!header) throw invalid('too short for a header')
    const kept = Buffer.concat(this.#kept)
    const guardedBytes = header.trailerAt - header.payloadEnd
    const guarded = guardedBytes === 0 ? [] : readTrailer(kept.subarray(0, guardedBytes), 'protected')
    const plain = readTrailer(kept.subarray(guardedBytes), 'plain')
    if (!guarded) throw invalid('damaged protected trailer')
    if (!plain) throw invalid('damaged trailer, or bytes after it')
    const hash = this.#hash.digest()
    if (!same(only(plain, TRAILER_TAG.sha256, 'hash'), hash)) throw invalid('not the hash that it states')
    const keyHash = only(plain, TRAILER_TAG.keyHash, 'key hash')
    this.#checkSignature(keyHash, only(plain, TRAILER_TAG.ecdsa, 'ECDSA signature'))
    const securityCounter = this.#checkedCounter(guarded)
    return {
      version: versionText(header.version),
      hash,
      keyHash,
      ...(securityCounter === undefined ? {} : { securityCounter }),
    }
  }

  #checkedHeader(bytes: Buffer): ImageHeader {
    const header = readImageHeader(bytes)
    if (!header) throw invalid('no MCUboot header')
    const { version, size } = this.#expected
    if (header.encrypted) throw invalid('encrypted images can not be checked')
    if (!header.bootable) throw invalid('marked as not bootable')
    if (!isSameVersion(header.version, version))
      throw invalid(`its header says version ${versionText(header.version)}, the manifest ${version}`)
    if (header.payloadAt < HEADER_BYTES || header.payloadEnd <= header.payloadAt || header.trailerAt >= size)
      throw invalid('its header and its size do not agree')
    if (size - header.payloadEnd > TRAILERS_MAX) throw invalid('bytes after its trailer')
    return header
  }

  #take(chunk: Buffer, { payloadEnd, trailerAt }: ImageHeader): void {
    const hashed = chunk.subarray(0, Math.max(0, trailerAt - this.#seen))
    this.#hash.update(hashed)
    this.#verify.update(hashed)
    const trailers = chunk.subarray(Math.max(0, payloadEnd - this.#seen))
    this.#seen += chunk.length
    // More than the manifest's size is for the caller to refuse; here it only must not pile up.
    if (this.#seen > this.#expected.size) throw invalid('longer than the manifest says')
    if (trailers.length > 0) this.#kept.push(Buffer.from(trailers))
  }

  #checkSignature(keyHash: Buffer, signature: Buffer): void {
    const key = this.#expected.keys.find((one) => same(createHash('sha256').update(one).digest(), keyHash))
    if (!key) throw invalid('signed with a key that the bundle has no certificate of')
    const publicKey = createPublicKey({ key, format: 'der', type: 'spki' })
    // Older tools fill the signature up with zeros.
    const exact = signature.subarray(0, 2 + (signature[1] ?? 0))
    if (!this.#verify.verify(publicKey, exact)) throw invalid('wrong signature')
  }

  #checkedCounter(guarded: readonly TrailerEntry[]): number | undefined {
    const found = guarded.filter(({ tag }) => tag === TRAILER_TAG.securityCounter)
    const { securityVersion } = this.#expected
    if (found.length === 0 && securityVersion === 0) return undefined
    const value = only(guarded, TRAILER_TAG.securityCounter, 'security counter')
    const counter = value.length === 4 ? value.readUInt32LE(0) : undefined
    if (counter !== securityVersion)
      throw invalid(`its security counter is ${counter ?? 'damaged'}, the manifest says ${securityVersion}`)
    return counter
  }
}

const only = (entries: readonly TrailerEntry[], wanted: number, name: string): Buffer => {
  const [first, second] = entries.filter(({ tag }) => tag === wanted)
  if (!first) throw invalid(`no ${name} in its trailer`)
  if (second) throw invalid(`more than one ${name} in its trailer`)
  return first.value
}

const same = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b)

const invalid = (detail: string): IotmcError => new IotmcError('IMAGE_INVALID', { detail })
