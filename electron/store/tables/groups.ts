/** Groups and the configuration that each new member gets. */
import { z } from 'zod'
import { type Group, type Values, valuesSchema } from '../../contract/configuration'
import { type Database, transaction } from '../database'
import { fromRow, jsonColumn, toRow, upsertSql } from '../rows'

const rowSchema = z.object({
  name: z.string(),
  configuration: jsonColumn(valuesSchema),
  version: z.number().int(),
  members: z.number().int(),
})

export interface GroupTable {
  /** By name, with the number of known devices in each. */
  list(): Group[]
  get(name: string): Group | undefined
  /** Makes a group with version 1, or gives it the next version; unchanged values keep the version. */
  save(name: string, values: Values): Group
  remove(name: string): void
}

const COLUMNS = ['name', 'configuration', 'version'] as const

/** The `groups` table. */
export const groupTable = (database: Database): GroupTable => {
  const columns = `name, configuration, version,
    (SELECT count(*) FROM devices WHERE devices.groupName = groups.name) AS members`
  const list = database.prepare(`SELECT ${columns} FROM groups ORDER BY name COLLATE NOCASE`)
  const get = database.prepare(`SELECT ${columns} FROM groups WHERE name = ?`)
  const put = database.prepare(upsertSql('groups', 'name', COLUMNS))
  const remove = database.prepare('DELETE FROM groups WHERE name = ?')
  const table: GroupTable = {
    list: () => list.all().map(read),
    get: (name) => {
      const row: unknown = get.get(name)
      return row === undefined ? undefined : read(row)
    },
    save: (name, values) =>
      transaction(database, () => {
        const before = table.get(name)
        const configuration = canonical(values)
        if (before && canonical(before.values) === configuration) return before
        const version = (before?.version ?? 0) + 1
        put.run(toRow(COLUMNS, { name, configuration, version }))
        return { name, values, version, members: before?.members ?? 0 }
      }),
    remove: (name) => void remove.run(name),
  }
  return table
}

const canonical = (values: Values): string =>
  JSON.stringify(Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))))

const read = (row: unknown): Group => {
  const { configuration, ...rest } = fromRow(rowSchema, 'groups', row)
  return { ...rest, values: configuration }
}
