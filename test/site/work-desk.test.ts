import { afterEach, describe, expect, it } from 'vitest'
import type { ConfigurationPlan, PlanRow } from '../../electron/contract/configuration'
import type { ExpectedDevice } from '../../electron/contract/enrollment'
import { isEnded, type Job } from '../../electron/contract/job'
import { WORK_ESTIMATES } from '../../electron/contract/timings'
import { gatheredConfigurations } from '../../electron/site/work-desk-children'
import { Records } from '../../electron/store/records'
import {
  ApplyDouble,
  type ApplySiteOptions,
  NEW,
  openApplySite,
  RolloutDouble,
  recordMembers,
} from '../helpers/apply-site'
import { udnOf } from '../helpers/device-row'
import { VirtualClock } from '../helpers/virtual-clock'
import { gate, settle } from '../jobs/bench'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** Devices 1, 2, … are members of South. */
const makeSite = (
  count: number,
  plan: (n: number) => Partial<ExpectedDevice>,
  more: Partial<ApplySiteOptions> = {},
) => {
  const clock = new VirtualClock()
  const records = Records.open(':memory:')
  closing.push(() => records.close())
  const devices = Array.from({ length: count }, (_, n) => new ApplyDouble(n + 1))
  const byUdn = new Map(devices.map((device) => [device.udn, device]))
  recordMembers(records, devices)
  records.expected.replace(devices.map(({ n, serial }) => ({ serialNumber: serial, ...plan(n) })))
  const open = () =>
    openApplySite({
      clock,
      records,
      devices,
      isOnline: (udn) => byUdn.get(udn)?.online ?? false,
      exchange: async (udn, action, args) => {
        await settle()
        return byUdn.get(udn)?.answer(action, args) ?? {}
      },
      ...more,
    })
  const site = open()
  site.start()
  /** Until no job goes on by itself. */
  const pass = async (of = site, turns = 400): Promise<void> => {
    for (let calm = 0, turn = 0; turn < turns && calm < 12; turn += 1) {
      await settle()
      const busy = of.runner.list().some(({ state }) => !isEnded(state))
      calm = busy ? 0 : calm + 1
      clock.advance(150)
    }
  }
  return { clock, records, devices, site, open, pass }
}

const north = () => ({ group: 'North', name: 'Pump' })
const states = (rows: readonly { readonly state: string; readonly error?: { readonly code: string } }[]) =>
  rows.map(({ state, error }) => (error ? `${state} ${error.code}` : state))

describe('a work on the plan', () => {
  it('says what it would do, does it once, and finds nothing to do afterwards', async () => {
    const { site, devices, pass, records } = makeSite(3, (n) => ({
      ...north(),
      ...(n === 1 ? { firmware: NEW } : {}),
    }))
    const work = await site.works.preview({ what: 'plan' })
    expect(work.rows.map(({ key, tasks }) => [key, ...tasks.map(({ kind }) => kind)])).toEqual([
      ['n EX-1', 'assign-group', 'configure', 'update'],
      ['n EX-2', 'assign-group', 'configure'],
      ['n EX-3', 'assign-group', 'configure'],
    ])
    expect(work.totals).toMatchObject({ devices: 3, held: 0, tasks: 7 })
    expect(work.totals.bytes).toBeGreaterThan(600_000)
    expect(devices.flatMap(({ told }) => told)).toEqual([])
    expect(states(site.works.apply(work.id).rows)).toEqual(['running', 'running', 'running'])
    await pass()
    expect(states(site.works.list()[0]?.rows ?? [])).toEqual(['done', 'done', 'done'])
    expect(devices.map(({ told }) => told.join())).toEqual([
      'AssignGroup,SetValues,Install',
      'AssignGroup,SetValues',
      'AssignGroup,SetValues',
    ])
    // Devices that came together share one plan of configuration.
    expect(records.configurationPlans.list()).toHaveLength(1)
    expect((await site.plan.compare()).counts).toEqual({
      present: 3,
      different: 0,
      missing: 0,
      unexpected: 0,
    })
    expect((await site.works.preview({ what: 'plan' })).rows).toEqual([])
    expect(site.works.apply(work.id).rows.every(({ state }) => state === 'done')).toBe(true)
  })

  it('takes the time that the last jobs here took, once there were three', async () => {
    const { site, pass, records } = makeSite(4, (n) => (n > 1 ? { group: 'North' } : {}))
    records.groups.save('North', {})
    const before = await site.works.preview({ what: 'plan' })
    expect(before.totals.durationS).toBe(WORK_ESTIMATES['assign-group'].durationS)
    site.works.apply(before.id)
    await pass()
    records.expected.replace([{ serialNumber: 'EX-1', group: 'North' }])
    const { totals } = await site.works.preview({ what: 'plan' })
    expect(totals.devices).toBe(1)
    // The doubles answer in no time at all.
    expect(totals.durationS).toBeLessThan(WORK_ESTIMATES['assign-group'].durationS)
  })

  it('refuses a device that has drifted since, and only that one; what failed is asked for again', async () => {
    const { site, devices, pass } = makeSite(2, north)
    const [drifted] = devices
    const work = await site.works.preview({ what: 'plan' })
    if (drifted) drifted.group = 'West'
    site.works.apply(work.id)
    await pass()
    expect(states(site.works.list()[0]?.rows ?? [])).toEqual(['failed PLAN_STALE', 'done'])
    expect(drifted?.told).toEqual([])
    if (drifted) drifted.group = 'South'
    site.works.apply(work.id, ['n EX-1'])
    await pass()
    expect(states(site.works.list()[0]?.rows ?? [])).toEqual(['done', 'done'])
    expect(devices.map(({ told }) => told.join())).toEqual(['AssignGroup,SetValues', 'AssignGroup,SetValues'])
  })

  it('refuses what the plan no longer says', async () => {
    const { site, pass, records } = makeSite(1, north)
    const work = await site.works.preview({ what: 'plan' })
    records.groups.save('North', { 'Device.Location': 'Hall 8' })
    site.works.apply(work.id)
    await pass()
    expect(states(site.works.list()[0]?.rows ?? [])).toEqual(['failed PLAN_STALE'])
  })

  it.each([
    ['the group', (records: Records) => records.groups.save('North', { 'Device.Location': 'Hall 8' })],
    ['the plan', (records: Records) => records.expected.replace([{ serialNumber: 'EX-1', group: 'South' }])],
  ])('refuses in a later step, and on a retry of its job, what has changed since: %s', async (_, change) => {
    const { site, devices, pass, records } = makeSite(1, north)
    const [device] = devices
    if (!device) throw new Error('a device')
    const work = await site.works.preview({ what: 'plan' })
    device.refuse.add('AssignGroup')
    site.works.apply(work.id)
    await pass()
    const [job] = site.runner.list()
    expect(job?.steps.map(({ name, state }) => `${name} ${state}`).slice(0, 5)).toEqual([
      'find done',
      'compare done',
      'commission skipped',
      'describe done',
      'assign-group failed',
    ])
    device.refuse.clear()
    change(records)
    site.runner.retry([job?.id ?? ''])
    await pass()
    expect(states(site.works.list()[0]?.rows ?? [])).toEqual(['failed PLAN_STALE'])
    expect(device.told).toEqual([])
  })

  it('refuses to write over what a person has written since', async () => {
    const { site, devices, pass, records } = makeSite(2, () => ({ group: 'North', place: 'Hall 7' }))
    const [written] = devices
    const work = await site.works.preview({ what: 'plan' })
    records.devices.patch(written?.udn ?? '', { place: 'Hall 9' })
    site.works.apply(work.id)
    await pass()
    expect(states(site.works.list()[0]?.rows ?? [])).toEqual(['failed PLAN_STALE', 'done'])
    expect(devices.map(({ udn }) => records.devices.get(udn)?.place)).toEqual(['Hall 9', 'Hall 7'])
    expect(written?.told).toEqual([])
  })

  it('calls off who is under way, and awaits no longer who was never heard', async () => {
    const { site, devices, pass, records } = makeSite(2, north)
    const [offline, unheard] = devices
    if (!offline || !unheard) throw new Error('two devices')
    offline.online = false
    records.devices.remove(unheard.udn)
    Object.assign(unheard, { phase: 'commissioning', group: '' })
    site.hide(unheard.udn)
    const work = await site.works.preview({ what: 'plan' })
    site.works.apply(work.id)
    await pass(site, 20)
    site.works.cancel(work.id, [`n ${unheard.serial}`])
    expect(states(site.works.list()[0]?.rows ?? [])).toEqual(['held', 'failed CANCELLED'])
    site.works.cancel(work.id)
    await pass(site, 20)
    expect(states(site.works.list()[0]?.rows ?? [])).toEqual(['failed CANCELLED', 'failed CANCELLED'])
    expect(records.siteWorks.unfinished()).toEqual([])
    offline.online = true
    site.wake()
    site.hear(unheard.udn)
    await pass(site, 40)
    expect(devices.flatMap(({ told }) => told)).toEqual([])
    expect(site.audits.filter((line) => line.startsWith('site-work.cancelled'))).toHaveLength(2)
    // It may be asked for again.
    site.works.apply(work.id)
    await pass()
    expect(states(site.works.list()[0]?.rows ?? [])).toEqual(['done', 'done'])
  })

  it('lets a device in without a planned group, and goes on with what was previewed', async () => {
    const { site, devices, pass, records } = makeSite(1, () => ({ name: 'Pump', place: 'Hall 1' }))
    const [device] = devices
    if (!device) throw new Error('a device')
    records.devices.remove(device.udn)
    Object.assign(device, { phase: 'commissioning', group: '' })
    const work = await site.works.preview({ what: 'plan' })
    site.works.apply(work.id)
    await pass()
    expect(states(site.works.list()[0]?.rows ?? [])).toEqual(['done'])
    expect(records.devices.get(device.udn)).toMatchObject({ givenName: 'Pump', group: 'North' })
  })

  it('means the same devices by its rows after the plan was put in another order', async () => {
    const { site, records } = makeSite(2, north)
    const [first] = (await site.works.preview({ what: 'plan' })).rows
    records.expected.replace(records.expected.list().toReversed())
    const again = await site.works.preview({ what: 'plan', keys: [first?.key ?? ''] })
    expect(again.rows.map(({ udn }) => udn)).toEqual([first?.udn])
  })

  it('holds who is offline, and who was never heard, until they are there', async () => {
    const { site, devices, pass, records } = makeSite(2, north)
    const [offline, unheard] = devices
    if (!offline || !unheard) throw new Error('two devices')
    offline.online = false
    records.devices.remove(unheard.udn)
    unheard.phase = 'commissioning'
    unheard.group = ''
    site.hide(unheard.udn)
    const work = await site.works.preview({ what: 'plan' })
    expect(work.rows.map(({ online, tasks }) => [online, tasks[0]?.kind])).toEqual([
      [false, 'assign-group'],
      [false, 'commission'],
    ])
    expect(work.totals).toMatchObject({ devices: 2, held: 2 })
    const applied = site.works.apply(work.id)
    expect(applied.rows.map(({ state, jobId }) => [state, jobId !== undefined])).toEqual([
      ['held', true],
      ['held', false],
    ])
    await pass(site, 20)
    expect(states(site.works.list()[0]?.rows ?? [])).toEqual(['held', 'held'])
    offline.online = true
    site.wake()
    site.hear(unheard.udn)
    await pass()
    expect(states(site.works.list()[0]?.rows ?? [])).toEqual(['done', 'done'])
    expect(offline.told).toEqual(['AssignGroup', 'SetValues'])
    expect(unheard.told).toEqual(['Enroll', 'SetValues'])
    expect(records.devices.get(unheard.udn)).toMatchObject({ givenName: 'Pump', group: 'North' })
  })

  it.each([
    ['BUNDLE_UNKNOWN', { firmware: '3.0.0' }],
    ['DOWNGRADE_REFUSED', { firmware: '1.0.0' }],
    ['WRONG_MODEL', { model: 'GC-10' }],
    ['GROUP_UNKNOWN', { group: 'Nowhere' }],
    ['UNKNOWN_PARAMETER', { values: { 'No.Such': '1' } }],
    ['OTHER_DEVICE', { udn: 'uuid:00000000-0000-4000-8000-0000000000ff' }],
  ] as const)('does nothing where a person has to decide: %s', async (problem, planned) => {
    const { site, devices } = makeSite(1, () => planned)
    const work = await site.works.preview({ what: 'plan' })
    expect(work.rows.map((row) => row.problem)).toEqual([problem])
    expect(states(site.works.apply(work.id).rows)).toEqual(['previewed'])
    expect(site.runner.list()).toEqual([])
    expect(devices[0]?.told).toEqual([])
  })

  it('goes on after a restart where it was', async () => {
    const { site, devices, open, pass } = makeSite(6, north)
    const work = await site.works.preview({ what: 'plan' })
    site.works.apply(work.id)
    await pass(site, 12)
    await site.close()
    const again = open()
    again.start()
    await pass(again)
    expect(new Set(states(again.works.list()[0]?.rows ?? []))).toEqual(new Set(['done']))
    for (const { told } of devices) expect(told).toEqual(['AssignGroup', 'SetValues'])
    await again.close()
  })
})

it('compares with what is known, and asks no device', async () => {
  let asked = 0
  let device: ApplyDouble | undefined
  const { site, devices, clock } = makeSite(1, north, {
    exchange: async (_udn, action, args) => {
      asked += 1
      return device?.answer(action, args) ?? {}
    },
  })
  device = devices[0]
  const first = await site.plan.compare()
  expect([asked, first.askedAtMs, first.counts.different]).toEqual([0, undefined, 1])
  const atMs = clock.now()
  await site.works.preview({ what: 'plan' })
  const before = asked
  expect(before).toBeGreaterThan(0)
  clock.advance(60_000)
  const { askedAtMs, rows } = await site.plan.compare()
  expect([asked, askedAtMs]).toEqual([before, atMs])
  expect(rows[0]?.differences.map(({ field }) => field)).toContain('configuration')
})

describe('the parts of a work', () => {
  const updated = () => ({ firmware: NEW })
  const applyOf = (of: { runner: { list(): readonly { kind: string }[] } }) =>
    of.runner.list().find((job) => job.kind === 'apply') as Job

  it('are of its batch', async () => {
    const { site, devices, pass } = makeSite(1, north)
    const [device] = devices
    if (device) Object.assign(device, { phase: 'commissioning', group: '' })
    const work = await site.works.preview({ what: 'plan' })
    site.works.apply(work.id)
    await pass()
    const jobs = site.runner.list()
    expect(jobs.length).toBeGreaterThan(1)
    expect(new Set(jobs.map(({ batch }) => batch))).toEqual(new Set([work.id]))
  })

  it('say that the rollout is paused, and fail when it is stopped', async () => {
    const rollout = new RolloutDouble()
    rollout.paused = true
    const { site, pass } = makeSite(1, updated, { rollout })
    const work = await site.works.preview({ what: 'plan' })
    site.works.apply(work.id)
    await pass(site, 40)
    const waiting = applyOf(site)
    expect(waiting.state).toBe('waiting')
    expect(waiting.steps.find(({ name }) => name === 'update')?.note).toMatch(/paused.*resume or stop/)
    rollout.stop()
    await pass(site, 40)
    expect(states(site.works.list()[0]?.rows ?? [])).toEqual(['failed ROLLOUT_STOPPED'])
  })

  it('leave the rollout when the whole is cancelled, but only their own', async () => {
    const left = async (foreign: boolean) => {
      const rollout = new RolloutDouble()
      rollout.paused = true
      if (foreign) rollout.waiting.add(udnOf(1))
      const { site, pass } = makeSite(1, updated, { rollout })
      const work = await site.works.preview({ what: 'plan' })
      site.works.apply(work.id)
      await pass(site, 40)
      site.runner.cancel([applyOf(site).id])
      await pass(site, 20)
      expect(applyOf(site).state).toBe('cancelled')
      return rollout.left
    }
    expect(await left(false)).toEqual([udnOf(1)])
    expect(await left(true)).toEqual([])
  })

  it('that were there before go on when the whole is cancelled', async () => {
    const enrolling = gate()
    let device: ApplyDouble | undefined
    const made = makeSite(1, north, {
      exchange: async (_udn, action, args) => {
        await (action === 'Enroll' ? enrolling.passed : settle())
        return device?.answer(action, args) ?? {}
      },
    })
    const { site, devices, pass } = made
    device = devices[0]
    if (!device) throw new Error('a device')
    Object.assign(device, { phase: 'commissioning', group: '' })
    const work = await site.works.preview({ what: 'plan' })
    const [foreign] = site.runner.submit('commission', [device.udn], { ManagementGroup: 'North' })
    site.works.apply(work.id)
    await pass(site, 40)
    site.runner.cancel([applyOf(site).id])
    await pass(site, 20)
    expect(applyOf(site).state).toBe('cancelled')
    enrolling.open()
    await pass(site, 40)
    expect(site.runner.get(foreign?.id ?? '')?.state).toBe('done')
  })

  it('are not begun once more by a kill before the end of their rollout was heard', async () => {
    const rollout = new RolloutDouble()
    rollout.paused = true
    const { site, open, pass } = makeSite(1, updated, { rollout })
    const work = await site.works.preview({ what: 'plan' })
    site.works.apply(work.id)
    await pass(site, 40)
    await site.close()
    Object.assign(rollout, { paused: false, stopped: true })
    const again = open()
    again.start()
    await pass(again)
    expect(rollout.begun).toBe(1)
    expect(states(again.works.list()[0]?.rows ?? [])).toEqual(['failed ROLLOUT_STOPPED'])
    // A person who asks once more gets a new one.
    Object.assign(rollout, { stopped: false })
    rollout.waiting.clear()
    again.works.apply(work.id)
    await pass(again)
    expect(rollout.begun).toBe(2)
    await again.close()
  })
})

describe('a device that claims the serial number of another', () => {
  it('does not take its row, nor its orders', async () => {
    const { site, devices, pass, records } = makeSite(1, north)
    const [device] = devices
    if (!device) throw new Error('a device')
    records.expected.replace([{ udn: device.udn, group: 'North' }, { serialNumber: device.serial }])
    records.devices.remove(device.udn)
    Object.assign(device, { phase: 'commissioning', group: '' })
    site.hide(device.udn)
    const work = await site.works.preview({ what: 'plan' })
    site.works.apply(work.id)
    expect(states(work.rows)).toEqual(['previewed', 'previewed'])
    site.hear(device.udn)
    await pass()
    const [claimed, named] = site.works.list()[0]?.rows ?? []
    expect(named).toMatchObject({ state: 'done', udn: device.udn })
    expect(claimed).toMatchObject({ state: 'held' })
    expect(claimed?.udn).toBeUndefined()
    expect(device.told).toEqual(['Enroll', 'SetValues'])
  })
})

describe('an entry that names nothing but a factory certificate', () => {
  const planned = 'ab'.repeat(32)
  const unheard = (claims: string, identity: string) => {
    const bench = makeSite(1, north)
    const [device] = bench.devices
    if (!device) throw new Error('a device')
    bench.records.expected.replace([{ identity: planned, name: 'Pump', group: 'North' }])
    bench.records.devices.remove(device.udn)
    Object.assign(device, { phase: 'commissioning', group: '', identity, claims })
    bench.site.hide(device.udn)
    return { ...bench, device }
  }

  it('is held until the device is heard, and done then', async () => {
    const { site, device, pass, records } = unheard(planned, planned)
    const work = await site.works.preview({ what: 'plan' })
    expect(work.rows).toMatchObject([{ name: 'Pump', online: false }])
    site.works.apply(work.id)
    expect(states(site.works.list()[0]?.rows ?? [])).toEqual(['held'])
    site.hear(device.udn)
    await pass()
    expect(site.works.list()[0]?.rows).toMatchObject([{ state: 'done', udn: device.udn }])
    expect(device.told).toEqual(['Enroll', 'SetValues'])
    expect(records.devices.get(device.udn)).toMatchObject({ givenName: 'Pump', group: 'North' })
  })

  it('is not meant by who only claims it: nothing is told to that device', async () => {
    const { site, device, pass } = unheard(planned, 'cd'.repeat(32))
    const work = await site.works.preview({ what: 'plan' })
    site.works.apply(work.id)
    site.hear(device.udn)
    await pass()
    expect(site.works.list()[0]?.rows).toMatchObject([{ state: 'failed', error: { code: 'OTHER_DEVICE' } }])
    expect(device.told).toEqual([])
  })
})

describe('what is asked for together', () => {
  it('leaves out who was cancelled while the devices were asked', async () => {
    const clock = new VirtualClock()
    const asking = gate()
    const applied: unknown[] = []
    const row = (n: number, more: Pick<PlanRow, 'state' | 'jobId'>): PlanRow => ({
      udn: udnOf(n),
      name: '',
      changes: [],
      left: [],
      ...more,
    })
    const planWith = (state: PlanRow['state']): ConfigurationPlan => ({
      id: 'plan',
      createdAtMs: 0,
      change: 'each',
      rows: [row(1, { state: 'previewed' }), row(2, { state, jobId: 'job' })],
    })
    const gathered = gatheredConfigurations(clock, () => ({
      previewForWork: async () => {
        await asking.passed
        return planWith('previewed')
      },
      apply: (_id, udns) => {
        applied.push(udns)
        return planWith('applying')
      },
    }))
    const cancelled = new AbortController()
    const first = gathered.ask(udnOf(1), { values: {}, batch: 'work' }, cancelled.signal)
    const second = gathered.ask(udnOf(2), { values: {}, batch: 'work' }, new AbortController().signal)
    clock.advance(2_000)
    cancelled.abort()
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' })
    asking.open()
    expect(await second).toBe('job')
    expect(applied).toEqual([[udnOf(2)]])
  })
})

describe('a move to another group', () => {
  it('tells the device, and gives it what the group wants', async () => {
    const { site, devices, pass, records } = makeSite(2, () => ({}))
    const [first] = devices
    if (!first) throw new Error('a device')
    const work = await site.works.preview({ what: 'group', udns: [first.udn], group: 'North' })
    expect(work.rows.map(({ tasks }) => tasks.map(({ kind }) => kind))).toEqual([
      ['assign-group', 'configure'],
    ])
    site.works.apply(work.id)
    await pass()
    expect(first).toMatchObject({ group: 'North', told: ['AssignGroup', 'SetValues'] })
    expect(records.devices.get(first.udn)?.group).toBe('North')
    await expect(
      site.works.preview({ what: 'group', udns: [first.udn], group: 'None' }),
    ).rejects.toMatchObject({
      code: 'GROUP_UNKNOWN',
    })
  })

  it('refuses a group that is gone by then', async () => {
    const { site, devices, pass, records } = makeSite(1, () => ({}))
    const [first] = devices
    if (!first) throw new Error('a device')
    records.groups.save('East', {})
    const work = await site.works.preview({ what: 'group', udns: [first.udn], group: 'East' })
    records.groups.remove('East')
    site.works.apply(work.id)
    await pass()
    expect(states(site.works.list()[0]?.rows ?? [])).toEqual(['failed PLAN_STALE'])
    expect(first.told).toEqual([])
  })
})
