/** Records of devices that leave: on the disk first, by id and by device at hand, and told gathered. */
import { DECOMMISSIONS_LISTED, type DecommissionView, decommissionView } from '../contract/decommission'
import type { Clock } from '../net/clock'
import type { DecommissionEntry, DecommissionTable, KeptDecommission } from '../store/tables/decommissions'
import type { CabledIdentity } from './frozen'

const TELL_EVERY_MS = 500

export class DecommissionBook {
  private readonly byId = new Map<string, KeptDecommission>()
  /** Of each device, oldest first. */
  private readonly byUdn = new Map<string, string[]>()
  private readonly changed = new Set<string>()
  private readonly listeners = new Set<(records: readonly DecommissionView[]) => void>()
  private readonly views = new WeakMap<KeptDecommission, DecommissionView>()
  /** Rows that can't be read: nobody knows how far these are. */
  readonly lost: ReturnType<DecommissionTable['unreadable']>
  private cancelTelling: (() => void) | undefined

  constructor(
    private readonly clock: Clock,
    private readonly table: DecommissionTable,
  ) {
    for (const record of table.list()) this.take(record)
    this.lost = table.unreadable()
  }

  get(id: string): KeptDecommission | undefined {
    return this.byId.get(id)
  }

  /** Whether there is a record of this device that can't be read, and that does not say that it was over. */
  isLost(udn: string): boolean {
    return this.lost.some((row) => row.udn === udn && !(row.state === 'certified' || row.state === 'closed'))
  }

  /** Oldest first. */
  ofDevice(udn: string): KeptDecommission[] {
    return (this.byUdn.get(udn) ?? []).flatMap((id) => this.byId.get(id) ?? [])
  }

  newestOf(udn: string): KeptDecommission | undefined {
    return this.ofDevice(udn).at(-1)
  }

  /** Devices that are called so, by UDN or by the serial number that they had when they were ordered out. */
  udnsOf({ udn, serialNumber }: CabledIdentity): string[] {
    const bySerial = [...this.byId.values()].filter(
      (record) => serialNumber !== undefined && record.serialNumber === serialNumber,
    )
    return [...new Set([...(udn === undefined ? [] : [udn]), ...bySerial.map((record) => record.udn)])]
  }

  /** Newest first, all of them. */
  records(): KeptDecommission[] {
    return [...this.byId.values()].sort((a, b) => b.orderedAtMs - a.orderedAtMs)
  }

  /** Newest first, at most DECOMMISSIONS_LISTED. */
  list(): DecommissionView[] {
    return this.records()
      .slice(0, DECOMMISSIONS_LISTED)
      .map((record) => this.view(record))
  }

  /** On the disk when it returns. With `instead`, that record becomes this one. */
  put(record: KeptDecommission, instead?: string): void {
    this.putAll([{ record, ...(instead === undefined ? {} : { instead }) }])
  }

  /** Likewise all of them, or none. */
  putAll(entries: readonly DecommissionEntry[]): void {
    this.table.putAll(entries)
    for (const { record, instead } of entries) {
      if (instead !== undefined) this.drop(instead, record.udn)
      this.take(record)
      this.changed.add(record.id)
    }
    this.tellSoon()
  }

  /** Hears of records that went on, at most twice a second, in parts of at most DECOMMISSIONS_LISTED. */
  onChange(listener: (records: readonly DecommissionView[]) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  close(): void {
    this.cancelTelling?.()
    this.listeners.clear()
  }

  /** What of a record leaves the controller; made once, since each change makes another record. */
  private view(record: KeptDecommission): DecommissionView {
    const { answer: _, ...told } = record
    const view = this.views.get(record) ?? decommissionView(told)
    this.views.set(record, view)
    return view
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
      const records = [...this.changed]
        .flatMap((id) => this.byId.get(id) ?? [])
        .map((record) => this.view(record))
      this.changed.clear()
      for (let at = 0; at < records.length; at += DECOMMISSIONS_LISTED)
        for (const listener of [...this.listeners]) listener(records.slice(at, at + DECOMMISSIONS_LISTED))
    }, TELL_EVERY_MS)
  }
}
