import { beforeEach, describe, expect, it } from 'vitest'
import { asIotmcError } from '../../electron/contract/errors'
import { configurationActions } from '../../electron/device/configuration-service'
import { FaultSwitch } from '../../electron/device/fault-switch'
import type { FaultName } from '../../electron/device/faults'
import { parametersOf } from '../../electron/device/models'
import { factoryConfiguration } from '../../electron/device/parameters'
import { OPEN_GUARD } from '../../electron/device/setup-code'
import { StateFile } from '../../electron/device/state-file'
import { makeFolder } from '../helpers/device-site'

let store: StateFile
const told: number[] = []
beforeEach(() => {
  told.length = 0
  store = StateFile.create(makeFolder('configuration'), {
    format: 1,
    udn: 'uuid:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
    model: 'AU-7',
    serialNumber: 'AU-7-1',
    name: 'Air unit',
    hardwareRevision: 'C2',
    firmwareVersion: '1.4.0',
    phase: 'operation',
    bootId: 1,
    setupCode: '7K3MZ0QP',
    setupGuard: OPEN_GUARD,
    lastGeneration: 0,
    configuration: factoryConfiguration(parametersOf('AU-7')),
    faultsFired: [],
  })
})

const act = async (action: string, args: Record<string, string> = {}, faults: FaultName[] = []) => {
  const onConfigured = (version: number) => {
    told.push(version)
    expect(StateFile.open(store.folder)?.current.configuration.version).toBe(version)
  }
  const actions = configurationActions({
    store,
    faults: new FaultSwitch(faults, store, () => undefined),
    onConfigured,
  })
  const context = {
    role: 'Admin',
    peer: undefined,
    remoteAddress: '',
    signal: new AbortController().signal,
  } as const
  try {
    return (await actions[action]?.(args, context)) ?? 'no such action'
  } catch (thrown) {
    return asIotmcError(thrown).code
  }
}

const set = (version: number, values: unknown, faults: FaultName[] = []) =>
  act('SetValues', { ConfigurationVersion: String(version), Values: JSON.stringify(values) }, faults)

describe('Configuration:1', () => {
  it('lists the parameters of its model', async () => {
    expect(await act('GetSupportedParameters')).toEqual({ Parameters: JSON.stringify(parametersOf('AU-7')) })
  })

  it('stores a change before it says so, once', async () => {
    expect(await set(2, { 'Air.SetPoint': '19.5' })).toEqual({ ConfigurationVersion: '2', Errors: '[]' })
    expect(await set(2, { 'Air.SetPoint': '19.5' })).toEqual({ ConfigurationVersion: '2', Errors: '[]' })
    expect(told).toEqual([2])
    expect(await act('GetValues', { Names: '["Air.SetPoint"]' })).toEqual({
      ConfigurationVersion: '2',
      Values: '{"Air.SetPoint":"19.5"}',
    })
  })

  it('takes a change back', async () => {
    await set(2, { 'Air.SetPoint': '19.5' })
    expect(await act('Rollback')).toEqual({ ConfigurationVersion: '0' })
    expect(await act('Rollback')).toBe('ACTION_FAILED')
    expect(told).toEqual([2, 0])
  })

  it('gives every value when none is named, and refuses names it does not have', async () => {
    expect(await act('GetValues', { Names: '[]' })).toMatchObject({
      Values: JSON.stringify(store.current.configuration.values),
    })
    expect(await act('GetValues', { Names: '["Air.Colour"]' })).toBe('UNKNOWN_PARAMETER')
    expect(await act('GetValues', { Names: '["__proto__"]' })).toBe('UNKNOWN_PARAMETER')
  })

  it.each(['', '{', '[]', '"x"', '{"Air.SetPoint": 5}', `{"a":"${'x'.repeat(2000)}"}`, '[['.repeat(90_000)])(
    'refuses values that are not an object of texts',
    async (Values) => {
      expect(await act('SetValues', { ConfigurationVersion: '2', Values })).toBe('VALUE_INVALID')
      expect(store.current.configuration.version).toBe(0)
    },
  )

  it('refuses everything under the fault reject-configuration', async () => {
    expect(await set(2, { 'Air.SetPoint': '19.5' }, ['reject-configuration'])).toBe('VALUE_INVALID')
    expect(told).toEqual([])
  })
})
