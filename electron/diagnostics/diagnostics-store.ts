/** The second database of this laptop: logs and health of devices. Large, and of no use without the records. */
import type { Clock } from '../net/clock'
import { openDatabase } from '../store/database'
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

  /** Opens or makes the database at `path`, which must be a file. Errors: DATA_DAMAGED, DATA_IN_USE. */
  static open(path: string, options: DiagnosticsStoreOptions): DiagnosticsStore {
    const database = openDatabase(path, DIAGNOSTICS_MIGRATIONS, { checkMaxBytes: CHECK_MAX_BYTES })
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
