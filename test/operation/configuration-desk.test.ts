/** Configuration as a technician uses it: preview, apply, read back, put back, files. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ConfigurationPlan } from '../../electron/contract/configuration'
import { isEnded } from '../../electron/contract/job'
import { CONFIGURE_LIMITS } from '../../electron/contract/timings'
import { udnOf } from '../helpers/device-row'
import { makeWorld, type World } from './configuration-world'

let world: World
afterEach(() => world.desk.close())

const LOCATION = { 'Device.Location': 'Hall 3' }
const preview = (
  udns = world.devices.map((device) => device.udn),
  values: Record<string, string> = LOCATION,
) => world.desk.preview(udns, { kind: 'values', values })
const rowOf = (plan: ConfigurationPlan, n = 1) => plan.rows.find((row) => row.udn === udnOf(n))
const now = (plan: ConfigurationPlan, n = 1) =>
  rowOf(world.desk.plans().find(({ id }) => id === plan.id) ?? plan, n)
const storedOn = (n: number, name: string) => world.devices[n - 1]?.stored.values[name]

describe('reading', () => {
  it('says what runs, what could be told, and what is not as the template has it', async () => {
    world = makeWorld(1, ['PX-200'])
    world.groups = [
      {
        name: 'North',
        version: 3,
        values: {
          'Pump.TargetPressure': '3.50',
          'Pump.MaxFlow': '20',
          'Gate.SlowZone': '1',
          'Hardware.BoardRevision': 'D1',
        },
      },
    ]
    expect(await world.desk.read(udnOf(1))).toMatchObject({
      udn: udnOf(1),
      version: 0,
      group: 'North',
      template: { 'Pump.TargetPressure': '3.50', 'Pump.MaxFlow': '20' },
      differs: ['Pump.MaxFlow'],
    })
  })

  it('says where each wanted value comes from, and what nobody wants', async () => {
    world = makeWorld(1, ['PX-200'])
    world.groups = [
      {
        name: 'Site',
        version: 1,
        values: { 'Pump.MaxFlow': '20', 'Device.Location': 'Site', 'Gate.SlowZone': '1' },
      },
      { name: 'North', version: 1, parent: 'Site', values: { 'Device.Location': 'North' } },
    ]
    world.own = { [udnOf(1)]: { 'Pump.MaxFlow': '30' } }
    const { template, origins } = await world.desk.read(udnOf(1))
    expect(template).toEqual({ 'Pump.MaxFlow': '30', 'Device.Location': 'North' })
    expect(origins).toEqual({
      'Pump.MaxFlow': { from: 'device' },
      'Device.Location': { from: 'group', group: 'North' },
    })
  })

  it('is what the device answers where it can not be asked', async () => {
    world = makeWorld(1)
    await expect(world.desk.read(udnOf(9))).rejects.toMatchObject({ code: 'DEVICE_UNKNOWN' })
  })
})

describe('a preview', () => {
  it('shows from and to with units, and what this model does not have', async () => {
    world = makeWorld(2, ['PX-200', 'GC-10'])
    const plan = await preview(undefined, { ...LOCATION, 'Pump.MaxFlow': '30', 'Log.MinSeverity': 'notice' })
    expect(rowOf(plan, 1)).toMatchObject({
      version: 0,
      state: 'previewed',
      left: [],
      changes: [
        { name: 'Device.Location', from: '', to: 'Hall 3' },
        { name: 'Pump.MaxFlow', from: '24', to: '30', unit: 'm3/h' },
      ],
    })
    expect(rowOf(plan, 2)).toMatchObject({ left: ['Pump.MaxFlow'], changes: [{ name: 'Device.Location' }] })
  })

  it('knows what each device would refuse, and which can not be asked', async () => {
    world = makeWorld(5, ['PX-200'])
    const [, , third, fourth] = world.devices
    if (third) third.online = false
    fourth?.failures.push({ code: 'TLS_REFUSED', after: false })
    const plan = await world.desk.preview([...world.devices.map(({ udn }) => udn), udnOf(7)], {
      kind: 'each',
      devices: {
        [udnOf(1)]: { 'Pump.MaxFlow': '61' },
        [udnOf(2)]: { 'Pump.OperatingHours': '1', 'Device.Location': 'x' },
        [udnOf(5)]: {},
      },
    })
    expect(plan.rows.map(({ problem, state }) => [problem, state])).toEqual([
      ['VALUE_OUT_OF_RANGE', 'previewed'],
      ['READ_ONLY_PARAMETER', 'previewed'],
      ['DEVICE_OFFLINE', 'previewed'],
      ['TLS_REFUSED', 'previewed'],
      [undefined, 'same'],
      ['DEVICE_UNKNOWN', 'previewed'],
    ])
    world.desk.apply(plan.id)
    expect(world.runner.list()).toEqual([])
  })

  it('takes the template of each group as its members can take it', async () => {
    world = makeWorld(2, ['PX-200', 'GC-10'])
    world.groups = [
      { name: 'North', version: 1, values: { 'Pump.MaxFlow': '30', 'Hardware.BoardRevision': 'D1' } },
    ]
    const plan = await world.desk.preview([udnOf(1), udnOf(2)], { kind: 'template' })
    expect(plan.rows.map((row) => [row.state, row.changes.length, row.left.length])).toEqual([
      ['previewed', 1, 1],
      ['same', 0, 2],
    ])
    world.groups = [
      { name: 'Site', version: 1, values: { 'Pump.MaxFlow': '30', 'Device.Location': 'Site' } },
      { name: 'North', version: 1, parent: 'Site', values: { 'Device.Location': 'North' } },
    ]
    world.own = { [udnOf(2)]: { 'Device.Location': 'Own' } }
    const nested = await world.desk.preview([udnOf(1), udnOf(2)], { kind: 'template' })
    expect(nested.rows.map((row) => row.changes.map(({ name, to }) => `${name} ${to}`).sort())).toEqual([
      ['Device.Location North', 'Pump.MaxFlow 30'],
      ['Device.Location Own'],
    ])
    world.groups = []
    const none = await world.desk.preview([udnOf(1)], { kind: 'template' })
    expect(none.rows[0]).toMatchObject({ problem: 'GROUP_UNKNOWN' })
  })

  it('is not pushed out by the parts of works on the site', async () => {
    world = makeWorld(1)
    const own = await preview()
    for (let n = 0; n < CONFIGURE_LIMITS.plansKept + 3; n += 1)
      await world.desk.previewForWork(new Map([[udnOf(1), {}]]))
    const plans = world.desk.plans()
    expect(plans.at(-1)?.id).toBe(own.id)
    expect(plans.filter(({ change }) => change === 'work')).toHaveLength(CONFIGURE_LIMITS.plansKept)
  })

  it('is kept over a restart; the oldest that was only looked at goes first', async () => {
    world = makeWorld(1)
    const applied = await preview()
    world.desk.apply(applied.id)
    await world.pass()
    for (let n = 0; n < CONFIGURE_LIMITS.plansKept + 3; n += 1) await preview()
    await world.restart()
    const plans = world.desk.plans()
    expect(plans).toHaveLength(CONFIGURE_LIMITS.plansKept)
    expect(plans.at(-1)).toMatchObject({ id: applied.id, rows: [{ state: 'applied' }] })
  })
})

describe('applying', () => {
  it('changes each device once, as the version after the one it ran, and reads it back', async () => {
    world = makeWorld(20)
    world.devices[3]?.change({ 'Device.Location': 'x' }, 41)
    const plan = await preview()
    const begun = world.desk.apply(plan.id)
    expect(begun.rows.every((row) => row.state === 'applying' && row.jobId)).toBe(true)
    await world.pass()
    expect(new Set(world.states(plan.id))).toEqual(new Set(['applied']))
    expect(world.devices.map((device) => device.stored.version)).toEqual(
      world.devices.map((_, n) => (n === 3 ? 42 : 1)),
    )
    expect(world.devices.flatMap((device) => device.told)).toEqual(
      Array.from({ length: 20 }, () => 'SetValues'),
    )
    expect(world.audits.filter((line) => line.startsWith('configuration.applied'))).toHaveLength(20)
    expect(world.audits).toContain('remember 04 42')
    expect(world.audits).toContain('configuration.applied 04 version 42: Device.Location')
  })

  it('tells of rows as they go on, and no more often than ten times a second', async () => {
    world = makeWorld(3)
    const plan = await preview()
    const heard: { atMs: number; rows: string[] }[] = []
    world.desk.onChange(
      ({ rows }) => void heard.push({ atMs: world.clock.now(), rows: rows.map((row) => row.state) }),
    )
    world.desk.apply(plan.id)
    await world.pass()
    expect(heard.flatMap(({ rows }) => rows).filter((state) => state === 'applied')).toHaveLength(3)
    expect(new Set(heard.map(({ atMs }) => atMs)).size).toBe(heard.length)
  })

  it('waits for a device that has gone since, and refuses one that has changed since', async () => {
    world = makeWorld(3)
    const plan = await preview()
    const [gone, changed, already] = world.devices
    if (gone) gone.online = false
    changed?.change({ 'Device.StatusLight': 'off' })
    already?.change(LOCATION, 7)
    world.desk.apply(plan.id)
    await world.pass(60_000)
    expect(now(plan, 1)).toMatchObject({ state: 'applying' })
    expect(now(plan, 2)).toMatchObject({
      state: 'failed',
      error: { code: 'PLAN_STALE', detail: 'it runs version 1' },
    })
    expect(now(plan, 3)).toMatchObject({ state: 'applied' })
    expect([changed?.told, already?.told]).toEqual([[], []])
    if (gone) gone.online = true
    world.wake()
    await world.pass()
    expect(now(plan, 1)).toMatchObject({ state: 'applied' })
  })

  it('is all or nothing on a device: what it refuses changes none of its values', async () => {
    world = makeWorld(2)
    const plan = await preview(undefined, { ...LOCATION, 'Device.StatusLight': 'off' })
    world.devices[0]?.failures.push({ code: 'VALUE_INVALID', after: false, action: 'SetValues' })
    world.desk.apply(plan.id)
    await world.pass()
    expect(world.states(plan.id)).toEqual(['failed', 'applied'])
    expect(world.devices[0]?.stored.version).toBe(0)
    expect(world.audits).toContain('configuration.failed 01 VALUE_INVALID')
    const again = world.desk.apply(plan.id)
    expect(again.rows.map((row) => row.state)).toEqual(['applying', 'applied'])
    await world.pass()
    expect(world.states(plan.id)).toEqual(['applied', 'applied'])
    expect(world.devices[1]?.told).toEqual(['SetValues'])
  })

  it('does not tell a device twice whose answer was lost', async () => {
    world = makeWorld(1)
    const plan = await preview()
    world.devices[0]?.failures.push({ code: 'TIMED_OUT', after: true, action: 'SetValues' })
    world.desk.apply(plan.id)
    await world.pass()
    expect(now(plan)).toMatchObject({ state: 'applied' })
    expect(world.devices[0]).toMatchObject({ told: ['SetValues'], stored: { version: 1 } })
  })

  it('fails where the device runs something else afterwards', async () => {
    world = makeWorld(1)
    const plan = await preview()
    const [device] = world.devices
    const call = device?.call.bind(device)
    if (device && call)
      device.call = (action, args) => {
        const answer = call(action, args)
        if (action === 'SetValues') device.change({ 'Device.Location': 'elsewhere' }, 1)
        return answer
      }
    world.desk.apply(plan.id)
    await world.pass()
    expect(now(plan)).toMatchObject({
      state: 'failed',
      error: { code: 'READ_BACK_DIFFERS', detail: 'Device.Location' },
    })
  })

  it('leaves a device to the plan that has it in hand', async () => {
    world = makeWorld(1)
    const [first, second] = [await preview(), await preview(undefined, { 'Device.Location': 'Roof' })]
    world.desk.apply(first.id)
    expect(rowOf(world.desk.apply(second.id))).toMatchObject({ state: 'failed', error: { code: 'BUSY' } })
    expect(rowOf(world.desk.apply(first.id))).toMatchObject({ state: 'applying' })
    await world.pass()
    expect(now(first)).toMatchObject({ state: 'applied' })
    expect(world.runner.list()).toHaveLength(1)
  })

  it('hands on how many may run at once, with one batch for all of them', async () => {
    world = makeWorld(3)
    const plan = await preview()
    const submit = vi.spyOn(world.runner, 'submit')
    world.desk.apply(plan.id, undefined, 2)
    expect(submit.mock.calls).toMatchObject([
      ['configure', { length: 3 }, { plan: plan.id }, undefined, { limit: 2 }],
    ])
    await world.pass()
    expect(new Set(world.runner.list().map((job) => job.batch)).size).toBe(1)
    world.desk.rollback(plan.id, undefined, 1)
    expect(submit.mock.lastCall?.at(-1)).toEqual({ limit: 1 })
    await world.pass()
    expect(world.states(plan.id)).toEqual(['rolled-back', 'rolled-back', 'rolled-back'])
  })

  it('of a batch that has failed in part goes on with what failed, and goes back with what was applied', async () => {
    world = makeWorld(3)
    const plan = await preview()
    const fail = { code: 'ACTION_FAILED', after: false, action: 'SetValues' } as const
    world.devices[1]?.failures.push(fail)
    world.desk.apply(plan.id)
    await world.pass()
    expect(world.states(plan.id)).toEqual(['applied', 'failed', 'applied'])
    world.desk.rollback(plan.id, [udnOf(1)])
    await world.pass()
    world.desk.apply(plan.id)
    await world.pass()
    expect(world.states(plan.id)).toEqual(['rolled-back', 'applied', 'applied'])
    world.devices[2]?.failures.push({ ...fail, action: 'Rollback' })
    world.desk.rollback(plan.id)
    await world.pass()
    expect(world.states(plan.id)).toEqual(['rolled-back', 'rolled-back', 'failed'])
    // What failed on the way back is not put there again.
    expect(rowOf(world.desk.apply(plan.id), 3)).toMatchObject({ state: 'failed', direction: 'rollback' })
    world.desk.rollback(plan.id)
    await world.pass()
    expect(world.states(plan.id)).toEqual(['rolled-back', 'rolled-back', 'rolled-back'])
  })

  it('can be cancelled, and retried as a job', async () => {
    world = makeWorld(1)
    const plan = await preview()
    const [device] = world.devices
    if (device) device.online = false
    const id = rowOf(world.desk.apply(plan.id))?.jobId ?? ''
    await world.pass(5_000)
    world.runner.cancel([id])
    await world.pass(5_000)
    expect(now(plan)).toMatchObject({ state: 'failed', error: { code: 'CANCELLED' } })
    if (device) device.online = true
    world.runner.retry([id])
    await world.pass()
    expect(now(plan)).toMatchObject({ state: 'applied' })
    expect(now(plan)?.error).toBeUndefined()
  })

  it('refuses a plan that is not on record', () => {
    world = makeWorld(1)
    expect(() => world.desk.apply('none')).toThrow(expect.objectContaining({ code: 'PLAN_UNKNOWN' }))
    expect(() => world.desk.rollback('none')).toThrow(expect.objectContaining({ code: 'PLAN_UNKNOWN' }))
  })
})

describe('putting back', () => {
  const applied = async (count = 1) => {
    world = makeWorld(count)
    for (const device of world.devices) device.change({ 'Device.Location': 'before' }, 5)
    const plan = await preview()
    world.desk.apply(plan.id)
    await world.pass()
    for (const device of world.devices) device.told.length = 0
    return plan
  }

  it('lets a device go back by itself that still runs what was applied', async () => {
    const plan = await applied(3)
    const before = world.devices.map((device) => device.stored.previous)
    world.desk.rollback(plan.id)
    await world.pass()
    expect(world.states(plan.id)).toEqual(['rolled-back', 'rolled-back', 'rolled-back'])
    for (const [n, device] of world.devices.entries()) {
      expect(device.told).toEqual(['Rollback'])
      expect(device.stored).toMatchObject({ version: 5, values: before[n]?.values })
    }
    expect(world.audits).toContain('configuration.rolled-back 02 version 5: Device.Location')
  })

  it('can be applied again after it', async () => {
    const plan = await applied()
    world.desk.rollback(plan.id)
    await world.pass()
    expect(rowOf(world.desk.apply(plan.id))).toMatchObject({ state: 'rolled-back' })
    world.desk.apply(plan.id, [udnOf(1)])
    await world.pass()
    expect(now(plan)).toMatchObject({ state: 'applied' })
    expect(storedOn(1, 'Device.Location')).toBe('Hall 3')
  })

  it('puts back only its own values where other values have changed since', async () => {
    const plan = await applied()
    world.devices[0]?.change({ 'Device.StatusLight': 'off' })
    world.desk.rollback(plan.id)
    await world.pass()
    expect(now(plan)).toMatchObject({ state: 'rolled-back' })
    expect(world.devices[0]).toMatchObject({
      told: ['SetValues'],
      stored: { version: 8, values: { 'Device.Location': 'before', 'Device.StatusLight': 'off' } },
    })
  })

  it('puts the values back by name where the step back of the device is another one', async () => {
    const plan = await applied()
    const [device] = world.devices
    if (device)
      device.stored = {
        ...device.stored,
        previous: { version: 2, values: { ...device.stored.values, 'Device.Location': 'older' } },
      }
    world.desk.rollback(plan.id)
    await world.pass()
    expect(device).toMatchObject({ told: ['Rollback', 'SetValues'], stored: { version: 3 } })
    expect(storedOn(1, 'Device.Location')).toBe('before')
  })

  it('does not overwrite what somebody has made of the same values since', async () => {
    const plan = await applied()
    world.devices[0]?.change({ 'Device.Location': 'by hand' })
    world.desk.rollback(plan.id)
    await world.pass()
    expect(now(plan)).toMatchObject({ state: 'failed', direction: 'rollback', error: { code: 'PLAN_STALE' } })
    expect(world.devices[0]?.told).toEqual([])
  })

  it('retries what failed in the same direction', async () => {
    const plan = await applied(2)
    world.devices[0]?.failures.push({ code: 'ACTION_FAILED', after: false, action: 'Rollback' })
    world.desk.rollback(plan.id)
    await world.pass()
    expect(world.states(plan.id)).toEqual(['failed', 'rolled-back'])
    world.desk.rollback(plan.id)
    await world.pass()
    expect(world.states(plan.id)).toEqual(['rolled-back', 'rolled-back'])
    expect(world.devices[1]?.told).toEqual(['Rollback'])
  })
})

describe.each(['csv', 'yaml'] as const)('a %s file', (format) => {
  it('comes back as a preview without changes, and with those that were made in it', async () => {
    world = makeWorld(4)
    const udns = world.devices.map((device) => device.udn)
    const text = await world.desk.exportText(udns, format)
    expect(text).not.toContain('OperatingHours')
    const same = await world.desk.importText(format, text)
    expect(same).toMatchObject({ change: 'each' })
    expect(same.rows.map((row) => [row.state, row.left, row.problem])).toEqual(
      udns.map(() => ['same', [], undefined]),
    )
    const plan = await world.desk.importText(format, text.replaceAll('constant-pressure', 'constant-flow'))
    expect(plan.rows.map((row) => row.state)).toEqual(['previewed', 'same', 'same', 'same'])
    world.desk.apply(plan.id)
    await world.pass()
    expect(storedOn(1, 'Pump.Mode')).toBe('constant-flow')
    expect(world.runner.list().every((job) => isEnded(job.state))).toBe(true)
  })

  it('is refused for a device that has another model or serial number', async () => {
    world = makeWorld(2, ['PX-200'])
    const text = await world.desk.exportText([udnOf(1), udnOf(2)], format)
    const plan = await world.desk.importText(format, text.replace('PX-200', 'GC-10').replace('EX-2', 'EX-9'))
    expect(plan.rows.map((row) => row.problem)).toEqual(['WRONG_MODEL', 'UDN_MISMATCH'])
  })

  it('holds devices that can not be asked without values', async () => {
    world = makeWorld(2)
    const [device] = world.devices
    if (device) device.online = false
    const text = await world.desk.exportText([udnOf(1), udnOf(2)], format)
    if (device) device.online = true
    const plan = await world.desk.importText(format, text)
    expect(plan.rows.map((row) => row.state)).toEqual(['same', 'same'])
    for (const each of world.devices) each.online = false
    await expect(world.desk.exportText([udnOf(1)], format)).rejects.toMatchObject({ code: 'DEVICE_OFFLINE' })
  })
})
