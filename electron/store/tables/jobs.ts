/** The job journal: jobs and their steps as they were last committed. */
import { z } from 'zod'
import {
  type Job,
  JOB_KINDS,
  JOB_STATES,
  type JobStep,
  jobErrorSchema,
  STEP_STATES,
} from '../../contract/job'
import { type Database, transaction } from '../database'
import { flagColumn, fromRow, jsonColumn, placeholders, toRow } from '../rows'

const jobRowSchema = z.object({
  id: z.string(),
  kind: z.enum(JOB_KINDS),
  subject: z.string(),
  batch: z.string(),
  params: jsonColumn(z.record(z.string(), z.string())),
  state: z.enum(JOB_STATES),
  attempt: z.number().int(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  cancelAsked: flagColumn,
  error: jsonColumn(jobErrorSchema).optional(),
})
const stepRowSchema = z.object({
  jobId: z.string(),
  name: z.string(),
  state: z.enum(STEP_STATES),
  cancellable: flagColumn,
  startedAtMs: z.number().optional(),
  endedAtMs: z.number().optional(),
  note: z.string().optional(),
})

export interface JobTable {
  /** In the order they were asked for. */
  list(): Job[]
  /** All of them in one commit. */
  insert(jobs: readonly Job[]): void
  /** One commit; steps that are the same object as in `before` are not written again. */
  save(job: Job, before?: Job): void
  remove(ids: readonly string[]): void
}

const JOB = [
  'id',
  'kind',
  'subject',
  'batch',
  'params',
  'state',
  'attempt',
  'createdAtMs',
  'updatedAtMs',
  'cancelAsked',
  'error',
] as const
const CHANGES = ['id', 'state', 'attempt', 'updatedAtMs', 'cancelAsked', 'error'] as const
const STEP = [
  'jobId',
  'position',
  'name',
  'state',
  'cancellable',
  'startedAtMs',
  'endedAtMs',
  'note',
] as const

/** The `jobs` and `jobSteps` tables. */
export const jobTable = (database: Database): JobTable => {
  const jobs = database.prepare(`SELECT ${JOB.join(', ')} FROM jobs ORDER BY position`)
  const steps = database.prepare(`SELECT ${STEP.join(', ')} FROM jobSteps ORDER BY jobId, position`)
  const insertJob = database.prepare(`INSERT INTO jobs (${JOB.join(', ')}) VALUES (${placeholders(JOB)})`)
  const updateJob = database.prepare(
    `UPDATE jobs SET ${CHANGES.slice(1)
      .map((column) => `${column} = :${column}`)
      .join(', ')} WHERE id = :id`,
  )
  const putStep = database.prepare(
    `INSERT OR REPLACE INTO jobSteps (${STEP.join(', ')}) VALUES (${placeholders(STEP)})`,
  )
  const trimSteps = database.prepare('DELETE FROM jobSteps WHERE jobId = ? AND position >= ?')
  const remove = database.prepare('DELETE FROM jobs WHERE id = ?')

  const flat = (job: Job) => ({
    ...job,
    params: JSON.stringify(job.params),
    cancelAsked: job.cancelAsked ?? false,
    error: job.error ? JSON.stringify(job.error) : undefined,
  })
  const writeSteps = (job: Job, before?: Job): void => {
    for (const [position, step] of job.steps.entries()) {
      if (before?.steps[position] !== step) putStep.run(toRow(STEP, { ...step, jobId: job.id, position }))
    }
    if (before && before.steps.length > job.steps.length) trimSteps.run(job.id, job.steps.length)
  }
  return {
    list: () => {
      const stepsOf = new Map<string, JobStep[]>()
      for (const row of steps.all()) {
        const { jobId, ...step } = fromRow(stepRowSchema, 'jobSteps', row)
        const known = stepsOf.get(jobId)
        if (known) known.push(step)
        else stepsOf.set(jobId, [step])
      }
      return jobs.all().map((row: unknown) => {
        const { cancelAsked, ...job } = fromRow(jobRowSchema, 'jobs', row)
        return { ...job, ...(cancelAsked ? { cancelAsked } : {}), steps: stepsOf.get(job.id) ?? [] }
      })
    },
    insert: (added) =>
      transaction(database, () => {
        for (const job of added) {
          insertJob.run(toRow(JOB, flat(job)))
          writeSteps(job)
        }
      }),
    save: (job, before) =>
      transaction(database, () => {
        updateJob.run(toRow(CHANGES, flat(job)))
        writeSteps(job, before)
      }),
    remove: (ids) =>
      transaction(database, () => {
        for (const id of ids) remove.run(id)
      }),
  }
}
