/** Reading SSDP: exact on what is right, repaired and said so on what is bent, refused on the rest, never a throw. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AliveMessage, SsdpMessage, SsdpRepair } from '../../electron/discovery/ssdp-message'
import { parseSsdp } from '../../electron/discovery/ssdp-parse'
import { ALIVE, ANSWER, BYEBYE, lines, SEARCH, TYPE, UDN, UPDATE, withHeader } from './packets'

const read = (text: string) => parseSsdp(Buffer.from(text, 'utf8'))
const good = (text: string): { message: SsdpMessage; repairs: readonly SsdpRepair[] } => {
  const parsed = read(text)
  if (!parsed.ok) throw new Error(`refused: ${parsed.reason}`)
  return parsed
}
const alive = (text: string): AliveMessage => good(text).message as AliveMessage

describe('well-formed packets', () => {
  test('an advertisement, with every header that matters', () => {
    expect(good(ALIVE)).toEqual({
      ok: true,
      repairs: [],
      message: {
        kind: 'alive',
        udn: UDN,
        target: TYPE,
        bootId: 12,
        configId: 3,
        location: 'http://10.77.0.2:49152/description.xml',
        secureLocation: 'https://10.77.0.2:49153/description.xml',
        maxAgeS: 1800,
        mgmt: '1; phase=commissioning; caps=enroll,config; id=0123456789abcdef',
      },
    })
  })

  test('an answer differs in its kind alone', () => {
    expect(good(ANSWER)).toEqual({ ...good(ALIVE), message: { ...alive(ALIVE), kind: 'answer' } })
  })

  test('byebye, update and search', () => {
    expect(good(BYEBYE).message).toEqual({ kind: 'byebye', udn: UDN, target: TYPE, bootId: 12, configId: 3 })
    expect(good(UPDATE).message).toMatchObject({ kind: 'update', udn: UDN, bootId: 12, nextBootId: 13 })
    expect(good(SEARCH)).toMatchObject({ repairs: [], message: { kind: 'search', target: TYPE, mxS: 3 } })
  })

  test('header names in any case, values as they are', () => {
    expect(good(ALIVE.replaceAll(/^[A-Z.-]+:/gm, (name) => name.toLowerCase()))).toEqual(good(ALIVE))
    expect(good(ALIVE.replaceAll('NTS:', 'nTs:'))).toEqual(good(ALIVE))
    expect(alive(withHeader(ALIVE, 'NT', 'urn:Iotmc-org:device:managedDevice:1')).target).toBe(
      'urn:Iotmc-org:device:managedDevice:1',
    )
  })

  test('unknown headers and a body are passed over', () => {
    const text = ALIVE.replace(
      'NTS:',
      'X-VENDOR: a:b\r\nOPT: "http://schemas.upnp.org/upnp/1/0/"; ns=01\r\nNTS:',
    )
    expect(good(`${text}NT: something-else\r\n`)).toEqual(good(ALIVE))
  })
})

describe('bent packets are repaired, visibly', () => {
  const cases: [name: string, text: string, repair: SsdpRepair, expected: Partial<AliveMessage>][] = [
    [
      'lines that end in LF only',
      ALIVE.replaceAll('\r\n', '\n'),
      'line-feed-only',
      { udn: UDN, maxAgeS: 1800 },
    ],
    ['an empty LOCATION', withHeader(ALIVE, 'LOCATION', ''), 'no-location', { location: undefined }],
    ['no LOCATION', withHeader(ALIVE, 'LOCATION', undefined), 'no-location', { location: undefined }],
    ['UUID: in capitals', ALIVE.replaceAll(UDN, UDN.toUpperCase()), 'upper-case-uuid', { udn: UDN }],
    ['uuid:uuid:', ALIVE.replace(`USN: ${UDN}`, `USN: uuid:${UDN}`), 'doubled-uuid', { udn: UDN }],
    [
      'a UDN without uuid:',
      ALIVE.replace(`USN: ${UDN}`, `USN: ${UDN.slice(5)}`),
      'missing-uuid-prefix',
      { udn: UDN },
    ],
    [
      'max-age = 3600',
      withHeader(ALIVE, 'CACHE-CONTROL', 'max-age = 3600'),
      'loose-max-age',
      { maxAgeS: 3600 },
    ],
    [
      'Max-Age in capitals',
      withHeader(ALIVE, 'CACHE-CONTROL', 'no-cache, Max-Age="60"'),
      'loose-max-age',
      { maxAgeS: 60 },
    ],
    ['no max-age', withHeader(ALIVE, 'CACHE-CONTROL', 'no-cache'), 'no-max-age', { maxAgeS: undefined }],
    [
      'a negative max-age',
      withHeader(ALIVE, 'CACHE-CONTROL', 'max-age=-5'),
      'no-max-age',
      { maxAgeS: undefined },
    ],
    ['no SERVER', withHeader(ALIVE, 'SERVER', undefined), 'no-server', { udn: UDN }],
    [
      'a header said twice: the first counts',
      ALIVE.replace('USN:', 'USN: uuid:first\r\nUSN:'),
      'duplicate-header',
      { udn: 'uuid:first' },
    ],
    ['a line without a colon', ALIVE.replace('NTS:', 'nonsense\r\nNTS:'), 'bad-header-line', { udn: UDN }],
    ['no NT', withHeader(ALIVE, 'NT', undefined), 'target-from-usn', { target: TYPE }],
    ['a quoted NT', withHeader(ALIVE, 'NT', `"${TYPE}"`), 'quoted-target', { target: TYPE }],
    ['NTS in capitals', withHeader(ALIVE, 'NTS', 'SSDP:Alive'), 'loose-nts', { kind: 'alive' }],
    ['HTTP/1.0', ALIVE.replace('HTTP/1.1', 'HTTP/1.0'), 'loose-start-line', { kind: 'alive' }],
    ['200 without OK', ANSWER.replace('200 OK', '200'), 'loose-start-line', { kind: 'answer' }],
    [
      'a BOOTID beyond 31 bits',
      withHeader(ALIVE, 'BOOTID.UPNP.ORG', '2147483648'),
      'bad-boot-id',
      { bootId: undefined },
    ],
    [
      'a CONFIGID beyond 24 bits',
      withHeader(ALIVE, 'CONFIGID.UPNP.ORG', '16777216'),
      'bad-config-id',
      { configId: undefined },
    ],
  ]
  test.each(cases)('%s', (_name, text, repair, expected) => {
    const { message, repairs } = good(text)
    expect(repairs).toEqual([repair])
    expect(message).toMatchObject(expected)
  })

  test('an empty EXT is as it must be, a byebye needs no LOCATION, and values may contain "st:"', () => {
    expect(good(ANSWER).repairs).toEqual([])
    expect(good(BYEBYE).repairs).toEqual([])
    expect(good(withHeader(ANSWER, 'SERVER', 'best: test: st: urn:x'))).toEqual(good(ANSWER))
    expect(good(withHeader(ANSWER, 'EXT', 'st: urn:x'))).toEqual(good(ANSWER))
  })

  test('a UDN that is no UUID is kept, in lower case', () => {
    expect(alive(ALIVE.replaceAll(UDN, 'uuid:RINCON_000E58A')).udn).toBe('uuid:rincon_000e58a')
  })

  test('control characters in shown text become spaces, UTF-8 stays', () => {
    const agent = (text: string) => good(withHeader(SEARCH, 'USER-AGENT', text)).message
    expect(agent('a\u0007b\tc')).toMatchObject({ userAgent: 'a b c' })
    expect(agent('Gerät/1')).toMatchObject({ userAgent: 'Gerät/1' })
  })
})

describe('searches', () => {
  const mx = (value: string | undefined) => good(withHeader(SEARCH, 'MX', value)).message
  test('MX is clamped to 1–5, and left out where it is missing or unreadable', () => {
    expect(mx('120')).toMatchObject({ mxS: 5 })
    expect(mx('0')).toMatchObject({ mxS: 1 })
    expect(mx(undefined)).not.toHaveProperty('mxS')
    expect(mx('soon')).not.toHaveProperty('mxS')
  })
  test('a MAN without quotes is repaired, any other refused', () => {
    expect(good(withHeader(SEARCH, 'MAN', 'ssdp:discover')).repairs).toEqual(['unquoted-man'])
    expect(read(withHeader(SEARCH, 'MAN', '"ssdp:other"'))).toEqual({ ok: false, reason: 'no-man' })
    expect(read(withHeader(SEARCH, 'MAN', undefined))).toEqual({ ok: false, reason: 'no-man' })
  })
  test('a target that would break a pattern is just text', () => {
    expect(good(withHeader(SEARCH, 'ST', 'urn:((')).message).toMatchObject({ target: 'urn:((' })
  })
})

describe('what is no SSDP is refused with its reason', () => {
  test.each([
    ['', 'empty'],
    ['\r\n', 'not-ssdp'],
    ['GET / HTTP/1.1\r\n\r\n', 'not-ssdp'],
    ['NOTIFY', 'not-ssdp'],
    [ANSWER.replace('200 OK', '404 Not Found'), 'status-not-200'],
    [withHeader(ALIVE, 'NTS', 'ssdp:propchange'), 'unknown-nts'],
    [withHeader(ALIVE, 'NTS', 'constructor'), 'unknown-nts'],
    [withHeader(ALIVE, 'NTS', undefined), 'unknown-nts'],
    [withHeader(ALIVE, 'USN', undefined), 'no-usn'],
    [withHeader(ALIVE, 'USN', 'uuid:'), 'no-usn'],
    [withHeader(ALIVE, 'USN', `uuid:${'a'.repeat(200)}`), 'no-usn'],
    [withHeader(ALIVE, 'USN', 'uuid:a b'), 'no-usn'],
    [withHeader(ALIVE, 'NT', 'x'.repeat(300)), 'no-target'],
    [withHeader(UPDATE, 'NEXTBOOTID.UPNP.ORG', undefined), 'no-next-boot-id'],
    [withHeader(SEARCH, 'ST', ''), 'no-target'],
  ])('%j', (text, reason) => {
    expect(read(text)).toEqual({ ok: false, reason })
  })
  test('longer than any datagram that we take', () => {
    expect(read(`${ALIVE}${'x'.repeat(9000)}`)).toEqual({ ok: false, reason: 'too-long' })
  })
})

describe('for any input', () => {
  const seeds = [ALIVE, ANSWER, BYEBYE, UPDATE, SEARCH]

  test('bytes of any kind are read or refused, never thrown at', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 600 }),
        (bytes) => typeof parseSsdp(Buffer.from(bytes)).ok === 'boolean',
      ),
    )
  })

  test('a packet cut anywhere and with any bytes put into it is read or refused; what is read is safe', () => {
    const bent = fc.record({
      seed: fc.constantFrom(...seeds),
      at: fc.nat(600),
      take: fc.nat(60),
      put: fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc.string({ maxLength: 40 }).map((text) => Buffer.from(text)),
      ),
    })
    fc.assert(
      fc.property(bent, ({ seed, at, take, put }) => {
        const bytes = Buffer.from(seed)
        const parsed = parseSsdp(Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + take)]))
        if (!parsed.ok) return
        const { message } = parsed
        expect(message.target.length).toBeLessThanOrEqual(256)
        if (message.kind === 'search') return
        expect(message.udn).toMatch(/^uuid:[!-~]{1,123}$/)
        expect(message.udn).toBe(message.udn.toLowerCase())
        if (message.bootId !== undefined) expect(message.bootId).toBeLessThan(2 ** 31)
      }),
      { numRuns: 500 },
    )
  })

  test('header lines of any text do not hide the good ones behind them', () => {
    const line = fc
      .string({ maxLength: 80 })
      .filter((text) => !/[\r\n]/.test(text) && text !== '' && !/^\s*(usn|nts?)\s*:/i.test(text))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (noise) => {
        const [start = '', ...rest] = BYEBYE.split('\r\n')
        expect(good(lines(start, ...noise, ...rest.slice(0, -2))).message).toMatchObject({
          kind: 'byebye',
          udn: UDN,
        })
      }),
    )
  })
})
