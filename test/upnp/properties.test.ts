/** No input crashes, hangs or grows the memory of the readers of untrusted bytes: they return or throw BAD_ANSWER & co. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { parseDescription } from '../../electron/upnp/description'
import { resolvePeerUrl } from '../../electron/upnp/description-url'
import {
  decodePropertySet,
  encodePropertySet,
  grantedTimeout,
  parseCallback,
  parseSeq,
  parseTimeout,
  readNotification,
} from '../../electron/upnp/gena-message'
import { checkArguments, parseScpd } from '../../electron/upnp/scpd'
import { loadScpd } from '../../electron/upnp/scpd-files'
import {
  decodeAnswer,
  decodeCall,
  decodeFault,
  encodeCall,
  parseSoapAction,
} from '../../electron/upnp/soap-message'
import { readXml } from '../../electron/upnp/xml'

const BASE = 'http://10.0.0.1:80/d.xml'
const TYPE = 'urn:iotmc-org:service:Lifecycle:1'

/** Only our own errors may come out. */
const tamed = (run: () => unknown): void => {
  try {
    run()
  } catch (thrown) {
    if (!(thrown instanceof IotmcError)) throw thrown
    expect(thrown.code).not.toBe('DEFECT')
  }
}

const tags = [
  'root',
  'device',
  'UDN',
  'serviceList',
  'service',
  's:Envelope',
  's:Body',
  'e:propertyset',
  'scpd',
  'action',
  'a',
]
const snippet = fc.oneof(
  fc.constantFrom(
    ...[
      '<?xml version="1.0"?>',
      '<!DOCTYPE a>',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '&amp;',
      '&#x41;',
      '&#0;',
      '&b;',
      '<',
      '>',
    ],
    ...[
      '"',
      "'",
      '/>',
      '</',
      '<a',
      'xmlns:s="x"',
      '\0',
      '\ufeff',
      '<?',
      '?>',
      'uuid:',
      '<a b="',
      '__proto__',
      '<constructor>',
    ],
  ),
  fc.constantFrom(...tags).map((tag) => `<${tag}>`),
  fc.constantFrom(...tags).map((tag) => `</${tag}>`),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const soup = fc.array(snippet, { maxLength: 60 }).map((parts) => Buffer.from(parts.join('')))
const document = fc.oneof(
  soup,
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  // A good document with one place overwritten, cut or doubled.
  fc.record({ at: fc.nat(400), what: snippet, cut: fc.boolean() }).map(({ at, what, cut }) => {
    const good = encodeCall({ serviceType: TYPE, action: 'Identify', args: { Seconds: '5' } })
    return Buffer.from(cut ? good.slice(0, at) + what : good.slice(0, at) + what + good.slice(at))
  }),
)

describe('any bytes', () => {
  it('are read or refused by every reader', () => {
    fc.assert(
      fc.property(document, (bytes) => {
        tamed(() => readXml(bytes))
        tamed(() => parseDescription(bytes, BASE))
        tamed(() => parseScpd(bytes))
        tamed(() => decodeCall(bytes, `"${TYPE}#Identify"`))
        tamed(() => decodeAnswer(bytes, 'Identify'))
        tamed(() => decodeFault(bytes))
        tamed(() => decodePropertySet(bytes))
        readNotification({ nt: 'upnp:event', nts: 'upnp:propchange', sid: 's', seq: '0' }, bytes)
      }),
      { numRuns: 400 },
    )
  }, 60_000)

  it('never reach a prototype', () => {
    fc.assert(
      fc.property(soup, (bytes) => {
        tamed(() => decodePropertySet(bytes))
        expect(({} as Record<string, unknown>).polluted).toBeUndefined()
        expect(Object.keys(Object.prototype)).toEqual([])
      }),
    )
  })
})

describe('headers', () => {
  it('of any text are read or refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 300 }),
          fc.string({ unit: fc.constantFrom('<', '>', 'S', '-', ':', '9', ' '), maxLength: 5000 }),
        ),
        (text) => {
          const timeout = parseTimeout(text)
          expect(timeout === undefined || (Number.isFinite(timeout) && timeout >= 0)).toBe(true)
          expect(grantedTimeout(text)).toBeGreaterThanOrEqual(60)
          expect(grantedTimeout(text)).toBeLessThanOrEqual(86_400)
          expect(parseCallback(text).length).toBeLessThanOrEqual(4)
          const seq = parseSeq(text)
          expect(seq === undefined || (Number.isInteger(seq) && seq >= 0 && seq <= 0xffff_ffff)).toBe(true)
          parseSoapAction(text)
          resolvePeerUrl(text, BASE)
          readNotification({ nt: text, nts: text, sid: text, seq: text }, Buffer.alloc(0))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('of a URL never lead to another host', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string(),
          fc.string({ unit: fc.constantFrom('/', '\\', '@', ':', '.', '1', 'a', '[', ']', '%') }),
        ),
        (text) => {
          const { url } = resolvePeerUrl(text, BASE)
          if (url !== undefined) expect(new URL(url).hostname).toBe('10.0.0.1')
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('round trips', () => {
  const value = fc.string({ unit: 'grapheme', maxLength: 200 })
  const name = fc
    .stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/)
    .filter((text) => !/^__|prototype|constructor/.test(text))

  it('of calls keep every argument', () => {
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 8 }), (args) => {
        const text = Buffer.from(encodeCall({ serviceType: TYPE, action: 'Identify', args }))
        expect(decodeCall(text, `"${TYPE}#Identify"`).args).toEqual({ ...args })
      }),
    )
  })

  it('of events keep every value', () => {
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 8 }), (values) => {
        expect(decodePropertySet(Buffer.from(encodePropertySet(values)))).toEqual({ ...values })
      }),
    )
  })

  it('of arguments are stable: what was checked once is taken again', () => {
    const scpd = loadScpd('Lifecycle')
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: -10, max: 400 }).map(String), fc.string()), (Seconds) => {
        tamed(() => {
          const once = checkArguments(scpd, 'Identify', 'in', { Seconds })
          expect(checkArguments(scpd, 'Identify', 'in', once)).toEqual(once)
        })
      }),
    )
  })
})

describe('the worst documents of the greatest size', () => {
  const SIZE = 250 * 1024
  const fill = (unit: string): string => unit.repeat(Math.floor(SIZE / unit.length))
  const cases: Record<string, string> = {
    'open tags': fill('<a>'),
    'open and shut': `<a>${fill('<b></b>')}</a>`,
    'empty tags': `<a>${fill('<b/>')}</a>`,
    'comments never closed': fill('<!--'),
    comments: `<a>${fill('<!---->')}</a>`,
    'CDATA never closed': `<a>${fill('<![CDATA[')}`,
    CDATA: `<a>${fill('<![CDATA[]]>')}</a>`,
    'processing instructions': `${fill('<?a?>')}<a/>`,
    'angle brackets': fill('<'),
    attributes: `<a ${Array.from({ length: 20_000 }, (_, i) => `b${i}="1"`)
      .join(' ')
      .slice(0, SIZE - 20)}/>`,
    'one attribute': `<a b="${fill('x')}"/>`,
    quotes: `<a ${fill('"\'')}/>`,
    'spaces in a tag': `<a${fill(' ')}/>`,
    'spaces before': `${fill(' ')}<a/>`,
    entities: `<a>${fill('&amp;')}</a>`,
    ampersands: `<a>${fill('&')}</a>`,
    'a long name': `<${fill('a')}/>`,
    prefixes: `<a>${fill('<b:c:d/>')}</a>`,
    text: `<a>${fill('x')}</a>`,
    services: `<root><device><UDN>uuid:12345678-1234-1234-1234-1234567890ab</UDN><serviceList>${fill('<service><serviceType>urn:a</serviceType></service>')}</serviceList></device></root>`,
    actions: `<scpd><actionList>${fill('<action><name>a</name></action>')}</actionList></scpd>`,
    properties: `<propertyset>${fill('<property><a>1</a></property>')}</propertyset>`,
  }

  it.each(Object.entries(cases))(
    '%s',
    (_name, text) => {
      const bytes = Buffer.from(text)
      expect(bytes.length).toBeLessThanOrEqual(256 * 1024)
      const startedMs = performance.now()
      tamed(() => parseDescription(bytes, BASE))
      tamed(() => parseScpd(bytes))
      tamed(() => decodePropertySet(bytes))
      tamed(() => decodeCall(bytes, `"${TYPE}#Identify"`))
      // Four readers on a busy machine; a quadratic one would need minutes.
      expect(performance.now() - startedMs).toBeLessThan(4_000)
    },
    30_000,
  )
})
