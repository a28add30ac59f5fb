/** `/throughput/<bytes>`: bytes for a device to measure its way to this controller by (docs/protocol.md §12). */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Measurements are below it, on the secure side of the controller. */
export const THROUGHPUT_PREFIX = '/throughput/'
export const THROUGHPUT_LIMITS = {
  bytesMax: 64 * 1024 * 1024,
  /** More at once would measure each other. */
  atOnce: 4,
  /** A block that has not left by then ends the answer. */
  stallMs: 30_000,
} as const

const PATH = /^\/throughput\/([1-9]\d{0,8})$/
const BLOCK_BYTES = 64 * 1024
/** Nothing on the way can make it smaller: no block comes twice within what compression looks back. */
const NOISE_BYTES = 1024 * 1024

/** Answers a GET or HEAD; false for a path that is not one of a measurement, which is not answered then. */
export type ServeThroughput = (req: IncomingMessage, res: ServerResponse, path: string) => Promise<boolean>

/** A block of noise at a time, the next when the one before has left for the kernel; `stallMs` for tests. */
export const throughputServer = (limits: { readonly stallMs?: number } = {}): ServeThroughput => {
  const { stallMs = THROUGHPUT_LIMITS.stallMs } = limits
  let noise: Buffer | undefined
  let running = 0
  return async (req, res, path) => {
    const bytes = Number(PATH.exec(path)?.[1] ?? Number.NaN)
    if (!(bytes <= THROUGHPUT_LIMITS.bytesMax)) return false
    if (running >= THROUGHPUT_LIMITS.atOnce) {
      res.writeHead(503, { 'content-length': 0, 'retry-after': '2' }).end()
      return true
    }
    running += 1
    try {
      noise ??= randomBytes(NOISE_BYTES)
      res.writeHead(200, {
        'content-type': 'application/octet-stream',
        'content-length': bytes,
        'content-encoding': 'identity',
        'cache-control': 'no-store, no-transform',
      })
      if (req.method === 'HEAD') res.end()
      else await pour(res, noise, bytes, stallMs)
    } finally {
      running -= 1
    }
    return true
  }
}

/** Resolves after the last byte, or when the client has gone away or stalled. */
const pour = async (res: ServerResponse, noise: Buffer, bytes: number, stallMs: number): Promise<void> => {
  for (let sent = 0; sent < bytes && !res.destroyed; ) {
    const from = sent % noise.length
    const length = Math.min(BLOCK_BYTES, noise.length - from, bytes - sent)
    if (!(await written(res, noise.subarray(from, from + length), stallMs))) return
    sent += length
  }
  if (!res.destroyed) res.end()
}

const written = (res: ServerResponse, block: Buffer, stallMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    const end = (ok: boolean): void => {
      clearTimeout(timer)
      res.off('close', onClose)
      resolve(ok)
    }
    const onClose = (): void => end(false)
    const timer = setTimeout(() => {
      res.destroy()
      end(false)
    }, stallMs)
    res.once('close', onClose)
    if (res.destroyed) end(false)
    else res.write(block, (error) => end(!error))
  })
