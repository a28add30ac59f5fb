import { describe, expect, it } from 'vitest'
import type { Job, JobState } from '../../../electron/contract/job'
import { byUrgency, countJobs, groupBatches, jobProgress, toGo } from '../../../renderer/model/batches'
import { stageOfJobs, waitingForYou } from '../../../renderer/model/commission'
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
