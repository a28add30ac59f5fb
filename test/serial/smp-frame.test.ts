import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SMP_LIMITS } from '../../electron/contract/smp'
import { crc16 } from '../../electron/serial/crc16'
import { ConsoleDecoder, type Decoded, encodeConsole } from '../../electron/serial/smp-frame'
import { wireBytes } from '../../electron/serial/wire-size'

const hex = (text: string) => Buffer.from(text, 'hex')
const wire = (text: string) => Buffer.from(text, 'latin1')

/** An echo of "hello", and a write of a hundred bytes: packet and lines as other implementations write them. */
const SHORT = {
  packet: hex('0a00000900000100a161646568656c6c6f'),
  lines: wire('\x06\tABMKAAAJAAABAKFhZGVoZWxsb3o2\n'),
}
const LONG = {
  packet: Buffer.concat([
    hex('0a00006c0001ff01a164646174615864'),
    Buffer.from(Array.from({ length: 100 }, (_, byte) => byte)),
  ]),
  lines: wire(
    '\x06\tAHYKAABsAAH/AaFkZGF0YVhkAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElK\n' +
      '\x04\x14S0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiY1ns\n',
  ),
}

const packet = (bytes: Buffer): Decoded => ({ kind: 'packet', packet: bytes })
const log = (line: string): Decoded => ({ kind: 'log', line })
const damage = (reason: string): Decoded => ({ kind: 'damage', reason })
const decode = (...pieces: Buffer[]): Decoded[] => {
  const decoder = new ConsoleDecoder()
  return pieces.flatMap((piece) => decoder.push(piece))
}

it('has the checksum of the catalogues', () => {
  expect(crc16(Buffer.from('123456789'))).toBe(0x31c3)
  expect(crc16(Buffer.alloc(0))).toBe(0)
})

it.each([
  ['one line', SHORT],
  ['two lines', LONG],
])('writes and reads a packet of %s byte for byte', (_, { packet: bytes, lines }) => {
  expect(encodeConsole(bytes)).toEqual(lines)
  expect(decode(lines)).toEqual([packet(bytes)])
})

describe('reads packets out of', () => {
  it('single bytes', () => {
    const pieces = [...LONG.lines].map((byte) => Buffer.from([byte]))
    expect(decode(...pieces)).toEqual([packet(LONG.packet)])
  })

  it('several packets in one piece', () => {
    expect(decode(Buffer.concat([SHORT.lines, LONG.lines, SHORT.lines]))).toEqual([
      packet(SHORT.packet),
      packet(LONG.packet),
      packet(SHORT.packet),
    ])
  })

  it('lines that end with carriage return and newline', () => {
    expect(decode(wire(LONG.lines.toString('latin1').replaceAll('\n', '\r\n')))).toEqual([
      packet(LONG.packet),
    ])
  })

  it('text before, between and in the middle of packets', () => {
    const [first, second] = LONG.lines.toString('latin1').split('\n')
    const chatter = `*** Booting ***\r\nuart:~$ ${first}\n[00:01] \x1b[32mwarm\x1b[0m\x07\n${second}\n\nready> `
    expect(decode(wire(chatter))).toEqual([
      log('*** Booting ***'),
      log('uart:~$'),
      log('[00:01] warm'),
      packet(LONG.packet),
    ])
  })

  it('garbage first, be it half a packet or bytes of any kind', () => {
    const garbage = Buffer.concat([Buffer.from([0xff, 0x00, 0x06, 0x04, 0x80]), LONG.lines.subarray(0, 60)])
    expect(decode(garbage, SHORT.lines)).toEqual([
      expect.objectContaining({ kind: 'log' }),
      damage('not base64'),
      packet(SHORT.packet),
    ])
  })

  it('a line whose newline was lost', () => {
    expect(decode(wire(LONG.lines.toString('latin1').replace('\n', '')))).toEqual([packet(LONG.packet)])
  })
})

describe('reports damage and goes on after', () => {
  const changed = (find: string, to: string) => wire(LONG.lines.toString('latin1').replace(find, to))
  it.each([
    ['a changed byte', changed('ABsAAH', 'ABsABH'), [damage('checksum differs')]],
    [
      'a lost byte',
      changed('AHYKA', 'AHYK'),
      [damage('not base64'), damage('a continuation without its beginning')],
    ],
    ['a lost first line', LONG.lines.subarray(127), [damage('a continuation without its beginning')]],
    ['a lost second line', LONG.lines.subarray(0, 127), [damage('a packet was cut short by the next')]],
    ['a length of nearly nothing', wire('\x06\tAAAA\n'), [damage('an impossible length')]],
    [
      'more bytes than announced',
      changed('AHYK', 'ACAK'),
      [damage('longer than it says'), damage('a continuation without its beginning')],
    ],
    [
      'text within a line',
      changed('CQoL', '[00:02] hot'),
      [damage('not base64'), damage('a continuation without its beginning')],
    ],
  ])('%s', (_, bytes, expected) => {
    expect(decode(bytes, SHORT.lines)).toEqual([...expected, packet(SHORT.packet)])
  })

  it('a packet larger than is taken', () => {
    const decoder = new ConsoleDecoder(100)
    expect(decoder.push(LONG.lines)[0]).toEqual(damage('an impossible length'))
    expect(decoder.push(SHORT.lines)).toEqual([packet(SHORT.packet)])
  })
})

it('cuts endless lines into pieces and drops what can not be shown', () => {
  const found = decode(Buffer.alloc(5_000, 'x'), wire('\n\x00\x01\x02\n'))
  expect(found.length).toBeGreaterThan(5)
  for (const one of found) expect(one).toEqual(log(expect.stringMatching(/^x{1,512}$/)))
})

const bodies = fc
  .uint8Array({ minLength: SMP_LIMITS.headerBytes, maxLength: 3000 })
  .map((body) => Buffer.from(body))
/** Text as devices print it: none of the characters that mark a frame. */
const chatter = fc.string({ maxLength: 80 }).map((text) => text.replace(/[\n\r]/g, ''))

it('reads back every packet, however the wire cuts it and whatever is printed between', () => {
  const wires = fc.array(fc.tuple(bodies, chatter), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(wires, fc.infiniteStream(fc.integer({ min: 1, max: 200 })), (parts, cuts) => {
      const all = Buffer.concat(
        parts.flatMap(([body, text]) => [encodeConsole(body), Buffer.from(`${text}\n`)]),
      )
      const decoder = new ConsoleDecoder()
      const found: Decoded[] = []
      for (let at = 0; at < all.length; ) {
        const cut = cuts.next().value ?? 1
        found.push(...decoder.push(all.subarray(at, at + cut)))
        at += cut
      }
      expect(found.flatMap((one) => (one.kind === 'packet' ? [one.packet] : []))).toEqual(
        parts.map(([body]) => body),
      )
      expect(found.some(({ kind }) => kind === 'damage')).toBe(false)
      expect(decoder.holding).toBe(false)
    }),
    { numRuns: 60 },
  )
})

it('never writes a line of more than 127 bytes, and exactly as many bytes as calculated', () => {
  fc.assert(
    fc.property(bodies, (body) => {
      const bytes = encodeConsole(body)
      expect(bytes.length).toBe(wireBytes(body.length, 'console'))
      for (const line of bytes.toString('latin1').split('\n')) expect(line.length).toBeLessThan(127)
    }),
  )
})

it('takes any bytes without an error, and a packet after them', () => {
  const marker = fc.constantFrom([0x06, 0x09], [0x04, 0x14], [0x0a], [0x06], [0x04])
  const noise = fc.array(
    fc.oneof(marker, fc.array(fc.nat(255), { maxLength: 50 }), fc.constant([65, 65, 65, 65])),
  )
  fc.assert(
    fc.property(noise, (pieces) => {
      const found = decode(...pieces.map((piece) => Buffer.from(piece)), wire('\n'), SHORT.lines)
      expect(found.at(-1)).toEqual(packet(SHORT.packet))
    }),
    { numRuns: 500 },
  )
})

it('a flood of noise is worked off as fast as any wire can bring it, and nothing of it is kept', () => {
  const decoder = new ConsoleDecoder()
  const noise = Buffer.from(Array.from({ length: 65_536 }, (_, at) => (at * 7919) % 251))
  const startedMs = performance.now()
  for (let round = 0; round < 64; round++) decoder.push(noise)
  const bytesPerS = (64 * noise.length * 1000) / (performance.now() - startedMs)
  expect(bytesPerS).toBeGreaterThan(1_000_000)
  decoder.push(wire('\n'))
  expect(decoder.holding).toBe(false)
})
