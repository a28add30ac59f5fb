/** Thousands of devices that wait for a person: what one of them does costs the others nothing. */
import { expect, it, vi } from 'vitest'
import { type Enrollment, REVOKED_BY_HAND } from '../../electron/contract/enrollment'
import type { Job } from '../../electron/contract/job'
import type { Discovery } from '../../electron/discovery/discovery'
import type { EnrollmentService } from '../../electron/enrollment/service'
import { type CommissionTools, commissionPlan } from '../../electron/jobs/commission'
import type { DeviceLink } from '../../electron/jobs/device-link'
import { commissionTools } from '../../electron/site/commission-tools'
import { DeviceList } from '../../electron/site/device-list'
import { EnrollmentDesk } from '../../electron/site/enrollment-desk'
import { SiteJobs } from '../../electron/site/site-jobs'
import { Wakes } from '../../electron/site/wakes'
import { Records } from '../../electron/store/records'
import { udnOf } from '../helpers/device-row'
import { keepingLog } from '../helpers/quiet-log'
import { VirtualClock } from '../helpers/virtual-clock'

const DEVICES = 300
const nothing = () => undefined
const udns = Array.from({ length: DEVICES }, (_, n) => udnOf(n + 1))

const enrollmentOf = (udn: string, over: Partial<Enrollment> = {}): Enrollment => ({
  enrollmentId: `e-${udn}`,
  udn,
  model: 'PX-200',
  hardwareRevision: 'C2',
  firmwareVersion: '1.0.0',
  serialNumber: udn.slice(-8),
  identityFingerprint: `print of ${udn}`,
  state: 'pending',
  requestedAtMs: 1,
  updatedAtMs: 1,
  ...over,
})

/** The parts of a site that commissioning waits in; every device is online and trusted. */
const openSite = () => {
  const clock = new VirtualClock(0)
  const records = Records.open(':memory:')
  records.groups.save('Default', {})
  const wakes = new Wakes()
  let tell: (udn: string) => void = nothing
  const service = {
    onChange: (listener: (udn: string) => void) => {
      tell = listener
      return nothing
    },
    reconsider: nothing,
    reopen: nothing,
  }
  const finder: Pick<Discovery, 'entries' | 'get'> = {
    entries: () => [],
    get: (udn) => ({ udn, online: true }) as ReturnType<Discovery['get']>,
  }
  const link: Pick<DeviceLink, 'verify'> = {
    verify: async (udn) => ({ udn, trusted: true, kind: 'IDevID', chain: [], checkedAtMs: 0 }),
  }
  const list = new DeviceList({
    ...{ clock, records, finder: finder as Discovery, ownUdn: udnOf(0), newestJob: nothing },
    ...{ firmware: nothing, health: nothing, changed: nothing },
  })
  let tools: CommissionTools
  const plan = (job: Job) => commissionPlan(tools, job)
  const work = new SiteJobs({
    ...{ clock, records, concurrency: DEVICES, log: keepingLog(), emit: nothing, touch: nothing, plan },
    ...{ retryUpdates: nothing, audit: nothing, changed: (changed) => wakes.wake(changed) },
    enrollment: () => service as unknown as EnrollmentService,
  })
  tools = commissionTools({
    ...{ clock, records, list, finder: finder as Discovery, link: link as DeviceLink },
    ...{ enrollment: service as unknown as EnrollmentService, verdicts: work.verdicts, announce: nothing },
    onWake: (udn, listener) => wakes.on(udn, listener),
  })
  const desk = new EnrollmentDesk({
    ...{ clock, records, service, list, work, emit: nothing, touch: nothing },
    changed: (udn) => wakes.wake([udn]),
  })
  desk.begin()
  work.start()
  const put = (row: Enrollment): void => {
    records.enrollments.put(row)
    tell(row.udn)
  }
  const close = async (): Promise<void> => {
    await work.stop()
    desk.close()
    records.close()
  }
  return { records, wakes, work, put, close }
}

it('an enrolment, a sighting or a word for one device has nobody else look, and nothing read', async () => {
  const { records, wakes, work, put, close } = openSite()
  const ids = work.commission(udns, 'Default', 'ask')
  await expect.poll(() => new Set(work.list().map(({ state }) => state))).toEqual(new Set(['needs-you']))
  const reads = vi.spyOn(records.enrollments, 'byUdn')
  const looks = vi.spyOn(work.verdicts, 'forJob')
  for (const udn of udns) put(enrollmentOf(udn))
  expect(reads.mock.calls.length).toBeLessThanOrEqual(3 * DEVICES)
  expect(looks.mock.calls.length).toBe(DEVICES)
  reads.mockClear()
  // Heard again, as every device is all the time: nothing of an enrolment has changed.
  for (let again = 0; again < 10; again += 1) wakes.wake(udns)
  expect(reads.mock.calls.length).toBe(0)
  work.reject(udns.slice(0, 1))
  put(enrollmentOf(udns[1] ?? '', { state: 'rejected', rejectCode: REVOKED_BY_HAND }))
  put(enrollmentOf(udns[2] ?? '', { state: 'approved', group: 'Default' }))
  const stands = () => ids.slice(0, 4).map((id) => work.list().find((job) => job.id === id))
  await expect
    .poll(() =>
      stands().map((job) => job?.error?.code ?? job?.steps.findLast(({ state }) => state === 'done')?.name),
    )
    .toEqual(['REJECTED', 'REJECTED', 'approve', 'verify-identity'])
  expect(reads.mock.calls.length).toBeLessThanOrEqual(10)
  await close()
})
