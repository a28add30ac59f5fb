/** Interfaces: their shape, the choice among them, subnets, and noticing that they change or that the laptop slept. */
import { describe, expect, test } from 'vitest'
import type { NetworkInterface } from '../../electron/contract/discovery'
import { watchInterfaces } from '../../electron/net/interface-watch'
import {
  chooseInterfaces,
  ipv4Number,
  isLinkLocal6,
  isLoopbackAddress,
  listInterfaces,
  onSubnet,
  shapeInterfaces,
  splitZone,
} from '../../electron/net/interfaces'
import { VirtualClock } from '../helpers/virtual-clock'

const v4 = (address: string, cidr: string, internal = false) =>
  ({ address, netmask: '255.255.255.0', family: 'IPv4', mac: '', internal, cidr }) as const
const v6 = (address: string, scopeid: number) =>
  ({
    address,
    netmask: 'ffff::',
    family: 'IPv6',
    mac: '',
    internal: false,
    cidr: `${address}/64`,
    scopeid,
  }) as const

const all = shapeInterfaces({
  wlan0: [v4('192.168.7.9', '192.168.7.9/22')],
  eth0: [v4('10.77.0.1', '10.77.0.1/24'), v6('fe80::1', 3), v6('2001:db8::1', 0)],
  lo: [v4('127.0.0.1', '127.0.0.1/8', true)],
})
const [eth, lo, wlan] = all as [NetworkInterface, NetworkInterface, NetworkInterface]

test('shape: sorted by name, link-local IPv6 only', () => {
  expect(all.map(({ name }) => name)).toEqual(['eth0', 'lo', 'wlan0'])
  expect(eth).toEqual({
    name: 'eth0',
    addresses4: [{ address: '10.77.0.1', netmask: '255.255.255.0', prefix: 24 }],
    addresses6LinkLocal: ['fe80::1'],
    scopeId: 3,
    loopback: false,
  })
  expect(listInterfaces().every(({ name }) => name.length > 0)).toBe(true)
})

test('choice: all but loopback where none is named; unknown names are left out', () => {
  expect(chooseInterfaces(all, [])).toEqual([eth, wlan])
  expect(chooseInterfaces(all, ['lo', 'eth7'])).toEqual([lo])
})

describe('subnets', () => {
  test.each([
    ['10.77.0.200', true],
    ['10.77.1.1', false],
    ['fe80::99', true],
    ['fe80::99%eth0', true],
    ['fe80::99%3', true],
    ['fe80::99%wlan0', false],
    ['2001:db8::2', false],
    ['::1', false],
    ['example.org', false],
    ['', false],
    ['10.77.0', false],
  ])('%j on eth0: %s', (address, expected) => expect(onSubnet(address, eth)).toBe(expected))
  test('prefixes that are not whole bytes', () => {
    expect(onSubnet('192.168.4.1', wlan)).toBe(true)
    expect(onSubnet('192.168.8.1', wlan)).toBe(false)
  })
  test('loopback', () => {
    expect(onSubnet('127.9.9.9', lo)).toBe(true)
    expect(onSubnet('::1', lo)).toBe(true)
  })
})

test('addresses', () => {
  expect(ipv4Number('255.255.255.255')).toBe(2 ** 32 - 1)
  expect(ipv4Number('1.2.3')).toBeUndefined()
  expect(splitZone('fe80::1%eth0')).toEqual({ address: 'fe80::1', zone: 'eth0' })
  expect(isLinkLocal6('fe80::1%eth0')).toBe(true)
  expect(isLinkLocal6('fec0::1')).toBe(false)
  for (const address of [
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    'localhost',
    'a.localhost',
  ]) {
    expect(isLoopbackAddress(address)).toBe(true)
  }
  for (const address of ['128.0.0.1', '::2', '::ffff:10.0.0.1', 'localhost.example']) {
    expect(isLoopbackAddress(address)).toBe(false)
  }
})

describe('watching', () => {
  const watch = () => {
    const clock = new VirtualClock()
    let list = all
    const changes: string[][] = []
    const wakes: number[] = []
    const handle = watchInterfaces({
      clock,
      list: () => {
        if (list.length === 0) throw new Error('not now')
        return list
      },
      onChange: (now) => changes.push(now.map(({ name }) => name)),
      onWake: (gapMs) => wakes.push(gapMs),
    })
    return { clock, changes, wakes, handle, set: (next: NetworkInterface[]) => (list = next) }
  }

  test('a change is told once, no change and a failed look are not', () => {
    const { clock, changes, set } = watch()
    clock.advance(10_000)
    expect(changes).toEqual([])
    set([eth])
    clock.advance(10_000)
    expect(changes).toEqual([['eth0']])
    set([])
    clock.advance(10_000)
    set([{ ...eth, addresses4: [] }])
    clock.advance(2_000)
    expect(changes).toEqual([['eth0'], ['eth0']])
  })
  test('a poke looks at once', () => {
    const { changes, set, handle } = watch()
    set([eth])
    handle.poke()
    expect(changes).toHaveLength(1)
  })
  test('a late timer means that the laptop slept; a small delay does not', () => {
    const { clock, wakes } = watch()
    clock.jump(10_000)
    clock.advance(2_000)
    expect(wakes).toEqual([])
    clock.jump(3_600_000)
    clock.advance(2_000)
    expect(wakes).toHaveLength(1)
    expect(wakes[0]).toBeGreaterThan(3_500_000)
  })
  test('closed is closed', () => {
    const { clock, changes, set, handle } = watch()
    handle.close()
    set([eth])
    clock.advance(60_000)
    handle.poke()
    expect(changes).toEqual([])
    expect(clock.pending).toBe(0)
  })
})
