import { describe, expect, it } from 'vitest'
import type { ConfigurationPlan, Parameter, PlanRow } from '../../../electron/contract/configuration'
import { parametersOf } from '../../../electron/device/models'
import {
  changedValues,
  changeText,
  configureBlock,
  countStands,
  gone,
  hasProblem,
  isBegun,
  mergeRows,
  shareParameters,
  sortRows,
  toApply,
  toRetry,
  toRollBack,
  typedValue,
  valueProblem,
  wantedAgain,
} from '../../../renderer/model/configuration'
import { applyChanged } from '../../../renderer/stores/configuration'
import { deviceRow, udnOf } from '../../helpers/device-row'

const row = (n: number, over: Partial<PlanRow> = {}): PlanRow => ({
  udn: udnOf(n),
  name: `Pump ${n}`,
  version: 1,
  changes: [{ name: 'A', from: 'x', to: 'y' }],
  left: [],
  state: 'previewed',
  ...over,
})
const plan = (...rows: PlanRow[]): ConfigurationPlan => ({ id: 'p', createdAtMs: 0, change: 'values', rows })
const parameter = (over: Partial<Parameter>): Parameter => ({
  name: 'A',
  type: 'number',
  access: 'readWrite',
  default: '1',
  ...over,
})

describe('a typed value', () => {
  it('may have a decimal comma and blanks around where it is a number', () => {
    expect(typedValue('number', ' -3,5 ')).toBe('-3.5')
    expect(typedValue('integer', ' 4 ')).toBe('4')
    expect(typedValue('string', ' a,b ')).toBe(' a,b ')
  })

  it.each([
    [{ min: 1, max: 5 }, '6', 'range'],
    [{ min: 1 }, '0', 'least'],
    [{ max: 5 }, '6', 'most'],
    [{}, 'x', 'number'],
    [{ type: 'integer' }, '1.5', 'integer'],
    [{ type: 'boolean' }, 'x', 'choice'],
    [{ type: 'string', allowed: ['a'] }, 'b', 'choice'],
    [{ type: 'string', maxLength: 2 }, 'abc', 'long'],
    [{ type: 'string' }, '\u0007', 'text'],
    [{ min: 1, max: 5 }, '5', undefined],
  ] as const)('%o, %j: %s', (over, text, problem) => {
    expect(valueProblem(parameter(over as Partial<Parameter>), text)).toBe(problem)
  })

  it('counts as changed only where it means something else', () => {
    const known = {
      parameters: [parameter({}), parameter({ name: 'T', type: 'string' })],
      values: { A: '1.50', T: '1' },
    }
    expect(changedValues(known, { A: '1,5', T: '1.0' })).toEqual({ T: '1.0' })
    expect(hasProblem(known.parameters, { A: 'x' })).toBe(true)
    expect(hasProblem(known.parameters, { A: '2' })).toBe(false)
  })
})

it('what can not be configured says why', () => {
  expect(configureBlock(deviceRow(1, { managed: false }))).toBe('not-managed')
  expect(configureBlock(deviceRow(1, { phase: 'commissioning' }))).toBe('not-enrolled')
  expect(configureBlock(deviceRow(1, { phase: 'operation', online: false }))).toBe('offline')
  expect(configureBlock(deviceRow(1, { phase: 'maintenance' }))).toBeUndefined()
})

it('parameters that most models have come first, read-only ones not at all', () => {
  const shared = shareParameters(
    new Map([
      ['PX-200', parametersOf('PX-200')],
      ['GC-10', parametersOf('GC-10')],
    ]),
  )
  expect(shared[0]?.models).toEqual(['PX-200', 'GC-10'])
  expect(shared.at(-1)?.models).toEqual(['GC-10'])
  expect(shared.map((one) => one.parameter.name)).not.toContain('Pump.OperatingHours')
})

describe('a plan', () => {
  const mixed = plan(
    row(10, { state: 'same', changes: [] }),
    row(2, { state: 'applied', direction: 'apply' }),
    row(3, { problem: 'DEVICE_OFFLINE' }),
    row(4, { state: 'failed', direction: 'apply', error: { code: 'TIMED_OUT' } }),
    row(5, { state: 'failed', direction: 'apply', error: { code: 'PLAN_STALE' } }),
    row(6, { state: 'failed', direction: 'rollback', error: { code: 'BUSY' } }),
    row(7),
  )

  it('knows what each button would work on', () => {
    expect(toApply(mixed)).toEqual([udnOf(7)])
    expect(toRetry(mixed, 'apply')).toEqual([udnOf(4)])
    expect(toRetry(mixed, 'rollback')).toEqual([udnOf(6)])
    expect(toRollBack(mixed)).toEqual([udnOf(2)])
    expect(gone(mixed)).toEqual([udnOf(5)])
    expect([isBegun(mixed), isBegun(plan(row(1)))]).toEqual([true, false])
  })

  it('shows what needs a look first, and counts what is there', () => {
    expect(sortRows(mixed.rows).map(({ name }) => name)).toEqual([
      'Pump 4',
      'Pump 5',
      'Pump 6',
      'Pump 3',
      'Pump 2',
      'Pump 7',
      'Pump 10',
    ])
    expect(countStands(mixed.rows)).toEqual([
      ['problem', 1],
      ['previewed', 1],
      ['same', 1],
      ['applied', 1],
      ['failed', 3],
    ])
  })

  it('takes rows that went on, and keeps the others as they are', () => {
    const [first, second] = [row(1), row(2)]
    const merged = mergeRows(plan(first, second), [row(2, { state: 'applied' }), row(9)])
    expect(merged.rows).toHaveLength(2)
    expect(merged.rows[0]).toBe(first)
    expect(merged.rows[1]?.state).toBe('applied')
    const plans = new Map([['p', plan(first)]])
    expect(applyChanged(plans, plan(row(1, { state: 'applied' }))).get('p')?.rows[0]?.state).toBe('applied')
    expect(applyChanged(plans, { ...plan(first), id: 'other' })).toBe(plans)
  })

  it('can be asked for again as it was', () => {
    expect(wantedAgain([row(1)])).toEqual({ [udnOf(1)]: { A: 'y' } })
  })

  it('says a change in a few characters', () => {
    expect(changeText({ name: 'A', from: '', to: '3', unit: 'bar' })).toBe('A — → 3 bar')
  })
})
