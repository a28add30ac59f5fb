import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { NewRange, UnitState } from '../../electron/contract/factory'
import type { StationAuthority } from '../../electron/factory/authority'
import {
  accountsOf,
  nextFree,
  numberIn,
  overlap,
  rangeOf,
  serialOf,
  sizeOf,
  type Tally,
} from '../../electron/factory/serial-range'
import { makeTempDir } from '../helpers/temp-dir'
import { type Bench, MODEL, makeStation, newBoard, openLedger, reserve, walk } from './ledger-make'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let temp: ReturnType<typeof makeTempDir>
let station: StationAuthority
let bench: Bench
beforeEach(async () => {
  temp = makeTempDir()
  station = await makeStation(temp.path)
  bench = openLedger(join(temp.path, 'ledger.sqlite'), { signer: () => station.signer })
})
afterEach(() => {
  bench.ledger.close()
  temp.remove()
})
const codeOf = (work: () => unknown): string | undefined => {
  try {
    work()
  } catch (thrown) {
    return (thrown as { code: string }).code
  }
  return undefined
}
const released = (more: Partial<NewRange> = {}): NewRange => ({
  model: MODEL,
  prefix: 'P',
  digits: 3,
  first: 8,
  last: 12,
  ...more,
})

/** Small enough that two of them often meet. */
const anyRange = fc
  .record({
    prefix: fc.constantFrom('', 'A', 'A0', 'A1', 'A01', 'B', '1'),
    digits: fc.integer({ min: 1, max: 3 }),
    a: fc.nat(120),
    b: fc.nat(120),
  })
  .map(({ prefix, digits, a, b }) => {
    const max = 10 ** digits - 1
    const [first = 0, last = 0] = [a % (max + 1), b % (max + 1)].sort((x, y) => x - y)
    return { prefix, digits, first, last }
  })
type Numbers = Parameters<typeof sizeOf>[0]
const numbers = (range: Numbers): string[] =>
  Array.from({ length: sizeOf(range) }, (_, i) => serialOf(range, range.first + i))

test('a range has exactly the numbers that it counts', () => {
  fc.assert(
    fc.property(anyRange, anyRange, (range, other) => {
      const own = numbers(range)
      expect(new Set(own).size).toBe(sizeOf(range))
      for (const [i, serial] of own.entries()) expect(numberIn(range, serial)).toBe(range.first + i)
      for (const serial of numbers(other))
        expect(numberIn(range, serial) !== undefined).toBe(own.includes(serial))
    }),
  )
})

test('two ranges overlap exactly when they share a number', () => {
  fc.assert(
    fc.property(anyRange, anyRange, (a, b) => {
      const shared = numbers(a).some((serial) => numbers(b).includes(serial))
      expect(overlap(a, b)).toBe(shared)
      expect(overlap(b, a)).toBe(shared)
    }),
    { numRuns: 500 },
  )
})

test('released numbers are complete, open, burned, scrapped or free, and nothing else', () => {
  const states = fc.constantFrom<UnitState>('reserved', 'keyed', 'locked', 'complete', 'burned', 'scrapped')
  const units = fc.dictionary(
    fc.constantFrom(...numbers({ prefix: 'A', digits: 2, first: 0, last: 99 })),
    states,
  )
  fc.assert(
    fc.property(fc.array(anyRange, { maxLength: 5 }), units, (wanted, onRecord) => {
      const ranges = wanted
        .filter((range, i) => !wanted.slice(0, i).some((before) => overlap(before, range)))
        .map((range, i) => ({
          id: i + 1,
          model: MODEL,
          next: range.first,
          addedBy: '',
          addedAtMs: 0,
          ...range,
        }))
      const tallies: Tally[] = Object.entries(onRecord).map(([serial, state]) => ({
        rangeId: rangeOf(ranges, serial)?.id,
        state,
        count: 1,
      }))
      for (const range of ranges) {
        const account = accountsOf(ranges, tallies).get(range.id)
        const own = numbers(range)
        const count = (...wanted: UnitState[]) =>
          own.filter((serial) => wanted.includes(onRecord[serial] as UnitState)).length
        expect(account).toEqual({
          released: own.length,
          complete: count('complete'),
          open: count('reserved', 'keyed', 'locked'),
          burned: count('burned'),
          scrapped: count('scrapped'),
          free: own.filter((serial) => onRecord[serial] === undefined).length,
        })
        const free = own.find((serial) => onRecord[serial] === undefined)
        const next = nextFree(range, range.first, (serial) => onRecord[serial] !== undefined)
        expect(next).toBe(free === undefined ? range.last + 1 : numberIn(range, free))
      }
    }),
  )
})

test('more numbers on record than were released are no account', () => {
  const range = { id: 1, ...released({ first: 1, last: 2 }), next: 1, addedBy: '', addedAtMs: 0 }
  expect(() => accountsOf([range], [{ rangeId: 1, state: 'complete', count: 3 }])).toThrow(RangeError)
})

test('counting up takes each released number once, passes over those on record, and ends', async () => {
  const { ledger } = bench
  expect(ledger.nextSerialNumber(MODEL)).toBeUndefined()
  ledger.addRange(released(), 'Lee')
  ledger.addRange(released({ prefix: 'Q', first: 1, last: 1 }), 'Lee')
  reserve(ledger, 'P010', newBoard())
  ledger.burn('P011', 'label torn', 'Lee')
  const taken: string[] = []
  for (let next = ledger.nextSerialNumber(MODEL); next; next = ledger.nextSerialNumber(MODEL)) {
    taken.push(next)
    reserve(ledger, next, newBoard())
  }
  expect(taken).toEqual(['P008', 'P009', 'P012', 'Q001'])
  expect(ledger.summary().ranges.map(({ next, last }) => [next, last])).toEqual([
    [13, 12],
    [2, 1],
  ])
  expect(ledger.verify().ok).toBe(true)
})

test('numbers that others hold but have not begun are passed over too', () => {
  bench.ledger.addRange(released(), 'Lee')
  expect(bench.ledger.nextSerialNumber(MODEL, new Set(['P008', 'P009']))).toBe('P010')
  expect(bench.ledger.nextSerialNumber(MODEL)).toBe('P008')
})

test('where numbers are released for a model, no other number is taken for it', () => {
  const { ledger } = bench
  expect(codeOf(() => reserve(ledger, 'P100', newBoard()))).toBeUndefined()
  ledger.addRange(released(), 'Lee')
  expect(codeOf(() => reserve(ledger, 'P101', newBoard()))).toBe('SERIAL_NUMBER_INVALID')
  expect(codeOf(() => reserve(ledger, 'P009', newBoard(), { model: 'TH-10' }))).toBe('SERIAL_NUMBER_INVALID')
  expect(codeOf(() => reserve(ledger, 'P009', newBoard()))).toBeUndefined()
  expect(codeOf(() => reserve(ledger, 'X-1', newBoard(), { model: 'TH-10' }))).toBeUndefined()
})

test('a range that meets another, or writes no serial numbers, is refused', () => {
  const { ledger } = bench
  ledger.addRange(released(), 'Lee')
  const wrong: Partial<NewRange>[] = [
    { first: 12, last: 20 },
    { model: 'TH-10' },
    { prefix: 'P0', digits: 2, first: 0, last: 8 },
    { prefix: 'P_', first: 1, last: 2 },
    { prefix: '-', first: 1, last: 2 },
    { prefix: 'Z', first: 3, last: 2 },
    { prefix: 'Z', first: 3, last: 1000 },
  ]
  for (const more of wrong) expect(codeOf(() => ledger.addRange(released(more), 'Lee'))).toBe('VALUE_INVALID')
  expect(ledger.addRange(released({ prefix: 'P0', digits: 2, first: 20, last: 30 }), 'Lee')).toMatchObject({
    id: 2,
    next: 20,
  })
  expect(ledger.verify()).toMatchObject({ ok: true, checkpoints: 2 })
})

test('the accounts of a ledger add up, with numbers that were on record before their release', async () => {
  const { ledger } = bench
  const boards = [newBoard(), newBoard()]
  reserve(ledger, 'P008', newBoard())
  reserve(ledger, 'P999', newBoard())
  ledger.addRange(released(), 'Lee')
  expect(ledger.nextSerialNumber(MODEL)).toBe('P009')
  for (const [i, board] of boards.entries()) {
    reserve(ledger, `P01${i}`, board)
    await walk(ledger, station, `P01${i}`, board)
  }
  ledger.scrap('P011', 'crushed', 'Lee')
  expect(ledger.burn('P012', 'label torn', 'Lee')).toMatchObject({
    state: 'burned',
    hardwareId: '',
    model: MODEL,
  })
  expect(ledger.accounts().get(1)).toEqual({
    released: 5,
    complete: 1,
    open: 1,
    burned: 1,
    scrapped: 1,
    free: 1,
  })
  expect(ledger.summary()).toMatchObject({ complete: 1, open: 2, burned: 1, scrapped: 1, softwareHeld: 0 })
  expect(ledger.summary().ranges).toMatchObject([{ id: 1, free: 1 }])
  expect(ledger.verify().ok).toBe(true)
})

test('devices whose key is in plain flash are counted as such when they are complete', async () => {
  const board = newBoard()
  bench.ledger.reserve({
    serialNumber: 'S-1',
    model: MODEL,
    keyStorage: 'flash',
    operator: 'Operator 17',
    lane: '1',
    hardwareId: board.hardwareId,
  })
  expect(bench.ledger.summary().softwareHeld).toBe(0)
  await walk(bench.ledger, station, 'S-1', board)
  expect(bench.ledger.summary().softwareHeld).toBe(1)
})
