import { describe, expect, it } from 'vitest'
import type { Job, JobState } from '../../../electron/contract/job'
import {
  byUrgency,
  changeBatches,
  countFilter,
  countJobs,
  filterJobs,
  groupBatches,
  JOB_FILTERS,
  jobProgress,
  sumCounts,
  toGo,
  withoutJobs,
} from '../../../renderer/model/batches'
import { stageOfJobs, waitingForYou } from '../../../renderer/model/commission'
import { BATCH_FEW, jobLines } from '../../../renderer/model/job-lines'
import { udn } from '../harness/sample'

const STEPS = ['find', 'verify-identity', 'approve', 'issue-certificate'] as const

const job = (id: number, state: JobState, done = 0, batch = 'one', atMs = 1000): Job => ({
  id: `job-${id}`,
  kind: 'commission',
  subject: udn(id),
  batch,
  params: { group: 'Roof' },
  state,
  steps: STEPS.map((name, index) => ({ name, state: index < done ? 'done' : 'pending', cancellable: true })),
  attempt: 1,
  createdAtMs: atMs + id,
  updatedAtMs: atMs + id,
})

describe('batches', () => {
  it('count every state once', () => {
    const jobs = [
      job(1, 'done', 4),
      job(2, 'running', 2),
      job(3, 'failed', 3),
      job(4, 'queued'),
      job(5, 'waiting'),
      job(6, 'needs-you', 2),
      job(7, 'interrupted'),
      job(8, 'cancelled'),
    ]
    const counts = countJobs(jobs)
    expect(counts).toEqual({
      done: 1,
      running: 1,
      failed: 1,
      cancelled: 1,
      needsYou: 1,
      waiting: 1,
      queued: 2,
    })
    expect(toGo(counts)).toBe(4)
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(jobs.length)
  })

  it('come newest first, jobs as they were asked for', () => {
    const batches = groupBatches([job(2, 'done', 4), job(1, 'done', 4), job(3, 'queued', 0, 'two', 5000)])
    expect(batches.map((batch) => batch.id)).toEqual(['two', 'one'])
    expect(batches[1]?.jobs.map((one) => one.id)).toEqual(['job-1', 'job-2'])
    expect(batches[1]?.ended).toBe(true)
    expect(batches[0]?.ended).toBe(false)
  })

  it('go forward with each step', () => {
    expect(jobProgress(job(1, 'running', 2))).toBe(0.5)
    expect(jobProgress(job(1, 'failed', 3))).toBe(0.75)
    expect(jobProgress(job(1, 'done', 4))).toBe(1)
    expect(groupBatches([job(1, 'done', 4), job(2, 'queued')])[0]?.progress).toBe(0.5)
  })

  it('show first what needs a person', () =>
    expect(
      byUrgency([job(1, 'done'), job(2, 'failed'), job(3, 'needs-you')]).map((one) => one.state),
    ).toEqual(['needs-you', 'failed', 'done']))
})

describe('batches that change', () => {
  const states: readonly JobState[] = [
    'queued',
    'running',
    'done',
    'failed',
    'waiting',
    'needs-you',
    'cancelled',
  ]
  const start = Array.from({ length: 40 }, (_, n) =>
    job(n, 'queued', 0, n % 2 ? 'one' : 'two', n % 2 ? 1 : 9000),
  )

  it('come to the same as counted anew, whatever changes', () => {
    let batches = groupBatches(start)
    let jobs = start
    for (let turn = 0; turn < 30; turn += 1) {
      const changed = [turn, turn * 7, turn * 3 + 1].map((n) =>
        job(
          n % 44,
          states[(turn + n) % states.length] ?? 'done',
          turn % 5,
          n % 2 ? 'one' : 'two',
          n % 2 ? 1 : 9000,
        ),
      )
      batches = changeBatches(batches, changed)
      jobs = [...new Map([...jobs, ...changed].map((one) => [one.id, one])).values()]
    }
    const anew = groupBatches(jobs)
    expect(batches.map(({ id, counts, jobs, ended }) => ({ id, counts, jobs, ended }))).toEqual(
      anew.map(({ id, counts, jobs, ended }) => ({ id, counts, jobs, ended })),
    )
    batches.forEach((batch, at) => {
      expect(batch.progress).toBeCloseTo(anew[at]?.progress ?? -1, 9)
    })
    expect(sumCounts(batches)).toEqual(countJobs(jobs))
  })

  it('leave the others as they are', () => {
    const batches = groupBatches(start)
    const next = changeBatches(batches, [job(1, 'done', 4, 'one', 1)])
    expect(next.find(({ id }) => id === 'two')).toBe(batches.find(({ id }) => id === 'two'))
    expect(changeBatches(next, [job(99, 'queued', 0, 'three', 99_000)])[0]?.id).toBe('three')
  })
})

describe('the lines of a large batch', () => {
  const large = groupBatches(
    Array.from({ length: 100 }, (_, n) => job(n, n === 90 ? 'failed' : n < 30 ? 'done' : 'queued')),
  )[0]
  if (!large) throw new Error('no batch')

  it('show a few, most urgent first, and all in the order asked for', () => {
    const few = jobLines(large, { all: false, filter: 'all' })
    expect(few.map(({ kind }) => kind)).toEqual([
      'head',
      'filters',
      ...Array(BATCH_FEW).fill('job'),
      'end',
      'gap',
    ])
    expect(few[2]?.key).toBe('job-90')
    const all = jobLines(large, { all: true, filter: 'all' })
    expect(all.filter(({ kind }) => kind === 'job').map(({ key }) => key)).toEqual(
      large.jobs.map(({ id }) => id),
    )
  })

  it('say so when no job is like that', () =>
    expect(jobLines(large, { all: false, filter: 'running' }).map(({ kind }) => kind)).toEqual([
      'head',
      'filters',
      'none',
      'gap',
    ]))

  it('are counted by each filter as it shows them', () => {
    for (const filter of JOB_FILTERS)
      expect(countFilter(large.counts, filter)).toBe(filterJobs(large.jobs, filter).length)
  })
})

describe('jobs that are kept no longer', () => {
  it('leave their batch, counted anew; a batch without jobs goes, and the others stay the same objects', () => {
    const batches = groupBatches([
      { ...job(1, 'done'), batch: 'a' },
      { ...job(2, 'failed'), batch: 'a' },
      { ...job(3, 'done'), batch: 'b' },
      { ...job(4, 'done'), batch: 'c' },
    ])
    const [one, gone, same] = ['a', 'b', 'c'].map((id) => batches.find((batch) => batch.id === id))
    const ids = [one?.jobs[0]?.id, gone?.jobs[0]?.id].flatMap((id) => id ?? [])
    const left = withoutJobs(batches, new Set([...ids, 'unheard-of']))
    expect(left.map(({ id }) => id).sort()).toEqual(['a', 'c'])
    expect(left.find(({ id }) => id === 'a')).toMatchObject({ counts: { done: 0, failed: 1 } })
    expect(left.find(({ id }) => id === 'c')).toBe(same)
  })
})

describe('the stage of the commission wizard', () => {
  it('is approve until each job has passed its approval', () => {
    expect(stageOfJobs([job(1, 'running', 1)])).toBe('approve')
    expect(stageOfJobs([job(1, 'needs-you', 2), job(2, 'running', 3)])).toBe('approve')
    expect(stageOfJobs([job(1, 'running', 3), job(2, 'failed', 1)])).toBe('watch')
  })

  it('is the result when all have ended', () =>
    expect(stageOfJobs([job(1, 'done', 4), job(2, 'failed', 1)])).toBe('result'))

  it('counts a device once that waits by its request and by its job', () =>
    expect(
      waitingForYou(
        [job(1, 'needs-you'), job(2, 'running')],
        [
          { udn: udn(1), state: 'pending' },
          { udn: udn(9), state: 'pending' },
          { udn: udn(8), state: 'confirmed' },
        ],
      ).size,
    ).toBe(2))
})
