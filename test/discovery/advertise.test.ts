/** Advertising: complete sets at the right times, answers within MX and within bounds, a byebye at the end. */
import { beforeEach, describe, expect, test } from 'vitest'
import { Advertiser, type AdvertiserOptions } from '../../electron/discovery/advertise'
import { newLink } from '../../electron/discovery/link'
import { VirtualClock } from '../helpers/virtual-clock'
import { eth, FakeTransport } from './fake-transport'
import { SEARCH, TYPE, UDN, withHeader } from './packets'

const SERVICE = 'urn:iotmc-org:service:Lifecycle:1'
const SET = ['upnp:rootdevice', UDN, TYPE, SERVICE]
let clock: VirtualClock
let transport: FakeTransport
let bootId: number

const make = (over: Partial<AdvertiserOptions> = {}): Advertiser =>
  new Advertiser({
    clock,
    random: { bytes: (n) => Buffer.alloc(n), fraction: () => 0.5 },
    interfaces: [],
    transport: transport.asTransport,
    udn: UDN,
    deviceType: TYPE,
    services: ['Lifecycle', 'Lifecycle'],
    bootId: () => bootId,
    configId: () => 3,
    mgmt: () => `1; phase=operation; id=${'0'.repeat(16)}`,
    location: (address, family) => `http://${address}/${family}`,
    secureLocation: (address, family) => `https://${address}/${family}`,
    ...over,
  })
const started = async (over: Partial<AdvertiserOptions> = {}): Promise<Advertiser> => {
  const advertiser = make(over)
  await advertiser.start()
  return advertiser
}
const header = (text: string, name: string): string | undefined =>
  new RegExp(`\r\n${name}: (.*)\r\n`).exec(text)?.[1]
const targets = (texts: string[]): (string | undefined)[] =>
  texts.map((text) => header(text, 'NT') ?? header(text, 'ST'))

beforeEach(() => {
  clock = new VirtualClock()
  transport = new FakeTransport()
  bootId = 12
})

describe('announcing', () => {
  test('a set of 3 + k, after a short random delay, twice, with every header of UDA 2.0', async () => {
    await started()
    expect(transport.take()).toEqual([])
    clock.advance(100)
    const first = transport.take()
    expect(targets(first)).toEqual(SET)
    for (const text of first) {
      expect(text).toContain('\r\nNTS: ssdp:alive\r\n')
      expect(header(text, 'LOCATION')).toBe('http://10.77.0.1/4')
      expect(header(text, 'SECURELOCATION.UPNP.ORG')).toBe('https://10.77.0.1/4')
      expect(header(text, 'BOOTID.UPNP.ORG')).toBe('12')
      expect(header(text, 'CONFIGID.UPNP.ORG')).toBe('3')
      expect(header(text, 'CACHE-CONTROL')).toBe('max-age=1800')
      expect(header(text, 'MGMT.IOTMC-ORG')).toBe('1; phase=operation; id=0000000000000000')
    }
    clock.advance(1000)
    expect(targets(transport.take())).toEqual(SET)
  })

  test('it is refreshed before half of max-age, again and again', async () => {
    await started({ maxAgeS: 100 })
    clock.advance(2_000)
    transport.take()
    for (let n = 0; n < 3; n++) {
      clock.advance(50_000)
      expect(transport.take().length).toBeGreaterThanOrEqual(2 * SET.length)
    }
  })

  test('after sleep at once', async () => {
    await started()
    clock.advance(2_000)
    transport.take()
    transport.wake()
    clock.advance(1_000)
    expect(transport.take()).toHaveLength(2 * SET.length)
  })

  test('an update names both values and the old one counts until it is raised', async () => {
    const advertiser = await started()
    clock.advance(2_000)
    transport.take()
    await advertiser.update(13)
    const sent = transport.take()
    expect(targets(sent)).toEqual(SET)
    for (const text of sent) {
      expect(text).toContain('\r\nNTS: ssdp:update\r\n')
      expect(header(text, 'BOOTID.UPNP.ORG')).toBe('12')
      expect(header(text, 'NEXTBOOTID.UPNP.ORG')).toBe('13')
    }
  })

  test('a new interface: announced there under the same BOOTID, or everywhere under a raised one', async () => {
    const wlan = { ...eth, name: 'wlan0', addresses4: [{ address: '10.88.0.1', netmask: '', prefix: 24 }] }
    const added = newLink({ iface: wlan, family: 4, address: '10.88.0.1' })
    await started()
    clock.advance(2_000)
    transport.take()
    transport.add(added)
    clock.advance(100)
    expect(transport.take().map((text) => header(text, 'LOCATION'))).toEqual(
      SET.map(() => 'http://10.88.0.1/4'),
    )

    transport = new FakeTransport()
    await started({ raiseBootId: () => ++bootId })
    clock.advance(2_000)
    transport.take()
    transport.add(added)
    const updates = transport.take()
    expect(updates.map((text) => header(text, 'NEXTBOOTID.UPNP.ORG'))).toEqual(SET.map(() => '13'))
    await clock.advanceAsync(200)
    expect(transport.take().map((text) => header(text, 'BOOTID.UPNP.ORG'))).toEqual(
      [...SET, ...SET].map(() => '13'),
    )
  })

  test('a byebye set when it stops, then silence and no timer', async () => {
    const advertiser = await started()
    clock.advance(2_000)
    transport.receive(SEARCH)
    transport.take()
    await advertiser.stop()
    const sent = transport.take()
    expect(new Set(targets(sent))).toEqual(new Set(SET))
    expect(sent.every((text) => text.includes('NTS: ssdp:byebye'))).toBe(true)
    expect(clock.pending).toBe(0)
    expect(transport.users).toBe(0)
    transport.receive(SEARCH)
    await advertiser.stop()
    expect(transport.take()).toEqual([])
  })
})

describe('answering', () => {
  beforeEach(async () => {
    await started()
    clock.advance(2_000)
    transport.take()
  })

  test('to who asked, after a random part of MX, with the target that was asked for', () => {
    transport.receive(withHeader(SEARCH, 'MX', '3'), { port: 7777 })
    clock.advance(1_400)
    expect(transport.sent).toEqual([])
    clock.advance(200)
    expect(transport.sent).toMatchObject([{ to: { address: '10.77.0.2', port: 7777 } }])
    const [text = ''] = transport.take()
    expect(text.startsWith('HTTP/1.1 200 OK\r\n')).toBe(true)
    expect(header(text, 'ST')).toBe(TYPE)
    expect(header(text, 'USN')).toBe(`${UDN}::${TYPE}`)
    expect(text).toContain('\r\nEXT:\r\n')
  })

  test.each([
    ['ssdp:all', SET],
    ['upnp:rootdevice', ['upnp:rootdevice']],
    [UDN, [UDN]],
    [UDN.toUpperCase(), [UDN]],
    [SERVICE, [SERVICE]],
    ['urn:iotmc-org:device:ManagedDevice:2', []],
    ['urn:((', []],
    ['.*', []],
  ])('a search for %s', (target, expected) => {
    transport.receive(withHeader(SEARCH, 'ST', target))
    clock.advance(5_000)
    expect(targets(transport.take())).toEqual(expected)
  })

  test('not to a search of the group without MX, at once to one that came to us alone', () => {
    const text = withHeader(SEARCH, 'MX', undefined)
    transport.receive(text)
    clock.advance(10_000)
    expect(transport.take()).toEqual([])
    transport.receive(text, {}, false)
    clock.advance(0)
    expect(transport.take()).toHaveLength(1)
  })

  test('an MX of two minutes counts as 5 s', () => {
    transport.receive(withHeader(SEARCH, 'MX', '120'))
    clock.advance(5_000)
    expect(transport.take()).toHaveLength(1)
  })

  test('not beyond the own network, so that nobody can aim us at others', () => {
    transport.receive(SEARCH, { address: '93.184.216.34' })
    clock.advance(10_000)
    expect(transport.take()).toEqual([])
  })

  test('a flood is answered only so far, and the next search after it again', () => {
    for (let n = 0; n < 1_000; n++) transport.receive(SEARCH)
    clock.advance(5_000)
    expect(transport.take()).toHaveLength(64)
    for (let n = 0; n < 1_000; n++) transport.receive(SEARCH, { address: `10.77.0.${n % 200}` })
    clock.advance(5_000)
    expect(transport.take()).toHaveLength(512)
    transport.receive(SEARCH)
    clock.advance(5_000)
    expect(transport.take()).toHaveLength(1)
  })

  test('rubbish is passed over', () => {
    for (const text of [
      '',
      'M',
      'M-SEARCH',
      'm\r\n',
      withHeader(SEARCH, 'MAN', 'x'),
      withHeader(SEARCH, 'ST', ''),
    ]) {
      transport.receive(text)
    }
    clock.advance(10_000)
    expect(transport.take()).toEqual([])
  })
})
