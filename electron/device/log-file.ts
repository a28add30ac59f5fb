/** The log's file: appended to at once, replaced whole now and then, overwritten before it goes. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs'
import { IotmcError } from '../contract/errors'
import { writeFileAtomic } from './atomic-file'
import { overwrite } from './shred'

/** No log of ours comes near; a larger file is somebody else's. */
const FILE_MAX_BYTES = 256 * 1024 * 1024

const failed = (subject: string, cause: unknown): IotmcError =>
  new IotmcError('ACTION_FAILED', { subject, detail: 'the log cannot be written', cause })

const writeAll = (fd: number, bytes: Uint8Array, at: number): void => {
  let done = 0
  while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, at + done)
}

export class LogFile {
  private fd: number | undefined
  private size = 0
  private dirty = false

  constructor(private readonly path: string) {}

  /** What the file holds, undefined where there is none or none that could be a log. */
  read(): Buffer | undefined {
    if (!existsSync(this.path) || statSync(this.path).size > FILE_MAX_BYTES) return undefined
    return readFileSync(this.path)
  }

  get bytes(): number {
    return this.size
  }

  /** Goes on with the file as it is, cut to its first `bytes`: what follows was cut short while it was written. */
  resume(bytes: number): void {
    this.open()
    this.size = bytes
    this.cut()
  }

  /** Puts a line at the end, out of reach of a kill. Whole or not at all: false when the disk refuses. */
  append(line: string): boolean {
    const bytes = Buffer.from(line)
    try {
      const fd = this.open()
      this.dirty = true
      writeAll(fd, bytes, this.size)
      this.size += bytes.length
      return true
    } catch {
      this.cut()
      return false
    }
  }

  /** When it returns, what was appended survives a power cut too. ACTION_FAILED where the disk refuses. */
  sync(): void {
    if (!this.dirty) return
    try {
      fsyncSync(this.open())
      this.dirty = false
    } catch (cause) {
      throw failed(this.path, cause)
    }
  }

  /** Puts another content in the place of this one, whole and durable. ACTION_FAILED leaves the old one. */
  replace(content: string): void {
    // Closed before: not every system lets an open file be replaced.
    this.close()
    writeFileAtomic(this.path, content)
    this.size = Buffer.byteLength(content)
    this.dirty = false
  }

  /** Overwrites what the file holds, so that it does not stay behind on the medium, as far as that can be told from here. */
  erase(): void {
    try {
      const fd = this.open()
      overwrite(fd)
      ftruncateSync(fd, 0)
      this.size = 0
    } catch (cause) {
      throw failed(this.path, cause)
    }
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd)
    this.fd = undefined
  }

  private open(): number {
    this.fd ??= openSync(this.path, 'r+', 0o600)
    return this.fd
  }

  private cut(): void {
    try {
      ftruncateSync(this.open(), this.size)
    } catch {
      // The next line is put over it.
    }
  }
}
