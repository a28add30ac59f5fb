import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Job } from '../../electron/contract/job'
import { openDatabase } from '../../electron/store/database'
import { Records } from '../../electron/store/records'
import { makeTempDir } from '../helpers/temp-dir'

let folder: ReturnType<typeof makeTempDir>
let path: string
beforeEach(() => {
  folder = makeTempDir()
  path = `${folder.path}/records.sqlite`
})
afterEach(() => folder.remove())

const job = (id: string, more: Partial<Job> = {}): Job => ({
  id,
  kind: 'commission',
  subject: `uuid:${id}`,
  batch: 'b',
  params: { group: 'Hall' },
  state: 'queued',
  steps: [{ name: 'find', state: 'pending', cancellable: true }],
  attempt: 1,
  createdAtMs: 1,
  updatedAtMs: 1,
  ...more,
})

it('gives jobs back in the order they were asked for, as last saved', () => {
  const records = Records.open(path)
  records.jobs.insert([job('z'), job('a')])
  const failed = job('z', {
    state: 'failed',
    steps: [{ name: 'find', state: 'failed', cancellable: true, startedAtMs: 2, endedAtMs: 3, note: 'x' }],
    error: { code: 'TIMED_OUT', detail: 'no answer' },
    cancelAsked: true,
    attempt: 2,
    updatedAtMs: 3,
  })
  records.jobs.save(failed)
  records.close()
  const again = Records.open(path)
  expect(again.jobs.list()).toEqual([failed, job('a')])
  again.jobs.remove(['z'])
  expect(again.jobs.list()).toEqual([job('a')])
  again.close()
})

it('holds one active job per kind and subject, and inserts all or none', () => {
  const { jobs } = Records.open(path)
  jobs.insert([job('a'), job('b', { state: 'done', subject: 'uuid:a' })])
  expect(() => jobs.insert([job('c'), job('d', { subject: 'uuid:a' })])).toThrow(/UNIQUE/)
  expect(jobs.list().map((row) => row.id)).toEqual(['a', 'b'])
})

it('refuses a damaged row with the table and the column', () => {
  const { jobs } = Records.open(path)
  jobs.insert([job('a')])
  const other = openDatabase(path)
  other.exec(`UPDATE jobs SET steps = '[{"name":1}]'`)
  other.close()
  expect(() => jobs.list()).toThrow(expect.objectContaining({ code: 'DATA_DAMAGED', subject: 'jobs' }))
})
