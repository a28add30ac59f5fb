/** Rows that wait for a device which was never heard, by what it will be known by when it is. */
import type { ExpectedDevice } from '../contract/enrollment'
import { claimOf } from '../contract/fingerprint'

interface AwaitedRow {
  readonly workId: string
  readonly key: string
}

interface Awaiting {
  readonly row: { readonly key: string; readonly udn?: string | undefined }
  readonly order?: { readonly entry: ExpectedDevice } | undefined
}

/** By as much of a factory certificate as a device claims; TLS proves the rest before anything is done. */
const byClaim = (identity: string): string => `id=${claimOf(identity)}`

/** What an entry without a UDN waits for; undefined where it has one. */
export const awaitedBy = ({ udn, serialNumber, identity }: ExpectedDevice): string | undefined => {
  if (udn) return undefined
  return serialNumber || (identity ? byClaim(identity) : undefined)
}

/** What may wait for this device. */
export const calledFor = (device: {
  readonly serialNumber?: string | undefined
  readonly identity?: string | undefined
}): readonly string[] => [
  ...(device.serialNumber ? [device.serialNumber] : []),
  ...(device.identity ? [byClaim(device.identity)] : []),
]

export class AwaitedRows {
  private readonly byName = new Map<string, readonly AwaitedRow[]>()

  get size(): number {
    return this.byName.size
  }

  /** Those of these rows that have no device yet. */
  addAll(workId: string, rows: readonly Awaiting[]): void {
    for (const { row, order } of rows) {
      const name = row.udn || !order ? undefined : awaitedBy(order.entry)
      if (name) this.byName.set(name, [...(this.byName.get(name) ?? []), { workId, key: row.key }])
    }
  }

  /** Those that wait for any of these names. */
  of(names: readonly string[]): readonly AwaitedRow[] {
    return names.flatMap((name) => this.byName.get(name) ?? [])
  }

  remove(names: readonly string[]): void {
    for (const name of names) this.byName.delete(name)
  }

  /** These rows of a work are awaited no longer. */
  drop(workId: string, keys: ReadonlySet<string>): void {
    for (const [name, rows] of [...this.byName]) {
      const left = rows.filter((row) => row.workId !== workId || !keys.has(row.key))
      if (left.length > 0) this.byName.set(name, left)
      else this.byName.delete(name)
    }
  }
}
