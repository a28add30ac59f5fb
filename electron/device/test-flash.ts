/** The flash test: a scratch file in the state folder, written, forced to the storage, and read back. */
import { randomBytes } from 'node:crypto'
import { close, fsync, openSync, read, unlinkSync, write } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { throwIfStopped } from './inbox'
import { judged, measure, type TestOutcome, unmeasured } from './test-outcome'

export interface FlashOptions {
  readonly folder: string
  /** Plays cells that lost what was written. */
  readonly worn: boolean
  readonly bytes?: number
}

const FLASH_BYTES = 1024 * 1024
const BLOCK_BYTES = 64 * 1024
/** Slower than this, an update would not end within its time; MB/s. */
const WRITE_LOW = 0.05
const READ_LOW = 0.2

const [writeAt, readAt, sync, shut] = [promisify(write), promisify(read), promisify(fsync), promisify(close)]

/** Without a name from the first moment on: whatever ends this process, nothing of the file is left. */
const openScratch = (folder: string): number => {
  const path = join(folder, `flash-test-${randomBytes(6).toString('hex')}.scratch`)
  const file = openSync(path, 'wx+', 0o600)
  unlinkSync(path)
  return file
}

/** Errors: CANCELLED. What the storage refuses is a result. */
export const testFlash = async (signal: AbortSignal, options: FlashOptions): Promise<TestOutcome> => {
  try {
    const file = openScratch(options.folder)
    try {
      return await measured(file, signal, options)
    } finally {
      await shut(file)
    }
  } catch (thrown) {
    const { code, syscall } = thrown as NodeJS.ErrnoException
    if (!code || !syscall) throw thrown
    const detail = `${syscall}: ${code}`
    if (code === 'EIO') return judged([measure('flash.ioErrors', 1, '', { high: 0 })], 'io', detail)
    return unmeasured(code === 'ENOSPC' || code === 'EDQUOT' ? 'no-space' : 'io', detail)
  }
}

const measured = async (
  file: number,
  signal: AbortSignal,
  { worn, bytes = FLASH_BYTES }: FlashOptions,
): Promise<TestOutcome> => {
  const written = randomBytes(bytes)
  const places = Array.from({ length: Math.ceil(bytes / BLOCK_BYTES) }, (_, i) => i * BLOCK_BYTES)
  const blockAt = (at: number): Buffer => written.subarray(at, at + BLOCK_BYTES)

  const writeBeganMs = performance.now()
  for (const at of places) {
    throwIfStopped(signal)
    const block = blockAt(at)
    for (let done = 0; done < block.length; )
      done += (await writeAt(file, block, done, block.length - done, at + done)).bytesWritten
  }
  const syncBeganMs = performance.now()
  await sync(file)
  const syncedMs = performance.now()

  let wrong = 0
  const back = Buffer.alloc(BLOCK_BYTES)
  for (const at of places) {
    throwIfStopped(signal)
    const expected = blockAt(at)
    const { bytesRead } = await readAt(file, back, 0, expected.length, at)
    if (worn && at === places[places.length >> 1]) back[0] = (back[0] ?? 0) ^ 0x04
    if (bytesRead !== expected.length || !back.subarray(0, bytesRead).equals(expected)) wrong += 1
  }
  const readMs = performance.now() - syncedMs
  const rate = (ms: number): number => bytes / 1e6 / (Math.max(ms, 0.001) / 1000)
  return judged(
    [
      measure('flash.wrongBlocks', wrong, '', { high: 0 }),
      measure('flash.writeRate', rate(syncedMs - writeBeganMs), 'MB/s', { low: WRITE_LOW }),
      measure('flash.readRate', rate(readMs), 'MB/s', { low: READ_LOW }),
      measure('flash.syncTime', syncedMs - syncBeganMs, 'ms'),
      measure('flash.tested', bytes, 'B'),
    ],
    wrong > 0 ? 'flash-differs' : 'flash-slow',
  )
}
