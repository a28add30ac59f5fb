/** Labels on devices: the right one, one of another device, two that were swapped, and one of nobody. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Device } from '../../electron/contract/device'
import { labelText } from '../../electron/contract/label'
import { labelFindingSchema } from '../../electron/contract/site-plan'
import { LabelDesk } from '../../electron/site/label-desk'
import { Records } from '../../electron/store/records'
import { deviceRow, udnOf } from '../helpers/device-row'
import { VirtualClock } from '../helpers/virtual-clock'

const SECRET = 'SECRET99'
const labelOf = (n: number, serialNumber = `EX-${n}`) =>
  labelText({ udn: udnOf(n), serialNumber, setupCode: SECRET })

let records: Records
let clock: VirtualClock
let rows: Device[]
let audits: string[]
let changed: string[]
let desk: LabelDesk

const open = () => {
  desk = new LabelDesk({
    clock,
    table: records.labelFindings,
    expected: records.expected,
    device: (udn) => rows.find((row) => row.udn === udn),
    devices: () => rows,
    changed: (udns) => void changed.push(...udns.map((udn) => udn.slice(-1))),
    audit: (...line) => void audits.push(line.join(' ')),
  })
}
beforeEach(() => {
  records = Records.open(':memory:')
  clock = new VirtualClock()
  rows = [1, 2, 3].map((n) => deviceRow(n, { serialNumber: `EX-${n}` }))
  audits = []
  changed = []
  open()
})
afterEach(() => records.close())

const scan = (n: number, text: string) => {
  clock.advance(1000)
  changed = []
  const finding = desk.scan(udnOf(n), text)
  labelFindingSchema.parse(finding)
  return finding
}

describe('a bare setup code', () => {
  it.each([SECRET, 'secret99', ' SECRET99\n', 'SECR ET99'])('is refused and kept nowhere: %s', (text) => {
    expect(() => scan(1, text)).toThrowError(expect.objectContaining({ code: 'LABEL_UNREADABLE' }))
    expect([desk.findings(), audits]).toEqual([[], []])
  })

  it('is a serial number where a device has it', () => {
    rows = [...rows, deviceRow(4, { serialNumber: SECRET })]
    expect(scan(4, SECRET)).toMatchObject({ state: 'matches' })
  })
})

describe('a scanned label', () => {
  it.each([
    ['its own', labelOf(1)],
    ['its own, typed in capitals by the scanner', labelOf(1).toUpperCase()],
    ['its bare serial number', ' EX-1\n'],
  ])('matches: %s', (_what, text) => {
    expect(scan(1, text)).toMatchObject({ state: 'matches', labelUdn: udnOf(1), labelName: 'Device 1' })
    expect(desk.findings()).toEqual([])
    expect(desk.isWrong(udnOf(1))).toBe(false)
  })

  it.each([
    ['its label', labelOf(2)],
    ['its serial number', 'ex-2'],
  ])('names the device whose it is: %s', (_what, text) => {
    expect(scan(1, text)).toMatchObject({
      udn: udnOf(1),
      name: 'Device 1',
      serialNumber: 'EX-1',
      state: 'other',
      labelUdn: udnOf(2),
      labelName: 'Device 2',
    })
    expect(desk.of(udnOf(1))).toMatchObject({ state: 'other', labelUdn: udnOf(2) })
    expect(desk.of(udnOf(2))).toBeUndefined()
  })

  it('of a device that is planned and was never heard is that one’s', () => {
    records.expected.replace([{ serialNumber: 'EX-8', name: 'Pump by the door' }, { udn: udnOf(9) }])
    expect(scan(1, 'EX-8')).toMatchObject({ state: 'other', labelName: 'Pump by the door' })
    expect(scan(1, labelOf(9))).toMatchObject({ state: 'other', labelUdn: udnOf(9), labelName: 'EX-9' })
  })

  it.each([
    ['a label', labelOf(7), udnOf(7)],
    ['a serial number', 'EX-7', undefined],
    ['its own UDN under another serial number', labelOf(1, 'EX-2'), udnOf(1)],
  ])('is foreign: %s of no device known here', (_what, text, labelUdn) => {
    const finding = scan(1, text)
    expect(finding).toMatchObject({ state: 'foreign' })
    expect([finding.labelUdn, finding.labelName]).toEqual([labelUdn, undefined])
  })

  it('is taken by its UDN where the device has told no serial number', () => {
    rows = [deviceRow(1)]
    expect(scan(1, labelOf(1)).state).toBe('matches')
    records.expected.replace([{ udn: udnOf(1), serialNumber: 'EX-1' }])
    expect(scan(1, 'EX-1').state).toBe('matches')
    expect(scan(1, 'EX-2').state).toBe('foreign')
  })

  it.each(['', '  ', 'https://example.org/1', 'IOTMC1:broken', 'a b'])('can not be read: %j', (text) => {
    const refused = expect.objectContaining({ code: 'LABEL_UNREADABLE', subject: udnOf(1) })
    expect(() => scan(1, text)).toThrow(refused)
    expect([desk.findings(), audits]).toEqual([[], []])
  })

  it('of a device that is not there says nothing', () => {
    expect(() => scan(9, labelOf(9))).toThrow(expect.objectContaining({ code: 'DEVICE_UNKNOWN' }))
  })
})

describe('two swapped labels', () => {
  beforeEach(() => {
    scan(1, labelOf(2))
    scan(2, 'EX-1')
  })

  it('are known once both were scanned, and both are told', () => {
    expect(changed.sort()).toEqual(['1', '2'])
    expect(desk.findings()).toMatchObject([
      { udn: udnOf(2), state: 'swapped', labelUdn: udnOf(1) },
      { udn: udnOf(1), state: 'swapped', labelUdn: udnOf(2) },
    ])
  })

  it('stay wrong each until its own is scanned', () => {
    expect(scan(1, labelOf(1)).state).toBe('matches')
    expect(changed.sort()).toEqual(['1', '2'])
    expect(desk.findings()).toMatchObject([{ udn: udnOf(2), state: 'other', labelName: 'Device 1' }])
    scan(2, labelOf(2))
    expect(desk.findings()).toEqual([])
    expect(records.labelFindings.list()).toEqual([])
  })

  it('are no swap when there is a third', () => {
    scan(2, labelOf(3))
    scan(3, labelOf(1))
    expect(desk.findings().map(({ state }) => state)).toEqual(['other', 'other', 'other'])
  })

  it('are still known after a restart, under the names of today', () => {
    rows = rows.map((row) => ({ ...row, name: `New ${row.name}` }))
    open()
    expect(desk.of(udnOf(1))).toMatchObject({ state: 'swapped', labelName: 'New Device 2' })
  })
})

it('keeps and tells no setup code', () => {
  const told = [scan(1, labelOf(2)), scan(2, labelOf(1)), scan(3, labelOf(7)), scan(1, labelOf(1))]
  expect(audits.at(-1)).toBe(`label-scanned ${udnOf(1)} its own label ${udnOf(1)}`)
  expect(JSON.stringify([told, audits, desk.findings(), records.labelFindings.list()])).not.toContain(SECRET)
})
