import { describe, expect, it } from 'vitest'
import type { StoredRecord } from '../../../electron/contract/device-log'
import { isExact, joinNew, joinPage, jsonLine, matchesFilter, rowsOf } from '../../../renderer/model/log'
import { udn } from '../harness/sample'

const record = (sequence: number, more: Partial<StoredRecord> = {}): StoredRecord => ({
  boot: 1,
  sequence,
  time: '2026-01-01T00:00:00.000Z',
  clockSynchronised: true,
  severity: 6,
  component: 'net',
  code: 'link.up',
  message: 'Link is up',
  udn: udn(1),
  logId: '00112233aabbccdd',
  position: 1000 + sequence,
  timeMs: 1_000_000 + sequence * 1000,
  ...more,
})
const down = (...sequences: number[]) => sequences.map((one) => record(one))
const shape = (rows: ReturnType<typeof rowsOf>) =>
  rows.map((row) => (row.kind === 'lost' ? `lost ${row.count}` : row.record.sequence))

describe('rows of the log view', () => {
  it('show where the device dropped records before they were fetched', () =>
    expect(shape(rowsOf(down(9, 8, 5, 4), true, false))).toEqual([9, 8, 'lost 2', 5, 4]))

  it('say at the end that the first ones were lost', () =>
    expect(shape(rowsOf(down(5, 4, 3), true, true))).toEqual([5, 4, 3, 'lost 2']))

  it('do not take what a filter hides for lost', () =>
    expect(shape(rowsOf(down(9, 4), false, true))).toEqual([9, 4]))

  it('find what was written before the clock was set elsewhere in the list, and not lost', () => {
    const order = (...sequences: number[]) => shape(rowsOf(down(...sequences), true, true))
    expect(order(10, 9, 8, 7, 6, 3, 2, 1, 5, 4)).toEqual([10, 9, 8, 7, 6, 3, 2, 1, 5, 4])
    expect(order(10, 9, 3, 2, 1, 6, 5)).toEqual([10, 9, 'lost 3', 3, 2, 1, 6, 5])
  })

  it('count each device and each log for itself', () => {
    const other = { udn: udn(2) }
    const rows = rowsOf(
      [record(9), record(3, { ...other, position: 1 }), record(8), record(1, { ...other, position: 2 })],
      true,
      false,
    )
    expect(shape(rows)).toEqual([9, 3, 'lost 1', 8, 1])
  })
})

describe('new records', () => {
  it('join the newest first, none twice', () => {
    const { records, joined } = joinNew(down(5, 4), down(6, 5), {}, false)
    expect(records.map(({ sequence }) => sequence)).toEqual([6, 5, 4])
    expect(joined).toBe(1)
  })

  it('that lie behind the pages shown are counted, and come with their page', () => {
    const { records, joined } = joinNew(down(9, 8), [record(2)], {}, true)
    expect(records).toHaveLength(2)
    expect(joined).toBe(1)
  })

  it('that do not match stay out', () => {
    const filter = { maxSeverity: 4, text: 'INLET' }
    expect(matchesFilter(record(1, { severity: 3, data: { sensor: 'inlet' } }), filter)).toBe(true)
    expect(matchesFilter(record(1, { severity: 5, data: { sensor: 'inlet' } }), filter)).toBe(false)
    expect(matchesFilter(record(1, { severity: 3 }), filter)).toBe(false)
    expect(matchesFilter(record(1), { udns: [udn(2)] })).toBe(false)
  })

  it('are not doubled by the next page', () =>
    expect(
      joinPage(down(9, 8), { records: down(8, 7), more: false, tookMs: 1 }).map((one) => one.sequence),
    ).toEqual([9, 8, 7]))
})

it('a copied record is the line that the export writes', () =>
  expect(Object.keys(JSON.parse(jsonLine(record(3))) as object)).not.toContain('position'))

it('a view is exact only when nothing of a device is hidden', () => {
  expect(isExact({})).toBe(true)
  expect(isExact({ udns: [udn(1)], maxSeverity: 7 })).toBe(true)
  expect(isExact({ maxSeverity: 6 })).toBe(false)
  expect(isExact({ text: ' x ' })).toBe(false)
  expect(isExact({ fromMs: 1 })).toBe(false)
})
