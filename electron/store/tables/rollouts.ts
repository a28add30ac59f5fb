/** Rollouts and how each of their devices stands; written before any of their jobs begins. */
import { z } from 'zod'
import { udnSchema } from '../../contract/device'
import {
  BOARD_STATES,
  type BoardRow,
  bankStatusSchema,
  manifestSchema,
  PAUSE_REASONS,
  ROLLOUT_STATES,
  rolloutPlanSchema,
} from '../../contract/firmware'
import { jobErrorSchema } from '../../contract/job'
import { type Database, transaction } from '../database'
import { fromRow, jsonColumn, placeholders, toRow, upsertSql } from '../rows'

const rowSchema = z.object({
  id: z.string(),
  plan: jsonColumn(
    rolloutPlanSchema.extend({
      /** By UDN the attempt of the job for which it was begun; absent where a person began it. */
      askedBy: z.record(z.string(), z.string()).optional(),
    }),
  ),
  manifest: jsonColumn(manifestSchema),
  state: z.enum(ROLLOUT_STATES),
  pauseReason: z.enum(PAUSE_REASONS).optional(),
  wave: z.number().int(),
  createdAtMs: z.number(),
  resumedAtMs: z.number().optional(),
  endedAtMs: z.number().optional(),
})
/**
 * `manifest` is kept so that a rollout can be told of when its bundle is gone; `wave` is the last one that was begun,
 * -1 before; what had ended by `resumedAtMs` a person has accepted.
 */
export type RolloutRecord = z.output<typeof rowSchema>

const memberSchema = z.object({
  rolloutId: z.string(),
  udn: udnSchema,
  wave: z.number().int(),
  state: z.enum(BOARD_STATES),
  changedAtMs: z.number(),
  jobId: z.string().optional(),
  status: jsonColumn(bankStatusSchema).optional(),
  statusAtMs: z.number().optional(),
  deadlineMs: z.number().optional(),
  error: jsonColumn(jobErrorSchema).optional(),
})
/** A row of the board; `changedAtMs` = since when it is in its state. */
export type RolloutMember = BoardRow & { readonly changedAtMs: number }

export interface RolloutTable {
  /** In the order they were begun. */
  list(): RolloutRecord[]
  /** Of one rollout, by wave. */
  members(rolloutId: string): RolloutMember[]
  /** A rollout and all its members in one commit. */
  insert(rollout: RolloutRecord, members: readonly RolloutMember[]): void
  /** Writes what changes in a rollout's life: state, pause reason, wave, end. */
  save(rollout: RolloutRecord): void
  /** All of them in one commit. */
  saveMembers(members: readonly RolloutMember[]): void
}

const COLUMNS = [
  'id',
  'plan',
  'manifest',
  'state',
  'pauseReason',
  'wave',
  'createdAtMs',
  'resumedAtMs',
  'endedAtMs',
] as const
const CHANGING = ['state', 'pauseReason', 'wave', 'resumedAtMs', 'endedAtMs'] as const
const SAVED = ['id', ...CHANGING] as const
const MEMBER = [
  'rolloutId',
  'udn',
  'wave',
  'state',
  'changedAtMs',
  'jobId',
  'status',
  'statusAtMs',
  'deadlineMs',
  'error',
] as const

/** The tables `rollouts` and `rolloutMembers`. */
export const rolloutTable = (database: Database): RolloutTable => {
  const list = database.prepare(`SELECT ${COLUMNS.join(', ')} FROM rollouts ORDER BY position`)
  const members = database.prepare(
    `SELECT ${MEMBER.join(', ')} FROM rolloutMembers WHERE rolloutId = ? ORDER BY wave, udn`,
  )
  const insert = database.prepare(
    `INSERT INTO rollouts (${COLUMNS.join(', ')}) VALUES (${placeholders(COLUMNS)})`,
  )
  const sets = CHANGING.map((column) => `${column} = :${column}`).join(', ')
  const save = database.prepare(`UPDATE rollouts SET ${sets} WHERE id = :id`)
  const saveMember = database.prepare(upsertSql('rolloutMembers', 'rolloutId, udn', MEMBER))
  const saveMembers = (rows: readonly RolloutMember[]): void =>
    transaction(database, () => {
      for (const row of rows) saveMember.run(toRow(MEMBER, flatMember(row)))
    })
  return {
    list: () => list.all().map((row) => fromRow(rowSchema, 'rollouts', row)),
    members: (rolloutId) => members.all(rolloutId).map(readMember),
    insert: (rollout, rows) =>
      transaction(database, () => {
        const plan = JSON.stringify(rollout.plan)
        const manifest = JSON.stringify(rollout.manifest)
        insert.run(toRow(COLUMNS, { ...rollout, plan, manifest }))
        saveMembers(rows)
      }),
    save: (rollout) => {
      const { plan: _, manifest: __, createdAtMs: ___, ...changing } = rollout
      save.run(toRow(SAVED, changing))
    },
    saveMembers,
  }
}

const flatMember = (row: RolloutMember) => ({
  ...row,
  status: row.status ? JSON.stringify(row.status) : undefined,
  error: row.error ? JSON.stringify(row.error) : undefined,
})

const readMember = (row: unknown): RolloutMember => fromRow(memberSchema, 'rolloutMembers', row)
