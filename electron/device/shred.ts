/**
 * Overwrites files before they are removed. Best effort, and no more: what lies below the file system (wear levelling, a
 * journal, a copy that was replaced long ago) can't be reached from here.
 */
import { randomFillSync } from 'node:crypto'
import { closeSync, constants, fstatSync, fsyncSync, lstatSync, openSync, rmSync, writeSync } from 'node:fs'

const PART_BYTES = 256 * 1024

/** Puts random bytes over all that an open file holds, and waits for the disk. Gives how many. */
export const overwrite = (fd: number): number => {
  const { size } = fstatSync(fd)
  const part = Buffer.allocUnsafe(Math.min(PART_BYTES, size))
  for (let at = 0; at < size; ) {
    const bytes = Math.min(part.length, size - at)
    randomFillSync(part, 0, bytes)
    at += writeSync(fd, part, 0, bytes, at)
  }
  fsyncSync(fd)
  return size
}

/** Overwrites a file and removes it; a link is only removed. Gives the bytes overwritten, 0 where there is no file. */
export const shred = (path: string): number => {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return 0
  let bytes = 0
  if (found.isFile()) {
    // Not followed, also where somebody puts a link there meanwhile; Windows has no such flag.
    const fd = openSync(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0))
    try {
      bytes = overwrite(fd)
    } finally {
      closeSync(fd)
    }
  }
  rmSync(path, { force: true })
  return bytes
}
