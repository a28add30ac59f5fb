/** ExportDiagnosticsLog: the log as JSON Lines on a storage that is plugged in, whole or not at all. */
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { exportTargetSchema, type LogRecord } from '../contract/device-log'
import { IotmcError } from '../contract/errors'
import { writeFileDurably } from '../identity/atomic-file'

const FULL: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT', 'EFBIG']

export interface ExportTools {
  /** Where the storage is mounted; undefined = the device has no place for one. */
  readonly folder: string | undefined
  /** Writes a file aside and renames it; another one in tests. */
  readonly write?: (path: string, content: string) => void
}

const isThere = (folder: string): boolean => {
  try {
    return statSync(folder).isDirectory()
  } catch {
    return false
  }
}

/** Gives the name of the file. VALUE_INVALID, NO_EXTERNAL_STORAGE, NO_SPACE, ACTION_FAILED. */
export const exportLog = (
  { folder, write = writeFileDurably }: ExportTools,
  target: string,
  records: readonly LogRecord[],
): string => {
  if (!exportTargetSchema.safeParse(target).success)
    throw new IotmcError('VALUE_INVALID', { detail: 'Target' })
  if (folder === undefined || !isThere(folder)) throw new IotmcError('NO_EXTERNAL_STORAGE')
  const path = join(folder, target)
  try {
    write(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''))
    return target
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    // Pulled out in the middle.
    if (!isThere(folder)) throw new IotmcError('NO_EXTERNAL_STORAGE', { cause })
    rmSync(`${path}.${process.pid}.tmp`, { force: true })
    if (FULL.includes(code)) throw new IotmcError('NO_SPACE', { detail: 'external storage', cause })
    throw new IotmcError('ACTION_FAILED', { detail: code ?? 'not written', cause })
  }
}
