/** The site plan: devices that are expected here, by serial number, UDN or factory certificate. */
import { z } from 'zod'
import { valuesSchema } from '../../contract/configuration'
import { udnSchema } from '../../contract/device'
import type { ExpectedDevice } from '../../contract/enrollment'
import { IotmcError } from '../../contract/errors'
import { plainFingerprint } from '../../contract/fingerprint'
import { type Database, transaction } from '../database'
import { fromRow, jsonColumn, placeholders, toRow } from '../rows'

const rowSchema = z.object({
  serialNumber: z.string().optional(),
  udn: udnSchema.optional(),
  name: z.string().optional(),
  groupName: z.string().optional(),
  identity: z.string().optional(),
  model: z.string().optional(),
  place: z.string().optional(),
  note: z.string().optional(),
  firmware: z.string().optional(),
  configuration: jsonColumn(valuesSchema).optional(),
})

export interface ExpectedTable {
  /** In the order of the plan. */
  list(): ExpectedDevice[]
  /** The entry that names this device: every identifier that the entry gives must match. */
  find(device: {
    readonly udn: string
    readonly serialNumber: string
    /** SHA-256 of its factory certificate; without it the one with which it has enrolled counts. */
    readonly identity?: string | undefined
  }): ExpectedDevice | undefined
  /** Writes the whole plan. Errors: VALUE_INVALID for an entry that names no device. */
  replace(plan: readonly ExpectedDevice[]): void
}

const COLUMNS = [
  'serialNumber',
  'udn',
  'name',
  'groupName',
  'identity',
  'model',
  'place',
  'note',
  'firmware',
  'configuration',
] as const

/** The plan by what it names; the list of devices asks for thousands of entries one by one. */
class PlanIndex {
  private readonly byUdn = new Map<string, ExpectedDevice[]>()
  private readonly bySerial = new Map<string, ExpectedDevice>()
  /** Of entries that name nothing else. */
  private readonly byIdentity = new Map<string, ExpectedDevice>()

  constructor(readonly list: readonly ExpectedDevice[]) {
    for (const entry of list) {
      const { udn, serialNumber, identity } = entry
      if (udn) this.byUdn.set(udn, [...(this.byUdn.get(udn) ?? []), entry])
      else if (serialNumber && !this.bySerial.has(serialNumber)) this.bySerial.set(serialNumber, entry)
      else if (!serialNumber && identity && !this.byIdentity.has(identity))
        this.byIdentity.set(identity, entry)
    }
  }

  find(udn: string, serialNumber: string, identity: () => string): ExpectedDevice | undefined {
    const named = this.byUdn.get(udn)
    return (
      named?.find((entry) => !entry.serialNumber || entry.serialNumber === serialNumber) ??
      this.bySerial.get(serialNumber) ??
      (this.byIdentity.size > 0 ? this.byIdentity.get(identity()) : undefined)
    )
  }
}

/** The `expected` table; `identityOf` tells the factory certificate of a device that has enrolled. */
export const expectedTable = (
  database: Database,
  identityOf: (udn: string) => string | undefined,
): ExpectedTable => {
  const columns = COLUMNS.join(', ')
  const list = database.prepare(`SELECT ${columns} FROM expected ORDER BY position`)
  const insert = database.prepare(`INSERT INTO expected (${columns}) VALUES (${placeholders(COLUMNS)})`)
  const clear = database.prepare('DELETE FROM expected')
  let known: PlanIndex | undefined
  const index = (): PlanIndex => {
    known ??= new PlanIndex(list.all().map(read))
    return known
  }
  return {
    list: () => [...index().list],
    find: ({ udn, serialNumber, identity }) =>
      index().find(udn, serialNumber, () => plainFingerprint(identity ?? identityOf(udn) ?? '')),
    replace: (plan) => {
      known = undefined
      transaction(database, () => {
        clear.run()
        for (const [at, { group, values, ...entry }] of plan.entries()) {
          const named = { ...entry, serialNumber: entry.serialNumber || undefined }
          if (!named.serialNumber && !named.udn && !named.identity) {
            const detail = `entry ${at + 1} has neither a serial number nor a UDN or an identity`
            throw new IotmcError('VALUE_INVALID', { detail })
          }
          const configuration = values && Object.keys(values).length > 0 ? JSON.stringify(values) : undefined
          insert.run(toRow(COLUMNS, { ...named, groupName: group, configuration }))
        }
      })
    },
  }
}

const read = (row: unknown): ExpectedDevice => {
  const { groupName, configuration, ...rest } = fromRow(rowSchema, 'expected', row)
  return {
    ...rest,
    ...(groupName === undefined ? {} : { group: groupName }),
    ...(configuration === undefined ? {} : { values: configuration }),
  }
}
