/** Groups on record: a version grows with all that it stands for, and never shrinks. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkPlace } from '../../electron/configuration/groups'
import { IotmcError } from '../../electron/contract/errors'
import { Records } from '../../electron/store/records'
import { udnOf } from '../helpers/device-row'

let records: Records
beforeEach(() => {
  records = Records.open(':memory:')
})
afterEach(() => records.close())

const versions = () => Object.fromEntries(records.groups.list().map(({ name, version }) => [name, version]))

describe('the version of a group', () => {
  beforeEach(() => {
    records.groups.save('Hall', { A: '1' })
    records.groups.save('Line', { B: '1' }, 'Hall')
    records.groups.save('Pumps', {}, 'Line')
    records.groups.save('Roof', {})
  })

  it('grows with its own values and with those above it', () => {
    expect(records.groups.save('Hall', { A: '2' }).version).toBe(2)
    expect(versions()).toEqual({ Hall: 2, Line: 2, Pumps: 2, Roof: 1 })
    records.groups.save('Pumps', { C: '1' }, 'Line')
    expect(versions()).toEqual({ Hall: 2, Line: 2, Pumps: 3, Roof: 1 })
  })

  it('grows when it comes to lie elsewhere, with all that is in it, and not when nothing has changed', () => {
    expect(records.groups.save('Line', { B: '1' }, 'Roof')).toMatchObject({ parent: 'Roof', version: 2 })
    expect(versions()).toEqual({ Hall: 1, Line: 2, Pumps: 2, Roof: 1 })
    records.groups.save('Line', { B: '1' }, 'Roof')
    expect(versions()).toEqual({ Hall: 1, Line: 2, Pumps: 2, Roof: 1 })
    expect(records.groups.save('Line', { B: '1' })).toEqual({
      name: 'Line',
      values: { B: '1' },
      version: 3,
      members: 0,
    })
    expect(versions().Pumps).toBe(3)
  })

  it('stands in the way down to it, outermost first', () => {
    expect(records.groups.chain('Pumps')).toEqual([
      { name: 'Hall', values: { A: '1' }, version: 1 },
      { name: 'Line', values: { B: '1' }, version: 1, parent: 'Hall' },
      { name: 'Pumps', values: {}, version: 1, parent: 'Line' },
    ])
    expect(records.groups.chain('Cellar')).toEqual([])
  })

  it('comes to an end in a circle', () => {
    records.groups.save('Hall', {}, 'Pumps')
    expect(records.groups.chain('Hall').at(-1)?.name).toBe('Hall')
    expect(versions()).toEqual({ Hall: 2, Line: 2, Pumps: 2, Roof: 1 })
  })
})

it('whatever is done, versions only grow, and grow wherever something else is wanted', () => {
  const name = fc.constantFrom('A', 'B', 'C', 'D', 'E')
  const values = fc.dictionary(fc.constantFrom('x', 'y'), fc.constantFrom('1', '2'), {
    noNullPrototype: true,
  })
  const change = fc.record({ name, values, parent: fc.option(name, { nil: undefined }) })
  const wanted = () =>
    new Map(
      records.groups.list().map((group) => {
        const chain = records.groups.chain(group.name)
        return [
          group.name,
          { version: group.version, what: JSON.stringify(chain.map((each) => each.values)) },
        ]
      }),
    )
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      for (const group of records.groups.list()) records.groups.remove(group.name)
      for (const { parent, ...asked } of changes) {
        const before = wanted()
        try {
          checkPlace(records.groups.list(), { name: asked.name, ...(parent ? { parent } : {}) })
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(IotmcError)
          continue
        }
        records.groups.save(asked.name, asked.values, parent)
        for (const [each, { version, what }] of wanted()) {
          const earlier = before.get(each)
          if (!earlier) expect(version).toBe(1)
          else if (earlier.what !== what) expect(version).toBe(earlier.version + 1)
          else expect(version - earlier.version).toBeOneOf([0, 1])
        }
      }
    }),
    { numRuns: 40 },
  )
})

describe('what people say and what is found', () => {
  it('is kept beside what is known of a device', () => {
    const words = { givenName: 'Pump by the door', place: 'Hall 3', note: 'loud', crlNumber: 7 }
    records.devices.put({ udn: udnOf(1), ...words })
    expect(records.devices.get(udnOf(1))).toEqual({ udn: udnOf(1), ...words })
    records.devices.patch(udnOf(1), { place: undefined })
    expect(records.devices.get(udnOf(1))).not.toHaveProperty('place')
  })

  it('is one finding a device, newest first, and nothing of a label but what is asked for', () => {
    const { labelFindings: table } = records
    const label = { udn: udnOf(2), serialNumber: 'EX-2', setupCode: 'SECRET99' }
    table.put({ udn: udnOf(1), atMs: 1, label: { serialNumber: 'EX-9' } })
    table.put({ udn: udnOf(3), atMs: 2, label })
    table.put({ udn: udnOf(1), atMs: 3, label })
    expect(table.list()).toEqual([
      { udn: udnOf(1), atMs: 3, label: { udn: udnOf(2), serialNumber: 'EX-2' } },
      { udn: udnOf(3), atMs: 2, label: { udn: udnOf(2), serialNumber: 'EX-2' } },
    ])
    table.remove(udnOf(1))
    expect(table.list().map((entry) => entry.udn)).toEqual([udnOf(3)])
  })
})
