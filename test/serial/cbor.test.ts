import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SMP_LIMITS } from '../../electron/contract/smp'
import { decodeMap, encodeMap, roomForBytes } from '../../electron/serial/cbor'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')

it('decodes definite and indefinite maps with exact numbers, texts and byte strings', () => {
  expect(decodeMap(bytes('a1 61 64 65 68656c6c6f'))).toEqual({ d: 'hello' })
  expect(decodeMap(bytes('bf 61 72 19 0800 61 62 42 0102 61 6e 20 ff'))).toEqual({
    r: 2048,
    b: new Uint8Array([1, 2]),
    n: -1,
  })
  expect(decodeMap(bytes('a1 61 78 1b 001fffffffffffff'))).toEqual({ x: Number.MAX_SAFE_INTEGER })
  expect(decodeMap(bytes('a1 61 78 9f 01 80 a0 ff'))).toEqual({ x: [1, [], {}] })
})

it.each([
  ['a key given twice', 'a2 61 61 01 61 61 02'],
  ['a number that is not exact', 'a1 61 78 1b 0020000000000000'],
  ['a number in a longer form than it needs', 'a1 61 78 18 01'],
  ['undefined', 'a1 61 78 f7'],
  ['not a number', 'a1 61 78 f9 7e00'],
  ['infinity', 'a1 61 78 f9 7c00'],
  ['a tag', 'a1 61 78 c0 60'],
  ['a number as key', 'a1 01 02'],
  ['a list', '80'],
  ['a text', '61 61'],
  ['null', 'f6'],
  ['nothing', ''],
  ['bytes left over', 'a0 00'],
  ['a map cut short', 'a1 61'],
  ['an indefinite map without its end', 'bf 61 61 01'],
  ['an end in a definite map', 'a1 ff'],
  ['a length that is not there', 'a1 61 78 5b ffffffffffffffff'],
  ['a list longer than memory', 'a1 61 78 9b 00ffffffffffffff'],
])('refuses %s', (_, hex) => {
  expect(() => decodeMap(bytes(hex))).toThrow()
})

it('stops at the limits of levels and items', () => {
  const nested = (levels: number) => bytes(`${'a1 61 78'.repeat(levels - 1)}a0`)
  expect(() => decodeMap(nested(SMP_LIMITS.cborDepthMax))).not.toThrow()
  expect(() => decodeMap(nested(SMP_LIMITS.cborDepthMax + 2))).toThrow('too deep')
  expect(() => decodeMap(Buffer.alloc(60_000, 0x9f))).toThrow('too deep')
  const list = (items: number) => Buffer.concat([bytes('a1 61 78 9f'), Buffer.alloc(items), bytes('ff')])
  expect(() => decodeMap(list(500))).not.toThrow()
  expect(() => decodeMap(list(60_000))).toThrow('too many')
})

it('keeps keys that objects have by themselves as plain keys', () => {
  const map = decodeMap(bytes('a1 69 5f5f70726f746f5f5f a1 61 78 01'))
  expect(Object.keys(map)).toEqual(['__proto__'])
  expect(Object.getPrototypeOf(map)).toBe(Object.prototype)
})

const leaf = fc.oneof(
  fc.integer(),
  fc.maxSafeNat(),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }),
)
const value = fc.oneof(
  leaf,
  fc.array(leaf, { maxLength: 5 }),
  fc.dictionary(fc.string(), leaf, { maxKeys: 4 }),
)
const map = fc.dictionary(fc.string({ maxLength: 12 }), value, { maxKeys: 6 })

it('decodes what it encodes to the same, and encodes that to the same bytes', () => {
  fc.assert(
    fc.property(map, (original) => {
      const encoded = encodeMap(original)
      const decoded = decodeMap(encoded)
      expect({ ...decoded }).toEqual({ ...original })
      expect(Buffer.from(encodeMap(decoded)).equals(encoded)).toBe(true)
    }),
  )
})

it('either decodes any bytes to a map or throws an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (input) => {
      try {
        expect(typeof decodeMap(input)).toBe('object')
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Error)
      }
    }),
    { numRuns: 2000 },
  )
})

it('counts exactly how many bytes of data fit beside the other fields', () => {
  fc.assert(
    fc.property(fc.integer({ min: 40, max: 70_000 }), fc.nat(), (budget, off) => {
      const others = { off, data: new Uint8Array(0) }
      const room = roomForBytes(budget, others)
      const size = (data: number) => encodeMap({ off, data: new Uint8Array(data) }).length
      expect(size(room)).toBeLessThanOrEqual(budget)
      expect(size(room + 1)).toBeGreaterThan(budget)
    }),
  )
  expect(roomForBytes(5, { off: 0, data: new Uint8Array(0) })).toBe(0)
})
