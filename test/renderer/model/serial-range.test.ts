import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newRangeSchema, serialNumberSchema } from '../../../electron/contract/factory'
import { type RangeDraft, rangeUse, readRange, serialOf } from '../../../renderer/model/serial-range'
import { range } from '../harness/sample-factory'

const draft = (change: Partial<RangeDraft> = {}): RangeDraft => ({
  model: 'PX-200',
  prefix: 'PX200-',
  digits: '5',
  first: '1000',
  last: '1999',
  ...change,
})
const problem = (change: Partial<RangeDraft>, known = [range(3)]) => {
  const reading = readRange(draft(change), known)
  return 'problem' in reading ? reading.problem : undefined
}

describe('a range that is typed', () => {
  it('shows its first and last serial number and how many there are', () =>
    expect(readRange(draft(), [])).toEqual({
      range: { model: 'PX-200', prefix: 'PX200-', digits: 5, first: 1000, last: 1999 },
      first: 'PX200-01000',
      last: 'PX200-01999',
      count: 1000,
    }))

  it.each([
    ['incomplete', { last: ' ' }],
    ['incomplete', { model: '' }],
    ['prefix', { prefix: '-PX' }],
    ['prefix', { prefix: 'PX 200' }],
    ['digits', { digits: '0' }],
    ['digits', { digits: '11' }],
    ['number', { first: '1e3' }],
    ['number', { last: '-1' }],
    ['order', { first: '2000' }],
    ['not-enough-digits', { digits: '3' }],
    ['overlaps', { first: '2500', last: '3000' }],
    ['overlaps', { first: '0', last: '99999' }],
  ] as const)('is refused as %s: %j', (expected, change) => {
    expect(problem(change)).toBe(expected)
  })

  it('may have no prefix, and may touch another range', () => {
    expect(problem({ prefix: '' })).toBeUndefined()
    expect(problem({ first: '2000', last: '2999' })).toBeUndefined()
    expect(problem({ first: '4000', last: '4999' })).toBeUndefined()
    expect(problem({ first: '3000', last: '3999', prefix: 'GC10-' })).toBeUndefined()
  })

  it('that is accepted is accepted by the main process too, with serial numbers that are valid', () =>
    fc.assert(
      fc.property(
        fc.record({
          model: fc.string({ maxLength: 31 }),
          prefix: fc.oneof(fc.string({ maxLength: 32 }), fc.stringMatching(/^[A-Za-z0-9.-]{0,30}$/)),
          digits: fc.oneof(
            fc.string(),
            fc.nat(12).map((n) => `${n}`),
          ),
          first: fc.oneof(
            fc.string(),
            fc.nat().map((n) => `${n}`),
          ),
          last: fc.oneof(
            fc.string(),
            fc.nat().map((n) => `${n}`),
          ),
        }),
        (typed) => {
          const reading = readRange(typed, [])
          if ('problem' in reading) return
          expect(newRangeSchema.safeParse(reading.range).success).toBe(true)
          expect(serialNumberSchema.safeParse(reading.first).success).toBe(true)
          expect(serialNumberSchema.safeParse(reading.last).success).toBe(true)
        },
      ),
    ))
})

describe('a released range', () => {
  it('pads its numbers', () => expect(serialOf({ prefix: 'A', digits: 3 }, 7)).toBe('A007'))

  it('tells used and free numbers, which add up', () => {
    expect(rangeUse(range(1, { free: 796 }))).toEqual({ total: 1000, used: 204, free: 796, share: 0.204 })
    expect(rangeUse(range(1))).toMatchObject({ used: 0, free: 1000 })
    expect(rangeUse(range(1, { free: 0 }))).toMatchObject({ used: 1000, free: 0, share: 1 })
  })

  it('counts numbers that were scanned or withdrawn out of turn', () => {
    expect(rangeUse(range(1, { next: 1000, free: 997 }))).toMatchObject({ used: 3, free: 997 })
  })
})
