/** Buffers that downloads read into, one for each download at a time, kept for the next ones. */

/**
 * Small enough that it and its encrypted copy stay in the processor's cache and below the size from which allocators ask
 * the system for each piece anew; a reader that takes less than one block in the server's idle time counts as gone.
 */
export const BLOCK_BYTES = 64 * 1024
const KEPT_MAX = 32

export class Blocks {
  readonly #free: Buffer[] = []
  #taken = 0

  /** Downloads that run now. */
  get taken(): number {
    return this.#taken
  }

  take(): Buffer {
    this.#taken += 1
    // Slow: outside Node's shared slab, so that the memory goes back as a whole.
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
  }

  /** `reusable` only when nobody can still be reading from it. */
  give(block: Buffer, reusable: boolean): void {
    this.#taken -= 1
    if (reusable && this.#free.length < KEPT_MAX) this.#free.push(block)
  }
}
