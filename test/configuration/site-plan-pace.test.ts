/** What is learned from finished jobs about the time that work takes here. */
import { expect, it } from 'vitest'
import { learnPaces } from '../../electron/configuration/site-plan-pace'
import { tasksOf } from '../../electron/configuration/site-plan-work'
import type { Job, JobKind, JobState, JobStep } from '../../electron/contract/job'
import { PACE_LEARNED_FROM } from '../../electron/contract/timings'

let count = 0
const job = (kind: JobKind, steps: Record<string, number>, more: Partial<Job> = {}): Job => {
  count += 1
  let atMs = 1_000_000 * count
  const timed = Object.entries(steps).map(([name, seconds]): JobStep => {
    const startedAtMs = atMs
    atMs += seconds * 1000
    return { name, state: 'done', cancellable: true, startedAtMs, endedAtMs: atMs }
  })
  return {
    id: `job-${count}`,
    kind,
    subject: `uuid:${count}`,
    batch: 'batch',
    params: {},
    state: 'done' as JobState,
    steps: timed,
    attempt: 1,
    createdAtMs: atMs,
    updatedAtMs: atMs,
    ...more,
  }
}
const several = (make: (index: number) => Job, length = 3): Job[] =>
  Array.from({ length }, (_, index) => make(index))

it('is the median of the work alone: nobody’s approval, no wait for a device, no trial', () => {
  const jobs = several((i) =>
    job('commission', { find: 900, approve: 600, 'issue-certificate': 1 + i, 'read-back': 2 }),
  )
  expect(learnPaces(jobs).get('commission')).toEqual({ durationS: 4 })
  const updates = several((i) =>
    job('update', { find: 60, download: 400, stage: 3, restart: 5 + i, probation: 86_400 }),
  )
  expect(learnPaces(updates).get('update')).toEqual({ durationS: 9, downtimeS: 6 })
})

it('takes single steps of an apply for what it does itself', () => {
  const jobs = several(() => job('apply', { compare: 1, describe: 0.2, 'assign-group': 0.8, update: 500 }))
  const paces = learnPaces(jobs)
  expect(paces.get('assign-group')).toEqual({ durationS: 0.8 })
  expect(paces.get('describe')).toEqual({ durationS: 0.2 })
  expect(paces.has('update')).toBe(false)
})

it('says nothing of what was done too seldom, failed, or was taken up again', () => {
  const seldom = several(() => job('configure', { apply: 1 }), PACE_LEARNED_FROM.least - 1)
  expect(learnPaces(seldom).size).toBe(0)
  expect(learnPaces(several(() => job('configure', { apply: 1 }, { state: 'failed' }))).size).toBe(0)
  expect(learnPaces(several(() => job('configure', { apply: 1 }, { attempt: 2 }))).size).toBe(0)
})

it('learns from the newest only', () => {
  const { most } = PACE_LEARNED_FROM
  const old = several(() => job('configure', { apply: 100 }), most)
  const now = several(() => job('configure', { apply: 2 }), most)
  expect(learnPaces([...now, ...old]).get('configure')).toEqual({ durationS: 2 })
})

it('replaces what was chosen by hand, and leaves the bytes', () => {
  const difference = { field: 'group', found: 'A', planned: 'B', manual: false } as const
  const [by] = tasksOf([difference], new Set(), undefined)
  const [learned] = tasksOf(
    [difference],
    new Set(),
    undefined,
    new Map([['assign-group', { durationS: 0.8 }]]),
  )
  expect(learned).toEqual({ ...by, durationS: 0.8 })
})
