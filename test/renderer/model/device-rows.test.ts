import { describe, expect, it } from 'vitest'
import { DEFAULT_QUERY, queryRows } from '../../../renderer/model/device-rows'
import { summarize } from '../../../renderer/model/device-summary'
import { devices, udn } from '../harness/sample'

const rows = devices()
const names = (query: Partial<typeof DEFAULT_QUERY>) =>
  queryRows(rows, { ...DEFAULT_QUERY, ...query }).map((device) => device.name || device.serialNumber)

describe('the device list', () => {
  it('sorts numbers in names as numbers', () =>
    expect(names({ text: 'air' })).toEqual(['Air unit 3', 'Air unit 4', 'Air unit 12']))

  it('sorts worst first by state, and the other way round', () => {
    expect(names({ sort: 'state' })[0]).toBe('Gate west')
    expect(names({ sort: 'state', descending: true })[0]).toBe('NAS (media server)')
  })

  it('keeps an order for equal rows, so that nothing jumps', () => {
    const order = names({ sort: 'model' })
    expect(
      queryRows([...rows].reverse(), { ...DEFAULT_QUERY, sort: 'model' }).map(
        (one) => one.name || one.serialNumber,
      ),
    ).toEqual(order)
  })

  it('finds by several words in name, serial number, address and group', () => {
    expect(names({ text: 'PX200 01180' })).toEqual(['PX200-01180'])
    expect(names({ text: '10.4.1.28' })).toEqual(['Air unit 3'])
    expect(names({ text: 'north 10.4.1.21' })).toEqual(['Pump room 1'])
  })

  it('finds and sorts by place, those without one last', () => {
    const placed = rows.map((one, n) => (n < 2 ? { ...one, place: `Bay ${n === 0 ? 10 : 9}` } : one))
    const found = queryRows(placed, { ...DEFAULT_QUERY, sort: 'place' })
    expect(found.slice(0, 3).map(({ place }) => place)).toEqual(['Bay 9', 'Bay 10', undefined])
    expect(queryRows(placed, { ...DEFAULT_QUERY, text: 'BAY' })).toHaveLength(2)
  })

  it('shows what each chip counts', () => {
    const counts = summarize(rows).chips.filters
    for (const [filter, count] of Object.entries(counts))
      expect(names({ filter: filter as keyof typeof counts })).toHaveLength(count)
    expect(counts).toEqual({ all: 12, attention: 4, waiting: 2, new: 0, offline: 1, unmanaged: 1 })
  })

  it('filters by group, also by having none', () => {
    expect(names({ group: 'Roof' })).toHaveLength(3)
    expect(names({ group: '' })).toHaveLength(5)
    expect(summarize(rows).chips.groups).toEqual([
      ['', 5],
      ['Gates', 2],
      ['North hall', 2],
      ['Roof', 3],
    ])
  })

  it('finds and sorts among 5,000 devices', () => {
    const many = devices(5000)
    const found = queryRows(many, { ...DEFAULT_QUERY, sort: 'state', text: 'unit' })
    expect(found.length).toBeGreaterThan(1000)
    expect(found.every(({ name }) => name.includes('unit'))).toBe(true)
    expect(many[4]?.udn).toBe(udn(5))
  })
})
