/** A controller and devices find each other on one machine, over real multicast on the loopback. */
import { afterEach, beforeAll, expect, test } from 'vitest'
import type { DeviceDescription } from '../../electron/contract/description'
import { DEVICE_TYPE } from '../../electron/contract/names'
import { Advertiser, type AdvertiserOptions } from '../../electron/discovery/advertise'
import { Discovery, type DiscoveryOptions } from '../../electron/discovery/discovery'
import type { HeardMessage } from '../../electron/discovery/intake'
import { Transport } from '../../electron/discovery/transport'
import { systemClock, systemRandom } from '../../electron/net/clock'
import { listInterfaces } from '../../electron/net/interfaces'
import { requirePrivateNetwork } from '../helpers/private-network'
import { VirtualClock } from '../helpers/virtual-clock'

beforeAll(requirePrivateNetwork)

const open: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.stop()
})

const udn = (n: number): string => `uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const LO = { clock: systemClock, interfaces: ['lo'] }

const describeBy = (url: string): DeviceDescription => ({
  udn: udn(Number(new URL(url.replace(/%[^\]]*\]/, ']')).pathname.slice(1))),
  deviceType: DEVICE_TYPE.managed,
  friendlyName: 'Pump',
  manufacturer: 'ACME',
  modelName: 'P-1',
  services: [],
  embedded: [],
  repairs: [],
})

const host = (address: string): string => (address.includes(':') ? `[${address}]` : address)

const device = (n: number, options: Partial<AdvertiserOptions> = {}): Advertiser => {
  const advertiser = new Advertiser({
    ...LO,
    random: systemRandom,
    udn: udn(n),
    deviceType: DEVICE_TYPE.managed,
    services: ['Lifecycle', 'Configuration'],
    bootId: () => 7,
    configId: () => 3,
    mgmt: () => '1; phase=commissioning; caps=enroll,config; id=0123456789abcdef',
    location: (address) => `http://${host(address)}:80/${n}`,
    secureLocation: (address) => `https://${host(address)}:443/${n}`,
    ...options,
  })
  open.push(advertiser)
  return advertiser
}

const finder = (options: Partial<DiscoveryOptions> = {}): Discovery => {
  const discovery = new Discovery({
    ...LO,
    allowOffSubnet: false,
    mxS: 1,
    readDescription: async (url) => describeBy(url),
    ...options,
  })
  open.push(discovery)
  return discovery
}

/** Resolves as soon as `ready` holds, asked at each turn of the event loop. */
const waitUntil = async (ready: () => boolean): Promise<void> => {
  while (!ready()) await new Promise((next) => setImmediate(next))
}

/** Resolves as soon as `ready` holds, asked at each change. */
const until = (discovery: Discovery, ready: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const off = discovery.on('changed', () => {
      if (!ready()) return
      off()
      resolve()
    })
    if (ready()) {
      off()
      resolve()
    }
  })

test('a device that is there already is found by the search, with its claim and description', async () => {
  await device(1).start()
  const discovery = finder()
  await discovery.start()
  await until(discovery, () => discovery.get(udn(1))?.description !== undefined)
  const found = discovery.get(udn(1))
  expect(found).toMatchObject({
    udn: udn(1),
    deviceType: DEVICE_TYPE.managed,
    online: true,
    bootId: 7,
    configId: 3,
    claim: {
      version: 1,
      phase: 'commissioning',
      capabilities: ['enroll', 'config'],
      identity: '0123456789abcdef',
    },
    warnings: [],
  })
  expect(found?.unmanagedReason).toBeUndefined()
  expect(found?.addresses.find(({ address }) => address === '127.0.0.1')).toMatchObject({
    interfaceName: 'lo',
    location: 'http://127.0.0.1:80/1',
    secureLocation: 'https://127.0.0.1:443/1',
  })
  const report = discovery.report()
  expect(report.interfaces.find(({ family }) => family === 'IPv4')).toMatchObject({
    name: 'lo',
    listening: true,
    sendErrors: 0,
  })
  expect(report.refused).toEqual([])
  expect(report.hints).toEqual(['all-fine'])
})

test('a device that comes later is heard, and its byebye on stopping is heard too', async () => {
  const discovery = finder()
  await discovery.start()
  const late = device(2)
  await late.start()
  await until(discovery, () => discovery.get(udn(2))?.online === true)
  await late.stop()
  await until(discovery, () => discovery.get(udn(2))?.online === false)
})

test('an update moves the BOOTID without a reboot, a changed BOOTID is one', async () => {
  let bootId = 7
  const pump = device(3, { bootId: () => bootId })
  await pump.start()
  const discovery = finder()
  await discovery.start()
  await until(discovery, () => discovery.get(udn(3)) !== undefined)
  await pump.update(9)
  await until(discovery, () => discovery.get(udn(3))?.nextBootId === 9)
  bootId = 9
  pump.announce()
  await until(discovery, () => discovery.get(udn(3))?.bootId === 9)
  expect(discovery.get(udn(3))).toMatchObject({ reboots: 0, online: true })
  bootId = 4
  pump.announce()
  await until(discovery, () => discovery.get(udn(3))?.bootId === 4)
  expect(discovery.get(udn(3))).toMatchObject({ reboots: 1, online: true })
})

test('a device that looks for controllers hears only them, over the sockets that it advertises on', async () => {
  const controller = device(4, { deviceType: DEVICE_TYPE.controller, services: ['Enrollment'] })
  await controller.start()
  await device(5).start()
  const transport = new Transport(LO)
  await device(6, { transport }).start()
  const listener = finder({ transport, searchTargets: [DEVICE_TYPE.controller] })
  await listener.start()
  await until(listener, () => listener.get(udn(4)) !== undefined)
  expect(listener.entries().map((entry) => entry.udn)).toEqual([udn(4)])
})

test('the advertised set is complete: root, UDN, device type and each service', async () => {
  const discovery = finder()
  const targets = new Set<string>()
  const complete = new Promise<void>((resolve) => {
    discovery.on('heard', ({ message }: HeardMessage) => {
      if (message.kind !== 'alive' || message.udn !== udn(8)) return
      targets.add(message.target)
      if (targets.size === 5) resolve()
    })
  })
  await discovery.start()
  await device(8).start()
  await complete
  expect([...targets].sort()).toEqual(
    [
      'upnp:rootdevice',
      udn(8),
      DEVICE_TYPE.managed,
      'urn:iotmc-org:service:Configuration:1',
      'urn:iotmc-org:service:Lifecycle:1',
    ].sort(),
  )
})

test('the own devices of a controller are not listed, and a chosen interface that is not there is reported', async () => {
  await device(9).start()
  await device(10).start()
  const discovery = finder({ ownUdns: [udn(9)], interfaces: ['lo', 'eth9'] })
  await discovery.start()
  await until(discovery, () => discovery.get(udn(10)) !== undefined)
  expect(discovery.get(udn(9))).toBeUndefined()
  expect(discovery.report().interfaces.find(({ name }) => name === 'eth9')).toMatchObject({
    listening: false,
    problem: 'ENODEV',
  })
})

test('IPv6 link-local, where the system has it: heard with a zone in its URLs, so that they can be fetched', async () => {
  const addresses = listInterfaces().find(({ name }) => name === 'lo')?.addresses6LinkLocal ?? []
  await device(11).start()
  const discovery = finder()
  await discovery.start()
  await until(discovery, () => discovery.get(udn(11))?.addresses.length === 1 + addresses.length)
  const found = discovery.get(udn(11))?.addresses.filter(({ address }) => address.includes(':')) ?? []
  expect(found.map(({ location, secureLocation }) => [location, secureLocation])).toEqual(
    addresses.map((address) => [`http://[${address}%25lo]:80/11`, `https://[${address}%25lo]:443/11`]),
  )
  const rows = discovery.report().interfaces.filter(({ family }) => family === 'IPv6')
  expect(rows.map(({ address, listening }) => [address, listening])).toEqual(
    addresses.map((address) => [address, true]),
  )
})

test('after the laptop slept, devices are searched before any of them counts as gone', async () => {
  const clock = new VirtualClock()
  const searches: string[] = []
  const ear = finder({ searchTargets: ['urn:x:device:nothing:1'] })
  ear.on('heard', ({ message }) => {
    if (message.kind === 'search' && message.target === DEVICE_TYPE.managed) searches.push(message.target)
  })
  await ear.start()
  await device(12, { maxAgeS: 60 }).start()
  const discovery = finder({ clock })
  await discovery.start()
  // Its batches wait for the virtual clock.
  await waitUntil(() => {
    clock.advance(150)
    return discovery.get(udn(12)) !== undefined
  })
  await waitUntil(() => searches.length > 0)
  searches.length = 0
  clock.jump(8 * 3600_000)
  clock.advance(2_000)
  await waitUntil(() => searches.length > 0)
  expect(discovery.get(udn(12))?.online).toBe(true)
  await waitUntil(() => (discovery.get(udn(12))?.expiresAtMs ?? 0) > clock.now() + 30_000)
})
