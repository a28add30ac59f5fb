/** A part of an open file into an answer: one block at a time, the next when the one before has left for the kernel. */
import { readSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { IotmcError } from '../contract/errors'
import type { Blocks } from './repository-blocks'

/** A block that comes faster was in the system's memory. */
const CACHED_MS = 1
/** After a slow block so many are read on a thread beside before the short way is tried again. */
const BESIDE_BLOCKS = 64

const shorter = (position: number): IotmcError =>
  new IotmcError('IMAGE_TRUNCATED', { detail: `the file ends at ${position}` })

/**
 * Reads at once what the system has in memory, which costs half of a thread's turn, and on a thread what comes from the
 * disk, so that a slow disk stops nobody else.
 */
class Reader {
  readonly #file: FileHandle
  #beside = 1
  constructor(file: FileHandle) {
    this.#file = file
  }

  /** Fills `block` from `position` on; rejects with IMAGE_TRUNCATED when the file has become shorter. */
  async fill(block: Buffer, position: number): Promise<void> {
    for (let have = 0; have < block.length; ) {
      const left = block.length - have
      const count =
        this.#beside > 0
          ? await this.#slow(block, have, left, position)
          : this.#fast(block, have, left, position)
      if (count === 0) throw shorter(position + have)
      have += count
    }
  }

  async #slow(block: Buffer, have: number, left: number, position: number): Promise<number> {
    this.#beside -= 1
    return (await this.#file.read(block, have, left, position + have)).bytesRead
  }

  #fast(block: Buffer, have: number, left: number, position: number): number {
    const beganMs = performance.now()
    const count = readSync(this.#file.fd, block, have, left, position + have)
    if (performance.now() - beganMs > CACHED_MS) this.#beside = BESIDE_BLOCKS
    return count
  }
}

/** Writes blocks and notices a client that goes away. */
class Writer {
  readonly #res: ServerResponse
  #wake: () => void = () => undefined
  constructor(res: ServerResponse) {
    this.#res = res
    res.once('close', () => this.#wake())
  }

  /** Resolves when the block has left for the kernel, true, or when the answer was closed, false. */
  write(block: Buffer): Promise<boolean> {
    return new Promise((resolve) => {
      this.#wake = () => resolve(!this.#res.destroyed)
      if (this.#res.destroyed) this.#wake()
      else this.#res.write(block, () => this.#wake())
    })
  }
}

/**
 * Writes `length` bytes from `from` on and ends the answer; resolves early when the client goes away. Rejects with
 * IMAGE_TRUNCATED or the file's own error: the answer is then incomplete and must be destroyed.
 */
export const pump = async (
  file: FileHandle,
  res: ServerResponse,
  part: { readonly from: number; readonly length: number },
  blocks: Blocks,
): Promise<void> => {
  const reader = new Reader(file)
  const writer = new Writer(res)
  const end = part.from + part.length
  const buffer = blocks.take()
  let open = !res.destroyed
  try {
    for (let position = part.from; open && position < end; position += buffer.length) {
      const block = buffer.subarray(0, Math.min(buffer.length, end - position))
      await reader.fill(block, position)
      open = await writer.write(block)
    }
    if (open) res.end()
  } finally {
    // After a close the socket may still hold the block: it is left to the collector.
    blocks.give(buffer, open)
  }
}
