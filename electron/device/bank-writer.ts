/** Writes an image into a bank piece by piece; what was written before a power cut is there to go on from. */
import { createHash } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { IotmcError } from '../contract/errors'
import { writeFileAtomic } from './atomic-file'
import type { BankPaths } from './banks-file'

const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

export class BankWriter {
  #file: number | undefined

  constructor(
    private readonly paths: BankPaths,
    private readonly bankBytes: number,
  ) {}

  /** Bytes that lie in the bank, where the next ones go. */
  get received(): number {
    return statSync(this.paths.image, { throwIfNoEntry: false })?.size ?? 0
  }

  /** Adds bytes at the end. NO_SPACE where bank or disk is full: then nothing of them is kept. */
  append(bytes: Uint8Array): void {
    const at = this.received
    if (at + bytes.length > this.bankBytes)
      throw new IotmcError('NO_SPACE', { detail: `a bank holds ${this.bankBytes} bytes` })
    this.#file ??= openSync(this.paths.image, 'a', 0o600)
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done)
    } catch (cause) {
      ftruncateSync(this.#file, at)
      const { code = '' } = cause as NodeJS.ErrnoException
      throw new IotmcError(NO_ROOM.has(code) ? 'NO_SPACE' : 'ACTION_FAILED', { detail: code, cause })
    }
  }

  /** Puts the signed manifest beside the image; durable on return. */
  putManifest(manifest: Uint8Array, signature: Uint8Array): void {
    writeFileAtomic(this.paths.manifest, manifest)
    writeFileAtomic(this.paths.signature, signature)
  }

  /** Throws away what was received. */
  reset(): void {
    this.close()
    for (const path of [this.paths.image, this.paths.manifest, this.paths.signature])
      rmSync(path, { force: true })
  }

  /** Makes what was appended durable and lets go of the file; may be called any number of times. */
  done(): void {
    this.#file ??= this.received > 0 ? openSync(this.paths.image, 'a') : undefined
    if (this.#file !== undefined) fsyncSync(this.#file)
    this.close()
  }

  /** Lets go of the file without waiting for the disk. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  /** SHA-256 of what lies in the bank, hex. Rejects on abort. */
  async sha256(signal?: AbortSignal): Promise<string> {
    const hash = createHash('sha256')
    if (this.received > 0)
      for await (const chunk of createReadStream(this.paths.image, { signal })) hash.update(chunk)
    return hash.digest('hex')
  }

  /** All that lies in the bank. */
  content(): Buffer {
    return this.received > 0 ? readFileSync(this.paths.image) : Buffer.alloc(0)
  }
}
