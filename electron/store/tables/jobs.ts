/** The job journal: each job with its steps as last committed. */
import { z } from 'zod'
import { JOB_KINDS, JOB_STATES, type Job, jobErrorSchema, jobStepSchema } from '../../contract/job'
import { type Database, transaction } from '../database'
import { flagColumn, fromRow, jsonColumn, placeholders, toRow } from '../rows'

const rowSchema = z.object({
  id: z.string(),
  kind: z.enum(JOB_KINDS),
  subject: z.string(),
  batch: z.string(),
  params: jsonColumn(z.record(z.string(), z.string())),
  state: z.enum(JOB_STATES),
  steps: jsonColumn(z.array(jobStepSchema)),
  attempt: z.number().int(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  cancelAsked: flagColumn,
  error: jsonColumn(jobErrorSchema).optional(),
})

export interface JobTable {
  /** In the order they were asked for. */
  list(): Job[]
  /** All of them in one commit. */
  insert(jobs: readonly Job[]): void
  /** Writes what changes in a job's life: state, steps, attempt, cancel, error. */
  save(job: Job): void
  remove(ids: readonly string[]): void
}

const FIXED = ['id', 'kind', 'subject', 'batch', 'params', 'createdAtMs'] as const
const CHANGING = ['state', 'steps', 'attempt', 'updatedAtMs', 'cancelAsked', 'error'] as const
const COLUMNS = [...FIXED, ...CHANGING]
const SAVED = ['id', ...CHANGING] as const

/** The `jobs` table. */
export const jobTable = (database: Database): JobTable => {
  const list = database.prepare(`SELECT ${COLUMNS.join(', ')} FROM jobs ORDER BY position`)
  const insert = database.prepare(
    `INSERT INTO jobs (${COLUMNS.join(', ')}) VALUES (${placeholders(COLUMNS)})`,
  )
  const sets = CHANGING.map((column) => `${column} = :${column}`).join(', ')
  const save = database.prepare(`UPDATE jobs SET ${sets} WHERE id = :id`)
  const remove = database.prepare('DELETE FROM jobs WHERE id = ?')
  return {
    list: () => list.all().map(read),
    insert: (jobs) =>
      transaction(database, () => {
        for (const job of jobs) insert.run(toRow(COLUMNS, flat(job)))
      }),
    save: (job) => void save.run(toRow(SAVED, flat(job))),
    remove: (ids) =>
      transaction(database, () => {
        for (const id of ids) remove.run(id)
      }),
  }
}

const flat = (job: Job) => ({
  ...job,
  params: JSON.stringify(job.params),
  steps: JSON.stringify(job.steps),
  cancelAsked: job.cancelAsked ?? false,
  error: job.error ? JSON.stringify(job.error) : undefined,
})

const read = (row: unknown): Job => {
  const { cancelAsked, ...job } = fromRow(rowSchema, 'jobs', row)
  return cancelAsked ? { ...job, cancelAsked } : job
}
