/** What packets cost on the wire: plain arithmetic, for time estimates and for measuring how near a transfer comes. */
import { SMP_LIMITS } from '../contract/smp'
import { encodeMap, roomForBytes } from './cbor'
import type { Framing } from './smp-wire'

/** Length and checksum around a packet. */
const ENVELOPE_BYTES = 4
/** Two control characters before a line, one newline after it. */
const LINE_BYTES = 3

/** Bytes on the wire for a packet of so many. */
export const wireBytes = (packetBytes: number, framing: Framing): number => {
  if (framing === 'raw') return packetBytes
  const framed = packetBytes + ENVELOPE_BYTES
  const fullLines = Math.floor(framed / SMP_LIMITS.lineRawBytes)
  const rest = framed % SMP_LIMITS.lineRawBytes
  return fullLines * lineOf(SMP_LIMITS.lineRawBytes) + (rest > 0 ? lineOf(rest) : 0)
}

const lineOf = (rawBytes: number): number => LINE_BYTES + 4 * Math.ceil(rawBytes / 3)

export interface TransferCost {
  readonly packets: number
  readonly sentBytes: number
  readonly receivedBytes: number
}

/** What an image upload costs at the least: every packet as full as it may be, each answered by `{off}` alone. */
export const uploadCost = (o: {
  readonly imageBytes: number
  readonly bufferBytes: number
  readonly framing: Framing
}): TransferCost => {
  const header = SMP_LIMITS.headerBytes
  const budget = o.bufferBytes - SMP_LIMITS.bufferReserveBytes - header
  const cost = { packets: 0, sentBytes: 0, receivedBytes: 0 }
  for (let off = 0; off < o.imageBytes; ) {
    const fields = {
      off,
      data: new Uint8Array(0),
      ...(off === 0 ? { len: o.imageBytes, sha: new Uint8Array(32) } : {}),
    }
    const data = Math.min(roomForBytes(budget, fields), o.imageBytes - off)
    if (data < 1) break
    const request = encodeMap({ ...fields, data: new Uint8Array(data) })
    off += data
    cost.packets++
    cost.sentBytes += wireBytes(header + request.length, o.framing)
    cost.receivedBytes += wireBytes(header + encodeMap({ off }).length, o.framing)
  }
  return cost
}
