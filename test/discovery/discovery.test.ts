/** Discovery over packets: who is listed, what is fetched, how often it tells, what it reports. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DeviceDescription } from '../../electron/contract/description'
import { Discovery, type DiscoveryOptions } from '../../electron/discovery/discovery'
import { VirtualClock } from '../helpers/virtual-clock'
import { FakeTransport } from './fake-transport'
import { ALIVE, ANSWER, BYEBYE, SEARCH, TYPE, UDN, withHeader } from './packets'

let clock: VirtualClock
let transport: FakeTransport
let fetched: string[]
let changes: string[][]
const started: Discovery[] = []

const description: DeviceDescription = {
  udn: UDN,
  deviceType: TYPE,
  friendlyName: 'Pump',
  manufacturer: 'ACME',
  modelName: 'P-1',
  services: [],
  embedded: [],
  repairs: ['scheme added'],
}
const start = async (over: Partial<DiscoveryOptions> = {}): Promise<Discovery> => {
  const options: DiscoveryOptions = {
    clock,
    interfaces: [],
    transport: transport.asTransport,
    allowOffSubnet: false,
    mxS: 3,
    readDescription: async (url) => {
      fetched.push(url)
      return description
    },
  }
  // Not spread: an option may be a getter, asked each time.
  Object.defineProperties(options, Object.getOwnPropertyDescriptors(over))
  const discovery = new Discovery(options)
  started.push(discovery)
  discovery.on('changed', (udns) => changes.push(udns))
  await discovery.start()
  return discovery
}

beforeEach(() => {
  clock = new VirtualClock()
  transport = new FakeTransport()
  fetched = []
  changes = []
})

afterEach(async () => {
  for (const discovery of started.splice(0)) await discovery.stop()
})

test('it searches for managed devices thrice and for all others once', async () => {
  await start({ friendlyName: 'Laptop' })
  clock.advance(3_000)
  const searches = transport.take().map((text) => /\nST: (.*)\r/.exec(text)?.[1])
  expect(searches).toEqual([TYPE, 'upnp:rootdevice', TYPE, TYPE])
})

test('a device is listed by one packet and described by one fetch, however many packets follow', async () => {
  const discovery = await start()
  for (let n = 0; n < 50; n++) transport.receive(n % 2 ? ALIVE : ANSWER)
  await clock.advanceAsync(1_000)
  transport.receive(ALIVE)
  await clock.advanceAsync(1_000)
  expect(fetched).toEqual(['http://10.77.0.2:49152/description.xml'])
  expect(discovery.get(UDN)).toMatchObject({ description, warnings: ['description:scheme added'] })
})

test('a new CONFIGID is fetched, a new BOOTID with the same CONFIGID is not', async () => {
  await start()
  transport.receive(ALIVE)
  await clock.advanceAsync(500)
  transport.receive(withHeader(ALIVE, 'BOOTID.UPNP.ORG', '13'))
  await clock.advanceAsync(500)
  expect(fetched).toHaveLength(1)
  transport.receive(withHeader(ALIVE, 'CONFIGID.UPNP.ORG', '4'))
  await clock.advanceAsync(500)
  expect(fetched).toHaveLength(2)
})

test('changes are told in batches, at most ten a second, each device once a batch', async () => {
  await start()
  for (let step = 0; step < 100; step++) {
    for (let n = 0; n < 20; n++) transport.receive(ALIVE.replaceAll(UDN, `uuid:${step}-${n}`))
    clock.advance(10)
  }
  clock.advance(100)
  expect(changes.length).toBeLessThanOrEqual(11)
  expect(changes.flat().length).toBe(2_000)
})

test('a listener that throws keeps nobody from hearing', async () => {
  const discovery = await start()
  discovery.on('heard', () => {
    throw new Error('not my day')
  })
  transport.receive(ALIVE)
  expect(discovery.get(UDN)).toBeDefined()
})

test('malformed packets and refused devices are counted with their reasons', async () => {
  const discovery = await start()
  transport.receive('rubbish')
  transport.receive(withHeader(ALIVE, 'LOCATION', undefined))
  transport.receive(withHeader(ALIVE, 'LOCATION', undefined))
  transport.receive(withHeader(ALIVE, 'LOCATION', 'http://10.99.0.1/d'))
  expect(discovery.get(UDN)).toBeUndefined()
  expect(fetched).toEqual([])
  const { refused } = discovery.report()
  expect(refused.map(({ reason, detail, count }) => [reason, detail, count])).toEqual([
    ['off-subnet', '10.99.0.1', 1],
    ['no-location', undefined, 2],
    ['malformed-packet', 'not-ssdp', 1],
  ])
  expect(transport.links()[0]?.counters).toMatchObject({ malformed: 1, notifiesHeard: 3 })
})

test('off the subnet is taken from the moment it is allowed', async () => {
  let allowed = false
  const discovery = await start({
    get allowOffSubnet() {
      return allowed
    },
  })
  const text = withHeader(ALIVE, 'LOCATION', 'http://10.99.0.1/d')
  transport.receive(text)
  allowed = true
  transport.receive(text)
  expect(discovery.get(UDN)?.addresses).toMatchObject([{ location: 'http://10.99.0.1/d' }])
})

test('a description of another UDN leaves the device listed without it, and refused', async () => {
  const discovery = await start({ readDescription: async () => ({ ...description, udn: 'uuid:other' }) })
  transport.receive(ALIVE)
  await clock.advanceAsync(500)
  expect(discovery.get(UDN)).toMatchObject({ refusedReason: 'udn-mismatch' })
  expect(discovery.report().refused).toMatchObject([
    { usn: UDN, reason: 'udn-mismatch', detail: 'uuid:other' },
  ])
})

test('who looks for one type only hears nothing of others', async () => {
  const discovery = await start({ searchTargets: ['urn:x:device:Y:1'] })
  transport.receive(ALIVE)
  transport.receive(BYEBYE)
  transport.receive(SEARCH)
  expect(discovery.entries()).toEqual([])
  expect(fetched).toEqual([])
  transport.receive(ALIVE.replaceAll(TYPE, 'urn:x:device:Y:1'))
  expect(discovery.get(UDN)?.deviceType).toBe('urn:x:device:Y:1')
})

test('before the last devices expire they are asked once more', async () => {
  const discovery = await start()
  clock.advance(30_000)
  transport.receive(withHeader(ALIVE, 'CACHE-CONTROL', 'max-age=300'))
  transport.take()
  clock.advance(250_000)
  expect(transport.take()).toEqual([])
  clock.advance(20_000)
  expect(transport.take().length).toBeGreaterThan(0)
  clock.advance(60_000)
  expect(discovery.get(UDN)?.online).toBe(false)
})

test('stopped, it leaves no timer and no socket, and can be started again', async () => {
  const discovery = await start()
  transport.receive(ALIVE)
  await discovery.stop()
  expect(clock.pending).toBe(0)
  expect(transport.users).toBe(0)
  transport.receive(BYEBYE)
  expect(discovery.get(UDN)?.online).toBe(true)
  discovery.search()
  expect(clock.pending).toBe(0)
  await discovery.start()
  transport.receive(BYEBYE)
  expect(discovery.get(UDN)?.online).toBe(false)
})
