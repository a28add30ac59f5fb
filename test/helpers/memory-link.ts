/** A serial cable in memory, whose bytes a test can lose, change and hold back. */
import { IotmcError } from '../../electron/contract/errors'
import type { ByteLink } from '../../electron/serial/link'

/** What becomes of bytes on their way: the same, others, several pieces, or nothing. */
type Tamper = (bytes: Buffer) => Buffer | readonly Buffer[]

export interface MemoryCable {
  readonly station: ByteLink
  readonly device: ByteLink
  /** May be set at any time. */
  toDevice: Tamper
  toStation: Tamper
  /** Everything that was put on the wire, before tampering. */
  readonly sent: { station: Buffer[]; device: Buffer[] }
  /** Both ends are gone at once, with SERIAL_UNPLUGGED. */
  unplug(): void
}

class MemoryLink implements ByteLink {
  readonly gone: Promise<IotmcError>
  readonly #listeners = new Set<(bytes: Buffer) => void>()
  readonly #carry: (bytes: Buffer) => void
  #resolve: (why: IotmcError) => void = () => {}
  #why: IotmcError | undefined
  constructor(
    readonly path: string,
    carry: (bytes: Buffer) => void,
    readonly baudRate?: number,
  ) {
    this.#carry = carry
    this.gone = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#why) throw this.#why
    this.#carry(Buffer.from(bytes))
  }

  onData(listener: (bytes: Buffer) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  arrive(bytes: Buffer): void {
    if (this.#why || bytes.length === 0) return
    for (const listener of [...this.#listeners]) listener(bytes)
  }

  end(why: IotmcError): void {
    this.#why ??= why
    this.#resolve(this.#why)
  }

  async close(): Promise<void> {
    this.end(new IotmcError('CANCELLED', { subject: this.path, detail: 'the port was closed' }))
  }
}

/** Two joined links. Bytes arrive in a later microtask, so that virtual clocks suffice. */
export const memoryCable = (o: { path?: string; baudRate?: number } = {}): MemoryCable => {
  const carry = (way: 'toDevice' | 'toStation', from: Buffer[], to: () => MemoryLink) => (bytes: Buffer) => {
    from.push(bytes)
    const pieces = cable[way](bytes)
    for (const piece of Buffer.isBuffer(pieces) ? [pieces] : pieces)
      queueMicrotask(() => to().arrive(Buffer.from(piece)))
  }
  const sent: MemoryCable['sent'] = { station: [], device: [] }
  const path = o.path ?? 'memory'
  const station: MemoryLink = new MemoryLink(
    path,
    carry('toDevice', sent.station, () => device),
    o.baudRate,
  )
  const device: MemoryLink = new MemoryLink(
    `${path}:device`,
    carry('toStation', sent.device, () => station),
    o.baudRate,
  )
  const cable: MemoryCable = {
    station,
    device,
    toDevice: (bytes) => bytes,
    toStation: (bytes) => bytes,
    sent,
    unplug: () => {
      for (const end of [station, device])
        end.end(new IotmcError('SERIAL_UNPLUGGED', { subject: end.path, detail: 'unplugged' }))
    },
  }
  return cable
}
