import { describe, expect, it } from 'vitest'
import { parameterSchema } from '../../electron/contract/configuration'
import { IotmcError } from '../../electron/contract/errors'
import { checkChange, checkValue } from '../../electron/contract/parameter-check'
import { MODEL_NAMES, parametersOf } from '../../electron/device/models'
import { applyChange, factoryConfiguration, rollBack } from '../../electron/device/parameters'

const parameters = parametersOf('PX-200')
const factory = factoryConfiguration(parameters)

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (thrown) {
    if (thrown instanceof IotmcError) return thrown.code
    throw thrown
  }
  return 'none'
}

describe.each(MODEL_NAMES)('model %s', (model) => {
  it('has fourteen well-formed parameters whose defaults fit', () => {
    const all = parametersOf(model)
    expect(all).toHaveLength(14)
    expect(new Set(all.map((each) => each.name)).size).toBe(14)
    for (const each of all) {
      expect(parameterSchema.parse(each)).toEqual(each)
      expect([each.name, checkValue(each, each.default)]).toEqual([each.name, undefined])
    }
    expect(all.some((each) => each.access === 'readOnly')).toBe(true)
  })
})

describe('a change of the configuration', () => {
  it('is applied as a whole and keeps what ran before', () => {
    const next = applyChange(parameters, factory, 3, {
      'Pump.TargetPressure': '4.2',
      'Pump.Mode': 'constant-flow',
    })
    expect(next.version).toBe(3)
    expect(next.values['Pump.TargetPressure']).toBe('4.2')
    expect(next.values['Pump.MaxFlow']).toBe('24')
    expect(next.previous).toEqual({ version: 0, values: factory.values })
  })

  it('gives the same outcome when it comes again', () => {
    const change = { 'Pump.TargetPressure': '4.2' }
    const next = applyChange(parameters, factory, 3, change)
    expect(applyChange(parameters, next, 3, change)).toBe(next)
  })

  it.each([
    ['Pump.Colour', 'red', 'UNKNOWN_PARAMETER'],
    ['Pump.OperatingHours', '5', 'READ_ONLY_PARAMETER'],
    ['Pump.TargetPressure', '10.5', 'VALUE_OUT_OF_RANGE'],
    ['Pump.TargetPressure', 'NaN', 'VALUE_INVALID'],
    ['Pump.TargetPressure', '1e1', 'VALUE_INVALID'],
    ['Pump.TargetPressure', '', 'VALUE_INVALID'],
    ['Pump.RampSeconds', '8.5', 'VALUE_INVALID'],
    ['Pump.RampSeconds', '0x10', 'VALUE_INVALID'],
    ['Pump.DryRunProtection', 'yes', 'VALUE_INVALID'],
    ['Pump.Mode', 'turbo', 'VALUE_INVALID'],
    ['Device.Location', 'x'.repeat(64), 'STRING_TOO_LONG'],
    ['Device.Location', 'line\nbreak', 'VALUE_INVALID'],
  ])('%s = %j is refused with %s', (name, value, code) => {
    expect(checkChange(parameters, { [name]: value })).toEqual([{ name, code }])
  })

  it('changes nothing when one of many is wrong, and names each that is', () => {
    const change = { 'Pump.MaxFlow': '30', 'Pump.Colour': 'red', 'Pump.RampSeconds': '999' }
    expect(codeOf(() => applyChange(parameters, factory, 1, change))).toBe('UNKNOWN_PARAMETER')
    expect(() => applyChange(parameters, factory, 1, change)).toThrow(
      'Pump.Colour UNKNOWN_PARAMETER, Pump.RampSeconds VALUE_OUT_OF_RANGE',
    )
    expect(codeOf(() => applyChange(parameters, factory, 1, { 'Pump.RampSeconds': '999' }))).toBe(
      'VALUE_INVALID',
    )
    expect(codeOf(() => applyChange(parameters, factory, 0, {}))).toBe('VALUE_OUT_OF_RANGE')
  })

  it('does not take names of object members for parameters', () => {
    const change = JSON.parse('{"__proto__":"x","constructor":"y"}')
    expect(checkChange(parameters, change).map((each) => each.code)).toEqual([
      'UNKNOWN_PARAMETER',
      'UNKNOWN_PARAMETER',
    ])
  })

  it('can be taken back once', () => {
    const next = applyChange(parameters, factory, 3, { 'Pump.MaxFlow': '30' })
    expect(rollBack(next)).toEqual(factory)
    expect(codeOf(() => rollBack(rollBack(next)))).toBe('ACTION_FAILED')
  })
})
