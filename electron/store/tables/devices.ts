/** Devices of this site: what has been learned and proven about each, kept while it is switched off. */
import { z } from 'zod'
import { provenIdentitySchema } from '../../contract/device'
import type { Database } from '../database'
import { fromRow, jsonColumn, toRow, upsertSql } from '../rows'

const rowSchema = z.object({
  udn: z.string(),
  name: z.string().optional(),
  model: z.string().optional(),
  serialNumber: z.string().optional(),
  groupName: z.string().optional(),
  ldevidSerial: z.string().optional(),
  ldevidNotAfter: z.string().optional(),
  configurationVersion: z.number().int().optional(),
  firmwareVersion: z.string().optional(),
  proven: jsonColumn(provenIdentitySchema).optional(),
  givenName: z.string().optional(),
  place: z.string().optional(),
  note: z.string().optional(),
  crlNumber: z.number().int().optional(),
})

/**
 * `proven` is what TLS last proved; `givenName`, `place` and `note` are a person's; `crlNumber` is that of the revocation
 * list which the device has told to have.
 */
export type KnownDevice = Omit<z.output<typeof rowSchema>, 'groupName'> & {
  readonly group?: string | undefined
}

export interface DeviceTable {
  list(): KnownDevice[]
  get(udn: string): KnownDevice | undefined
  /** Writes the whole row. */
  put(device: KnownDevice): void
  /** Changes the named fields only (undefined clears one); makes the row where there is none. */
  patch(udn: string, change: Partial<Omit<KnownDevice, 'udn'>>): KnownDevice
  remove(udn: string): void
}

const COLUMNS = [
  'udn',
  'name',
  'model',
  'serialNumber',
  'groupName',
  'ldevidSerial',
  'ldevidNotAfter',
  'configurationVersion',
  'firmwareVersion',
  'proven',
  'givenName',
  'place',
  'note',
  'crlNumber',
] as const

/** The `devices` table. */
export const deviceTable = (database: Database): DeviceTable => {
  const list = database.prepare(`SELECT ${COLUMNS.join(', ')} FROM devices ORDER BY udn`)
  const get = database.prepare(`SELECT ${COLUMNS.join(', ')} FROM devices WHERE udn = ?`)
  const put = database.prepare(upsertSql('devices', 'udn', COLUMNS))
  const remove = database.prepare('DELETE FROM devices WHERE udn = ?')
  const table: DeviceTable = {
    list: () => list.all().map(read),
    get: (udn) => {
      const row: unknown = get.get(udn)
      return row === undefined ? undefined : read(row)
    },
    put: ({ group, proven, ...rest }) => {
      put.run(
        toRow(COLUMNS, { ...rest, groupName: group, proven: proven ? JSON.stringify(proven) : undefined }),
      )
    },
    patch: (udn, change) => {
      const next = { ...table.get(udn), ...change, udn }
      table.put(next)
      return next
    },
    remove: (udn) => void remove.run(udn),
  }
  return table
}

const read = (row: unknown): KnownDevice => {
  const { groupName, ...rest } = fromRow(rowSchema, 'devices', row)
  return groupName === undefined ? rest : { ...rest, group: groupName }
}
