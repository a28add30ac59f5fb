import { describe, expect, it } from 'vitest'
import {
  assignGroup,
  type DeviceCall,
  differences,
  pushConfiguration,
} from '../../electron/configuration/client'
import type { Parameter, Values } from '../../electron/contract/configuration'

const parameters: Parameter[] = [
  { name: 'Air.SetPoint', type: 'number', access: 'readWrite', default: '21.5' },
  { name: 'Air.Hours', type: 'integer', access: 'readOnly', default: '0' },
]

/** A device in a few lines; `lies` makes it report something else than it took. */
const fakeDevice = (lies = false) => {
  let version = 0
  let values: Values = { 'Air.SetPoint': '21.5', 'Air.Hours': '7' }
  const asked: string[] = []
  const call: DeviceCall = async (_service, action, args): Promise<Record<string, string>> => {
    asked.push(action)
    if (action === 'GetSupportedParameters') return { Parameters: JSON.stringify(parameters) }
    if (action === 'SetValues') {
      version = Number(args.ConfigurationVersion)
      if (!lies) values = { ...values, ...(JSON.parse(args.Values ?? '{}') as Values) }
      return { ConfigurationVersion: String(version), Errors: '[]' }
    }
    return { ConfigurationVersion: String(version), Values: JSON.stringify(values) }
  }
  return { call, asked }
}

const signal = new AbortController().signal

describe('pushing a configuration', () => {
  it('sets what the model has, leaves out the rest, and reads it back', async () => {
    const device = fakeDevice()
    const wanted = { version: 3, values: { 'Air.SetPoint': '19', 'Air.Hours': '0', 'Pump.Mode': 'x' } }
    const result = await pushConfiguration(device.call, wanted, signal)
    expect(result).toEqual({ version: 3, applied: ['Air.SetPoint'], left: ['Air.Hours', 'Pump.Mode'] })
    expect(device.asked).toEqual(['GetSupportedParameters', 'GetValues', 'SetValues', 'GetValues'])
  })

  it('changes nothing on a device that runs it already', async () => {
    const device = fakeDevice()
    const wanted = { version: 3, values: { 'Air.SetPoint': '19' } }
    await pushConfiguration(device.call, wanted, signal)
    await pushConfiguration(device.call, wanted, signal)
    expect(device.asked.filter((action) => action === 'SetValues')).toHaveLength(1)
  })

  it('does not believe a device that reports something else afterwards', async () => {
    const wanted = { version: 3, values: { 'Air.SetPoint': '19' } }
    await expect(pushConfiguration(fakeDevice(true).call, wanted, signal)).rejects.toMatchObject({
      code: 'READ_BACK_DIFFERS',
      detail: 'Air.SetPoint',
    })
  })

  it('refuses an answer that is not in its documented form', async () => {
    const call: DeviceCall = async () => ({ Parameters: '{"not":"an array"}' })
    await expect(pushConfiguration(call, { version: 1, values: {} }, signal)).rejects.toMatchObject({
      code: 'BAD_ANSWER',
    })
  })
})

describe('moving to another group', () => {
  const makeLink = (group: string, obeys = true) => {
    const asked: string[] = []
    let now = group
    const call = async (
      udn: string,
      ...[service, action, args]: Parameters<DeviceCall>
    ): Promise<Record<string, string>> => {
      asked.push(`${udn} ${service}.${action}`)
      if (action === 'AssignGroup' && obeys) now = args.ManagementGroup ?? ''
      return action === 'AssignGroup' ? {} : { ManagementGroup: now }
    }
    return { call, asked }
  }

  it('is told and read back, and not told twice', async () => {
    const link = makeLink('North')
    await assignGroup(link, 'uuid:1', 'South', signal)
    await assignGroup(link, 'uuid:1', 'South', signal)
    expect(link.asked).toEqual([
      'uuid:1 Lifecycle.GetLifecycleState',
      'uuid:1 Lifecycle.AssignGroup',
      'uuid:1 Lifecycle.GetLifecycleState',
      'uuid:1 Lifecycle.GetLifecycleState',
    ])
  })

  it('is not believed where the device names another one afterwards', async () => {
    await expect(assignGroup(makeLink('North', false), 'uuid:1', 'South', signal)).rejects.toMatchObject({
      code: 'READ_BACK_DIFFERS',
      detail: 'group North',
    })
  })
})

describe('comparing values', () => {
  it('takes numbers as numbers and everything else as text', () => {
    expect(differences({ a: '21.50', b: 'true', c: '' }, { a: '21.5', b: 'true', c: '0' })).toEqual(['c'])
  })
})
