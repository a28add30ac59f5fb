/** Single facts of this site that outlive a run: its own UDN, boot and configuration counters, a CRL number. */
import { type Database, durableTransaction } from '../database'

export interface FactTable {
  get(name: string): string | undefined
  set(name: string, value: string): void
  /** Raises a counter and gives its new value; the first is 1. It never gives one value twice, also not after a crash. */
  next(name: string): number
}

/** The `facts` table. */
export const factTable = (database: Database): FactTable => {
  const get = database.prepare('SELECT value FROM facts WHERE name = ?')
  const set = database.prepare(
    'INSERT INTO facts (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  )
  const next = database.prepare(
    `INSERT INTO facts (name, value) VALUES (:name, '1')
     ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) RETURNING value`,
  )
  return {
    get: (name) => (get.get(name) as { value: string } | undefined)?.value,
    set: (name, value) => void set.run({ name, value }),
    next: (name) =>
      durableTransaction(database, () => Number((next.get({ name }) as { value: string }).value)),
  }
}
