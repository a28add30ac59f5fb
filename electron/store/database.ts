/** Opens the records database: durable, checked, and migrated to the version that this program knows. */
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite'
import { IotmcError } from '../contract/errors'
import { MIGRATIONS } from './migrations'

/** An open SQLite database; the API is that of node:sqlite's DatabaseSync. */
export type Database = DatabaseSyncInstance

const BUSY_TIMEOUT_MS = 5_000

/**
 * Opens or makes the database at `path` (`:memory:` in tests). A commit survives a kill of the program when it returns,
 * and a power cut once `durableTransaction` has been used after it.
 * A file larger than `checkMaxBytes` is opened without looking at each of its pages.
 * Errors: DATA_DAMAGED (not a database, broken pages, or made by a newer program), DATA_IN_USE.
 */
export const openDatabase = (
  path: string,
  migrations: readonly string[] = MIGRATIONS,
  { checkMaxBytes = Number.POSITIVE_INFINITY }: { readonly checkMaxBytes?: number } = {},
): Database => {
  if (path !== ':memory:') makePrivate(path)
  let database: Database | undefined
  try {
    database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: BUSY_TIMEOUT_MS })
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL; -- a commit survives a kill; see durableTransaction for a power cut
      PRAGMA trusted_schema = OFF;
      PRAGMA recursive_triggers = ON; -- so that INSERT OR REPLACE can't go round a trigger on DELETE
      PRAGMA cell_size_check = ON;
    `)
    // Every page is read for it: seconds for a file of gigabytes. What is damaged there shows when it is read.
    if (path === ':memory:' || statSync(path).size <= checkMaxBytes) check(database, path)
    migrate(database, path, migrations)
    return database
  } catch (thrown) {
    if (database?.isOpen) database.close()
    throw databaseError(thrown, path)
  }
}

/** Runs `work` in one transaction: all of it is committed, or none. Inside another transaction it joins that one. */
export const transaction = <T>(database: Database, work: () => T): T => {
  if (database.isTransaction) return work()
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (thrown) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw thrown
  }
}

/**
 * Like `transaction`, and on the disk when it returns, with all commits before it: for what a power cut must not undo,
 * such as a reserved serial number. Costs a flush of the disk.
 */
export const durableTransaction = <T>(database: Database, work: () => T): T => {
  if (database.isTransaction) return work()
  database.exec('PRAGMA synchronous = FULL')
  try {
    return transaction(database, work)
  } finally {
    database.exec('PRAGMA synchronous = NORMAL')
  }
}

const makePrivate = (path: string): void => {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'a', 0o600))
    chmodSync(path, 0o600)
  } catch (thrown) {
    throw new IotmcError('DATA_DAMAGED', { subject: path, detail: 'cannot be written', cause: thrown })
  }
}

const check = (database: Database, path: string): void => {
  const row: unknown = database.prepare('PRAGMA quick_check(1)').get()
  const verdict = Object.values(row ?? {})[0]
  if (verdict !== 'ok')
    throw new IotmcError('DATA_DAMAGED', { subject: path, detail: String(verdict).slice(0, 200) })
}

const migrate = (database: Database, path: string, migrations: readonly string[]): void => {
  const row = database.prepare('PRAGMA user_version').get() as { user_version: number }
  const from = row.user_version
  if (from > migrations.length) {
    const detail = `version ${from}, this program knows ${migrations.length}`
    throw new IotmcError('DATA_DAMAGED', { subject: path, detail })
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < from) continue
    transaction(database, () => {
      database.exec(sql)
      database.exec(`PRAGMA user_version = ${index + 1}`)
    })
  }
}

const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6

const databaseError = (thrown: unknown, path: string): IotmcError => {
  if (thrown instanceof IotmcError) return thrown
  const busy = [SQLITE_BUSY, SQLITE_LOCKED].includes(sqliteCode(thrown) ?? 0)
  const detail = thrown instanceof Error ? thrown.message.slice(0, 200) : 'cannot be opened'
  return new IotmcError(busy ? 'DATA_IN_USE' : 'DATA_DAMAGED', { subject: path, detail, cause: thrown })
}

/** SQLite's primary result code behind an error (5 busy, 19 constraint, 26 not a database); undefined for others. */
export const sqliteCode = (thrown: unknown): number | undefined => {
  if (typeof thrown !== 'object' || thrown === null || !('errcode' in thrown)) return undefined
  return typeof thrown.errcode === 'number' ? thrown.errcode & 0xff : undefined
}
