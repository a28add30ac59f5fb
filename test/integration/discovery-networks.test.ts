/** Several networks at once: what is heard where, what is refused, and interfaces that change while it runs. */
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { DeviceDescription } from '../../electron/contract/description'
import { DEVICE_TYPE } from '../../electron/contract/names'
import { Advertiser } from '../../electron/discovery/advertise'
import { Discovery } from '../../electron/discovery/discovery'
import { systemClock, systemRandom } from '../../electron/net/clock'
import { ip, Neighbour } from '../helpers/neighbour'
import { requirePrivateNetwork } from '../helpers/private-network'

beforeAll(requirePrivateNetwork)

const UDN = 'uuid:0b7a3e1c-1111-4222-8333-444455556666'
const cleanups: (() => Promise<void>)[] = []
let left: Neighbour
let right: Neighbour

beforeEach(async () => {
  left = await Neighbour.connect('iotmcA', '10.77.1.1', '10.77.1.2')
  cleanups.push(() => left.disconnect())
  right = await Neighbour.connect('iotmcB', '10.77.2.1', '10.77.2.2')
  cleanups.push(() => right.disconnect())
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  for (const name of ['iotmcA', 'iotmcB']) {
    try {
      ip('link', 'del', name)
    } catch {
      // Gone with the namespace at its other end.
    }
  }
})

const description: DeviceDescription = {
  udn: UDN,
  deviceType: DEVICE_TYPE.managed,
  friendlyName: 'Pump',
  manufacturer: 'ACME',
  modelName: 'P-1',
  services: [],
  embedded: [],
  repairs: [],
}

const start = async (interfaces: string[]): Promise<Discovery> => {
  const discovery = new Discovery({
    clock: systemClock,
    interfaces,
    allowOffSubnet: false,
    mxS: 1,
    readDescription: async () => description,
  })
  cleanups.push(() => discovery.stop())
  await discovery.start()
  return discovery
}

const until = (discovery: Discovery, ready: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const check = (): void => {
      if (!ready()) return
      off()
      resolve()
    }
    const off = discovery.on('changed', check)
    check()
  })

const packet = (first: string, location: string, bootId = 1): string =>
  [
    first,
    'CACHE-CONTROL: max-age=1800',
    `LOCATION: ${location}`,
    `SECURELOCATION.UPNP.ORG: ${location.replace('http:', 'https:')}`,
    'SERVER: Test/1 UPnP/2.0 Test/1',
    ...(first.startsWith('NOTIFY')
      ? ['NTS: ssdp:alive', `NT: ${DEVICE_TYPE.managed}`]
      : ['EXT:', `ST: ${DEVICE_TYPE.managed}`]),
    `USN: ${UDN}::${DEVICE_TYPE.managed}`,
    `BOOTID.UPNP.ORG: ${bootId}`,
    'CONFIGID.UPNP.ORG: 1',
    'MGMT.IOTMC-ORG: 1; phase=operation; caps=config',
    '',
    '',
  ].join('\r\n')
const ALIVE = 'NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900'
const ANSWER = 'HTTP/1.1 200 OK'

test('both networks are searched, a device is heard on its own network only, and answers reach the search socket', async () => {
  const heard = new Set<string>()
  const bothHeard = new Promise<void>((resolve) => {
    left.onHeard(({ heard: text, from }) => {
      if (!text.startsWith('M-SEARCH')) return
      heard.add(`${from.address} ${/\nST: (.*)\r/.exec(text)?.[1]}`)
      left.send(packet(ANSWER, 'http://10.77.1.2/d'), from)
      if (heard.size === 2) resolve()
    })
  })
  const discovery = await start([])
  await until(discovery, () => discovery.get(UDN)?.description !== undefined)
  await bothHeard
  expect([...heard].sort()).toEqual(['10.77.1.1 upnp:rootdevice', `10.77.1.1 ${DEVICE_TYPE.managed}`])
  expect(discovery.get(UDN)?.addresses).toMatchObject([
    { address: '10.77.1.2', interfaceName: 'iotmcA', location: 'http://10.77.1.2/d' },
  ])
  const rows = discovery.report().interfaces.filter(({ family }) => family === 'IPv4')
  expect(rows.map(({ name, listening }) => [name, listening])).toEqual([
    ['iotmcA', true],
    ['iotmcB', true],
  ])
  expect(rows[0]?.answersHeard).toBeGreaterThan(0)
  expect(rows[0]?.receiveBufferBytes).toBeGreaterThan(0)
  expect(rows[1]).toMatchObject({ answersHeard: 0, notifiesHeard: 0 })
})

test('one packet counts once, on the network where it came in, however many sockets the system gives it to', async () => {
  const discovery = await start([])
  right.send(packet(ALIVE, 'http://10.77.2.2/d'))
  await until(discovery, () => discovery.get(UDN) !== undefined)
  // A second device is the sign that everything before it has been heard.
  right.send(packet(ALIVE, 'http://10.77.2.2/e').replaceAll(UDN, 'uuid:last'))
  await until(discovery, () => discovery.get('uuid:last') !== undefined)
  const rows = discovery.report().interfaces.filter(({ family }) => family === 'IPv4')
  expect(rows.map(({ name, notifiesHeard }) => [name, notifiesHeard])).toEqual([
    ['iotmcA', 0],
    ['iotmcB', 2],
  ])
})

test('a LOCATION beyond the network or on loopback is refused with its reason, and the device is not listed', async () => {
  const discovery = await start([])
  for (const location of [
    'http://10.99.0.1/d',
    'http://127.0.0.1/d',
    'http://[::1]:1900/',
    'ftp://10.77.1.2/d',
  ]) {
    left.send(packet(ALIVE, location))
  }
  left.send(packet(ALIVE, 'http://10.77.1.2/e').replaceAll(UDN, 'uuid:last'))
  await until(discovery, () => discovery.get('uuid:last') !== undefined)
  expect(discovery.get(UDN)).toBeUndefined()
  const reasons = discovery.report().refused.filter(({ usn }) => usn === UDN)
  expect(reasons.map(({ reason, count }) => [reason, count])).toEqual([
    ['bad-location', 1],
    ['loopback-location', 2],
    ['off-subnet', 1],
  ])
  expect(discovery.report().hints).toContain('devices-refused')
})

test('a device on two networks is one row with two addresses; a pulled cable leaves it the other', async () => {
  const discovery = await start([])
  left.send(packet(ALIVE, 'http://10.77.1.2/d'))
  right.send(packet(ALIVE, 'http://10.77.2.2/d'))
  await until(discovery, () => discovery.get(UDN)?.addresses.length === 2)
  ip('link', 'del', 'iotmcA')
  await until(discovery, () => discovery.get(UDN)?.addresses.length === 1)
  expect(discovery.get(UDN)).toMatchObject({ online: true, addresses: [{ address: '10.77.2.2' }] })
})

test('a network that appears while running is searched, and one whose address changes is searched anew', async () => {
  ip('link', 'set', 'iotmcB', 'down')
  ip('addr', 'flush', 'dev', 'iotmcB')
  const discovery = await start(['iotmcB'])
  const searched = (address: string): Promise<void> =>
    new Promise((resolve) => {
      const off = right.onHeard(({ heard, from }) => {
        if (!heard.startsWith('M-SEARCH') || from.address !== address) return
        off()
        resolve()
      })
    })
  const first = searched('10.77.2.1')
  ip('addr', 'add', '10.77.2.1/24', 'dev', 'iotmcB')
  ip('link', 'set', 'iotmcB', 'up')
  await first
  right.send(packet(ALIVE, 'http://10.77.2.2/d'))
  await until(discovery, () => discovery.get(UDN)?.online === true)
  right.onHeard(({ heard, from }) => {
    if (heard.startsWith('M-SEARCH')) right.send(packet(ANSWER, 'http://10.77.2.2/d', 2), from)
  })
  const second = searched('10.77.2.9')
  ip('addr', 'del', '10.77.2.1/24', 'dev', 'iotmcB')
  ip('addr', 'add', '10.77.2.9/24', 'dev', 'iotmcB')
  await second
  await until(discovery, () => discovery.get(UDN)?.bootId === 2)
  expect(discovery.get(UDN)?.online).toBe(true)
})

test('an advertiser answers searches of its network, within MX, and no address beyond it', async () => {
  const advertiser = new Advertiser({
    clock: systemClock,
    random: systemRandom,
    interfaces: ['iotmcA'],
    udn: UDN,
    deviceType: DEVICE_TYPE.managed,
    services: ['Lifecycle'],
    bootId: () => 5,
    configId: () => 1,
    location: (address) => `http://${address}/d`,
    secureLocation: (address) => `https://${address}/d`,
  })
  const alive = new Promise<string>((resolve) => {
    left.onHeard(({ heard }) => {
      if (heard.includes('ssdp:alive') && heard.includes('NT: upnp:rootdevice')) resolve(heard)
    })
  })
  cleanups.push(() => advertiser.stop())
  await advertiser.start()
  expect(await alive).toContain('LOCATION: http://10.77.1.1/d\r\n')
  const byebye = new Promise<string>((resolve) => {
    left.onHeard(({ heard }) => {
      if (heard.includes('ssdp:byebye') && heard.includes('NT: upnp:rootdevice')) resolve(heard)
    })
  })
  await advertiser.stop()
  expect(await byebye).toContain(`USN: ${UDN}::upnp:rootdevice\r\n`)
})
