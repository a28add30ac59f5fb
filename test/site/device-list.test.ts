/** What people say about devices, beside what devices and the plan say. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DecommissionState } from '../../electron/contract/decommission-states'
import type { Enrollment } from '../../electron/contract/enrollment'
import type { Discovery } from '../../electron/discovery/discovery'
import type { DiscoveredDevice } from '../../electron/discovery/registry'
import { DeviceList } from '../../electron/site/device-list'
import { Records } from '../../electron/store/records'
import { udnOf } from '../helpers/device-row'
import { VirtualClock } from '../helpers/virtual-clock'

const heardOf = (n: number, over: Partial<DiscoveredDevice> = {}): DiscoveredDevice => ({
  udn: udnOf(n),
  claim: { version: 1, phase: 'operation', capabilities: ['enroll'] },
  addresses: [],
  reboots: 0,
  online: true,
  lastSeenMs: 0,
  expiresAtMs: 1,
  warnings: ['port-mismatch'],
  description: { friendlyName: `Self ${n}`, serialNumber: `EX-${n}` } as DiscoveredDevice['description'] & {},
  ...over,
})

let records: Records
let heard: Map<string, DiscoveredDevice>
let leaving: Map<string, DecommissionState>
let changed: string[]
let list: DeviceList

const open = () => {
  const finder: Pick<Discovery, 'entries' | 'get'> = {
    entries: () => [...heard.values()],
    get: (udn) => heard.get(udn),
  }
  list = new DeviceList({
    clock: new VirtualClock(),
    records,
    finder: finder as Discovery,
    ownUdn: udnOf(0),
    newestJob: () => undefined,
    firmware: () => undefined,
    health: () => undefined,
    decommissioned: (udn) => leaving.get(udn),
    isMislabelled: (udn) => udn === udnOf(2),
    changed: (udns) => void changed.push(...udns),
  })
}
beforeEach(() => {
  records = Records.open(':memory:')
  heard = new Map([1, 2].map((n) => [udnOf(n), heardOf(n)]))
  leaving = new Map()
  changed = []
  open()
})
afterEach(() => records.close())
const row = (n = 1) => list.view(udnOf(n))

describe('the name of a device', () => {
  it('is what a person says, else the plan, else the device itself', () => {
    expect(row()?.name).toBe('Self 1')
    records.expected.replace([{ serialNumber: 'EX-1', name: 'Planned' }])
    expect([row()?.name, row(2)?.name]).toEqual(['Planned', 'Self 2'])
    list.describe(udnOf(1), { name: 'Pump by the door' })
    expect(row()?.name).toBe('Pump by the door')
    expect(changed).toEqual([udnOf(1)])
    list.describe(udnOf(1), { name: ' ' })
    expect(row()?.name).toBe('Planned')
  })

  it('is that of the plan as soon as the serial number is known by which it is planned', () => {
    records.expected.replace([{ serialNumber: 'EX-9', name: 'Planned' }])
    expect(row()?.name).toBe('Self 1')
    list.remember(udnOf(1), { serialNumber: 'EX-9' })
    expect(row()?.name).toBe('Planned')
  })
})

describe('words', () => {
  it('stay over a restart; what is not named stays, and an empty text takes away', () => {
    list.describe(udnOf(1), { name: 'Pump', place: ' Hall 3 ', note: 'loud' })
    list.describe(udnOf(1), { note: '' })
    list.remember(udnOf(1), { group: 'North' })
    open()
    expect(row()).toMatchObject({ name: 'Pump', place: 'Hall 3', group: 'North' })
    expect(row()).not.toHaveProperty('note')
    expect(() => list.describe(udnOf(9), { name: 'x' })).toThrow(
      expect.objectContaining({ code: 'DEVICE_UNKNOWN' }),
    )
  })

  it('do not make a device one of this site that it has nothing else to do with', () => {
    heard.set(udnOf(1), { ...heardOf(1), claim: undefined } as DiscoveredDevice)
    list.describe(udnOf(1), { name: 'Printer' })
    expect(row()).toMatchObject({ name: 'Printer', managed: false, state: 'not-managed' })
    list.describe(udnOf(1), { name: '' })
    expect(records.devices.get(udnOf(1))).toBeUndefined()
    heard.delete(udnOf(1))
    expect(row()).toBeUndefined()
  })

  it('leave what was learned of a device when they go', () => {
    list.remember(udnOf(1), { model: 'PX-200' })
    list.describe(udnOf(1), { name: 'Pump' })
    list.describe(udnOf(1), { name: '' })
    expect(records.devices.get(udnOf(1))).toEqual({ udn: udnOf(1), model: 'PX-200' })
  })
})

it('a label that is not its own is a warning', () => {
  expect(row(1)?.warnings).toEqual(['port-mismatch'])
  expect(row(2)?.warnings).toEqual(['port-mismatch', 'label-of-other'])
})

it('a device that waits says that the plan names another factory certificate or model for it', () => {
  const [udn, serialNumber] = [udnOf(1), 'EX-1']
  const waits: Enrollment = {
    enrollmentId: 'e',
    udn,
    serialNumber,
    model: 'PX-200',
    hardwareRevision: '',
    firmwareVersion: '',
    identityFingerprint: Array.from({ length: 32 }, () => 'AB').join(':'),
    state: 'pending',
    requestedAtMs: 1,
    updatedAtMs: 1,
  }
  const warnings = (entry: object) => {
    records.expected.replace([{ serialNumber, ...entry }])
    return row()?.warnings.slice(1)
  }
  records.enrollments.put(waits)
  list.forgetEnrollment(udn)
  expect(warnings({ identity: 'ab'.repeat(32), model: 'PX-200' })).toEqual([])
  expect(warnings({ identity: 'cd'.repeat(32) })).toEqual(['plan-other-identity'])
  expect(warnings({ model: 'PX-100' })).toEqual(['plan-other-model'])
  records.enrollments.put({ ...waits, state: 'approved', group: 'North' })
  list.forgetEnrollment(udn)
  expect(warnings({ model: 'PX-100' })).toEqual([])
})

it('a device that has left has what it had no longer, and comes back with it', () => {
  const had = { group: 'North', configurationVersion: 3, ldevidNotAfter: '2030-01-01T00:00:00Z' }
  list.remember(udnOf(1), had)
  leaving.set(udnOf(1), 'queued')
  expect(row()).toMatchObject({ ...had, decommissioned: 'queued', state: 'not-trusted' })
  leaving.set(udnOf(1), 'certified')
  heard.set(udnOf(1), heardOf(1, { claim: { version: 1, phase: 'provisioning', capabilities: [] } }))
  expect(row()).toMatchObject({ decommissioned: 'certified', state: 'needs-network' })
  for (const field of Object.keys(had)) expect(row()).not.toHaveProperty(field)
  leaving.clear()
  expect(row()).toMatchObject(had)
  expect(row()).not.toHaveProperty('decommissioned')
})
