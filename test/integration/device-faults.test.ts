/** Each fault of the reference device does what its sentence says. (Those that kill it: device-enrollment.test.ts.) */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { asIotmcError } from '../../electron/contract/errors'
import { DEVICE_TYPE } from '../../electron/contract/names'
import { type FaultName, SLOW_ANSWER_MS } from '../../electron/device/faults'
import { Discovery } from '../../electron/discovery/discovery'
import type { Authority } from '../../electron/identity/authority'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { systemClock } from '../../electron/net/clock'
import { ControllerDouble } from '../helpers/controller-double'
import { killDevices, type Ready, startDevice } from '../helpers/device-process'
import { makeAuthority, makeClient, makeFolder } from '../helpers/device-site'
import { requirePrivateNetwork } from '../helpers/private-network'

let site: Authority
let controller: ControllerDouble
let factory = ''
let anchor = ''
let state = ''

beforeAll(async () => {
  requirePrivateNetwork()
  site = await makeAuthority('Site')
  factory = join(makeFolder('factory'), 'factory')
  await openPracticeFactory(factory)
  anchor = join(makeFolder('anchor'), 'site-ca.pem')
  writeFileSync(anchor, site.certificatePem)
  const identity = await makeClient(site, 'Admin')
  controller = new ControllerDouble({
    site,
    identity,
    factoryRoot: () => readFileSync(join(factory, 'root.pem'), 'utf8'),
  })
})
beforeEach(() => {
  state = makeFolder('device')
})
afterEach(killDevices)

const start = async (...faults: FaultName[]): Promise<Ready> => {
  const device = await startDevice([
    ...['--state', state, '--interface', 'lo', '--factory', factory, '--anchor', anchor],
    ...faults.flatMap((fault) => ['--fault', fault]),
  ])
  return device.ready
}

const outcome = async (ready: Ready, action = 'GetLifecycleState', args: Record<string, string> = {}) => {
  const service = action === 'SetValues' ? 'Configuration' : 'Lifecycle'
  try {
    return await controller.call(ready.secureLocation, service, action, args)
  } catch (thrown) {
    return asIotmcError(thrown).code
  }
}

describe('fault', () => {
  it.each<[FaultName, string]>([
    ['refuse-tls', 'TLS_REFUSED'],
    ['foreign-ca', 'IDENTITY_NOT_TRUSTED'],
    ['expired-identity', 'IDENTITY_EXPIRED'],
    ['garbage-soap', 'BAD_ANSWER'],
  ])('%s makes a controller say %s', async (fault, code) => {
    expect(await outcome(await start(fault))).toBe(code)
  })

  it('wrong-udn shows a genuine certificate of another device', async () => {
    const ready = await start('wrong-udn')
    expect(await outcome(ready)).toMatchObject({ DeviceUDN: ready.udn })
    await expect(controller.prove(ready.secureLocation, ready.udn)).rejects.toMatchObject({
      code: 'UDN_MISMATCH',
    })
  })

  it('slow answers late', async () => {
    const ready = await start('slow')
    const before = performance.now()
    expect(await outcome(ready)).toMatchObject({ LifecycleState: 'commissioning' })
    expect(performance.now() - before).toBeGreaterThan(SLOW_ANSWER_MS - 50)
  })

  it('reject-configuration refuses every change', async () => {
    const ready = await start('reject-configuration')
    const args = { ConfigurationVersion: '1', Values: '{"Pump.MaxFlow":"30"}' }
    expect(await outcome(ready, 'SetValues', args)).toBe('VALUE_INVALID')
  })

  const searched = async (): Promise<Discovery> => {
    const discovery = new Discovery({
      clock: systemClock,
      interfaces: ['lo'],
      allowOffSubnet: false,
      mxS: 1,
      searchTargets: [DEVICE_TYPE.managed],
      readDescription: () => Promise.reject(new Error('nobody answers')),
    })
    await discovery.start()
    return discovery
  }

  it('never-advertise is heard by nobody, while an honest device beside it is', async () => {
    const silent = await start('never-advertise')
    state = makeFolder('device')
    const discovery = await searched()
    const heard = new Promise<void>((done) => {
      discovery.on('changed', () => {
        if (discovery.entries().some((each) => each.udn !== silent.udn)) done()
      })
    })
    await start()
    await heard
    expect(discovery.get(silent.udn)).toBeUndefined()
    await discovery.stop()
  })

  it('stale-location advertises a place where nothing listens', async () => {
    const discovery = await searched()
    const ready = await start('stale-location')
    const location = await new Promise<string>((done) => {
      const look = () => {
        const found = discovery.get(ready.udn)?.addresses[0]?.location
        if (found) done(found)
      }
      discovery.on('changed', look)
      look()
    })
    expect(location).not.toBe(ready.location)
    await expect(fetch(location)).rejects.toThrow()
    await discovery.stop()
  })
})
