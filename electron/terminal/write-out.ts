/** Files that commands read and write; written whole or not at all, for this user alone. */
import {
  closeSync,
  createWriteStream,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { IotmcError } from '../contract/errors'

/** The text of a file named on the command line. Errors: FILE_INVALID. */
export const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new IotmcError('FILE_INVALID', { subject: path, detail: 'cannot be read', cause })
  }
}

/** Writes a file whole: aside, flushed, moved into place. Errors: FILE_INVALID, those of the data. */
export const writeOut = (path: string, data: string | Uint8Array | Iterable<string>): void => {
  const aside = `${path}.part`
  try {
    // Never into a file or link that somebody else has put there: it may be a key.
    rmSync(aside, { force: true })
    const file = openSync(aside, 'wx', 0o600)
    try {
      if (typeof data === 'string' || data instanceof Uint8Array) writeFileSync(file, data)
      else for (const part of data) writeFileSync(file, part)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(aside, path)
  } catch (cause) {
    rmSync(aside, { force: true })
    if (cause instanceof IotmcError) throw cause
    throw new IotmcError('FILE_INVALID', { subject: path, detail: 'cannot be written', cause })
  }
}

/** The same for what comes in parts, such as what a worker reads; to stdout without a path. Errors: FILE_INVALID, its own. */
export const writeParts = async (
  path: string | undefined,
  parts: AsyncIterable<string | Uint8Array>,
): Promise<void> => {
  if (path === undefined) {
    await pipeline(parts, process.stdout, { end: false }).catch(unlessClosed)
    return
  }
  const aside = `${path}.part`
  try {
    rmSync(aside, { force: true })
    await pipeline(parts, createWriteStream(aside, { flags: 'wx', mode: 0o600, flush: true }))
    renameSync(aside, path)
  } catch (cause) {
    rmSync(aside, { force: true })
    if (cause instanceof IotmcError) throw cause
    throw new IotmcError('FILE_INVALID', { subject: path, detail: 'cannot be written', cause })
  }
}

/** A reader that has seen enough (`| head`) is no failure. */
const unlessClosed = (thrown: unknown): void => {
  if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EPIPE')) throw thrown
}
