/** What lies in a bank, read from its file: header and stated hash. Nothing of it is checked here; that is the boot step's. */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import {
  type ImageHeader,
  readImageHeader,
  readTrailer,
  TRAILER_TAG,
  type TrailerEntry,
} from '../firmware/mcuboot'

const HEADER_BYTES = 32
const INFO_BYTES = 4
const TRAILER_MAX_BYTES = 0xffff

/** An image in MCUboot's form, as it describes itself. */
export interface BankImage {
  readonly header: ImageHeader
  /** The SHA-256 that it states. */
  readonly hash: Buffer | undefined
  readonly securityCounter: number
}

/** Undefined where no image in MCUboot's form lies. */
export const readBankImage = (path: string): BankImage | undefined => {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (bytes < HEADER_BYTES) return undefined
  const file = openSync(path, 'r')
  try {
    const header = readImageHeader(piece(file, 0, HEADER_BYTES))
    if (!header) return undefined
    const guarded = entries(file, header.payloadEnd, 'protected')
    const counter = valueIn(guarded, TRAILER_TAG.securityCounter, 4)
    return {
      header,
      hash: valueIn(entries(file, header.trailerAt, 'plain'), TRAILER_TAG.sha256, 32),
      securityCounter: counter?.readUInt32LE(0) ?? 0,
    }
  } finally {
    closeSync(file)
  }
}

const entries = (file: number, at: number, kind: 'plain' | 'protected'): readonly TrailerEntry[] => {
  const info = piece(file, at, INFO_BYTES)
  if (info.length < INFO_BYTES) return []
  return readTrailer(piece(file, at, Math.min(info.readUInt16LE(2), TRAILER_MAX_BYTES)), kind) ?? []
}

const valueIn = (from: readonly TrailerEntry[], wanted: number, bytes: number): Buffer | undefined =>
  from.find(({ tag, value }) => tag === wanted && value.length === bytes)?.value

/** Fewer bytes where the file ends. */
const piece = (file: number, at: number, bytes: number): Buffer => {
  const buffer = Buffer.alloc(bytes)
  let done = 0
  for (let more = 1; more > 0 && done < bytes; done += more)
    more = readSync(file, buffer, done, bytes - done, at + done)
  return buffer.subarray(0, done)
}
