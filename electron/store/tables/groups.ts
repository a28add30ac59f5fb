/** Groups, what lies in what, and the configuration that each gives. */
import { z } from 'zod'
import { GROUP_DEPTH_MAX, type Group, type Values, valuesSchema } from '../../contract/configuration'
import { type Database, transaction } from '../database'
import { fromRow, jsonColumn, toRow, upsertSql } from '../rows'

const rowSchema = z.object({
  name: z.string(),
  configuration: jsonColumn(valuesSchema),
  parent: z.string().optional(),
  version: z.number().int(),
  members: z.number().int().optional(),
})

export interface GroupTable {
  /** By name, with the number of known devices in each. */
  list(): Group[]
  get(name: string): Group | undefined
  /** The groups in which it lies, outermost first, itself last, without members; nothing where it is unknown. */
  chain(name: string): Group[]
  /**
   * Makes a group with version 1, or gives it the next version, and every group in it, in the same commit; what is
   * saved unchanged keeps the version. Who may lie in whom is the caller's to check.
   */
  save(name: string, values: Values, parent?: string): Group
  remove(name: string): void
}

const COLUMNS = ['name', 'configuration', 'parent', 'version'] as const

/** The `groups` table. */
export const groupTable = (database: Database): GroupTable => {
  const list = database.prepare(
    `SELECT ${COLUMNS.join(', ')}, coalesce(counted, 0) AS members FROM groups
     LEFT JOIN (SELECT groupName, count(*) AS counted FROM devices GROUP BY groupName) ON groupName = name
     ORDER BY name COLLATE NOCASE`,
  )
  const get = database.prepare(
    `SELECT ${COLUMNS.join(', ')}, (SELECT count(*) FROM devices WHERE groupName = groups.name) AS members
     FROM groups WHERE name = ?`,
  )
  // The steps are counted, so that a circle in a damaged file has an end.
  const chain = database.prepare(
    `WITH RECURSIVE up (step, name, configuration, parent, version) AS (
       SELECT 0, ${COLUMNS.join(', ')} FROM groups WHERE name = ?
       UNION ALL
       SELECT step + 1, ${COLUMNS.map((column) => `above.${column}`).join(', ')}
       FROM groups AS above JOIN up ON above.name = up.parent WHERE step < ${GROUP_DEPTH_MAX - 1})
     SELECT ${COLUMNS.join(', ')} FROM up ORDER BY step DESC`,
  )
  const put = database.prepare(upsertSql('groups', 'name', COLUMNS))
  const bumpBelow = database.prepare(
    `WITH RECURSIVE below (name) AS (
       SELECT name FROM groups WHERE parent = :name
       UNION
       SELECT groups.name FROM groups JOIN below ON groups.parent = below.name)
     UPDATE groups SET version = version + 1 WHERE name <> :name AND name IN (SELECT name FROM below)`,
  )
  const remove = database.prepare('DELETE FROM groups WHERE name = ?')
  const table: GroupTable = {
    list: () => list.all().map(read),
    get: (name) => {
      const row: unknown = get.get(name)
      return row === undefined ? undefined : read(row)
    },
    chain: (name) => chain.all(name).map(read),
    save: (name, values, parent) =>
      transaction(database, () => {
        const before = table.get(name)
        const configuration = canonical(values)
        if (before && canonical(before.values) === configuration && before.parent === parent) return before
        const version = (before?.version ?? 0) + 1
        put.run(toRow(COLUMNS, { name, configuration, parent, version }))
        if (before) bumpBelow.run({ name })
        return { name, values, ...(parent ? { parent } : {}), version, members: before?.members ?? 0 }
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
