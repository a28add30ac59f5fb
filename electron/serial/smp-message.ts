/** One SMP packet: eight bytes of header and a CBOR map. Pure, and total: reading never throws. */
import { SMP_LIMITS, SMP_OP } from '../contract/smp'
import { type CborMap, decodeMap, encodeMap } from './cbor'

export type SmpVersion = 1 | 2

export interface SmpHeader {
  readonly op: number
  readonly version: SmpVersion
  readonly group: number
  readonly sequence: number
  readonly id: number
}

export type ReadMessage =
  | { readonly header: SmpHeader; readonly payload: CborMap }
  | { readonly header?: SmpHeader; readonly problem: string }

const HEADER_BYTES = SMP_LIMITS.headerBytes

/** Header and payload as bytes, big-endian. */
export const encodeMessage = (header: SmpHeader, payload: CborMap): Buffer => {
  const body = encodeMap(payload)
  const packet = Buffer.alloc(HEADER_BYTES + body.length)
  packet[0] = ((header.version - 1) << 3) | header.op
  packet.writeUInt16BE(body.length, 2)
  packet.writeUInt16BE(header.group, 4)
  packet[6] = header.sequence
  packet[7] = header.id
  packet.set(body, HEADER_BYTES)
  return packet
}

/** What a packet says. A `problem` with a header: the packet's place is known, its content can't be read. */
export const readMessage = (packet: Buffer): ReadMessage => {
  const header = readHeader(packet)
  if (!header) return { problem: 'not an SMP header' }
  const body = packet.subarray(HEADER_BYTES)
  if (packet.readUInt16BE(2) !== body.length) return { header, problem: 'length differs from the header' }
  try {
    return { header, payload: decodeMap(body) }
  } catch (thrown) {
    return { header, problem: thrown instanceof Error ? thrown.message.slice(0, 120) : 'unreadable' }
  }
}

/** The header, undefined where these bytes can't begin a packet: reserved bits, unknown version, flags. */
export const readHeader = (bytes: Buffer): SmpHeader | undefined => {
  if (bytes.length < HEADER_BYTES || !mayBegin(bytes[0], bytes[1])) return undefined
  const first = bytes[0] ?? 0
  return {
    op: first & 7,
    version: first >> 3 === 0 ? 1 : 2,
    group: bytes.readUInt16BE(4),
    sequence: bytes[6] ?? 0,
    id: bytes[7] ?? 0,
  }
}

/** Whether two bytes can be the first of a packet: version 1 or 2, a known operation, no flags. */
export const mayBegin = (first: number | undefined, second: number | undefined): boolean =>
  first !== undefined && first >> 3 <= 1 && (first & 7) <= SMP_OP.writeResponse && (second ?? 0) === 0

/** The same place as an answer: its operation is the request's plus one. */
export const answerHeader = (request: SmpHeader, version: SmpVersion): SmpHeader => ({
  ...request,
  version,
  op: request.op + 1,
})
