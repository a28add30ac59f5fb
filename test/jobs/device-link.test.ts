/** A way to a device that several go at once: what one of them needs anew ends nothing of another. */
import { afterEach, beforeAll, expect, it } from 'vitest'
import { DEVICE_TYPE } from '../../electron/contract/names'
import { DeviceLink, type Sighting } from '../../electron/jobs/device-link'
import { systemClock } from '../../electron/net/clock'
import { UpnpEndpoint } from '../../electron/upnp/endpoint'
import { issue, makeRoot, type TestCertificate } from '../net/pki'

const UDN = 'uuid:8c9c1a52-8b1e-4f0c-9d0e-2f1a3b4c5d6e'

let root: TestCertificate
let device: TestCertificate
let controller: TestCertificate
const closers: (() => unknown)[] = []

beforeAll(async () => {
  root = await makeRoot('Root')
  device = await issue({ name: 'device', issuer: root })
  controller = await issue({ name: 'controller', issuer: root })
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const STATE = {
  LifecycleState: 'operation',
  DeviceUDN: UDN,
  Model: 'L1',
  SerialNumber: 'SN-1',
  FirmwareVersion: '1.0.0',
  HardwareRevision: 'C2',
  ConfigurationVersion: '1',
  LdevidSerial: '',
  ManagementGroup: '',
}

const gate = () => {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

/** A device that answers the first Identify only when it is let go, and a link to it. */
const world = async () => {
  const endpoint = new UpnpEndpoint({
    udn: UDN,
    deviceType: DEVICE_TYPE.managed,
    friendlyName: 'device',
    manufacturer: 'M',
    model: 'L1',
    serialNumber: 'SN-1',
    configId: () => 1,
    services: ['Lifecycle'],
    identity: device,
    clientCas: [root.pem],
    clientCertificate: 'required',
    hosts: ['127.0.0.1'],
    judgePeer: () => ({ ok: true, role: 'Admin', udn: 'uuid:controller' }),
  })
  const held = gate()
  const asked = gate()
  let identified = 0
  endpoint.handle('Lifecycle', 'Identify', async () => {
    identified += 1
    asked.open()
    if (identified === 1) await held.opened
    return {}
  })
  endpoint.handle('Lifecycle', 'GetLifecycleState', () => STATE)
  const { httpsPort } = await endpoint.start()
  const secureLocation = `https://127.0.0.1:${httpsPort}/description.xml`
  let bootId = 1
  const sighting = (): Sighting => ({
    online: true,
    bootId,
    addresses: [
      { address: '127.0.0.1', interfaceName: 'lo', lastSeenMs: 0, location: secureLocation, secureLocation },
    ],
  })
  const link = new DeviceLink({
    clock: systemClock,
    trust: { judge: () => ({ ok: true, kind: 'LDevID', role: 'Public', udn: UDN, chain: [SUMMARY] }) },
    identity: () => controller,
    cas: () => [root.pem],
    sighting,
  })
  closers.push(
    () => endpoint.close(),
    () => link.close(),
    () => held.open(),
  )
  const identify = (signal = new AbortController().signal) =>
    link.call(UDN, 'Lifecycle', 'Identify', { Seconds: '5' }, signal)
  const restart = () => {
    bootId += 1
  }
  return { link, identify, asked: asked.opened, identified: () => identified, restart }
}

const SUMMARY = {
  subject: 'CN=device',
  issuer: 'CN=Root',
  serialNumber: '01',
  fingerprint: 'AA',
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2066-01-01T00:00:00.000Z',
  isCa: false,
}
const never = () => new AbortController().signal
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (error: { code: string }) => error.code,
  )

it('an exchange whose connection another ends, to check the identity afresh, is made again', async () => {
  const { link, identify, asked, identified } = await world()
  const answer = codeOf(identify())
  await asked
  expect((await link.verify(UDN, never())).trusted).toBe(true)
  expect(await answer).toBe('answered')
  expect(identified()).toBe(2)
})

it('so is one to a device that is heard again after a restart', async () => {
  const { link, identify, asked, restart } = await world()
  const answer = codeOf(identify())
  await asked
  restart()
  expect((await link.state(UDN, never())).phase).toBe('operation')
  expect(await answer).toBe('answered')
})

it('one that its own caller gives up ends, and one of a link that is closed', async () => {
  const first = await world()
  const given = new AbortController()
  const answer = codeOf(first.identify(given.signal))
  await first.asked
  given.abort()
  expect(await answer).toBe('CANCELLED')
  expect(first.identified()).toBe(1)

  const second = await world()
  const cut = codeOf(second.identify())
  await second.asked
  second.link.close()
  expect(await cut).toBe('CANCELLED')
  expect(second.identified()).toBe(1)
})

it('does not give up the caller that waits for what another began to read', async () => {
  const { link } = await world()
  const given = new AbortController()
  const first = codeOf(link.state(UDN, given.signal))
  const second = codeOf(link.state(UDN, never()))
  given.abort()
  expect(await first).toBe('CANCELLED')
  expect(await second).toBe('answered')
})
