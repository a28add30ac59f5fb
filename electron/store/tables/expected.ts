/** The site plan: devices that are expected here, by serial number, UDN or both. */
import { z } from 'zod'
import { udnSchema } from '../../contract/device'
import type { ExpectedDevice } from '../../contract/enrollment'
import { IotmcError } from '../../contract/errors'
import { type Database, transaction } from '../database'
import { fromRow, placeholders, toRow } from '../rows'

const rowSchema = z.object({
  serialNumber: z.string().optional(),
  udn: udnSchema.optional(),
  name: z.string().optional(),
  groupName: z.string().optional(),
})

export interface ExpectedTable {
  /** In the order of the plan. */
  list(): ExpectedDevice[]
  /** The entry that names this device: every identifier that the entry gives must match. */
  find(device: { readonly udn: string; readonly serialNumber: string }): ExpectedDevice | undefined
  /** Writes the whole plan. Errors: VALUE_INVALID for an entry that names no device. */
  replace(plan: readonly ExpectedDevice[]): void
}

const COLUMNS = ['serialNumber', 'udn', 'name', 'groupName'] as const

/** The `expected` table. */
export const expectedTable = (database: Database): ExpectedTable => {
  const columns = COLUMNS.join(', ')
  const list = database.prepare(`SELECT ${columns} FROM expected ORDER BY position`)
  const find = database.prepare(
    `SELECT ${columns} FROM expected
     WHERE (udn = :udn OR udn IS NULL) AND (serialNumber = :serialNumber OR serialNumber IS NULL)
     ORDER BY udn IS NULL, position LIMIT 1`,
  )
  const insert = database.prepare(`INSERT INTO expected (${columns}) VALUES (${placeholders(COLUMNS)})`)
  const clear = database.prepare('DELETE FROM expected')
  return {
    list: () => list.all().map(read),
    find: ({ udn, serialNumber }) => {
      const row: unknown = find.get({ udn, serialNumber })
      return row === undefined ? undefined : read(row)
    },
    replace: (plan) =>
      transaction(database, () => {
        clear.run()
        for (const [index, { group, ...entry }] of plan.entries()) {
          const named = { ...entry, serialNumber: entry.serialNumber || undefined }
          if (!named.serialNumber && !named.udn) {
            const detail = `entry ${index + 1} has neither a serial number nor a UDN`
            throw new IotmcError('VALUE_INVALID', { detail })
          }
          insert.run(toRow(COLUMNS, { ...named, groupName: group }))
        }
      }),
  }
}

const read = (row: unknown): ExpectedDevice => {
  const { groupName, ...rest } = fromRow(rowSchema, 'expected', row)
  return groupName === undefined ? rest : { ...rest, group: groupName }
}
