/** The list of devices: who is listed, what is believed of whom, who has to go. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { DeviceDescription } from '../../electron/contract/description'
import { DISCOVERY_LIMITS } from '../../electron/contract/timings'
import type { BootEvent } from '../../electron/discovery/boot-state'
import { Registry } from '../../electron/discovery/registry'
import type { AliveMessage, DeviceMessage } from '../../electron/discovery/ssdp-message'
import { parseSsdp } from '../../electron/discovery/ssdp-parse'
import { ALIVE, BYEBYE, TYPE, UDN, withHeader } from './packets'

const NOW = 1_000_000
const ROOT = 'uuid:root'
const INNER = 'uuid:inner'
let changes: [udn: string, events: BootEvent['kind'][]][]
let registry: Registry

beforeEach(() => {
  changes = []
  registry = new Registry({
    targets: [TYPE, 'upnp:rootdevice'],
    onChange: (udn, events) => changes.push([udn, events.map(({ kind }) => kind)]),
  })
})

const read = (text: string): DeviceMessage => {
  const parsed = parseSsdp(Buffer.from(text))
  if (!parsed.ok || parsed.message.kind === 'search') throw new Error('not a device message')
  return parsed.message
}
const seen = { address: '10.77.0.2', interfaceName: 'eth0' }
const hear = (text: string, nowMs = NOW, warnings: string[] = []) => {
  const message = read(text)
  const { location, secureLocation } = message as AliveMessage
  return registry.hear({ message, seen, location, secureLocation, warnings }, nowMs)
}
const from = (udn: string, target = 'upnp:rootdevice'): string =>
  withHeader(
    withHeader(withHeader(ALIVE, 'USN', `${udn}::${target}`), 'NT', target),
    'MGMT.IOTMC-ORG',
    undefined,
  )
const description = (udn: string, embedded: string[] = []): DeviceDescription => ({
  udn,
  deviceType: 'urn:acme-com:device:Gateway:1',
  friendlyName: 'Gateway',
  manufacturer: 'ACME',
  modelName: 'G',
  services: [],
  embedded,
  repairs: [],
})

describe('who is managed', () => {
  test('a device with a readable header and a secure location', () => {
    hear(ALIVE)
    expect(registry.get(UDN)).toMatchObject({ claim: { phase: 'commissioning' }, deviceType: TYPE })
    expect(registry.get(UDN)?.unmanagedReason).toBeUndefined()
  })
  test.each([
    ['no-header', withHeader(ALIVE, 'MGMT.IOTMC-ORG', undefined)],
    ['bad-header', withHeader(ALIVE, 'MGMT.IOTMC-ORG', '1; phase=flying')],
    ['other-version', withHeader(ALIVE, 'MGMT.IOTMC-ORG', '2; phase=operation')],
    ['no-secure-location', withHeader(ALIVE, 'SECURELOCATION.UPNP.ORG', undefined)],
  ])('not: %s', (reason, text) => {
    hear(text)
    expect(registry.get(UDN)?.unmanagedReason).toBe(reason)
  })
  test('a packet without the header does not take the claim away; a reboot without it does', () => {
    hear(ALIVE)
    hear(withHeader(ALIVE, 'MGMT.IOTMC-ORG', undefined))
    expect(registry.get(UDN)?.claim?.phase).toBe('commissioning')
    hear(withHeader(ALIVE, 'MGMT.IOTMC-ORG', '1; phase=operation'))
    expect(registry.get(UDN)?.claim?.phase).toBe('operation')
    hear(withHeader(withHeader(ALIVE, 'MGMT.IOTMC-ORG', undefined), 'BOOTID.UPNP.ORG', '13'))
    expect(registry.get(UDN)).toMatchObject({ unmanagedReason: 'no-header', reboots: 1 })
  })
})

describe('who is listed', () => {
  test('a service or an embedded device alone is not, before its description says whose it is', () => {
    hear(from(INNER, 'urn:acme-com:service:X:1'))
    expect(registry.entries()).toEqual([])
    expect(registry.peek(INNER)).toBeDefined()
  })
  test('embedded devices are part of their root', () => {
    hear(from(ROOT))
    hear(from(INNER, 'urn:acme-com:device:Inner:1'))
    registry.describe(ROOT, description(ROOT, [INNER]))
    hear(from(INNER, 'urn:acme-com:device:Inner:1'))
    expect(registry.entries().map(({ udn }) => udn)).toEqual([ROOT])
  })
  test('a root of which only an embedded device was heard', () => {
    hear(from(INNER, 'urn:acme-com:device:Inner:1'))
    expect(registry.describe(INNER, description(ROOT, [INNER]))).toBe('ok')
    expect(registry.entries()).toMatchObject([
      { udn: ROOT, description: { friendlyName: 'Gateway' }, online: true },
    ])
    hear(withHeader(withHeader(BYEBYE, 'USN', `${INNER}::x`), 'NT', 'x'))
    expect(registry.entries()).toEqual([])
  })
  test('nobody can hide or rename a device elsewhere by claiming it as embedded or as root', () => {
    hear(ALIVE)
    hear(withHeader(from(ROOT), 'LOCATION', 'http://10.77.0.66/evil'))
    registry.describe(ROOT, description(ROOT, [UDN]))
    hear(ALIVE)
    expect(registry.get(UDN)?.claim?.phase).toBe('commissioning')
    hear(withHeader(from(INNER), 'LOCATION', 'http://10.77.0.66/evil'))
    expect(registry.describe(INNER, description(UDN, [INNER]))).toBe('udn-mismatch')
    expect(registry.get(UDN)?.description).toBeUndefined()
  })
  test('a description of another UDN is refused', () => {
    hear(ALIVE)
    expect(registry.describe(UDN, description(ROOT))).toBe('udn-mismatch')
    expect(registry.get(UDN)).toMatchObject({ refusedReason: 'udn-mismatch' })
    expect(registry.get(UDN)?.description).toBeUndefined()
  })
})

describe('coming and going', () => {
  test('a managed device stays listed as offline, an unmanaged one goes', () => {
    hear(ALIVE)
    hear(BYEBYE)
    expect(registry.get(UDN)).toMatchObject({ online: false, addresses: [{ address: '10.77.0.2' }] })
    hear(from(ROOT))
    hear(withHeader(withHeader(BYEBYE, 'USN', `${ROOT}::upnp:rootdevice`), 'NT', 'upnp:rootdevice'))
    expect(registry.get(ROOT)).toBeUndefined()
    expect(changes.at(-1)).toEqual([ROOT, ['gone']])
    registry.tick(NOW + 10_000)
    expect(registry.has(ROOT)).toBe(false)
  })
  test('byebye then return: online again', () => {
    hear(ALIVE)
    hear(BYEBYE)
    hear(ALIVE)
    expect(registry.get(UDN)?.online).toBe(true)
  })
  test.each([
    ['a max-age of 1 s counts as a minute', 'max-age=1', 60],
    ['one of a year as a day', 'max-age=31536000', 86_400],
    ['none as 30 minutes', 'no-cache', 1800],
  ])('%s', (_name, value, seconds) => {
    hear(withHeader(ALIVE, 'CACHE-CONTROL', value))
    expect(registry.tick(NOW)).toBe(NOW + seconds * 1000)
    registry.tick(NOW + seconds * 1000 - 1)
    expect(registry.get(UDN)?.online).toBe(true)
    registry.tick(NOW + seconds * 1000)
    expect(registry.get(UDN)?.online).toBe(false)
  })
  test('who is offline for a day is forgotten', () => {
    hear(ALIVE)
    hear(BYEBYE, NOW + 1000)
    registry.tick(NOW + 86_400_000)
    expect(registry.get(UDN)).toBeDefined()
    registry.tick(NOW + 86_402_000)
    expect(registry.get(UDN)).toBeUndefined()
  })
  test('the same packet again is no change, but "last seen" is told every half minute', () => {
    hear(ALIVE)
    const before = changes.length
    for (let n = 1; n <= 10; n++) hear(ALIVE, NOW + n * 1000)
    expect(changes.length).toBe(before)
    hear(ALIVE, NOW + 31_000)
    expect(changes.length).toBe(before + 1)
    expect(registry.get(UDN)?.lastSeenMs).toBe(NOW + 31_000)
  })
  test('a full list refuses the next, and lets it in where one is offline', () => {
    for (let n = 0; n < DISCOVERY_LIMITS.devicesMax; n++) hear(ALIVE.replaceAll(UDN, `uuid:crowd-${n}`))
    expect(hear(ALIVE)).toBe('list-full')
    hear(BYEBYE.replaceAll(UDN, 'uuid:crowd-7'))
    expect(hear(ALIVE)).toBe('ok')
    expect(registry.size).toBe(DISCOVERY_LIMITS.devicesMax)
    expect(registry.get('uuid:crowd-7')).toBeUndefined()
  })
  test('warnings are kept once each and bounded', () => {
    for (let n = 0; n < 50; n++) hear(ALIVE, NOW, ['packet:no-server', `odd-${n}`])
    const { warnings = [] } = registry.get(UDN) ?? {}
    expect(warnings.filter((text) => text === 'packet:no-server')).toHaveLength(1)
    expect(warnings.length).toBeLessThanOrEqual(12)
  })
})
