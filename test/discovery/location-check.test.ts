/** Only what lies on the network that a packet came from may be fetched. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { NetworkInterface } from '../../electron/contract/discovery'
import { checkLocation, type LocationRules, withZone } from '../../electron/discovery/location-check'

const eth: NetworkInterface = {
  name: 'eth0',
  addresses4: [{ address: '10.77.0.1', netmask: '255.255.255.0', prefix: 24 }],
  addresses6LinkLocal: ['fe80::1'],
  scopeId: 2,
  loopback: false,
}
const lo: NetworkInterface = {
  name: 'lo',
  addresses4: [{ address: '127.0.0.1', netmask: '255.0.0.0', prefix: 8 }],
  addresses6LinkLocal: [],
  loopback: true,
}
const rules: LocationRules = { iface: eth, from: '10.77.0.2', allowOffSubnet: false, allowLoopback: false }
const check = (location: string | undefined, secure?: string, over: Partial<LocationRules> = {}) =>
  checkLocation(location, secure, { ...rules, ...over })

describe('refused', () => {
  test.each([
    [undefined, 'no-location'],
    ['nonsense', 'bad-location'],
    ['http://', 'bad-location'],
    ['https://10.77.0.2/d', 'bad-location'],
    ['file:///etc/passwd', 'bad-location'],
    ['http://user:word@10.77.0.2/d', 'bad-location'],
    ['http://0.0.0.0/d', 'bad-location'],
    ['http://239.255.255.250/d', 'bad-location'],
    ['http://255.255.255.255/d', 'bad-location'],
    ['http://[::]/d', 'bad-location'],
    ['http://[ff02::c]/d', 'bad-location'],
    ['http://127.0.0.1/d', 'loopback-location'],
    ['http://127.1/d', 'loopback-location'],
    ['http://2130706433/d', 'loopback-location'],
    ['http://localhost/d', 'loopback-location'],
    ['http://[::1]:1900/', 'loopback-location'],
    ['http://[::ffff:127.0.0.1]/', 'loopback-location'],
    ['http://10.77.1.2/d', 'off-subnet'],
    ['http://93.184.216.34/d', 'off-subnet'],
    ['http://169.254.1.2/d', 'off-subnet'],
    ['http://intranet/d', 'off-subnet'],
    ['http://[2001:db8::1]/d', 'off-subnet'],
    ['http://[::ffff:10.77.0.2]/d', 'off-subnet'],
  ])('%j: %s', (location, reason) => {
    expect(check(location)).toMatchObject({ ok: false, reason })
  })

  test('a URL longer than any real one', () => {
    expect(check(`http://10.77.0.2/${'x'.repeat(3000)}`)).toMatchObject({ ok: false, reason: 'bad-location' })
  })

  test('loopback stays refused where only off-subnet is allowed', () => {
    expect(check('http://127.0.0.1/d', undefined, { allowOffSubnet: true })).toMatchObject({
      reason: 'loopback-location',
    })
    expect(check('http://127.0.0.1/d', undefined, { allowLoopback: true })).toMatchObject({
      reason: 'loopback-location',
    })
  })
})

describe('taken', () => {
  test('the sender itself', () => {
    expect(check('http://10.77.0.2:49152/d', 'https://10.77.0.2:49153/d')).toEqual({
      ok: true,
      location: 'http://10.77.0.2:49152/d',
      secureLocation: 'https://10.77.0.2:49153/d',
      warnings: [],
    })
  })
  test('another host of the network, with a warning', () => {
    expect(check('http://10.77.0.9/d')).toMatchObject({ ok: true, warnings: ['location-of-other-host'] })
  })
  test('a bad SECURELOCATION is left out with a warning, the device stays', () => {
    for (const secure of ['http://10.77.0.2/d', 'https://10.99.0.2/d', 'https://127.0.0.1/d', 'x']) {
      expect(check('http://10.77.0.2/d', secure)).toEqual({
        ok: true,
        location: 'http://10.77.0.2/d',
        warnings: ['bad-secure-location'],
      })
    }
  })
  test('loopback on loopback, where it is allowed', () => {
    const here = { iface: lo, from: '127.0.0.1', allowLoopback: true }
    expect(check('http://127.0.0.1:80/d', 'https://127.0.0.1:81/d', here)).toMatchObject({
      ok: true,
      warnings: [],
    })
  })
  test('off the subnet, where it is allowed', () => {
    expect(check('http://10.99.0.1/d', undefined, { allowOffSubnet: true })).toMatchObject({ ok: true })
    expect(check('http://plc.example/d', undefined, { allowOffSubnet: true })).toMatchObject({ ok: true })
  })
  test('link-local IPv6 of the same link, with or without its zone', () => {
    const from = 'fe80::2%eth0'
    expect(check('http://[fe80::2]:80/d', undefined, { from })).toMatchObject({ ok: true })
    expect(check('http://[fe80::2%25eth0]:80/d', undefined, { from })).toMatchObject({
      ok: true,
      location: 'http://[fe80::2%25eth0]:80/d',
    })
    expect(check('http://[2001:db8::2]/d', undefined, { from: '2001:db8::2' })).toMatchObject({ ok: true })
  })
})

test('a link-local URL gets the zone of the interface, and only such a one', () => {
  expect(withZone('http://[fe80::2]:80/d', 'eth0')).toBe('http://[fe80::2%25eth0]:80/d')
  expect(withZone('http://[fe80::2%25wlan7]:80/d', 'eth0')).toBe('http://[fe80::2%25eth0]:80/d')
  expect(withZone('http://[fe80::2%7]/d', 'eth0')).toBe('http://[fe80::2%25eth0]/d')
  expect(withZone('http://10.0.0.1/[fe80::2]', 'eth0')).toBe('http://10.0.0.1/[fe80::2]')
  expect(withZone(undefined, 'eth0')).toBeUndefined()
})

test('for any text: judged, never thrown at, and what is taken leads to the subnet', () => {
  const host = fc.oneof(
    fc.ipV4(),
    fc.ipV6().map((ip) => `[${ip}]`),
    fc.nat(255).map((n) => `10.77.0.${n}`),
    fc.stringMatching(/^[!-~]{1,20}$/),
  )
  const text = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.constantFrom('http', 'https'), host, fc.stringMatching(/^[!-~]{0,20}$/))
      .map(([scheme, name, rest]) => `${scheme}://${name}/${rest}`),
  )
  fc.assert(
    fc.property(text, (each) => {
      const verdict = check(each, each)
      if (!verdict.ok) return
      expect(new URL(verdict.location.replace(/%[^\]]*\]/, ']')).hostname).toMatch(/^10\.77\.0\.|^\[fe[89ab]/)
    }),
  )
})
