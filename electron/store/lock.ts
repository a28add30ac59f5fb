/**
 * One program per data folder. The lock is a write lock of the operating system on a small SQLite file, so a program
 * that was killed, or a process number given out again, never leaves a stale lock and never needs to be judged.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite'
import { IotmcError } from '../contract/errors'
import { sqliteCode } from './database'

const NOT_A_DATABASE = 26
const ATTEMPTS = 5
/** Long enough for another program to read the holder's name or to fail; a holder itself never lets go in it. */
const BUSY_TIMEOUT_MS = 300

/** Locks that this process holds: kept from the garbage collector, which would close them. */
const held = new Set<DatabaseSyncInstance>()

/**
 * Takes the lock at `path`, or throws DATA_IN_USE with the holder's process number as detail. The result gives it back;
 * the end of the process, however it comes, gives it back too.
 */
export const acquireLock = (path: string): (() => void) => {
  for (let left = ATTEMPTS; left > 0; left -= 1) {
    const lock = tryOnce(path)
    if (!lock) continue
    held.add(lock)
    return () => {
      if (!held.delete(lock)) return
      lock.exec('ROLLBACK')
      lock.close()
    }
  }
  throw new IotmcError('DATA_IN_USE', { subject: path })
}

/** The open lock; undefined means try again. */
const tryOnce = (path: string): DatabaseSyncInstance | undefined => {
  const lock = open(path)
  try {
    lock.exec('BEGIN IMMEDIATE')
    lock.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL)')
    lock.exec(`DELETE FROM holder; INSERT INTO holder (pid) VALUES (${process.pid}); COMMIT`)
    // The name is committed, for others to read; the lock itself is this second transaction, which stays open.
    lock.exec('BEGIN IMMEDIATE')
    if (holder(lock) === process.pid) return lock
    lock.close()
    return undefined
  } catch (thrown) {
    const detail = busyDetail(lock, thrown)
    if (lock.isOpen) lock.close()
    if (detail !== undefined) throw new IotmcError('DATA_IN_USE', { subject: path, detail, cause: thrown })
    if (sqliteCode(thrown) !== NOT_A_DATABASE)
      throw new IotmcError('DATA_DAMAGED', { subject: path, cause: thrown })
    rmSync(path, { force: true })
    return undefined
  }
}

const open = (path: string): DatabaseSyncInstance => {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    return new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS })
  } catch (thrown) {
    throw new IotmcError('DATA_DAMAGED', { subject: path, detail: 'cannot be written', cause: thrown })
  }
}

const BUSY = 5

const busyDetail = (lock: DatabaseSyncInstance, thrown: unknown): string | undefined => {
  if (sqliteCode(thrown) !== BUSY) return undefined
  const pid = holder(lock)
  return pid === undefined ? 'another program' : `process ${pid}`
}

const holder = (lock: DatabaseSyncInstance): number | undefined => {
  try {
    return (lock.prepare('SELECT pid FROM holder').get() as { pid: number } | undefined)?.pid
  } catch {
    return undefined
  }
}
