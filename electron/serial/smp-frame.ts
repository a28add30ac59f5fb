/**
 * The framing of SMP on a console (docs/protocol.md §9): a packet as lines of base64 that begin with two control
 * characters, so that a device can go on printing text on the same wire. Pure; the decoder takes any bytes in any
 * pieces, never throws and never holds more than one line and one packet.
 */
import { SMP_LIMITS } from '../contract/smp'
import { crc16 } from './crc16'
import { cleanLine } from './text-lines'

export type Decoded =
  | { readonly kind: 'packet'; readonly packet: Buffer }
  | { readonly kind: 'log'; readonly line: string }
  | { readonly kind: 'damage'; readonly reason: string }

const FIRST = Buffer.from([0x06, 0x09])
const NEXT = Buffer.from([0x04, 0x14])
const NEWLINE = 0x0a
const LENGTH_BYTES = 2
const CRC_BYTES = 2

/** A packet as the lines that carry it. */
export const encodeConsole = (packet: Uint8Array): Buffer => {
  const framed = Buffer.alloc(LENGTH_BYTES + packet.length + CRC_BYTES)
  framed.writeUInt16BE(packet.length + CRC_BYTES)
  framed.set(packet, LENGTH_BYTES)
  framed.writeUInt16BE(crc16(packet), LENGTH_BYTES + packet.length)
  const parts: Buffer[] = []
  for (let at = 0; at < framed.length; at += SMP_LIMITS.lineRawBytes) {
    const text = framed.subarray(at, at + SMP_LIMITS.lineRawBytes).toString('base64')
    parts.push(at === 0 ? FIRST : NEXT, Buffer.from(`${text}\n`, 'latin1'))
  }
  return Buffer.concat(parts)
}

/** Finds packets in what a console says; everything else comes out as log lines, or as damage where a frame broke. */
export class ConsoleDecoder {
  readonly #line = Buffer.alloc(SMP_LIMITS.logLineMaxBytes)
  readonly #maxPacketBytes: number
  #lineBytes = 0
  /** What has come of a packet, its length first; undefined between packets. */
  #packet: Buffer | undefined
  constructor(maxPacketBytes: number = SMP_LIMITS.bufferMaxBytes) {
    this.#maxPacketBytes = maxPacketBytes
  }

  /** A packet or a line has begun and is not complete. */
  get holding(): boolean {
    return this.#packet !== undefined || this.#lineBytes > 0
  }

  push(bytes: Uint8Array): Decoded[] {
    const found: Decoded[] = []
    for (const byte of bytes) this.#take(byte, found)
    return found
  }

  /** The end of the connection: what is left of a line counts as a line. */
  flush(): Decoded[] {
    const found: Decoded[] = []
    this.#endLine(found)
    this.#packet = undefined
    return found
  }

  #take(byte: number, found: Decoded[]): void {
    if (byte === NEWLINE) {
      this.#endLine(found)
      return
    }
    if (this.#lineBytes === this.#line.length) this.#overflow(found)
    const before = this.#lineBytes > 0 ? this.#line[this.#lineBytes - 1] : -1
    const begins = (before === FIRST[0] && byte === FIRST[1]) || (before === NEXT[0] && byte === NEXT[1])
    if (begins && before !== undefined) {
      // A frame's line begins in mid-line: after a prompt, or where noise swallowed a line's end.
      this.#lineBytes--
      this.#endLine(found)
      this.#line[this.#lineBytes++] = before
    }
    this.#line[this.#lineBytes++] = byte
  }

  #overflow(found: Decoded[]): void {
    const last = this.#line[this.#lineBytes - 1] ?? 0
    // The last byte may be the first half of a marker.
    this.#lineBytes--
    this.#endLine(found)
    this.#line[this.#lineBytes++] = last
  }

  #endLine(found: Decoded[]): void {
    const line = this.#line.subarray(0, this.#lineBytes)
    this.#lineBytes = 0
    const first = line.subarray(0, 2).equals(FIRST)
    if (first || line.subarray(0, 2).equals(NEXT)) {
      found.push(...this.#frameLine(first, line.subarray(2)))
      return
    }
    const text = cleanLine(line)
    if (text !== '') found.push({ kind: 'log', line: text })
  }

  #frameLine(first: boolean, text: Buffer): Decoded[] {
    const broken: Decoded[] = []
    if (first) {
      if (this.#packet) broken.push(damage('a packet was cut short by the next'))
      this.#packet = Buffer.alloc(0)
    }
    if (!this.#packet) return [damage('a continuation without its beginning')]
    const raw = fromBase64(text)
    if (!raw) return [...broken, this.#give('not base64')]
    this.#packet = Buffer.concat([this.#packet, raw])
    return [...broken, ...this.#complete(this.#packet)]
  }

  #complete(packet: Buffer): Decoded[] {
    if (packet.length < LENGTH_BYTES) return []
    const bodyBytes = packet.readUInt16BE(0) - CRC_BYTES
    if (bodyBytes < SMP_LIMITS.headerBytes || bodyBytes > this.#maxPacketBytes)
      return [this.#give('an impossible length')]
    const whole = LENGTH_BYTES + bodyBytes + CRC_BYTES
    if (packet.length < whole) return []
    if (packet.length > whole) return [this.#give('longer than it says')]
    const body = packet.subarray(LENGTH_BYTES, LENGTH_BYTES + bodyBytes)
    if (packet.readUInt16BE(LENGTH_BYTES + bodyBytes) !== crc16(body)) return [this.#give('checksum differs')]
    this.#packet = undefined
    return [{ kind: 'packet', packet: body }]
  }

  #give(reason: string): Decoded {
    this.#packet = undefined
    return damage(reason)
  }
}

const damage = (reason: string): Decoded => ({ kind: 'damage', reason })

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** Bytes of a line's base64, whose groups of four are whole; undefined for anything else. */
const fromBase64 = (line: Buffer): Buffer | undefined => {
  const text = line.toString('latin1').replace(/\r$/, '')
  if (text.length % 4 !== 0 || !BASE64.test(text)) return undefined
  return Buffer.from(text, 'base64')
}
