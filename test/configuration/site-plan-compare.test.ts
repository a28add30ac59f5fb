import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { effectiveValues } from '../../electron/configuration/effective'
import {
  comparePlan,
  comparisonOf,
  type PlanDevice,
  type PlanFacts,
} from '../../electron/configuration/site-plan-compare'
import { tasksOf, totalsOf } from '../../electron/configuration/site-plan-work'
import type { ExpectedDevice } from '../../electron/contract/enrollment'
import { parametersOf } from '../../electron/device/models'
import { compareVersions } from '../../electron/firmware/version'
import { udnOf } from '../helpers/device-row'

const device = (n: number, over: Partial<PlanDevice> = {}): PlanDevice => ({
  udn: udnOf(n),
  serialNumber: `EX-${n}`,
  proven: true,
  name: `Device ${n}`,
  model: 'PX-200',
  online: true,
  enrolled: true,
  group: 'North',
  firmware: '1.4.0',
  ...over,
})

const parameters = parametersOf('PX-200')
const compared = (
  plan: readonly ExpectedDevice[],
  devices: readonly PlanDevice[],
  more: Partial<PlanFacts> & { values?: Record<string, string> } = {},
) =>
  comparePlan({
    plan,
    devices,
    wanted: (entry) => effectiveValues([{ name: 'North', values: more.values ?? {} }], entry.values),
    looked: () => undefined,
    isOlder: (version, running) => compareVersions(version, running) < 0,
    ...more,
  })
const stands = (...args: Parameters<typeof compared>) => compared(...args).map(({ row }) => row.stand)
const fields = (plan: ExpectedDevice, found: PlanDevice, more: Parameters<typeof compared>[2] = {}) =>
  compared([plan], [found], more)[0]?.row.differences.map(
    ({ field, parameter, manual }) => `${parameter ?? field}${manual ? '!' : ''}`,
  )

describe('a plan beside what there is', () => {
  it('finds what is there, missing and unexpected', () => {
    const plan = [{ serialNumber: 'EX-1' }, { serialNumber: 'EX-2' }, { udn: udnOf(3) }]
    expect(stands(plan, [device(1), device(3), device(4)])).toEqual([
      'present',
      'missing',
      'present',
      'unexpected',
    ])
  })

  it('finds who is planned by the factory certificate alone, by all that is known of it', () => {
    const identity = 'ab'.repeat(32)
    const plan = [{ identity }, { identity: 'cd'.repeat(32) }]
    const claims = device(1, { identity: identity.slice(0, 16) })
    expect(stands(plan, [claims])).toEqual(['present', 'missing'])
    // Who has it comes before who says so, and two who say so are for a person.
    const has = device(2, { identity })
    expect(compared(plan, [claims, has]).map(({ row }) => row.udn)).toEqual([has.udn, undefined, claims.udn])
    expect(
      fields({ identity }, device(3, { identity: `${identity.slice(0, 16)}00`.padEnd(64, '0') })),
    ).toEqual(['enrolment'])
    const two = [claims, device(3, { identity: identity.slice(0, 16) })]
    expect(stands(plan, two).slice(0, 2)).toEqual(['different', 'missing'])
    expect(compared([{ identity }], [])[0]?.row.name).toBe(identity.slice(0, 16))
  })

  it('names each field that differs', () => {
    const found = device(1, { givenName: 'Old', place: 'Roof', identity: 'ab'.repeat(32) })
    expect(fields({ serialNumber: 'EX-1', name: 'Pump', place: 'Roof', note: 'Key' }, found)).toEqual([
      'name',
      'note',
    ])
    expect(fields({ serialNumber: 'EX-1', group: 'South', firmware: '2.0.0' }, found)).toEqual([
      'group',
      'firmware',
    ])
    expect(fields({ serialNumber: 'EX-1', firmware: '1.0.0' }, found)).toEqual(['firmware!'])
    expect(fields({ serialNumber: 'EX-1', model: 'GC-10', name: 'Pump' }, found)).toEqual(['model!'])
    expect(fields({ serialNumber: 'EX-1', identity: 'cd'.repeat(32) }, found)).toEqual(['identity!'])
    expect(fields({ serialNumber: 'EX-1', identity: 'ab'.repeat(32) }, found)).toEqual([])
    // A name of the plan is shown where nobody has given another.
    expect(fields({ serialNumber: 'EX-1', name: 'Pump' }, device(1))).toEqual([])
    expect(fields({ serialNumber: 'EX-1', udn: udnOf(9) }, device(1))).toEqual(['identity!'])
    expect(fields({ serialNumber: 'EX-9', udn: udnOf(1) }, device(1))).toEqual(['identity!'])
    expect(fields({ serialNumber: 'EX-1', group: 'South' }, device(1, { enrolled: false }))).toEqual([
      'enrolment',
    ])
  })

  it('tells values that differ, and own values that the model does not take', () => {
    const running = { version: 3, values: { 'Device.Location': 'Hall 1' } }
    const looked = () => ({ parameters, running })
    const values = { 'Device.Location': 'Hall 7', 'Of.Another.Model': '1' }
    expect(fields({ serialNumber: 'EX-1' }, device(1), { looked, values })).toEqual(['Device.Location'])
    const own = { 'Device.Location': 'Hall 1', 'Of.Another.Model': '1' }
    expect(fields({ serialNumber: 'EX-1', values: own }, device(1), { looked, values })).toEqual([
      'Of.Another.Model!',
    ])
    // Who was not asked is compared by what is on record.
    expect(fields({ serialNumber: 'EX-1', values: own }, device(1), { values })).toEqual([])
  })

  it('asks a person where two devices have one serial number, unless one of them has proven it', () => {
    const twins = [device(1, { proven: false }), device(2, { serialNumber: 'EX-1', proven: false })]
    const plan = [{ serialNumber: 'EX-1', name: 'Pump' }]
    const [row] = compared(plan, twins)
    expect(row?.row).toMatchObject({ stand: 'different', differences: [{ field: 'identity', manual: true }] })
    expect(stands(plan, twins)).toEqual(['different', 'unexpected', 'unexpected'])
    const proven = [twins[0] ?? device(1), device(2, { serialNumber: 'EX-1' })]
    expect(compared(plan, proven)[0]?.row).toMatchObject({ udn: udnOf(2), stand: 'present' })
    const [first] = compared(
      [{ serialNumber: 'EX-1', identity: 'ab'.repeat(32) }],
      [
        device(1, { identity: 'cd'.repeat(32) }),
        device(2, { serialNumber: 'EX-1', proven: false, identity: 'ab'.repeat(32) }),
      ],
    )
    expect(first?.row).toMatchObject({ udn: udnOf(2), stand: 'present' })
  })

  it('gives a device to one entry, the one with its UDN first', () => {
    const rows = compared([{ serialNumber: 'EX-1' }, { udn: udnOf(1) }], [device(1)])
    expect(rows.map(({ row, match }) => [row.stand, match])).toEqual([
      ['different', 'taken'],
      ['present', 'device'],
    ])
  })

  const few = fc.integer({ min: 0, max: 5 })
  const anyEntry = fc
    .record({ udn: fc.option(few), serial: fc.option(few), group: fc.constantFrom('North', 'South') })
    .filter(({ udn, serial }) => udn !== null || serial !== null)
    .map(
      ({ udn, serial, group }): ExpectedDevice => ({
        ...(udn === null ? {} : { udn: udnOf(udn) }),
        ...(serial === null ? {} : { serialNumber: `EX-${serial}` }),
        group,
      }),
    )
  const anyDevices = fc
    .uniqueArray(fc.record({ n: few, serial: few, proven: fc.boolean() }), { selector: ({ n }) => n })
    .map((all) => all.map(({ n, serial, proven }) => device(n, { serialNumber: `EX-${serial}`, proven })))

  it('counts every entry once and every device once, whatever is planned twice', () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 8 }), anyDevices, (plan, devices) => {
        const rows = compared(plan, devices)
        const { counts } = comparisonOf(rows, 0)
        expect(counts.present + counts.different + counts.missing).toBe(plan.length)
        const shown = rows.flatMap((row) => row.device?.udn ?? [])
        expect([...shown].sort()).toEqual(devices.map(({ udn }) => udn).sort())
        expect(new Set(rows.map(({ row }) => row.key)).size).toBe(rows.length)
      }),
      { numRuns: 60 },
    )
  })
})

describe('the work', () => {
  it('is told in its order, with what it costs', () => {
    const differ = (field: 'firmware' | 'group' | 'enrolment', manual = false) => ({
      field,
      planned: 'x',
      manual,
    })
    const image = { bytes: 1_000_000, probationS: 3600 }
    const tasks = tasksOf(
      [differ('firmware'), differ('enrolment'), differ('group', true)],
      new Set(['describe']),
      image,
    )
    expect(tasks.map(({ kind, risk }) => `${kind} ${risk}`)).toEqual([
      'commission low',
      'describe none',
      'update trial',
    ])
    expect(tasks[2]).toMatchObject({ probationS: 3600 })
    expect(tasks[2]?.bytes).toBeGreaterThan(1_000_000)
    const rows = [true, false].map((online, n) => ({
      key: `n${n}`,
      name: 'x',
      online,
      tasks,
      state: 'previewed' as const,
    }))
    const none = {
      key: 'n9',
      name: 'x',
      online: true,
      tasks,
      problem: 'BUNDLE_UNKNOWN' as const,
      state: 'previewed' as const,
    }
    const totals = totalsOf([...rows, none], 2)
    expect(totals).toMatchObject({ devices: 2, held: 1, tasks: 6 })
    const each = tasks.reduce((sum, task) => sum + task.durationS, 0)
    expect(totals.durationS).toBe(each)
    expect(totalsOf(rows, 1).durationS).toBe(2 * each)
  })
})
