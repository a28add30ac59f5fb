/** What a change would do, and where a device stands with it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { effectiveValues } from '../../electron/configuration/effective'
import {
  backStandOf,
  compareWithTemplate,
  type Looked,
  type PlanOrder,
  planRow,
  standOf,
} from '../../electron/configuration/plan'
import type { Parameter, Values } from '../../electron/contract/configuration'
import { udnOf } from '../helpers/device-row'

const text = (name: string, access: Parameter['access'] = 'readWrite'): Parameter => ({
  name,
  type: 'string',
  access,
  default: '',
})
const number = (name: string): Parameter => ({
  name,
  type: 'number',
  access: 'readWrite',
  min: 0,
  max: 10,
  unit: 'bar',
  default: '1',
})
const PARAMETERS = [text('A'), number('B'), text('Serial', 'readOnly')]
const device = { udn: udnOf(1), name: 'Pump' }
const looked = (values: Values, version = 3, parameters: readonly Parameter[] = PARAMETERS): Looked => ({
  running: { version, values },
  parameters,
})
const orderFor = (values: Values, wanted: Values): PlanOrder => {
  const { order } = planRow(device, looked(values), wanted, false)
  if (!order) throw new Error('nothing would change')
  return order
}

describe('a row', () => {
  it('says what changes, numbers being equal as numbers and texts as texts', () => {
    const { row, order } = planRow(
      device,
      looked({ A: '1', B: '2.50', Serial: 'x' }),
      { B: '2.5', A: '1.0' },
      false,
    )
    expect(row).toMatchObject({
      state: 'previewed',
      version: 3,
      changes: [{ name: 'A', from: '1', to: '1.0' }],
    })
    expect(order?.wanted).toEqual({ version: 4, values: { A: '1.0' } })
    expect(order?.before).toEqual({
      version: 3,
      values: { A: '1', B: '2.50' },
      types: { A: 'string', B: 'number' },
    })
  })

  it('has its reason and no order where the device would refuse a value', () => {
    const { row, order } = planRow(device, looked({ A: '', B: '1' }), { A: 'x', B: '11' }, false)
    expect(row).toMatchObject({
      problem: 'VALUE_OUT_OF_RANGE',
      changes: [{ name: 'A' }, { name: 'B', unit: 'bar', problem: 'VALUE_OUT_OF_RANGE' }],
    })
    expect(row.changes[0]?.problem).toBeUndefined()
    expect(order).toBeUndefined()
  })

  it('takes a read-only value that is the same, and refuses another one unless a whole group is meant', () => {
    const values = { A: '', B: '1', Serial: 'x' }
    expect(planRow(device, looked(values), { Serial: 'x' }, false).row.state).toBe('same')
    expect(planRow(device, looked(values), { Serial: 'y' }, false).row.problem).toBe('READ_ONLY_PARAMETER')
    expect(planRow(device, looked(values), { Serial: 'y' }, true).row).toMatchObject({
      state: 'same',
      left: ['Serial'],
    })
  })

  it('is not misled by a parameter that is called like something every object has', () => {
    const parameters = [text('constructor'), text('toString')]
    const { row } = planRow(device, looked({ constructor: '', toString: 'x' }, 0, parameters), {}, false)
    expect(row).toMatchObject({ state: 'same', changes: [], left: [] })
    const wanted = effectiveValues([{ name: 'G', values: { constructor: 'b' } }])
    const compared = compareWithTemplate(device.udn, looked({ constructor: 'a' }, 0, parameters), wanted)
    expect(compared.origins).toEqual({ constructor: { from: 'group', group: 'G' } })
    expect(compared.differs).toEqual(['constructor'])
  })
})

describe('a device', () => {
  const values = { A: 'x', B: '1' }
  const order = orderFor(values, { A: 'y' })

  it.each([
    ['as it was', 3, { A: 'x', B: '1.0' }, 'before'],
    ['with what was wanted', 9, { A: 'y', B: '5' }, 'wanted'],
    ['of another version', 4, values, 'other'],
    ['of the same version with another value', 3, { A: 'z', B: '1' }, 'other'],
  ] as const)('%s', (_what, version, running, stand) => {
    expect(standOf(order, { version, values: running })).toBe(stand)
  })

  it.each([
    ['that runs what was applied', 4, { A: 'y', B: '1' }, 'applied'],
    ['that has changed elsewhere', 5, { A: 'y', B: '2' }, 'mixed'],
    ['that is back', 9, { A: 'x', B: '2' }, 'before'],
    ['of which somebody has changed the same value', 5, { A: 'z', B: '1' }, 'other'],
  ] as const)('%s, on the way back', (_what, version, running, stand) => {
    expect(backStandOf(order, { version, values: running })).toBe(stand)
  })

  it('that was told the order runs what was wanted, and the order back brings it to what was before', () => {
    const anyValues = fc.record({ A: fc.string({ maxLength: 5 }), B: fc.constantFrom('0', '1', '2.5', '10') })
    fc.assert(
      fc.property(anyValues, anyValues, (before, wanted) => {
        const { order: made, row } = planRow(device, looked(before), wanted, false)
        if (!made) return row.state === 'same' || row.problem !== undefined
        const applied = { version: made.wanted.version, values: { ...before, ...made.wanted.values } }
        return (
          standOf(made, { version: 3, values: before }) === 'before' &&
          standOf(made, applied) === 'wanted' &&
          backStandOf(made, applied) === 'applied' &&
          backStandOf(made, { version: 3, values: before }) === 'before'
        )
      }),
    )
  })
})
