/** What is written is what UDA 2.0 asks for, byte by byte, and reads back as the same message. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  encodeAlive,
  encodeByebye,
  encodeSearch,
  encodeUpdate,
  productTokens,
} from '../../electron/discovery/ssdp-encode'
import { parseSsdp } from '../../electron/discovery/ssdp-parse'
import { lines, TYPE, UDN } from './packets'

const ids = { udn: UDN, target: TYPE, bootId: 12, configId: 3 }
const urls = { location: 'http://10.77.0.1:1/d', secureLocation: 'https://10.77.0.1:2/d' }
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)

test('a search', () => {
  expect(encodeSearch({ target: TYPE, mxS: 3, friendlyName: 'IoTMC' }, 4).toString()).toBe(
    lines(
      'M-SEARCH * HTTP/1.1',
      'HOST: 239.255.255.250:1900',
      'MAN: "ssdp:discover"',
      'MX: 3',
      `ST: ${TYPE}`,
      `USER-AGENT: ${productTokens()}`,
      'CPFN.UPNP.ORG: IoTMC',
    ),
  )
  expect(productTokens()).toMatch(/^\S+\/\S+ UPnP\/2\.0 IoTMC-Technician\/\S+$/)
})

test('an advertisement over IPv6', () => {
  const message = {
    kind: 'alive',
    ...ids,
    ...urls,
    maxAgeS: 1800,
    mgmt: '1; phase=operation',
  } as const
  expect(encodeAlive(message, 6, NOW).toString()).toBe(
    lines(
      'NOTIFY * HTTP/1.1',
      'HOST: [FF02::C]:1900',
      'NTS: ssdp:alive',
      'CACHE-CONTROL: max-age=1800',
      'LOCATION: http://10.77.0.1:1/d',
      `SERVER: ${productTokens()}`,
      `NT: ${TYPE}`,
      `USN: ${UDN}::${TYPE}`,
      'BOOTID.UPNP.ORG: 12',
      'CONFIGID.UPNP.ORG: 3',
      'SECURELOCATION.UPNP.ORG: https://10.77.0.1:2/d',
      'MGMT.IOTMC-ORG: 1; phase=operation',
    ),
  )
})

test('an answer has its date and an empty EXT', () => {
  const text = encodeAlive({ kind: 'answer', ...ids, ...urls, maxAgeS: 60 }, 4, NOW).toString()
  expect(text.split('\r\n').slice(0, 4)).toEqual([
    'HTTP/1.1 200 OK',
    'DATE: Fri, 02 Jan 2026 03:04:05 GMT',
    'EXT:',
    'CACHE-CONTROL: max-age=60',
  ])
  expect(text).not.toContain('HOST:')
})

test('the UDN as target makes a USN without a second part', () => {
  expect(encodeByebye({ ...ids, target: UDN }, 4).toString()).toBe(
    lines(
      'NOTIFY * HTTP/1.1',
      'HOST: 239.255.255.250:1900',
      `NT: ${UDN}`,
      'NTS: ssdp:byebye',
      `USN: ${UDN}`,
      'BOOTID.UPNP.ORG: 12',
      'CONFIGID.UPNP.ORG: 3',
    ),
  )
})

test('an update names both BOOTIDs', () => {
  const read = parseSsdp(encodeUpdate({ ...ids, ...urls, nextBootId: 13 }, 4))
  expect(read).toEqual({
    ok: true,
    repairs: [],
    message: { kind: 'update', ...ids, ...urls, nextBootId: 13 },
  })
})

test('a value cannot break out of its line', () => {
  const text = encodeSearch({ target: TYPE, mxS: 1, friendlyName: 'a\r\nNT: evil\r\n\r\n' }, 4).toString()
  expect(text.split('\r\n').filter((line) => line.startsWith('NT'))).toEqual([])
})

test('every message reads back as itself', () => {
  const arbitrary = fc.record({
    kind: fc.constantFrom('alive' as const, 'answer' as const),
    udn: fc.uuid().map((uuid) => `uuid:${uuid}`),
    target: fc.constantFrom(TYPE, 'upnp:rootdevice'),
    bootId: fc.nat(2 ** 31 - 1),
    configId: fc.nat(16_777_215),
    maxAgeS: fc.nat(100_000),
    location: fc.nat(65_535).map((port) => `http://10.77.0.1:${port}/d`),
    secureLocation: fc.nat(65_535).map((port) => `https://10.77.0.1:${port}/d`),
  })
  fc.assert(
    fc.property(arbitrary, fc.constantFrom(4 as const, 6 as const), (message, family) => {
      const read = parseSsdp(encodeAlive(message, family, NOW))
      expect(read).toMatchObject({ ok: true, repairs: [], message })
    }),
  )
})
