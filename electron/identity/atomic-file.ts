import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Writes a file so that after a crash it holds the old or the new content, never a part: temporary file in the same
 * folder, fsync, rename, fsync of the folder. Mode is 0600 unless told otherwise.
 */
export const writeFileDurably = (path: string, data: string | Uint8Array, mode = 0o600): void => {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const file = openSync(temporary, 'w', mode)
    try {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data
      let done = 0
      while (done < bytes.length) done += writeSync(file, bytes, done)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  syncFolder(dirname(path))
}

/** Makes what was renamed into or out of a folder durable. */
export const syncFolder = (path: string): void => {
  // Windows can not open a folder; its rename is durable enough by journalling.
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
