/** Packets over a link: framing both ways, the text between packets, and what it cost in bytes. */
import { SMP_LIMITS } from '../contract/smp'
import type { Clock } from '../net/clock'
import type { ByteLink } from './link'
import { RawDecoder } from './raw-frame'
import { ConsoleDecoder, type Decoded, encodeConsole } from './smp-frame'

export type Framing = 'console' | 'raw'

export interface Traffic {
  sentBytes: number
  receivedBytes: number
  /** Frames that arrived broken. */
  damaged: number
}

export interface WireOptions {
  readonly link: ByteLink
  readonly clock: Clock
  /** `auto` reads both at once, until `settle`. */
  readonly framing: Framing | 'auto'
  readonly onPacket: (packet: Buffer, framing: Framing) => void
  readonly onLine: (line: string) => void
}

/** How long a raw wire must be silent before what comes next is the beginning of a packet. */
const SILENCE_MS = 100
const NEWLINE = Buffer.from('\n')

export class SmpWire {
  readonly traffic: Traffic = { sentBytes: 0, receivedBytes: 0, damaged: 0 }
  readonly #options: WireOptions
  readonly #console: ConsoleDecoder | undefined
  readonly #raw: RawDecoder | undefined
  #framing: Framing | 'auto'
  #unsentBytes = 0
  #cancelSilence: () => void = () => {}
  readonly #stopListening: () => void
  constructor(options: WireOptions) {
    this.#options = options
    this.#framing = options.framing
    if (options.framing !== 'raw') this.#console = new ConsoleDecoder()
    if (options.framing !== 'console') this.#raw = new RawDecoder()
    this.#stopListening = options.link.onData((bytes) => this.#receive(bytes))
  }

  /** From here on one framing only. */
  settle(framing: Framing): void {
    this.#framing = framing
    this.#cancelSilence()
  }

  /**
   * Writes a packet. Nothing is written while too much waits to be taken by the port: a device that reads nothing must
   * not fill the memory. `afresh` first ends the line that noise may have begun on the device's side.
   */
  async send(packet: Uint8Array, framing: Framing, afresh = false): Promise<void> {
    const framed = framing === 'raw' ? packet : encodeConsole(packet)
    const bytes = afresh && framing === 'console' ? Buffer.concat([NEWLINE, framed]) : framed
    if (this.#unsentBytes > SMP_LIMITS.bufferMaxBytes) return
    this.#unsentBytes += bytes.length
    try {
      await this.#options.link.write(bytes)
      this.traffic.sentBytes += bytes.length
    } finally {
      this.#unsentBytes -= bytes.length
    }
  }

  /** Milliseconds that so many bytes of packets take on this line, both framings' overhead included. */
  transferMs(bytes: number): number {
    const { baudRate } = this.#options.link
    return baudRate ? Math.ceil((bytes * BASE64_GROWTH * BITS_PER_BYTE * 1000) / baudRate) : 0
  }

  /** Stops listening; the link stays open. */
  stop(): void {
    this.#stopListening()
    this.#cancelSilence()
    // What the decoder of the other framing holds is frames, which it takes for text.
    const decoder = this.#framing === 'raw' ? this.#raw : (this.#console ?? this.#raw)
    for (const one of decoder?.flush() ?? []) this.#line(one)
  }

  #receive(bytes: Buffer): void {
    this.traffic.receivedBytes += bytes.length
    if (this.#framing !== 'raw')
      for (const one of this.#console?.push(bytes) ?? []) this.#take(one, 'console')
    if (this.#framing !== 'console') {
      for (const one of this.#raw?.push(bytes) ?? []) this.#take(one, 'raw')
      this.#awaitSilence()
    }
  }

  #awaitSilence(): void {
    this.#cancelSilence()
    if (!this.#raw?.holding) return
    this.#cancelSilence = this.#options.clock.setTimer(() => {
      for (const one of this.#raw?.silence() ?? []) this.#take(one, 'raw')
    }, SILENCE_MS)
  }

  #take(one: Decoded, framing: Framing): void {
    if (one.kind === 'packet') {
      this.#options.onPacket(one.packet, framing)
      return
    }
    // While both are tried, text is the console's to report: the raw decoder sees its frames as text too.
    if (this.#framing === 'auto' && framing === 'raw') return
    if (one.kind === 'damage') this.traffic.damaged++
    else this.#line(one)
  }

  #line(one: Decoded): void {
    if (one.kind === 'log') this.#options.onLine(one.line)
  }
}

const BITS_PER_BYTE = 10
const BASE64_GROWTH = 1.4
