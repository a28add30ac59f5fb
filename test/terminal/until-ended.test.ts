/** Waiting in the terminal for jobs: it ends with them, or when nothing goes on any more. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Job, JobState } from '../../electron/contract/job'
import { untilEnded } from '../../electron/terminal/with-controller'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const jobOf = (id: string, state: JobState): Job => ({
  id,
  kind: 'update',
  subject: 'uuid:00000000-0000-4000-8000-000000000001',
  batch: 'b',
  params: {},
  state,
  steps: [],
  attempt: 1,
  createdAtMs: 0,
  updatedAtMs: 0,
})

/** A controller with these jobs, of which one can be changed. */
const site = (...jobs: Job[]) => {
  const listeners = new Set<(jobs: Job[]) => void>()
  const on = (_: string, listener: (jobs: Job[]) => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  const controller = { jobs: () => jobs, on } as unknown as Parameters<typeof untilEnded>[0]
  const change = (id: string, state: JobState): void => {
    const at = jobs.findIndex((job) => job.id === id)
    jobs[at] = jobOf(id, state)
    for (const listener of listeners) listener([jobOf(id, state)])
  }
  return { controller, change, listeners }
}

const watch = (wait: Promise<readonly Job[]>) => {
  const seen: { states?: JobState[] } = {}
  void wait.then((jobs) => {
    seen.states = jobs.map(({ state }) => state)
  })
  return seen
}

it('ends after the quiet time with what is left, once nothing runs', async () => {
  const { controller, change, listeners } = site(jobOf('1', 'waiting'), jobOf('2', 'running'))
  const seen = watch(untilEnded(controller, ['1', '2'], () => 'go-on', 1000))
  await vi.advanceTimersByTimeAsync(10_000)
  expect(seen.states).toBeUndefined()
  change('2', 'queued')
  await vi.advanceTimersByTimeAsync(999)
  expect(seen.states).toBeUndefined()
  await vi.advanceTimersByTimeAsync(1)
  expect(seen.states).toEqual(['waiting', 'queued'])
  expect(listeners.size).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})

it('a change begins the quiet time anew, also of another job; a job of another keeps it going', async () => {
  const { controller, change } = site(jobOf('1', 'waiting'), jobOf('part', 'queued'))
  const seen = watch(untilEnded(controller, ['1'], () => 'go-on', 1000))
  await vi.advanceTimersByTimeAsync(900)
  change('part', 'running')
  await vi.advanceTimersByTimeAsync(5000)
  expect(seen.states).toBeUndefined()
  change('1', 'done')
  await vi.advanceTimersByTimeAsync(0)
  expect(seen.states).toEqual(['done'])
  expect(vi.getTimerCount()).toBe(0)
})

it('waits for as long as it takes without one', async () => {
  const { controller, change } = site(jobOf('1', 'waiting'))
  const seen = watch(untilEnded(controller, ['1'], () => 'go-on'))
  await vi.advanceTimersByTimeAsync(3600_000)
  expect(seen.states).toBeUndefined()
  change('1', 'failed')
  await vi.advanceTimersByTimeAsync(0)
  expect(seen.states).toEqual(['failed'])
})
