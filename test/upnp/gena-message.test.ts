import { describe, expect, it } from 'vitest'
import {
  decodePropertySet,
  encodePropertySet,
  grantedTimeout,
  nextSeq,
  parseCallback,
  parseSeq,
  parseTimeout,
  readNotification,
} from '../../electron/upnp/gena-message'
import { judgeSeq, renewDelayMs, retryDelayMs } from '../../electron/upnp/gena-subscriber-state'

describe('the event key', () => {
  it('wraps to 1', () => {
    expect([nextSeq(0), nextSeq(4294967294), nextSeq(4294967295)]).toEqual([1, 4294967295, 1])
  })

  it.each([
    [undefined, 0, 'expected'],
    [undefined, 1, 'gap'],
    [0, 1, 'expected'],
    [0, 0, 'repeated'],
    [4294967295, 1, 'expected'],
    [4294967295, 0, 'gap'],
    [3, 5, 'gap'],
    [3, 2, 'gap'],
  ] as const)('after %s, %i is %s', (last, seq, verdict) => {
    expect(judgeSeq(last, seq)).toBe(verdict)
  })

  it('is read strictly', () => {
    expect(['0', ' 7 ', '4294967295', '4294967296', '-1', 'x', '', undefined].map(parseSeq)).toEqual([
      0,
      7,
      4294967295,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('time-outs', () => {
  it.each([
    ['Second-1800', 1800],
    ['second-60', 60],
    ['Second-infinite', 86_400],
    ['infinite', 86_400],
    ['1800', 1800],
    ['Second-0:30:00', 1800],
    ['Second-', undefined],
    ['Minute-3', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s is %s', (text, seconds) => {
    expect(parseTimeout(text)).toBe(seconds)
  })

  it('are granted within limits', () => {
    expect(['Second-1', 'Second-300', 'Second-infinite', 'x', undefined].map(grantedTimeout)).toEqual([
      60, 300, 86_400, 1800, 1800,
    ])
  })

  it('are renewed at half, retried ever later', () => {
    expect([renewDelayMs(1800), renewDelayMs(1)]).toEqual([900_000, 1000])
    expect([1, 2, 3, 20, 1e9].map(retryDelayMs)).toEqual([1000, 2000, 4000, 60_000, 60_000])
  })
})

describe('callbacks', () => {
  it.each([
    ['<https://1.2.3.4:5/x>', ['https://1.2.3.4:5/x']],
    ['< https://a >  <https://b>', ['https://a', 'https://b']],
    ['https://a', []],
    ['<>', []],
    ['<a b>', []],
    ['', []],
    [undefined, []],
    ['<a><b><c><d><e>', ['a', 'b', 'c', 'd']],
  ])('%s', (text, urls) => {
    expect(parseCallback(text)).toEqual(urls)
  })
})

describe('property sets', () => {
  it('come back', () => {
    const values = { A: '<1>', B: '' }
    expect(decodePropertySet(Buffer.from(encodePropertySet(values)))).toEqual(values)
  })

  it('may have several variables in one property, whitespace and any prefix', () => {
    const text =
      '<p:propertyset xmlns:p="x">\n <p:property> <A>1</A>\n <B>2</B> </p:property> <p:property/></p:propertyset>'
    expect(decodePropertySet(Buffer.from(text))).toEqual({ A: '1', B: '2' })
  })

  it.each(['', '<a/>', '<propertyset>', '<!DOCTYPE a><propertyset/>'])('%j is none', (text) => {
    expect(() => decodePropertySet(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'BAD_ANSWER' }),
    )
  })
})

describe('a NOTIFY', () => {
  const good = { nt: 'upnp:event', nts: 'upnp:propchange', sid: 'uuid:1', seq: '3' }
  const body = Buffer.from(encodePropertySet({ A: '1' }))

  it('is read', () => {
    expect(readNotification(good, body)).toEqual({ sid: 'uuid:1', seq: 3, values: { A: '1' } })
  })

  it.each([
    [{ ...good, nt: undefined }, 400],
    [{ ...good, nts: undefined }, 400],
    [{ ...good, nt: 'other' }, 412],
    [{ ...good, nts: 'other' }, 412],
    [{ ...good, sid: undefined }, 412],
    [{ ...good, sid: '' }, 412],
    [{ ...good, seq: undefined }, 400],
    [{ ...good, seq: '-1' }, 400],
  ])('%j is refused with %i', (headers, status) => {
    expect(readNotification(headers, body)).toBe(status)
  })

  it('with a bad body is refused with 400', () => {
    expect(readNotification(good, Buffer.from('x'))).toBe(400)
  })
})
