import fc from 'fast-check'
import { expect, it } from 'vitest'
import { encodeMessage, readMessage } from '../../electron/serial/smp-message'

const ECHO = Buffer.from('0a00000900000100a161646568656c6c6f', 'hex')
const header = { op: 2, version: 2, group: 0, sequence: 1, id: 0 } as const

it('writes and reads a request byte for byte', () => {
  expect(encodeMessage(header, { d: 'hello' })).toEqual(ECHO)
  expect(readMessage(ECHO)).toEqual({ header, payload: { d: 'hello' } })
})

it('reads both versions', () => {
  const old = Buffer.from(ECHO)
  old[0] = 0x02
  expect(readMessage(old)).toMatchObject({ header: { version: 1, op: 2 } })
  expect(readMessage(ECHO)).toMatchObject({ header: { version: 2, op: 2 } })
})

it.each([
  ['nothing', ''],
  ['less than a header', '0a000009000001'],
  ['a reserved bit', '2a00000100000100a0'],
  ['a version to come', '1200000100000100a0'],
  ['an unknown operation', '0c00000100000100a0'],
  ['flags', '0a01000100000100a0'],
])('has no header for %s', (_, hex) => {
  expect(readMessage(Buffer.from(hex, 'hex'))).toEqual({ problem: 'not an SMP header' })
})

it.each([
  ['another length than announced', '0a00000200000100a0', 'length'],
  ['no map', '0a0000010000010080', 'map'],
  ['no content', '0a00000000000100', 'decode'],
])('tells the place of a packet with %s', (_, hex, problem) => {
  expect(readMessage(Buffer.from(hex, 'hex'))).toEqual({ header, problem: expect.stringContaining(problem) })
})

it('reads back what it writes', () => {
  const place = fc.record({
    op: fc.constantFrom(0, 1, 2, 3),
    version: fc.constantFrom(1 as const, 2 as const),
    group: fc.nat(65_535),
    sequence: fc.nat(255),
    id: fc.nat(255),
  })
  fc.assert(
    fc.property(place, fc.uint8Array(), fc.string(), (at, data, text) => {
      expect(readMessage(encodeMessage(at, { data, text }))).toEqual({ header: at, payload: { data, text } })
    }),
  )
})

it('says something about any bytes without an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(readMessage(Buffer.from(bytes))).toBeTypeOf('object')
      const packet = Buffer.concat([ECHO.subarray(0, 8), bytes])
      packet.writeUInt16BE(bytes.length, 2)
      expect(readMessage(packet).header).toEqual(header)
    }),
    { numRuns: 1000 },
  )
})
