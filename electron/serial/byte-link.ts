/** A serial port as a stream of bytes both ways, whatever carries them. */
import type { IotmcError } from '../contract/errors'

export interface ByteLink {
  readonly path: string
  /** Bits per second on the wire, where it is known: time-outs of large packets grow with it. */
  readonly baudRate?: number
  /** Resolves when the operating system has taken the bytes. Errors: why the port is gone. */
  write(bytes: Uint8Array): Promise<void>
  /** Every piece of what arrives, in order; returns how to stop listening. */
  onData(listener: (bytes: Buffer) => void): () => void
  /** Resolves once, with why, when the port is gone (SERIAL_UNPLUGGED) or closed here (CANCELLED). */
  readonly gone: Promise<IotmcError>
  close(): Promise<void>
}
