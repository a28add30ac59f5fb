/** A firmware image over SMP: what it costs on the wire, beside what the console framing makes unavoidable. */
import { randomBytes } from 'node:crypto'
import { systemClock } from '../../electron/net/clock'
import { imageCommands } from '../../electron/serial/image-group'
import { uploadImage } from '../../electron/serial/image-upload'
import { handlerKey, type SmpHandler, SmpServer } from '../../electron/serial/smp-server'
import { SmpSession } from '../../electron/serial/smp-session'
import { memoryCable } from '../helpers/memory-link'
import type { Print } from './support/print'

const IMAGE_BYTES = 1024 * 1024
const BUFFERS = [256, 384, 1024, 4096]
/** 115,200 baud, 8N1: ten bits a byte. */
const BYTES_PER_S = 11_520

/** A line is 06 09 or 04 14, base64 of at most 93 bytes, and a line feed; the packet has a length before and a CRC after it. */
const framed = (packetBytes: number): number => {
  let left = packetBytes + 4
  let bytes = 0
  for (; left > 0; left -= 93) bytes += 3 + 4 * Math.ceil(Math.min(left, 93) / 3)
  return bytes
}

/** CBOR of an unsigned number, and of a byte string's head. */
const head = (value: number): number => (value < 24 ? 1 : value < 256 ? 2 : value < 65_536 ? 3 : 5)

/**
 * Stop and wait with the largest packets that the buffer takes: header 8, map 1, `off` 4 + n, `data` 5 + head; the answer
 * is header 8, map 1 and `off` alone. The first chunk has `len` and `sha` besides. Nothing smaller carries the same facts.
 */
const limitBytes = (buffer: number): number => {
  const largest = buffer - 4
  let off = 0
  let bytes = 0
  while (off < IMAGE_BYTES) {
    const extra = off === 0 ? 4 + head(IMAGE_BYTES) + 4 + 2 + 32 : 0
    const room = largest - 8 - 1 - (4 + head(off)) - 5 - extra
    const data = Math.min(room - head(room), IMAGE_BYTES - off)
    bytes += framed(8 + 1 + 4 + head(off) + 5 + head(data) + data + extra)
    off += data
    bytes += framed(8 + 1 + 4 + head(off))
  }
  return bytes
}

const bank = (): SmpHandler => {
  const image: Buffer[] = []
  let off = 0
  return async (payload) => {
    const { off: at, data } = imageCommands.upload.request.parse(payload)
    if (at === off) {
      image.push(Buffer.from(data))
      off += data.length
    }
    return { off }
  }
}

const measure = async (bufferBytes: number): Promise<{ wireBytes: number; seconds: number }> => {
  const cable = memoryCable()
  const server = new SmpServer({
    link: cable.device,
    framing: 'console',
    bufferBytes,
    bufferCount: 4,
    handlers: new Map([[handlerKey(imageCommands.upload), bank()]]),
  })
  server.start()
  const session = await SmpSession.open(cable.station, { clock: systemClock, framing: 'console' })
  const before = session.traffic
  const begun = { sent: before.sentBytes, received: before.receivedBytes, atMs: performance.now() }
  await uploadImage(session, { image: randomBytes(IMAGE_BYTES) })
  const { sentBytes, receivedBytes } = session.traffic
  const seconds = (performance.now() - begun.atMs) / 1000
  await session.close()
  await server.stop()
  return { wireBytes: sentBytes + receivedBytes - begun.sent - begun.received, seconds }
}

/** Time at 115,200 baud for 1 MiB, stop and wait, beside the limit; and how fast this machine's part is. */
export const run = async (print: Print): Promise<void> => {
  print('smp-wire-alone-1MiB', Number((IMAGE_BYTES / BYTES_PER_S).toFixed(1)), 's at 115200')
  for (const buffer of BUFFERS) {
    const { wireBytes, seconds } = await measure(buffer)
    const limit = limitBytes(buffer)
    print(`smp-upload-1MiB-buf${buffer}`, Number((wireBytes / BYTES_PER_S).toFixed(1)), 's at 115200')
    print(`smp-upload-1MiB-buf${buffer}-limit`, Number((limit / BYTES_PER_S).toFixed(1)), 's at 115200')
    print(`smp-upload-efficiency-buf${buffer}`, Number((limit / wireBytes).toFixed(4)), 'of the limit')
    print(
      `smp-upload-cpu-buf${buffer}`,
      Number((IMAGE_BYTES / 1024 / seconds).toFixed(0)),
      'KiB/s without a wire',
    )
  }
}
