/** The second database of this laptop: logs and health of devices. Large, and of no use without the records. */
import { renameSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { IotmcError } from '../contract/errors'
import type { Clock } from '../net/clock'
import { type Database, openDatabase, sqliteCode } from '../store/database'
import { HealthStore } from './health-store'
import { LogStore, type StoreLog } from './log-store'
import { DIAGNOSTICS_MIGRATIONS } from './migrations'
import { Reader } from './reader'

export interface DiagnosticsStoreOptions {
  readonly clock: Clock
  readonly log: StoreLog
  /** Records kept in all; the ones stored first go first. */
  readonly recordsMax?: number
  /** Records that a search looks at first; small in tests, so that few records take every way. */
  readonly pieceRecords?: number
}

/** Up to here the file is checked when it is opened; what is in a larger one can be fetched and heard anew. */
const CHECK_MAX_BYTES = 64 * 1024 * 1024

export class DiagnosticsStore {
  private constructor(
    readonly logs: LogStore,
    readonly health: HealthStore,
    private readonly end: () => Promise<void>,
  ) {}

  /**
   * Opens or makes the database at `path`, which must be a file. One that is damaged, or made by a newer program, is kept
   * under another name, and a new one is begun. Errors: DATA_DAMAGED (nothing can be written there), DATA_IN_USE.
   */
  static open(path: string, options: DiagnosticsStoreOptions): DiagnosticsStore {
    const database = openOrBegin(path, options)
    const reader = new Reader(path)
    const health = new HealthStore({ ...options, database, reader })
    const logs = new LogStore({ ...options, database, reader })
    return new DiagnosticsStore(logs, health, async () => {
      health.close()
      await reader.close()
      if (database.isOpen) database.close()
    })
  }

  /** Writes what is buffered, ends what is being asked (INTERRUPTED) and closes the file; a second call does nothing. */
  close(): Promise<void> {
    return this.end()
  }
}

const openFile = (path: string): Database =>
  openDatabase(path, DIAGNOSTICS_MIGRATIONS, { checkMaxBytes: CHECK_MAX_BYTES })

/** The records are worth more than what is only of use with them: they stay within reach. */
const openOrBegin = (path: string, { clock, log }: DiagnosticsStoreOptions): Database => {
  try {
    return openFile(path)
  } catch (thrown) {
    if (!isUnreadable(thrown)) throw thrown
    const stamp = new Date(clock.now()).toISOString().replace(/[:.]/g, '-')
    const aside = path.replace(/(\.sqlite)?$/, `.set-aside-${stamp}$1`)
    setAside(path, aside)
    const fields = { detail: thrown.detail, file: basename(aside) }
    log.warn(
      fields,
      'logs and health of devices can not be read: their file is set aside, a new one is begun',
    )
    return openFile(path)
  }
}

const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26

/** Whether it is the file that is wrong, and not the disk or the folder: those may come back as they were. */
const isUnreadable = (thrown: unknown): thrown is IotmcError =>
  thrown instanceof IotmcError &&
  thrown.code === 'DATA_DAMAGED' &&
  (thrown.cause === undefined || [SQLITE_CORRUPT, SQLITE_NOTADB].includes(sqliteCode(thrown.cause) ?? 0))

/** With its journal, which holds what was written last; the index of the journal is made anew. */
const setAside = (path: string, aside: string): void => {
  for (const end of ['-wal', '']) {
    try {
      renameSync(`${path}${end}`, `${aside}${end}`)
    } catch (cause) {
      if (end === '')
        throw new IotmcError('DATA_DAMAGED', { subject: path, detail: 'cannot be set aside', cause })
    }
  }
  rmSync(`${path}-shm`, { force: true })
}
