/** A link that damages what a device writes: one answer left out, short of a line, or with a wrong checksum. */
import type { IotmcError } from '../contract/errors'
import type { ByteLink } from '../serial/link'

/** What becomes of the next answer. */
export type Damage = 'lose' | 'drop-fragment' | 'bad-crc'

const NEWLINE = 0x0a
const MARKER_BYTES = 2

/** Each line of bytes with its end. */
const linesOf = (bytes: Buffer): Buffer[] => {
  const lines: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, at)
    const next = end < 0 ? bytes.length : end + 1
    lines.push(bytes.subarray(at, next))
    at = next
  }
  return lines
}

/** The same lines, the last bit of their checksum turned; it stands at the end of the last line. */
const withWrongChecksum = (lines: readonly Buffer[]): Buffer => {
  const last = lines.at(-1) ?? Buffer.alloc(0)
  const raw = Buffer.from(last.subarray(MARKER_BYTES).toString('latin1').trim(), 'base64')
  raw[raw.length - 1] = (raw.at(-1) ?? 0) ^ 1
  const damaged = Buffer.concat([
    last.subarray(0, MARKER_BYTES),
    Buffer.from(`${raw.toString('base64')}\n`, 'latin1'),
  ])
  return Buffer.concat([...lines.slice(0, -1), damaged])
}

/** One packet of the console framing with a damage; a packet of one line loses that line. Pure. */
export const damagePacket = (packet: Buffer, damage: Damage): Buffer => {
  if (damage === 'lose') return Buffer.alloc(0)
  const lines = linesOf(packet)
  if (damage === 'bad-crc') return withWrongChecksum(lines)
  return Buffer.concat(lines.filter((_, index) => index !== Math.min(1, lines.length - 1)))
}

export class FaultyLink implements ByteLink {
  readonly path: string
  readonly gone: Promise<IotmcError>
  private muted = false

  constructor(
    private readonly link: ByteLink,
    private readonly options: {
      /** Takes the damage that waits for an answer. */
      readonly nextDamage: () => Damage | undefined
      /** Written in front of every answer. */
      readonly noise: () => Buffer
    },
  ) {
    this.path = link.path
    this.gone = link.gone
  }

  /** Nothing is written any more. */
  mute(): void {
    this.muted = true
  }

  async write(bytes: Uint8Array): Promise<void> {
    const damage = this.options.nextDamage()
    if (this.muted) return
    const packet = damage ? damagePacket(Buffer.from(bytes), damage) : Buffer.from(bytes)
    await this.link.write(Buffer.concat([this.options.noise(), packet]))
  }

  onData(listener: (bytes: Buffer) => void): () => void {
    return this.link.onData((bytes) => {
      if (!this.muted) listener(bytes)
    })
  }

  close(): Promise<void> {
    return this.link.close()
  }
}
