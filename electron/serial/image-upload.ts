/** Sends a firmware image into a device's spare slot, from wherever the device has it already. */
import { createHash } from 'node:crypto'
import { IotmcError } from '../contract/errors'
import { SMP_LIMITS } from '../contract/smp'
import { imageCommands } from './image-group'
import type { SmpSession } from './smp-session'

export interface UploadOptions {
  readonly image: Uint8Array
  /** 0, the device's own, is left out of the request. */
  readonly imageNumber?: number
  /** Chunks under way at once; 1 unless told, and never more than the device has buffers for. */
  readonly window?: number
  /** Whether the device may take only a higher version. */
  readonly upgrade?: boolean
  readonly onProgress?: (done: { readonly bytes: number; readonly total: number }) => void
  readonly signal?: AbortSignal
}

/** So often a device may answer without having moved on, or go back, before it counts as stuck. */
const SETBACKS_MAX = 8

interface Chunk {
  /** Where the device should stand after it. */
  readonly end: number
  readonly off: Promise<number>
}

/**
 * Uploads an image and resolves when the device has all of it; it proves nothing about what the image is worth.
 * `resumedAt` is where the device stood before. Errors: those of `request`, READ_BACK_DIFFERS when the device says that
 * what it has is not what was sent, BAD_ANSWER when it goes in circles.
 */
export const uploadImage = (
  session: SmpSession,
  options: UploadOptions,
): Promise<{ bytes: number; resumedAt: number }> => new Upload(session, options).run()

class Upload {
  readonly #session: SmpSession
  readonly #options: UploadOptions
  readonly #sha: Buffer
  readonly #over = new AbortController()
  /** What the latest answer said, whichever chunk it was for. */
  #stands = 0
  #furthest = 0
  #setbacks = 0
  constructor(session: SmpSession, options: UploadOptions) {
    this.#session = session
    this.#options = options
    this.#sha = createHash('sha256').update(options.image).digest()
  }

  async run(): Promise<{ bytes: number; resumedAt: number }> {
    const { image, signal } = this.#options
    const abort = () => this.#over.abort(signal?.reason)
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
    try {
      const first = this.#send(0)
      const stands = await first.off
      const resumedAt = stands > first.end ? stands : 0
      for (let off = stands; off < image.length; ) off = await this.#from(off)
      return { bytes: image.length, resumedAt }
    } finally {
      signal?.removeEventListener('abort', abort)
      this.#over.abort()
    }
  }

  /** Sends on from `off`, several chunks at once where allowed, until the end or until the device stands elsewhere. */
  async #from(off: number): Promise<number> {
    const { image, window = 1 } = this.#options
    const atOnce = Math.max(1, Math.min(window, this.#session.bufferCount - 1))
    // The first chunk goes alone: the device clears its flash before it takes another.
    if (off === 0) return this.#settle([this.#send(0)])
    const underWay: Chunk[] = []
    let next = off
    for (;;) {
      while (underWay.length < atOnce && next < image.length) {
        const chunk = this.#send(next)
        underWay.push(chunk)
        next = chunk.end
      }
      const [oldest] = underWay
      if (!oldest) return next
      if ((await oldest.off) !== oldest.end) return this.#settle(underWay)
      underWay.shift()
    }
  }

  /** Waits for everything under way; the device then stands where its latest answer said. */
  async #settle(underWay: readonly Chunk[]): Promise<number> {
    await Promise.all(underWay.map(({ off }) => off))
    return this.#stands
  }

  #send(off: number): Chunk {
    const { image, imageNumber = 0, upgrade, window = 1 } = this.#options
    const { signal } = this.#over
    const head =
      off === 0
        ? {
            len: image.length,
            sha: this.#sha,
            ...(imageNumber ? { image: imageNumber } : {}),
            ...(upgrade ? { upgrade } : {}),
          }
        : {}
    const fields = { off, ...head }
    const data = image.subarray(off, off + this.#session.roomFor(fields))
    const patience = off === 0 ? { timeoutMs: SMP_LIMITS.slowTimeoutMs, retries: 1 } : {}
    const answer = this.#session
      .request(imageCommands.upload, { ...fields, data }, { ...patience, signal, window })
      .then(({ off: stands, match }) => this.#answered(off, stands, match))
    // Looked at in order; a failure of a later one meanwhile is not forgotten.
    answer.catch(() => {})
    return { end: off + data.length, off: answer }
  }

  #answered(sentFrom: number, stands: number, match: boolean | undefined): number {
    const { image, onProgress } = this.#options
    if (match === false)
      throw new IotmcError('READ_BACK_DIFFERS', { detail: 'the device has other bytes than were sent' })
    if (stands > image.length)
      throw new IotmcError('BAD_ANSWER', { detail: `asks for byte ${stands} of ${image.length}` })
    if (stands > this.#furthest) {
      this.#furthest = stands
      this.#setbacks = 0
    } else if (stands <= sentFrom && ++this.#setbacks > SETBACKS_MAX)
      throw new IotmcError('BAD_ANSWER', { detail: `the upload does not get past byte ${stands}` })
    this.#stands = stands
    onProgress?.({ bytes: stands, total: image.length })
    return stands
  }
}
