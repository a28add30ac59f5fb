/** A check of the ledger in the background: on a connection of its own, over the file as it was at the start. */
import { setImmediate } from 'node:timers/promises'
import { IotmcError } from '../contract/errors'
import type { LedgerCheck } from '../contract/factory'
import { openDatabase } from '../store/database'
import type { LedgerHead } from './ledger-chain'
import { LEDGER_MIGRATIONS } from './ledger-sql'
import { LedgerTables } from './ledger-tables'
import { verifyInParts } from './ledger-verify'

/** Lets other work go first after each part. Errors: CANCELLED, DATA_DAMAGED. */
export const verifyAside = async (
  path: string,
  head: LedgerHead | undefined,
  signal?: AbortSignal,
): Promise<LedgerCheck> => {
  const database = openDatabase(path, LEDGER_MIGRATIONS)
  try {
    const tables = new LedgerTables(database)
    const parts = verifyInParts(tables, head)
    // The first part reads the head; then the file is held as it is, so that the head is never ahead of it.
    let part = parts.next()
    database.exec('BEGIN')
    while (!part.done) {
      if (signal?.aborted) throw new IotmcError('CANCELLED', { cause: signal.reason })
      part = parts.next()
      await setImmediate()
    }
    return part.value
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK')
    database.close()
  }
}
