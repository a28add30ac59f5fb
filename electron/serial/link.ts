/** Opens a serial port as a stream of bytes both ways: the real one here, one over TCP elsewhere; tests join two in memory. */
import { existsSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { SerialPort } from 'serialport'
import { IotmcError } from '../contract/errors'
import type { ByteLink } from './byte-link'
import { openFailure } from './ports'
import { isTcpPath, openTcpLink } from './tcp-link'

export type { ByteLink } from './byte-link'

const DEFAULT_BAUD_RATE = 115_200

/**
 * Opens a port for this program alone, 8N1, without flow control; `tcp:HOST:PORT` is one behind a serial server.
 * Errors: SERIAL_PORT_MISSING, SERIAL_PORT_DENIED, SERIAL_PORT_BUSY, CANCELLED.
 */
export const openLink = async (
  path: string,
  { baudRate = DEFAULT_BAUD_RATE, signal }: { baudRate?: number; signal?: AbortSignal } = {},
): Promise<ByteLink> => {
  if (signal?.aborted) throw new IotmcError('CANCELLED', { subject: path })
  if (isTcpPath(path)) return openTcpLink(path, { baudRate, ...(signal ? { signal } : {}) })
  const port = await loadPort(path, baudRate)
  await openPort(port, path, signal)
  await raiseLines(port)
  return new PortLink(port, path, baudRate)
}

const loadPort = async (path: string, baudRate: number): Promise<SerialPort> => {
  try {
    const { SerialPort } = await import('serialport')
    // hupcl off: closing leaves DTR as it is, since its fall resets many boards.
    return new SerialPort({ path, baudRate, autoOpen: false, lock: true, hupcl: false })
  } catch (thrown) {
    throw openFailure(path, thrown)
  }
}

const openPort = (port: SerialPort, path: string, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const onAbort = () => reject(new IotmcError('CANCELLED', { subject: path }))
    signal?.addEventListener('abort', onAbort, { once: true })
    port.open((error) => {
      signal?.removeEventListener('abort', onAbort)
      if (error) reject(openFailure(path, error))
      // Given up while the system was still opening: nobody will ever close it but us.
      else if (signal?.aborted) port.close(() => {})
      else resolve()
    })
  })

/**
 * DTR and RTS together: USB devices send nothing before DTR, and boards that take the two for reset and boot mode run
 * normally while both are on. Ports without such lines (pseudo terminals) refuse; that is no failure.
 */
const raiseLines = (port: SerialPort): Promise<void> =>
  new Promise((resolve) => port.set({ dtr: true, rts: true }, () => resolve()))

class PortLink implements ByteLink {
  readonly gone: Promise<IotmcError>
  readonly #port: SerialPort
  readonly #stopWatching: () => void
  readonly #writing = new Set<(why: IotmcError) => void>()
  #end: (why: IotmcError) => void = () => {}
  #why: IotmcError | undefined
  constructor(
    port: SerialPort,
    readonly path: string,
    readonly baudRate: number,
  ) {
    this.#port = port
    this.gone = new Promise((resolve) => {
      this.#end = (why) => {
        if (this.#why) return
        this.#why = why
        this.#stopWatching()
        // A write into a dead port may never call back.
        for (const reject of this.#writing) reject(why)
        this.#writing.clear()
        resolve(why)
      }
    })
    this.#stopWatching = watchNode(path, () => this.#lost('its device file is gone'))
    port.on('close', (error?: Error | null) => this.#lost(error?.message ?? 'closed'))
    port.on('error', (error: Error) => this.#lost(error.message))
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#why) return reject(this.#why)
      this.#writing.add(reject)
      this.#port.write(Buffer.from(bytes), (error) => {
        this.#writing.delete(reject)
        if (!error) return resolve()
        this.#lost(error.message)
        reject(this.#why)
      })
    })
  }

  onData(listener: (bytes: Buffer) => void): () => void {
    this.#port.on('data', listener)
    return () => this.#port.off('data', listener)
  }

  async close(): Promise<void> {
    this.#end(new IotmcError('CANCELLED', { subject: this.path, detail: 'the port was closed' }))
    await this.#shut()
  }

  #lost(detail: string): void {
    this.#end(new IotmcError('SERIAL_UNPLUGGED', { subject: this.path, detail: detail.slice(0, 200) }))
    void this.#shut()
  }

  #shut(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#port.isOpen) return resolve()
      this.#port.close(() => resolve())
    })
  }
}

/**
 * Calls `onGone` when the port's device file disappears. The driver reports most unplugs by a failed read; a port that
 * was hung up reads as endlessly empty instead, and only its file tells. Without a file (COM3) nothing is watched.
 */
const watchNode = (path: string, onGone: () => void): (() => void) => {
  if (!existsSync(path)) return () => {}
  try {
    const name = basename(path)
    const watcher = watch(dirname(path), { persistent: false }, (_event, changed) => {
      if ((changed === null || changed === name) && !existsSync(path)) onGone()
    })
    watcher.on('error', () => watcher.close())
    return () => watcher.close()
  } catch {
    return () => {}
  }
}
