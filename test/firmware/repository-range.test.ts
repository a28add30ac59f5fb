import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { partOf } from '../../electron/firmware/repository-range'

const file = { etag: '"abc"', size: 100 }
const get = (headers: Record<string, string>) => partOf('GET', headers, file)
const whole = { status: 200, from: 0, length: 100 }

describe('a range', () => {
  it.each([
    ['bytes=0-0', { status: 206, from: 0, length: 1 }],
    ['bytes=10-19', { status: 206, from: 10, length: 10 }],
    ['bytes=90-', { status: 206, from: 90, length: 10 }],
    ['bytes=90-500', { status: 206, from: 90, length: 10 }],
    ['bytes=-10', { status: 206, from: 90, length: 10 }],
    ['bytes=-500', { status: 206, from: 0, length: 100 }],
    ['Bytes=5-5', { status: 206, from: 5, length: 1 }],
    ['bytes=100-', { status: 416 }],
    ['bytes=100-200', { status: 416 }],
    ['bytes=-0', { status: 416 }],
    ['bytes=0-1,5-6', whole],
    ['bytes=20-10', whole],
    ['bytes=-', whole],
    ['bytes=a-b', whole],
    ['bytes=99999999999999999999-', whole],
    ['lines=0-1', whole],
  ])('%s', (range, part) => {
    expect(get({ range })).toEqual(part)
  })

  it('is for GET alone', () => {
    expect(partOf('HEAD', { range: 'bytes=0-1' }, file)).toEqual(whole)
  })

  it('counts with If-Range only for the very same file', () => {
    const range = 'bytes=10-'
    const part = { status: 206, from: 10, length: 90 }
    expect(get({ range, 'if-range': '"abc"' })).toEqual(part)
    for (const other of ['"abd"', 'W/"abc"', 'abc', 'Tue, 01 Jan 2030 00:00:00 GMT'])
      expect(get({ range, 'if-range': other })).toEqual(whole)
  })

  it('never leaves the file', () => {
    const text = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
      fc.nat().map((n) => `bytes=-${n}`),
      fc.nat().map((n) => `bytes=${n}-`),
    )
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 1000 }), (range, size) => {
        const part = partOf('GET', { range }, { etag: '"abc"', size })
        if (!('from' in part)) expect(part.status).toBe(416)
        else {
          expect(part.length).toBeGreaterThan(0)
          expect(part.from + part.length).toBeLessThanOrEqual(size)
          if (part.status === 200) expect(part).toEqual({ status: 200, from: 0, length: size })
        }
      }),
    )
  })
})

describe('a condition', () => {
  it.each([
    [{ 'if-none-match': '"abc"' }, 304],
    [{ 'if-none-match': 'W/"abc"' }, 304],
    [{ 'if-none-match': '"x", "abc"' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"x"' }, 200],
    [{ 'if-match': '"abc"' }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': '"x"' }, 412],
    [{ 'if-match': 'W/"abc"' }, 412],
    [{ 'if-none-match': '"abc"', range: 'bytes=0-1' }, 304],
    [{ 'if-match': '"x"', range: 'bytes=0-1' }, 412],
  ])('%j', (headers, status) => {
    expect(get(headers as unknown as Record<string, string>).status).toBe(status)
  })
})
