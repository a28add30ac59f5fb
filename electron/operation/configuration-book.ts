/** Plans of configuration as they stand, on disk before in memory; changes are told in few, larger pieces. */

import type { PlanOrder } from '../configuration/plan'
import type { ConfigurationPlan, PlanRow } from '../contract/configuration'
import { IotmcError } from '../contract/errors'
import { CONFIGURE_LIMITS, IPC_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'
import type { ConfigurationPlanTable, PlanRecord, PlanRowRecord } from '../store/tables/configuration-plans'
import { isUnderWay } from './configuration-rows'

export type PlanListener = (plan: ConfigurationPlan) => void

export class ConfigurationBook {
  private readonly records: Map<string, PlanRecord>
  private readonly loaded = new Map<string, Map<string, PlanRowRecord>>()
  private readonly listeners = new Set<PlanListener>()
  private readonly pending = new Map<string, Set<string>>()
  private cancelTimer: (() => void) | undefined

  constructor(
    private readonly clock: Clock,
    private readonly table: ConfigurationPlanTable,
  ) {
    this.records = new Map(table.list().map((record) => [record.id, record]))
  }

  /** Keeps a new plan, and forgets the oldest of too many. */
  add(record: PlanRecord, rows: readonly PlanRowRecord[]): ConfigurationPlan {
    this.table.insert(record, rows)
    this.records.set(record.id, record)
    this.loaded.set(record.id, new Map(rows.map((row) => [row.row.udn, row])))
    this.prune(record.change === 'work')
    return this.view(record.id)
  }

  /** Newest first. */
  list(): ConfigurationPlan[] {
    return [...this.records.keys()].reverse().map((id) => this.view(id))
  }

  /** Errors: PLAN_UNKNOWN. */
  view(id: string): ConfigurationPlan {
    const rows = [...this.rows(id).values()].map((entry) => entry.row)
    return { ...this.record(id), rows }
  }

  row(id: string, udn: string): PlanRow | undefined {
    return this.records.has(id) ? this.rows(id).get(udn)?.row : undefined
  }

  /** Errors: PLAN_UNKNOWN, also where nothing can be sent to this device. */
  order(id: string, udn: string): PlanOrder {
    const order = this.rows(id).get(udn)?.order
    if (!order) throw new IotmcError('PLAN_UNKNOWN', { subject: id.slice(0, 8), detail: udn })
    return order
  }

  /** Rows that a job had in hand when they were last written. */
  unfinished(): { readonly planId: string; readonly row: PlanRow }[] {
    return this.table.unfinished()
  }

  /** Durable when it returns; the listeners hear of it soon. */
  put(id: string, rows: readonly PlanRow[]): void {
    if (rows.length === 0) return
    const known = this.rows(id)
    this.table.saveRows(id, rows)
    for (const row of rows) {
      const entry = known.get(row.udn)
      if (entry) known.set(row.udn, { ...entry, row })
    }
    this.tellSoon(id, rows)
  }

  onChange(listener: PlanListener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Tells what is pending, and nothing after it. */
  close(): void {
    this.flush()
    this.listeners.clear()
  }

  private record(id: string): PlanRecord {
    const record = this.records.get(id)
    if (!record) throw new IotmcError('PLAN_UNKNOWN', { subject: id.slice(0, 8) })
    return record
  }

  private rows(id: string): Map<string, PlanRowRecord> {
    this.record(id)
    const known = this.loaded.get(id)
    if (known) return known
    const rows = new Map(this.table.rows(id).map((entry) => [entry.row.udn, entry]))
    this.loaded.set(id, rows)
    return rows
  }

  /**
   * What was only looked at goes before what was applied, the oldest first; what a job has in hand stays. Parts of works
   * are counted for themselves: they push out nothing that a person asked for.
   */
  private prune(ofWorks: boolean): void {
    const same = [...this.records.values()].filter(({ change }) => (change === 'work') === ofWorks)
    const surplus = same.length - CONFIGURE_LIMITS.plansKept
    if (surplus <= 0) return
    const rowsOf = (id: string) => [...this.rows(id).values()].map((entry) => entry.row)
    const idle = same
      .map(({ id }) => id)
      .slice(0, -1)
      .filter((id) => !rowsOf(id).some(isUnderWay))
    const looked = idle.filter((id) => rowsOf(id).every((row) => row.direction === undefined))
    const gone = [...looked, ...idle.filter((id) => !looked.includes(id))].slice(0, surplus)
    this.table.remove(gone)
    for (const id of gone) {
      this.records.delete(id)
      this.loaded.delete(id)
      this.pending.delete(id)
    }
  }

  private tellSoon(id: string, rows: readonly PlanRow[]): void {
    const udns = this.pending.get(id) ?? new Set()
    for (const row of rows) udns.add(row.udn)
    this.pending.set(id, udns)
    this.cancelTimer ??= this.clock.setTimer(() => this.flush(), IPC_LIMITS.deltaIntervalMs)
  }

  private flush(): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
    const changed = [...this.pending]
    this.pending.clear()
    for (const [id, udns] of changed) {
      const known = this.rows(id)
      const rows = [...udns].flatMap((udn) => known.get(udn)?.row ?? [])
      for (const listener of this.listeners) listener({ ...this.record(id), rows })
    }
  }
}
