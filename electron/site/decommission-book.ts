/** Records of devices that leave: on the disk first, by id and by device at hand, and told gathered. */
import type { DecommissionRecord } from '../contract/decommission'
import type { Clock } from '../net/clock'
import type { DecommissionTable, KeptDecommission } from '../store/tables/decommissions'

const TELL_EVERY_MS = 500

/** What of a record leaves the controller. */
const shown = ({ answer: _, ...record }: KeptDecommission): DecommissionRecord => record

export class DecommissionBook {
  private readonly byId = new Map<string, KeptDecommission>()
  /** Of each device, oldest first. */
  private readonly byUdn = new Map<string, string[]>()
  private readonly changed = new Set<string>()
  private readonly listeners = new Set<(records: readonly DecommissionRecord[]) => void>()
  private cancelTelling: (() => void) | undefined

  constructor(
    private readonly clock: Clock,
    private readonly table: DecommissionTable,
  ) {
    for (const record of table.list()) this.take(record)
  }

  get(id: string): KeptDecommission | undefined {
    return this.byId.get(id)
  }

  /** Oldest first. */
  ofDevice(udn: string): KeptDecommission[] {
    return (this.byUdn.get(udn) ?? []).flatMap((id) => this.byId.get(id) ?? [])
  }

  newestOf(udn: string): KeptDecommission | undefined {
    return this.ofDevice(udn).at(-1)
  }

  /** Newest first. */
  list(): DecommissionRecord[] {
    return [...this.byId.values()].sort((a, b) => b.orderedAtMs - a.orderedAtMs).map(shown)
  }

  /** On the disk when it returns. With `instead`, that record becomes this one. */
  put(record: KeptDecommission, instead?: string): void {
    this.table.put(record, instead)
    if (instead !== undefined) this.drop(instead, record.udn)
    this.take(record)
    this.changed.add(record.id)
    this.tellSoon()
  }

  /** Hears of records that went on, at most twice a second. */
  onChange(listener: (records: readonly DecommissionRecord[]) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  close(): void {
    this.cancelTelling?.()
    this.listeners.clear()
  }

  private take(record: KeptDecommission): void {
    const { id, udn } = record
    if (!this.byId.has(id)) this.byUdn.set(udn, [...(this.byUdn.get(udn) ?? []), id])
    this.byId.set(id, record)
  }

  private drop(id: string, udn: string): void {
    this.byId.delete(id)
    this.byUdn.set(
      udn,
      (this.byUdn.get(udn) ?? []).filter((one) => one !== id),
    )
  }

  private tellSoon(): void {
    this.cancelTelling ??= this.clock.setTimer(() => {
      this.cancelTelling = undefined
      const records = [...this.changed].flatMap((id) => this.byId.get(id) ?? []).map(shown)
      this.changed.clear()
      for (const listener of [...this.listeners]) listener(records)
    }, TELL_EVERY_MS)
  }
}
