/** What a device process serves over mutual TLS, in each phase and to each role. */
import { createPublicKey, verify, X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { asIotmcError } from '../../electron/contract/errors'
import type { ServiceName } from '../../electron/contract/names'
import { Discovery } from '../../electron/discovery/discovery'
import type { SsdpMessage } from '../../electron/discovery/ssdp-message'
import type { Authority } from '../../electron/identity/authority'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { systemClock } from '../../electron/net/clock'
import { plainGet } from '../../electron/net/http-client'
import { parseDescription } from '../../electron/upnp/description'
import { ControllerDouble } from '../helpers/controller-double'
import { type DeviceProcess, killDevices, type Ready, startDevice } from '../helpers/device-process'
import { makeAuthority, makeClient, makeFolder, type SiteClient } from '../helpers/device-site'
import { requirePrivateNetwork } from '../helpers/private-network'

let site: Authority
let admin: SiteClient
let basic: SiteClient
let factory = ''
let anchor = ''
let controller: ControllerDouble
let state = ''

beforeAll(async () => {
  requirePrivateNetwork()
  site = await makeAuthority('Site')
  admin = await makeClient(site, 'Admin')
  basic = await makeClient(site, 'Basic')
  factory = join(makeFolder('factory'), 'factory')
  await openPracticeFactory(factory)
  anchor = join(makeFolder('anchor'), 'site-ca.pem')
  writeFileSync(anchor, site.certificatePem)
  controller = new ControllerDouble({
    site,
    identity: admin,
    factoryRoot: () => readFileSync(join(factory, 'root.pem'), 'utf8'),
  })
})
beforeEach(() => {
  state = makeFolder('device')
})
afterEach(killDevices)

const start = async (...extra: string[]): Promise<{ device: DeviceProcess; ready: Ready }> => {
  const device = await startDevice([
    ...['--state', state, '--interface', 'lo', '--factory', factory, '--anchor', anchor],
    ...extra,
  ])
  return { device, ready: await device.ready }
}

/** The answer, or the code of the error. */
const call = async (
  ready: Ready,
  action: `${ServiceName}.${string}`,
  args: Record<string, string> = {},
  identity: SiteClient = admin,
): Promise<Record<string, string> | string> => {
  const [service = '', name = ''] = action.split('.')
  try {
    return await controller.call(ready.secureLocation, service as ServiceName, name, args, identity)
  } catch (thrown) {
    return asIotmcError(thrown).code
  }
}

describe('a device', () => {
  it('says on its one line who it is, and shows only public things without TLS', async () => {
    const { device, ready } = await start('--model', 'GC-10', '--serial', 'GC-1', '--name', 'North gate')
    expect(device.stdout().trim().split('\n')).toHaveLength(1)
    expect(ready).toMatchObject({
      model: 'GC-10',
      serial: 'GC-1',
      phase: 'commissioning',
      bootId: 1,
      pid: device.child.pid,
    })
    const answer = await plainGet({ url: ready.location })
    const description = parseDescription(answer.body, ready.location)
    expect(description).toMatchObject({
      udn: ready.udn,
      friendlyName: 'North gate',
      modelName: 'GC-10',
      serialNumber: 'GC-1',
    })
    expect(description.repairs).toEqual([])
    const control = await plainGet({ url: new URL('/control/Lifecycle', ready.location).href })
    expect(control.status).toBe(404)
  })

  it('answers its roles and refuses what they may not', async () => {
    const { ready } = await start()
    expect(await call(ready, 'Lifecycle.GetLifecycleState', {}, basic)).toMatchObject({
      LifecycleState: 'commissioning',
    })
    expect(await call(ready, 'Configuration.GetValues', { Names: '[]' }, basic)).toMatchObject({
      ConfigurationVersion: '0',
    })
    const change = { ConfigurationVersion: '1', Values: '{}' }
    expect(await call(ready, 'Configuration.SetValues', change, basic)).toBe('NOT_AUTHORIZED')
    expect(await call(ready, 'Lifecycle.Reboot', {}, basic)).toBe('NOT_AUTHORIZED')
    expect(await call(ready, 'Configuration.SetValues', change)).toMatchObject({ ConfigurationVersion: '1' })
  })

  it('refuses clients of another site in the handshake, and clients with no certificate', async () => {
    const { ready } = await start()
    const stranger = await makeClient(await makeAuthority('Elsewhere'), 'Admin')
    expect(await call(ready, 'Lifecycle.GetLifecycleState', {}, stranger)).toBe('TLS_REFUSED')
    const { hostname, port } = new URL(ready.secureLocation)
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false })
    const ended = new Promise((done) => socket.once('close', done).once('error', () => undefined))
    socket.on('secureConnect', () => socket.write('GET /description.xml HTTP/1.1\r\nHost: x\r\n\r\n'))
    let heard = ''
    socket.on('data', (chunk) => {
      heard += String(chunk)
    })
    await ended
    expect(heard).toBe('')
  })

  it('refuses actions of another phase with the phase in the error', async () => {
    const { ready } = await start()
    const args = {
      SetupCode: ready.setupCode,
      Ssid: 'x',
      Credential: 'x',
      SiteTrustAnchor: site.certificatePem,
    }
    expect(await call(ready, 'Lifecycle.ProvisionNetwork', args)).toBe('WRONG_PHASE')
  })

  it('tells what is wrong with a change, and keeps a right one over a kill', async () => {
    const { device, ready } = await start()
    const set = (version: string, values: object) =>
      call(ready, 'Configuration.SetValues', {
        ConfigurationVersion: version,
        Values: JSON.stringify(values),
      })
    expect(await set('1', { 'Pump.Colour': 'red' })).toBe('UNKNOWN_PARAMETER')
    expect(await set('1', { 'Pump.OperatingHours': '1' })).toBe('READ_ONLY_PARAMETER')
    expect(await set('1', { 'Pump.MaxFlow': '30', 'Pump.RampSeconds': '0' })).toBe('VALUE_INVALID')
    expect(await set('1', { 'Pump.MaxFlow': '30' })).toEqual({ ConfigurationVersion: '1', Errors: '[]' })
    await device.kill()
    const again = await start()
    expect(await call(again.ready, 'Configuration.GetValues', { Names: '["Pump.MaxFlow"]' })).toEqual({
      ConfigurationVersion: '1',
      Values: '{"Pump.MaxFlow":"30"}',
    })
    expect(await call(again.ready, 'Configuration.Rollback')).toEqual({ ConfigurationVersion: '0' })
  })

  it('identifies itself for as long as it is told', async () => {
    const { device, ready } = await start()
    expect(await call(ready, 'Lifecycle.Identify', { Seconds: '1' })).toEqual({})
    await device.log((line) => line.event === 'identify-over')
    expect(await call(ready, 'Lifecycle.Identify', { Seconds: '301' })).toBe('VALUE_OUT_OF_RANGE')
  })
})

describe('provisioning and decommissioning', () => {
  const network = (code: string) => ({
    SetupCode: code,
    Ssid: 'plant',
    Credential: 'network-key-of-the-plant',
    SiteTrustAnchor: site.certificatePem,
  })

  it('go a whole circle: setup code, site trust, wipe with proof, setup code again', async () => {
    const { device, ready } = await start('--phase', 'provisioning')
    expect(await call(ready, 'Lifecycle.GetLifecycleState')).toMatchObject({ LifecycleState: 'provisioning' })
    expect(await call(ready, 'Lifecycle.Identify', { Seconds: '1' })).toBe('NOT_AUTHORIZED')
    expect(await call(ready, 'Lifecycle.ProvisionNetwork', network('AAAA0000'))).toBe('SETUP_CODE_WRONG')
    expect(await call(ready, 'Lifecycle.ProvisionNetwork', network(ready.setupCode))).toEqual({})
    await device.log((line) => line.phase === 'commissioning')
    expect(await call(ready, 'Lifecycle.GetLifecycleState')).toMatchObject({
      LifecycleState: 'commissioning',
    })
    const Nonce = '1f'.repeat(16)
    const answer = await call(ready, 'Lifecycle.Decommission', { Nonce })
    const { Statement = '', Proof = '' } = typeof answer === 'string' ? {} : answer
    const { publicKey } = new X509Certificate(readFileSync(join(state, 'idevid.pem')))
    const key = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }))
    expect(verify('sha256', Buffer.from(Statement), key, Buffer.from(Proof, 'base64'))).toBe(true)
    expect(JSON.parse(Statement)).toMatchObject({ statement: 'wiped', udn: ready.udn, nonce: Nonce })
    // It starts again, at another address.
    const up = await device.log(
      ({ event, bootId }) => event === 'up' && typeof bootId === 'number' && bootId > ready.bootId,
    )
    const home = { ...ready, secureLocation: String(up.secureLocation) }
    expect(await call(home, 'Lifecycle.Reboot')).toBe('NOT_AUTHORIZED')
    expect(readFileSync(join(state, 'state.json'), 'utf8')).not.toContain('network-key-of-the-plant')
    expect(await call(home, 'Lifecycle.ProvisionNetwork', network(ready.setupCode))).toEqual({})
  })

  it('lock after five wrong codes, also over a kill, and log no code', async () => {
    const { device, ready } = await start('--phase', 'provisioning')
    for (let i = 0; i < 5; i += 1) {
      expect(await call(ready, 'Lifecycle.ProvisionNetwork', network('AAAA0000'))).toBe('SETUP_CODE_WRONG')
    }
    await device.kill()
    const again = await start()
    expect(await call(again.ready, 'Lifecycle.ProvisionNetwork', network(ready.setupCode))).toBe('LOCKED_OUT')
    for (const secret of [ready.setupCode, 'AAAA0000', 'network-key-of-the-plant']) {
      expect(device.stderr() + again.device.stderr()).not.toContain(secret)
    }
  })
})

describe('a reboot', () => {
  it('is announced with the next BOOTID, says goodbye, and comes back under it', async () => {
    const heard: SsdpMessage[] = []
    const discovery = new Discovery({
      clock: systemClock,
      interfaces: ['lo'],
      allowOffSubnet: false,
      mxS: 1,
      readDescription: () => Promise.reject(new Error('not needed')),
    })
    const { device, ready } = await start()
    const done = new Promise<void>((back) => {
      discovery.on('heard', ({ message }) => {
        if (message.kind === 'search' || message.udn !== ready.udn || message.target !== 'upnp:rootdevice')
          return
        heard.push(message)
        if (message.kind === 'alive' && message.bootId === 2) back()
      })
    })
    await discovery.start()
    expect(await call(ready, 'Lifecycle.Reboot')).toEqual({})
    await done
    await discovery.stop()
    const kinds = heard.map((message) => message.kind).filter((kind, i, all) => kind !== all[i - 1])
    expect(kinds.slice(-3)).toEqual(['update', 'byebye', 'alive'])
    const update = heard.find((message) => message.kind === 'update')
    expect(update).toMatchObject({ bootId: 1, nextBootId: 2 })
    await device.kill()
    expect((await start()).ready.bootId).toBe(3)
  })
})
