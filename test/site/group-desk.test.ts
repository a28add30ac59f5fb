/** Groups as a supervisor changes them, and what devices get because of it. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { EnrollmentPolicy } from '../../electron/contract/enrollment'
import type { Job } from '../../electron/contract/job'
import { enrolledWith, GroupDesk, wantedOf } from '../../electron/site/group-desk'
import { Records } from '../../electron/store/records'
import { deviceRow, udnOf } from '../helpers/device-row'

const POLICY: EnrollmentPolicy = {
  mode: 'manual',
  defaultGroup: 'Default',
  rules: [{ model: '*', serial: '*', group: 'Ruled' }],
}
const GROUPS = ['Default', 'Ruled', 'Planned', 'Asked', 'Enrolling', 'Free']

let records: Records
let audits: string[]
let jobs: Job[]
let desk: GroupDesk
beforeEach(() => {
  records = Records.open(':memory:')
  audits = []
  jobs = []
  desk = new GroupDesk({
    records,
    policy: () => POLICY,
    jobs: () => jobs,
    device: (udn) => (udn === udnOf(1) ? deviceRow(1, { group: 'Pumps', serialNumber: 'EX-1' }) : undefined),
    audit: (...line) => void audits.push(line.join(' ')),
  })
})
const invalid = expect.objectContaining({ code: 'GROUP_INVALID' })

describe('saving', () => {
  it('makes groups in groups, and takes one out again', () => {
    desk.save({ name: 'Hall', values: { A: '1' } })
    expect(desk.save({ name: 'Pumps', values: { B: '1' }, parent: 'Hall' })).toMatchObject([
      { name: 'Hall', version: 1 },
      { name: 'Pumps', parent: 'Hall', version: 1 },
    ])
    expect(desk.save({ name: 'Pumps', values: { B: '1' } })[1]).not.toHaveProperty('parent')
    expect(audits.at(-1)).toBe('group-saved Pumps version 2')
  })

  it('changes nothing where a group can not lie', () => {
    desk.save({ name: 'Hall', values: {} })
    desk.save({ name: 'Pumps', values: {}, parent: 'Hall' })
    const before = desk.list()
    expect(() => desk.save({ name: 'Hall', values: { A: '1' }, parent: 'Pumps' })).toThrow(invalid)
    expect(() => desk.save({ name: 'New', values: {}, parent: 'Cellar' })).toThrow(invalid)
    expect(desk.list()).toEqual(before)
    expect(audits).toHaveLength(2)
  })
})

describe('a name', () => {
  it.each(['', ' Hall', 'Hall ', 'a\nb', 'x'.repeat(64)])('that can not travel is refused: %j', (name) => {
    expect(() => desk.save({ name, values: {} })).toThrow(invalid)
    expect(desk.list()).toEqual([])
  })

  it.each(['H', 'Halle 3 – Süd', 'x'.repeat(63)])('is taken as it is: %j', (name) => {
    expect(desk.save({ name, values: {} })[0]?.name).toBe(name)
  })
})

describe('taking away', () => {
  it('is refused while anything would send a device into it', () => {
    for (const name of GROUPS) desk.save({ name, values: {} })
    records.expected.replace([{ serialNumber: 'EX-5', group: 'Planned' }])
    const job = { state: 'waiting', params: { group: 'Asked' } } satisfies Partial<Job>
    jobs = [
      {
        ...job,
        id: '1',
        kind: 'commission',
        subject: udnOf(5),
        batch: '1',
        steps: [],
        attempt: 1,
        createdAtMs: 0,
        updatedAtMs: 0,
      },
    ]
    records.enrollments.put({
      enrollmentId: 'e1',
      udn: udnOf(6),
      model: 'M',
      hardwareRevision: 'A',
      firmwareVersion: '1.0.0',
      serialNumber: 'EX-6',
      identityFingerprint: 'FP',
      state: 'approved',
      group: 'Enrolling',
      requestedAtMs: 1,
      updatedAtMs: 1,
      requestDer: new Uint8Array([1]),
      requestSha256: 'r',
      publicKeySha256: 'k',
    })
    for (const name of GROUPS.slice(0, -1)) expect(() => desk.remove(name), name).toThrow(invalid)
    expect(desk.remove('Free').map(({ name }) => name)).not.toContain('Free')
    expect(() => desk.remove('Free')).toThrow(expect.objectContaining({ code: 'GROUP_UNKNOWN' }))
    expect(audits.at(-1)).toBe('group-removed Free')
  })

  it('is refused while it has members or groups', () => {
    desk.save({ name: 'Hall', values: {} })
    desk.save({ name: 'Pumps', values: {}, parent: 'Hall' })
    records.devices.put({ udn: udnOf(1), group: 'Pumps' })
    expect(() => desk.remove('Hall')).toThrow(invalid)
    expect(() => desk.remove('Pumps')).toThrow(invalid)
    records.devices.patch(udnOf(1), { group: undefined })
    desk.remove('Pumps')
    expect(desk.remove('Hall')).toEqual([])
  })
})

describe('what is wanted', () => {
  beforeEach(() => {
    desk.save({ name: 'Hall', values: { A: '1', B: '1' } })
    desk.save({ name: 'Pumps', values: { B: '2' }, parent: 'Hall' })
  })

  it('of a device comes from its groups', () => {
    const { values, origins } = desk.effective(udnOf(1))
    expect(values).toEqual({ A: '1', B: '2' })
    expect(origins).toEqual({ A: { from: 'group', group: 'Hall' }, B: { from: 'group', group: 'Pumps' } })
    expect(() => desk.effective(udnOf(2))).toThrow(expect.objectContaining({ code: 'DEVICE_UNKNOWN' }))
    expect(wantedOf(records, deviceRow(3, { group: 'Cellar' }))).toEqual({ values: {}, origins: {} })
  })

  it('of one that is thought of comes from that group and the values given with it', () => {
    expect(desk.effective({ group: 'Hall', own: { B: '3' } })).toEqual({
      values: { A: '1', B: '3' },
      origins: { A: { from: 'group', group: 'Hall' }, B: { from: 'device' } },
    })
    expect(() => desk.effective({ group: 'Cellar' })).toThrow(
      expect.objectContaining({ code: 'GROUP_UNKNOWN' }),
    )
  })

  it('of a new member has the version of its group, which grows with what is above', () => {
    desk.save({ name: 'Hall', values: { A: '5' } })
    expect(enrolledWith(records, 'Pumps', { udn: udnOf(1) })).toMatchObject({
      name: 'Pumps',
      version: 2,
      values: { A: '5', B: '2' },
    })
    records.expected.replace([{ serialNumber: 'EX-1', group: 'Pumps', values: { B: '9' } }])
    const planned = enrolledWith(records, 'Pumps', { udn: udnOf(1), serialNumber: 'EX-1' })
    expect(planned).toMatchObject({ version: 2, values: { A: '5', B: '9' } })
    expect(enrolledWith(records, 'Cellar', { udn: udnOf(1) })).toBeUndefined()
  })
})
