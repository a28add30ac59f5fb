import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SerialRange, Unit } from '../../electron/contract/factory'
import { labelText } from '../../electron/contract/label'
import {
  checkNumber,
  laneForScan,
  nextLane,
  notReleased,
  readScan,
  type ScanLane,
} from '../../electron/station/scan'
import { codeOf } from './codes'

const lanes = (...states: ScanLane['state'][]): ScanLane[] =>
  states.map((state, index) => ({ number: index + 1, state }))
const range = (more: Partial<SerialRange> = {}): SerialRange => ({
  id: 1,
  model: 'PX-200',
  prefix: 'PX-',
  digits: 4,
  first: 1,
  last: 100,
  next: 1,
  addedBy: 'Ada',
  addedAtMs: 0,
  ...more,
})
const UDN = 'uuid:0f0e0d0c-0b0a-4908-8706-050403020100'
const unit = (more: Partial<Unit> = {}): Unit => ({
  serialNumber: 'PX-0001',
  udn: UDN,
  model: 'PX-200',
  state: 'complete',
  hardwareId: 'aa',
  keyStorage: 'secure-element',
  station: 'Bench 1',
  lane: '3',
  operator: 'Operator 17',
  attempts: 1,
  createdAtMs: 0,
  updatedAtMs: Date.UTC(2025, 10, 20, 9, 14),
  ...more,
})

describe('what a scanner types', () => {
  it.each([
    ['PX-0001', 'PX-0001'],
    ['  PX-0001\r\n', 'PX-0001'],
    ['\u0002PX-0001\u0003\u001d', 'PX-0001'],
    [labelText({ udn: UDN, serialNumber: 'PX-0001', setupCode: 'K7QF2M9X' }), 'PX-0001'],
    ['', undefined],
    [' \t\r', undefined],
  ])('%j is %j', (text, serialNumber) => {
    expect(readScan(text)).toBe(serialNumber)
  })

  it.each(['https://example.org/a', 'PX 0001', '-1', 'ü', `P${'1'.repeat(40)}`])(
    '%j is no number',
    (text) => {
      expect(codeOf(() => readScan(text))).toBe('SERIAL_NUMBER_INVALID')
    },
  )

  it('is a number of this program, or refused in words fit for a screen', () => {
    const anyText = fc
      .array(fc.oneof(fc.integer({ min: 0, max: 127 }), fc.integer({ min: 0, max: 0xffff })))
      .map((units) => String.fromCharCode(...units))
    fc.assert(
      fc.property(anyText, (text) => {
        const said = codeOf(() => {
          const serialNumber = readScan(text)
          if (serialNumber !== undefined) expect(serialNumber).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/)
        })
        expect([undefined, 'SERIAL_NUMBER_INVALID']).toContain(said)
      }),
    )
  })
})

describe('where a scan goes', () => {
  it.each<[ScanLane[], number | undefined, number | undefined]>([
    [lanes('ready', 'ready'), undefined, 1],
    [lanes('running', 'ready', 'ready'), undefined, 2],
    [lanes('ready', 'ready'), 2, 2],
    // The chosen lane's device was taken out meanwhile.
    [lanes('ready', 'listening'), 2, 1],
    [lanes('ready', 'assigned'), 2, 2],
    [lanes('assigned', 'ready'), undefined, 2],
    [lanes('assigned', 'listening'), undefined, undefined],
    [[], undefined, undefined],
  ])('%j with %j chosen: %j', (list, chosen, expected) => {
    expect(nextLane(list, chosen)).toBe(expected)
  })

  it.each<[ScanLane[], string]>([
    [[], 'REQUEST_REFUSED'],
    [lanes('listening', 'passed'), 'SERIAL_SILENT'],
    [lanes('no-port'), 'SERIAL_SILENT'],
    [lanes('passed', 'locked'), 'LANE_LOCKED'],
    [lanes('passed', 'running', 'failed', 'refused'), 'REQUEST_REFUSED'],
  ])('%j: %s', (list, code) => {
    expect(codeOf(() => laneForScan(list, undefined))).toBe(code)
  })
})

describe('a number before it is given to a lane', () => {
  const check = { model: 'PX-200', ranges: [], unit: undefined, lanes: lanes('ready', 'ready'), lane: 1 }

  it('is free', () => {
    expect(() => checkNumber('PX-0001', check)).not.toThrow()
    expect(() => checkNumber('PX-0001', { ...check, ranges: [range()] })).not.toThrow()
  })

  it('was used: where is said', () => {
    expect(() => checkNumber('PX-0001', { ...check, unit: unit() })).toThrow(
      `SERIAL_NUMBER_USED: PX-200, complete, Bench 1 lane 3, 2025-11-20 09:14Z, ${UDN}`,
    )
    expect(() => checkNumber('PX-0001', { ...check, unit: unit({ state: 'burned', lane: '' }) })).toThrow(
      `SERIAL_NUMBER_USED: PX-200, burned, Bench 1, 2025-11-20 09:14Z, ${UDN}`,
    )
    for (const state of ['burned', 'scrapped'] as const)
      expect(codeOf(() => checkNumber('PX-0001', { ...check, unit: unit({ state }) }))).toBe(
        'SERIAL_NUMBER_USED',
      )
  })

  it('belongs to a device that is not finished', () => {
    expect(codeOf(() => checkNumber('PX-0001', { ...check, unit: unit({ state: 'keyed' }) }))).toBe(
      'OTHER_DEVICE',
    )
  })

  it('is in another lane already, as after a scanner that read twice', () => {
    const held = [
      { number: 1, state: 'running', serialNumber: 'PX-0001' },
      { number: 2, state: 'ready' },
    ] as const
    expect(() => checkNumber('PX-0001', { ...check, lanes: held, lane: 2 })).toThrow('lane 1 has it now')
    // The lane's own number, scanned once more before it was started, is no other.
    expect(() => checkNumber('PX-0001', { ...check, lanes: held, lane: 1 })).not.toThrow()
  })

  it.each([
    [[range()], 'PX-0101', 'it is not released for PX-200'],
    [[range()], 'PX-00010', 'it is not released for PX-200'],
    [[range({ model: 'QX-9' })], 'PX-0001', 'it is released for QX-9'],
    [[range({ model: 'QX-9' })], 'ZZ-1', undefined],
    [[range()], 'PX-0100', undefined],
  ])('ranges %j, %s: %s', (ranges, serialNumber, expected) => {
    expect(notReleased(ranges, 'PX-200', serialNumber)).toBe(expected)
    if (expected)
      expect(codeOf(() => checkNumber(serialNumber, { ...check, ranges }))).toBe('SERIAL_NUMBER_INVALID')
  })
})
