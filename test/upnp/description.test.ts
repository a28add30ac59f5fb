import { describe, expect, it } from 'vitest'
import { DEVICE_TYPE } from '../../electron/contract/names'
import { buildDescription, parseDescription } from '../../electron/upnp/description'

const BASE = 'http://192.168.1.5:8080/dev/description.xml'
const UDN = 'uuid:12345678-1234-1234-1234-1234567890ab'

interface Parts {
  readonly head?: string
  readonly open?: string
  readonly close?: string
  readonly udn?: string
  readonly extra?: string
  readonly control?: string
  readonly rootExtra?: string
}

const document = (p: Parts = {}): Buffer =>
  Buffer.from(
    `${p.head ?? '<?xml version="1.0"?>'}${p.open ?? '<root xmlns="urn:schemas-upnp-org:device-1-0" configId="7">'}${
      p.rootExtra ?? ''
    }<device><deviceType>urn:x:device:Y:1</deviceType><friendlyName>Lamp</friendlyName><manufacturer>M</manufacturer>` +
      `<modelName>L1</modelName><UDN>${p.udn ?? UDN}</UDN>${p.extra ?? ''}<serviceList><service>` +
      '<serviceType>urn:x:service:Z:1</serviceType><serviceId>urn:x:serviceId:Z</serviceId><SCPDURL>scpd.xml</SCPDURL>' +
      `<controlURL>${p.control ?? '/control'}</controlURL><eventSubURL/></service></serviceList></device>${p.close ?? '</root>'}`,
  )

const read = (p: Parts = {}) => parseDescription(document(p), BASE)

describe('a description as it should be', () => {
  it('is read with absolute URLs and no repair', () => {
    expect(read()).toEqual({
      udn: UDN,
      deviceType: 'urn:x:device:Y:1',
      friendlyName: 'Lamp',
      manufacturer: 'M',
      modelName: 'L1',
      configId: 7,
      services: [
        {
          serviceType: 'urn:x:service:Z:1',
          serviceId: 'urn:x:serviceId:Z',
          scpdUrl: 'http://192.168.1.5:8080/dev/scpd.xml',
          controlUrl: 'http://192.168.1.5:8080/control',
          eventSubUrl: '',
        },
      ],
      embedded: [],
      repairs: [],
    })
  })

  it('comes back from our own writer', () => {
    const text = buildDescription({
      udn: UDN,
      deviceType: DEVICE_TYPE.managed,
      friendlyName: 'A <b> & "c"',
      manufacturer: 'M',
      model: 'x'.repeat(40),
      modelNumber: 'rev B',
      serialNumber: 'SN-1',
      configId: 1,
      services: ['Lifecycle', 'Configuration'],
    })
    const back = parseDescription(Buffer.from(text), 'https://10.0.0.1:9/description.xml')
    expect(back).toMatchObject({
      friendlyName: 'A <b> & "c"',
      modelName: 'x'.repeat(31),
      modelNumber: 'rev B',
      repairs: [],
    })
    expect(back.services[1]?.controlUrl).toBe('https://10.0.0.1:9/control/Configuration')
  })

  it('keeps the zone of a link-local base', () => {
    const got = parseDescription(document(), 'http://[fe80::1%25eth0]:80/d/x.xml')
    expect(got.services[0]?.controlUrl).toBe('http://[fe80::1%25eth0]/control')
  })

  it('names embedded devices, also nested ones', () => {
    const other = UDN.replace('12345678', '87654321')
    const nested = `<deviceList><device><UDN>${other}</UDN></device></deviceList>`
    const extra = `<deviceList><device><UDN>${UDN}</UDN>${nested}</device></deviceList>`
    expect(read({ extra }).embedded).toEqual([UDN, other])
  })
})

describe('repairs, each listed', () => {
  const cases: [string, Parts, string][] = [
    [
      'HTTP headers before the XML',
      { head: 'HTTP/1.1 200 OK\r\nX: y\r\n\r\n<?xml version="1.0"?>' },
      'text before the document removed',
    ],
    ['NULs behind', { close: '</root>\0\0' }, 'text after the document removed'],
    ['garbage behind', { close: '</root>\n<junk <&' }, 'text after the document removed'],
    ['an unbound prefix', { open: '<u:root>', close: '</u:root>' }, 'unbound prefix'],
    ['another namespace', { open: '<root xmlns="urn:other">' }, 'other namespace'],
    ['no namespace', { open: '<root>' }, 'other namespace'],
    ['UUID in capitals', { udn: UDN.toUpperCase() }, 'UDN prefix repaired'],
    ['uuid twice', { udn: `uuid:${UDN}` }, 'UDN prefix repaired'],
    ['no uuid prefix', { udn: UDN.slice(5) }, 'UDN prefix repaired'],
    ['a host without a scheme', { control: '192.168.1.5:8080/control' }, 'controlURL: scheme added'],
    ['spaces', { control: '/con trol' }, 'controlURL: spaces encoded'],
    ['a double slash', { control: 'http://192.168.1.5:8080//control' }, 'controlURL: double slash removed'],
    ['a leading double slash', { control: '//control' }, 'controlURL: double slash removed'],
    ['URLBase', { rootExtra: '<URLBase>http://192.168.1.5:8081/</URLBase>' }, 'URLBase used'],
    [
      'URLBase elsewhere',
      { rootExtra: '<URLBase>http://10.9.9.9/</URLBase>' },
      'URLBase ignored: another host',
    ],
    [
      'a long serial number',
      { extra: `<serialNumber>${'9'.repeat(70)}</serialNumber>` },
      'serialNumber cut to 63 characters',
    ],
  ]
  it.each(cases)('%s', (_name, parts, repair) => {
    const got = read(parts)
    expect(got.udn).toBe(UDN)
    expect(got.services).toHaveLength(1)
    expect(got.repairs).toContain(repair)
  })

  it('lower-cased tags', () => {
    const got = parseDescription(
      Buffer.from(
        document()
          .toString()
          .replace(/<(\/?)(\w+)/g, (_m, s, n) => `<${s}${n.toLowerCase()}`),
      ),
      BASE,
    )
    expect(got).toMatchObject({ udn: UDN, friendlyName: 'Lamp', configId: 7 })
    expect(got.services[0]?.controlUrl).toBe('http://192.168.1.5:8080/control')
    expect(got.repairs).toContain('tag friendlyName in other capitals')
  })

  it('Latin-1 bytes', () => {
    const got = parseDescription(Buffer.from(document().toString().replace('Lamp', 'Lümp'), 'latin1'), BASE)
    expect(got.friendlyName).toBe('Lümp')
    expect(got.repairs).toContain('not UTF-8, read as Latin-1')
  })

  it.each([
    ['another host', 'http://10.9.9.9/control'],
    ['another scheme', 'ftp://192.168.1.5/control'],
    ['credentials', 'http://a:b@192.168.1.5/control'],
    ['no URL', 'http://['],
  ])('leaves a service with %s out', (_name, control) => {
    expect(read({ control }).services).toEqual([])
    expect(read({ control }).repairs).toContain('service urn:x:service:Z:1 left out')
  })

  it('takes control and direction-changing characters out of names', () => {
    const got = parseDescription(Buffer.from(document().toString().replace('Lamp', 'a&#10;b\u202ec')), BASE)
    expect(got.friendlyName).toBe('a bc')
  })
})

describe('what is never read', () => {
  it.each([
    ['dtd', '<?xml version="1.0"?><!DOCTYPE root [<!ENTITY a "b">]><root/>'],
    ['dtd', '<root><!ENTITY a "b"></root>'],
    ['too-deep', `${'<a>'.repeat(33)}${'</a>'.repeat(33)}`],
    ['unbalanced', '<root><device></root>'],
    ['unbalanced', '<root><device>'],
    ['not-xml', 'hello'],
    ['not-xml', ''],
    ['not-xml', '<root><__proto__/></root>'],
    ['no-device', '<root/>'],
    ['no-device', '<html/>'],
    ['no-udn', '<root><device><UDN>uuid:1</UDN></device></root>'],
    ['too-large', `<root>${' '.repeat(256 * 1024)}</root>`],
  ])('%s', (detail, text) => {
    expect(() => parseDescription(Buffer.from(text), BASE)).toThrow(
      expect.objectContaining({ code: 'BAD_ANSWER', detail }),
    )
  })
})
