/** Files of the state folder: written whole and flushed, read with a bound. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { IotmcError } from '../contract/errors'
import { writeFileDurably } from '../identity/atomic-file'
import { shred } from './shred'

/** Replaces a file; when it returns, the new content survives a power cut. ACTION_FAILED where the disk refuses. */
export const writeFileAtomic = (path: string, content: string | Uint8Array): void => {
  try {
    writeFileDurably(path, content)
  } catch (cause) {
    throw new IotmcError('ACTION_FAILED', {
      subject: path,
      detail: 'the state folder cannot be written',
      cause,
    })
  }
}

/** Overwrites and removes what writes leave behind that were cut short. */
export const removeLeftovers = (folder: string): void => {
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.tmp')) shred(join(folder, name))
  }
}

/** The text of a file, undefined where there is none; larger than `maxBytes` or unreadable is DATA_DAMAGED. */
export const readFileBounded = (path: string, maxBytes: number): string | undefined => {
  try {
    const { size } = statSync(path)
    if (size > maxBytes)
      throw new IotmcError('DATA_DAMAGED', { subject: path, detail: `larger than ${maxBytes} bytes` })
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if (cause instanceof IotmcError) throw cause
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new IotmcError('DATA_DAMAGED', { subject: path, cause, ...(code ? { detail: code } : {}) })
  }
}
