/** Plans of configuration and how each of their devices stands; written before any of their jobs begins. */
import { z } from 'zod'
import {
  configurationPlanSchema,
  type PlanRow,
  parameterSchema,
  planRowSchema,
  valuesSchema,
} from '../../contract/configuration'
import { udnSchema } from '../../contract/device'
import { type Database, transaction } from '../database'
import { fromRow, jsonColumn, placeholders, toRow, upsertSql } from '../rows'

const planSchema = configurationPlanSchema.omit({ rows: true })
/** A plan without its rows. */
export type PlanRecord = z.output<typeof planSchema>

const version = z.number().int().min(0)
const rowSchema = z.object({
  planId: z.string(),
  udn: udnSchema,
  content: jsonColumn(planRowSchema),
  wanted: jsonColumn(z.object({ version, values: valuesSchema })).optional(),
  before: jsonColumn(
    z.object({
      version,
      values: valuesSchema,
      types: z.record(z.string(), parameterSchema.shape.type),
    }),
  ).optional(),
})

type StoredRow = z.output<typeof rowSchema>

/** A row with what its job needs; without `order` nothing can be sent to the device. */
export interface PlanRowRecord {
  readonly row: PlanRow
  readonly order?: {
    readonly wanted: NonNullable<StoredRow['wanted']>
    readonly before: NonNullable<StoredRow['before']>
  }
}

export interface ConfigurationPlanTable {
  /** In the order they were made. */
  list(): PlanRecord[]
  /** Of one plan, by UDN. */
  rows(planId: string): PlanRowRecord[]
  /** Rows of any plan that a job has in hand. */
  unfinished(): { readonly planId: string; readonly row: PlanRow }[]
  /** A plan and all its rows in one commit. */
  insert(plan: PlanRecord, rows: readonly PlanRowRecord[]): void
  /** Writes how rows stand, all of them in one commit; what is wanted and what was before never change. */
  saveRows(planId: string, rows: readonly PlanRow[]): void
  /** Plans with their rows. */
  remove(planIds: readonly string[]): void
}

const PLAN = ['id', 'change', 'createdAtMs'] as const
const ROW = ['planId', 'udn', 'content', 'wanted', 'before'] as const

/** The tables `configurationPlans` and `configurationRows`. */
export const configurationPlanTable = (database: Database): ConfigurationPlanTable => {
  const list = database.prepare(`SELECT ${PLAN.join(', ')} FROM configurationPlans ORDER BY position`)
  const rows = database.prepare(
    `SELECT ${ROW.join(', ')} FROM configurationRows WHERE planId = ? ORDER BY udn`,
  )
  const unfinished = database.prepare(
    `SELECT planId, udn, content FROM configurationRows
     WHERE json_extract(content, '$.state') IN ('applying', 'rolling-back')`,
  )
  const insert = database.prepare(
    `INSERT INTO configurationPlans (${PLAN.join(', ')}) VALUES (${placeholders(PLAN)})`,
  )
  const insertRow = database.prepare(upsertSql('configurationRows', 'planId, udn', ROW))
  const saveRow = database.prepare(
    'UPDATE configurationRows SET content = :content WHERE planId = :planId AND udn = :udn',
  )
  const remove = database.prepare('DELETE FROM configurationPlans WHERE id = ?')
  return {
    list: () => list.all().map((row) => fromRow(planSchema, 'configurationPlans', row)),
    rows: (planId) => rows.all(planId).map(readRow),
    unfinished: () =>
      unfinished.all().map((stored) => {
        const { planId, content } = fromRow(rowSchema, 'configurationRows', stored)
        return { planId, row: content }
      }),
    insert: (plan, all) =>
      transaction(database, () => {
        insert.run(toRow(PLAN, plan))
        for (const { row, order } of all) {
          const content = JSON.stringify(row)
          const wanted = order && JSON.stringify(order.wanted)
          const before = order && JSON.stringify(order.before)
          insertRow.run(toRow(ROW, { planId: plan.id, udn: row.udn, content, wanted, before }))
        }
      }),
    saveRows: (planId, all) =>
      transaction(database, () => {
        for (const row of all) saveRow.run({ planId, udn: row.udn, content: JSON.stringify(row) })
      }),
    remove: (planIds) =>
      transaction(database, () => {
        for (const id of planIds) remove.run(id)
      }),
  }
}

const readRow = (stored: unknown): PlanRowRecord => {
  const { content, wanted, before } = fromRow(rowSchema, 'configurationRows', stored)
  return { row: content, ...(wanted && before ? { order: { wanted, before } } : {}) }
}
