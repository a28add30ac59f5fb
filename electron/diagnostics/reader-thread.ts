/** What runs in the reader's thread: statements in, rows out, on a read-only connection. */
import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite'

/** A statement to run; `as` says how its rows come back. */
export interface Question {
  readonly id: number
  readonly sql: string
  readonly params: readonly (string | number | null)[]
  /** `numbers`: one Float64Array, row after row, NULL as NaN; it is handed over, not copied. */
  readonly as: 'rows' | 'numbers'
}

export type Answer =
  | { readonly id: number; readonly rows: readonly (readonly (string | number | null)[])[] }
  | { readonly id: number; readonly numbers: Float64Array }
  | { readonly id: number; readonly failed: string }

export interface ThreadData {
  /** Of the database file. */
  readonly path: string
  /** Absolute path of the SQLite package, which the thread could not find by itself. */
  readonly sqlite: string
}

/**
 * The thread's whole program. It is started from its own text, the one way that is the same for sources under test, for
 * bundles, and for a packaged program: so it may use nothing from outside of itself, not even an import.
 */
export const readerThread = (load: (name: string) => unknown): void => {
  const { parentPort, workerData } = load('node:worker_threads') as typeof import('node:worker_threads')
  const { path, sqlite } = workerData as ThreadData
  const { DatabaseSync } = load(sqlite) as typeof import('@photostructure/sqlite')
  const database: DatabaseSyncInstance = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
  // Enough for the inner pages of every index, so that a search does not read them again and again.
  database.exec('PRAGMA query_only = ON; PRAGMA cache_size = -32000; PRAGMA mmap_size = 268435456')
  const prepared = new Map<string, StatementSyncInstance>()
  const statement = (sql: string): StatementSyncInstance => {
    const known = prepared.get(sql)
    if (known) return known
    const made = database.prepare(sql)
    made.setReturnArrays(true)
    if (prepared.size >= 64) prepared.clear()
    prepared.set(sql, made)
    return made
  }
  const flatten = (rows: readonly (readonly (string | number | null)[])[]): Float64Array => {
    const width = rows[0]?.length ?? 0
    const numbers = new Float64Array(rows.length * width)
    let at = 0
    for (const row of rows) for (const cell of row) numbers[at++] = cell === null ? Number.NaN : Number(cell)
    return numbers
  }
  parentPort?.on('message', ({ id, sql, params, as }: Question) => {
    try {
      const rows = statement(sql).all(...params) as unknown as readonly (readonly (
        | string
        | number
        | null
      )[])[]
      if (as === 'rows') return parentPort.postMessage({ id, rows })
      const numbers = flatten(rows)
      parentPort.postMessage({ id, numbers }, [numbers.buffer as ArrayBuffer])
    } catch (thrown) {
      parentPort.postMessage({ id, failed: thrown instanceof Error ? thrown.message : String(thrown) })
    }
  })
}
