/** What people have said for a device ends with its membership. */
import { expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { JOB_STEPS } from '../../electron/contract/job'
import type { EnrollmentService } from '../../electron/enrollment/service'
import { EnrollmentDesk } from '../../electron/site/enrollment-desk'
import { SiteJobs } from '../../electron/site/site-jobs'
import { Records } from '../../electron/store/records'
import { udnOf } from '../helpers/device-row'
import { keepingLog } from '../helpers/quiet-log'
import { VirtualClock } from '../helpers/virtual-clock'
import { settle } from '../jobs/bench'

const nothing = () => undefined
const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
/** Waits for a device that does not come. */
const plan: ConstructorParameters<typeof SiteJobs>[0]['plan'] = () =>
  JOB_STEPS.commission.map((name) => ({
    name,
    cancellable: true,
    run: (ctx) => {
      ctx.waiting()
      return untilAborted(ctx.signal)
    },
  }))

it('a job that is forgotten is nobody’s newest any more', async () => {
  const clock = new VirtualClock(0)
  const records = Records.open(':memory:')
  records.groups.save('Default', {})
  const touched: string[] = []
  const work = new SiteJobs({
    ...{ clock, records, concurrency: 4, log: keepingLog(), emit: nothing },
    ...{ retryUpdates: nothing, changed: nothing, audit: nothing, plan },
    touch: (udns) => touched.push(...udns),
    enrollment: () => ({ reopen: nothing }) as unknown as EnrollmentService,
  })
  work.start()
  const ids = work.commission([udnOf(1), udnOf(2)], 'Default', 'given')
  await settle()
  work.cancel(ids.slice(0, 1))
  await settle()
  clock.advance(1_000)
  touched.length = 0
  work.clear()
  expect(work.newest(udnOf(1))).toBeUndefined()
  expect(work.newest(udnOf(2))?.state).toBe('waiting')
  expect(touched).toEqual([udnOf(1)])
  await work.stop()
  records.close()
})

it('a device that was put out is commissioned no further, by no word of before', async () => {
  const clock = new VirtualClock(0)
  const records = Records.open(':memory:')
  records.groups.save('Default', {})
  const reopened: string[] = []
  const service = {
    onChange: () => nothing,
    reconsider: nothing,
    reopen: (udn: string) => void reopened.push(udn),
  }
  const work = new SiteJobs({
    ...{ clock, records, concurrency: 4, log: keepingLog(), emit: nothing, touch: nothing },
    ...{ retryUpdates: nothing, changed: nothing, audit: nothing, plan },
    enrollment: () => service as unknown as EnrollmentService,
  })
  const [gone, other] = [udnOf(1), udnOf(2)]
  work.approve([gone, other], 'Default')
  const list = { forgetEnrollment: nothing, remember: nothing, udns: () => [] }
  const desk = new EnrollmentDesk({
    ...{ clock, records, service, list, work, emit: nothing, touch: nothing, changed: nothing },
  })
  work.start()
  desk.ended(gone)
  desk.ended(gone)
  await settle()
  clock.advance(1_000)
  await settle()
  expect(work.active(gone)).toBeUndefined()
  expect(work.list().map(({ state }) => state)).toEqual(['cancelled', 'waiting'])
  expect(work.verdicts.forService(gone, undefined, 'Default')).toBeUndefined()
  desk.close()
  records.close()
})

it('a failure outlives its job, in the list and over a restart, until a job of its kind is done', async () => {
  const clock = new VirtualClock(0)
  const records = Records.open(':memory:')
  records.groups.save('Default', {})
  const audited: string[] = []
  let fails = true
  const open = () =>
    new SiteJobs({
      ...{ clock, records, concurrency: 4, log: keepingLog(), emit: nothing, touch: nothing },
      ...{ retryUpdates: nothing, changed: nothing },
      audit: (action, subject) => void audited.push(`${action} ${subject}`),
      enrollment: () => ({ reopen: nothing }) as unknown as EnrollmentService,
      plan: () =>
        JOB_STEPS.commission.map((name) => ({
          name,
          cancellable: true,
          run: async () => {
            if (fails) throw new IotmcError('IDENTITY_REVOKED')
          },
        })),
    })
  const ended = async (work: SiteJobs) => {
    await settle()
    clock.advance(1_000)
    await settle()
    await work.stop()
  }
  const first = open()
  first.start()
  first.commission([udnOf(1)], 'Default', 'given')
  await settle()
  clock.advance(1_000)
  await settle()
  first.clear()
  expect(first.list()).toEqual([])
  expect(audited).toEqual(['jobs-cleared 1 jobs'])
  await first.stop()
  const failure = { kind: 'commission', subject: udnOf(1), code: 'IDENTITY_REVOKED' }
  expect(records.failures.list()).toEqual([expect.objectContaining(failure)])

  fails = false
  const second = open()
  second.start()
  second.commission([udnOf(1)], 'Default', 'given')
  await ended(second)
  expect(records.failures.list()).toEqual([])

  // Written by the journal, and killed before anything else was.
  const [done] = second.list()
  if (!done) throw new Error('no job')
  records.jobs.save({ ...done, state: 'failed', error: { code: 'TIMED_OUT' } })
  await open().stop()
  expect(records.failures.list()).toMatchObject([{ ...failure, code: 'TIMED_OUT' }])
  records.close()
})
