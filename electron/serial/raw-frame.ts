/**
 * SMP packets as they are on a wire of their own: each says its length, nothing marks its beginning. After a lost byte
 * the line is in step again at its next silence. Pure, bounded, never throws.
 */
import { SMP_LIMITS } from '../contract/smp'
import type { Decoded } from './smp-frame'
import { mayBegin } from './smp-message'
import { cleanLine } from './text-lines'

const NEWLINE = 0x0a

/** Finds packets among raw bytes; bytes that can't begin one come out as log lines. */
export class RawDecoder {
  readonly #held: Buffer
  readonly #text = Buffer.alloc(SMP_LIMITS.logLineMaxBytes)
  readonly #maxPacketBytes: number
  #heldBytes = 0
  #textBytes = 0
  constructor(maxPacketBytes: number = SMP_LIMITS.bufferMaxBytes) {
    this.#maxPacketBytes = maxPacketBytes
    this.#held = Buffer.alloc(maxPacketBytes)
  }

  /** A packet has begun, or seems to have: `silence` decides when no more comes. */
  get holding(): boolean {
    return this.#heldBytes > 0
  }

  push(bytes: Uint8Array): Decoded[] {
    const found: Decoded[] = []
    let from = 0
    while (from < bytes.length) {
      const piece = bytes.subarray(from, from + this.#held.length - this.#heldBytes)
      this.#held.set(piece, this.#heldBytes)
      this.#heldBytes += piece.length
      from += piece.length
      this.#scan(found)
    }
    return found
  }

  /** Nothing came for a while: an incomplete packet will never be complete. */
  silence(): Decoded[] {
    if (this.#heldBytes === 0) return []
    this.#heldBytes = 0
    return [{ kind: 'damage', reason: 'a packet was cut short' }]
  }

  /** The end of the connection. */
  flush(): Decoded[] {
    const found = this.silence()
    this.#endText(found)
    return found
  }

  /** Takes every whole packet out of the held bytes; afterwards less than a packet is held. */
  #scan(found: Decoded[]): void {
    let at = 0
    while (at < this.#heldBytes) {
      const size = this.#sizeAt(at)
      if (size === undefined) {
        this.#print(this.#held[at] ?? 0, found)
        at++
      } else if (size <= this.#heldBytes - at) {
        found.push({ kind: 'packet', packet: Buffer.from(this.#held.subarray(at, at + size)) })
        at += size
      } else break
    }
    this.#held.copyWithin(0, at, this.#heldBytes)
    this.#heldBytes -= at
  }

  /** Bytes of the packet that begins here, undefined if none can. Its header at the least, while that is incomplete. */
  #sizeAt(at: number): number | undefined {
    const there = this.#heldBytes - at
    if (!mayBegin(this.#held[at], there > 1 ? this.#held[at + 1] : 0)) return undefined
    if (there < 4) return SMP_LIMITS.headerBytes
    const size = SMP_LIMITS.headerBytes + this.#held.readUInt16BE(at + 2)
    return size > this.#maxPacketBytes ? undefined : size
  }

  #print(byte: number, found: Decoded[]): void {
    if (byte === NEWLINE || this.#textBytes === this.#text.length) this.#endText(found)
    if (byte !== NEWLINE) this.#text[this.#textBytes++] = byte
  }

  #endText(found: Decoded[]): void {
    const line = cleanLine(this.#text.subarray(0, this.#textBytes))
    this.#textBytes = 0
    if (line !== '') found.push({ kind: 'log', line })
  }
}
