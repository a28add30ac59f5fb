/** Works as they stand, on disk before in memory; changes are told in few, larger pieces. */
import { IotmcError } from '../contract/errors'
import type { SiteWork, SiteWorkRow } from '../contract/site-plan'
import { IPC_LIMITS, SITE_PLAN_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'
import type { SiteWorkTable, WorkRecord, WorkRowRecord } from '../store/tables/site-works'

export type WorkListener = (work: SiteWork) => void

// Made once: `localeCompare` makes one for each pair, which holds the program up for thousands of rows.
const { compare } = new Intl.Collator('en', { numeric: true })

/** By what the plan names them by, `EX-2` before `EX-10`. */
const byKey = (a: WorkRowRecord, b: WorkRowRecord): number => compare(a.row.key, b.row.key)

export class WorkBook {
  private readonly records: Map<string, WorkRecord>
  private readonly loaded = new Map<string, Map<string, WorkRowRecord>>()
  private readonly keys = new Map<string, Map<string, string>>()
  private readonly listeners = new Set<WorkListener>()
  private readonly pending = new Map<string, Set<string>>()
  private cancelTimer: (() => void) | undefined

  constructor(
    private readonly clock: Clock,
    private readonly table: SiteWorkTable,
  ) {
    this.records = new Map(table.list().map((record) => [record.id, record]))
  }

  /** Keeps a new work, and forgets the oldest of too many. */
  add(record: WorkRecord, rows: readonly WorkRowRecord[]): SiteWork {
    this.table.insert(record, rows)
    this.records.set(record.id, record)
    this.load(record.id, rows)
    this.prune()
    return this.view(record.id)
  }

  /** Newest first. */
  list(): SiteWork[] {
    return [...this.records.keys()].reverse().map((id) => this.view(id))
  }

  /** Errors: PLAN_UNKNOWN. */
  view(id: string): SiteWork {
    return { ...this.record(id), rows: [...this.rows(id).values()].map(({ row }) => row) }
  }

  /** Undefined where the work or the row is unknown. */
  entry(id: string, key: string): WorkRowRecord | undefined {
    return this.records.has(id) ? this.rows(id).get(key) : undefined
  }

  /** The row that has this device now. */
  ofDevice(id: string, udn: string): WorkRowRecord | undefined {
    if (!this.records.has(id)) return undefined
    const rows = this.rows(id)
    return rows.get(this.keys.get(id)?.get(udn) ?? '')
  }

  /** Works with a row that is running or held. */
  unfinished(): string[] {
    return this.table.unfinished()
  }

  what(id: string): SiteWork['what'] {
    return this.record(id).what
  }

  applied(id: string): void {
    const record = this.record(id)
    if (record.appliedAtMs !== undefined) return
    const appliedAtMs = this.clock.now()
    this.table.applied(id, appliedAtMs)
    this.records.set(id, { ...record, appliedAtMs })
  }

  /** Durable when it returns; the listeners hear of it soon. */
  put(id: string, rows: readonly SiteWorkRow[]): void {
    if (rows.length === 0) return
    const known = this.rows(id)
    this.table.saveRows(id, rows)
    for (const row of rows) {
      const entry = known.get(row.key)
      if (!entry) continue
      known.set(row.key, { ...entry, row })
      if (row.udn) this.keys.get(id)?.set(row.udn, row.key)
    }
    this.tellSoon(id, rows)
  }

  onChange(listener: WorkListener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Tells what is pending, and nothing after it. */
  close(): void {
    this.flush()
    this.listeners.clear()
  }

  private record(id: string): WorkRecord {
    const record = this.records.get(id)
    if (!record) throw new IotmcError('PLAN_UNKNOWN', { subject: id.slice(0, 8) })
    return record
  }

  private rows(id: string): Map<string, WorkRowRecord> {
    this.record(id)
    return this.loaded.get(id) ?? this.load(id, this.table.rows(id))
  }

  private load(id: string, all: readonly WorkRowRecord[]): Map<string, WorkRowRecord> {
    const rows = new Map([...all].sort(byKey).map((entry) => [entry.row.key, entry]))
    this.loaded.set(id, rows)
    const devices = [...rows.values()].flatMap(({ row }): [string, string][] =>
      row.udn ? [[row.udn, row.key]] : [],
    )
    this.keys.set(id, new Map(devices))
    return rows
  }

  /** What was only looked at goes before what was applied, the oldest first; what is under way stays. */
  private prune(): void {
    let rows = 0
    for (const id of this.records.keys()) rows += this.rows(id).size
    let surplus = this.records.size - SITE_PLAN_LIMITS.worksKept
    if (surplus <= 0 && rows <= SITE_PLAN_LIMITS.workRowsKept) return
    const busy = new Set(this.unfinished())
    const idle = [...this.records.values()].slice(0, -1).filter(({ id }) => !busy.has(id))
    const looked = idle.filter(({ appliedAtMs }) => appliedAtMs === undefined)
    const order = [...looked, ...idle.filter((record) => !looked.includes(record))]
    const gone: string[] = []
    for (const { id } of order) {
      if (surplus <= 0 && rows <= SITE_PLAN_LIMITS.workRowsKept) break
      gone.push(id)
      surplus -= 1
      rows -= this.rows(id).size
    }
    this.table.remove(gone)
    for (const id of gone)
      for (const map of [this.records, this.loaded, this.keys, this.pending]) map.delete(id)
  }

  private tellSoon(id: string, rows: readonly SiteWorkRow[]): void {
    const keys = this.pending.get(id) ?? new Set()
    for (const { key } of rows) keys.add(key)
    this.pending.set(id, keys)
    this.cancelTimer ??= this.clock.setTimer(() => this.flush(), IPC_LIMITS.deltaIntervalMs)
  }

  private flush(): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
    const changed = [...this.pending]
    this.pending.clear()
    for (const [id, keys] of changed) {
      const known = this.rows(id)
      const rows = [...keys].flatMap((key) => known.get(key)?.row ?? [])
      for (const listener of this.listeners) listener({ ...this.record(id), rows })
    }
  }
}
