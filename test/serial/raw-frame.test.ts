import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RawDecoder } from '../../electron/serial/raw-frame'
import type { Decoded } from '../../electron/serial/smp-frame'
import { encodeMessage } from '../../electron/serial/smp-message'

const ANSWER = Buffer.from('0b00000a00000100bf61726568656c6c6fff', 'hex')
const packet = (bytes: Buffer): Decoded => ({ kind: 'packet', packet: bytes })

it('takes packets by the length in their header, in any pieces', () => {
  const decoder = new RawDecoder()
  const both = Buffer.concat([ANSWER, ANSWER])
  const found = [...both].flatMap((byte) => decoder.push(Buffer.from([byte])))
  expect(found).toEqual([packet(ANSWER), packet(ANSWER)])
  expect(decoder.push(both)).toEqual([packet(ANSWER), packet(ANSWER)])
  expect(decoder.holding).toBe(false)
})

it('takes text before a packet as what the device printed', () => {
  const decoder = new RawDecoder()
  const found = decoder.push(Buffer.concat([Buffer.from('boot ok\r\nready> '), ANSWER]))
  expect(found).toEqual([{ kind: 'log', line: 'boot ok' }, packet(ANSWER)])
  expect(decoder.flush()).toEqual([{ kind: 'log', line: 'ready>' }])
})

it('is in step again after a silence', () => {
  const decoder = new RawDecoder()
  expect(decoder.push(ANSWER.subarray(0, 12))).toEqual([])
  expect(decoder.holding).toBe(true)
  expect(decoder.silence()).toEqual([{ kind: 'damage', reason: 'a packet was cut short' }])
  expect(decoder.silence()).toEqual([])
  expect(decoder.push(ANSWER)).toEqual([packet(ANSWER)])
})

it('does not begin a packet that is larger than is taken', () => {
  const decoder = new RawDecoder(64)
  decoder.push(Buffer.from('0b00ffff00000100', 'hex'))
  decoder.silence()
  expect(decoder.push(ANSWER)).toEqual([packet(ANSWER)])
})

const messages = fc
  .record({
    group: fc.nat(65_535),
    sequence: fc.nat(255),
    id: fc.nat(255),
    data: fc.uint8Array({ maxLength: 600 }),
  })
  .map(({ data, ...header }) => encodeMessage({ ...header, op: 3, version: 2 }, { data }))

it('reads back every packet, however the wire cuts it', () => {
  fc.assert(
    fc.property(fc.array(messages, { maxLength: 6 }), fc.integer({ min: 1, max: 300 }), (packets, cut) => {
      const all = Buffer.concat(packets)
      const decoder = new RawDecoder()
      const found: Decoded[] = []
      for (let at = 0; at < all.length; at += cut) found.push(...decoder.push(all.subarray(at, at + cut)))
      expect(found).toEqual(packets.map(packet))
    }),
  )
})

it('takes any bytes without an error, and a packet after a silence', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (pieces) => {
      const decoder = new RawDecoder(1024)
      for (const piece of pieces) decoder.push(piece)
      decoder.silence()
      expect(decoder.push(ANSWER).at(-1)).toEqual(packet(ANSWER))
    }),
    { numRuns: 500 },
  )
})
