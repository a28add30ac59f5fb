/** What may lie in what, and what a device is wanted to run because of it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Effective,
  effectiveValues,
  laidOver,
  NOTHING_WANTED,
} from '../../electron/configuration/effective'
import { below, chainOf, checkPlace, checkRemoval } from '../../electron/configuration/groups'
import { GROUP_DEPTH_MAX, type Group, type Values } from '../../electron/contract/configuration'

const group = (name: string, parent?: string, values: Values = {}): Group => ({
  name,
  values,
  version: 1,
  ...(parent ? { parent } : {}),
})
const names = (groups: readonly Group[]) => groups.map(({ name }) => name)

const SITE = [group('Roof'), group('Hall'), group('Line 1', 'Hall'), group('Pumps', 'Line 1')]
/** Each in the one before it. */
const tower = (height: number, prefix = 'F') =>
  Array.from({ length: height }, (_, n) => group(`${prefix}${n}`, n > 0 ? `${prefix}${n - 1}` : undefined))

describe('groups in groups', () => {
  it('have a way from the outermost down, and a set of those in them', () => {
    expect(names(chainOf(SITE, 'Pumps'))).toEqual(['Hall', 'Line 1', 'Pumps'])
    expect(chainOf(SITE, 'Cellar')).toEqual([])
    expect([...below(SITE, 'Hall')].sort()).toEqual(['Line 1', 'Pumps'])
    expect([...below(SITE, 'Pumps')]).toEqual([])
  })

  it('come to an end in a circle, which only a damaged file can hold', () => {
    const circle = [group('A', 'B'), group('B', 'A')]
    expect(names(chainOf(circle, 'A'))).toEqual(['B', 'A'])
    expect([...below(circle, 'A')]).toEqual(['B'])
  })

  it.each([
    ['itself', 'Hall', 'Hall'],
    ['what lies in it', 'Hall', 'Pumps'],
    ['nothing that is there', 'Hall', 'Cellar'],
  ])('never lie in %s', (_what, name, parent) => {
    expect(() => checkPlace(SITE, { name, parent })).toThrow(
      expect.objectContaining({ code: 'GROUP_INVALID', subject: name }),
    )
  })

  it('may move anywhere else, and lie as deep in each other as is told, with all that is in them', () => {
    expect(() => checkPlace(SITE, { name: 'Line 1', parent: 'Roof' })).not.toThrow()
    expect(() => checkPlace(SITE, { name: 'Line 1' })).not.toThrow()
    const high = [...tower(GROUP_DEPTH_MAX - 2), ...tower(3, 'G')]
    const top = `F${GROUP_DEPTH_MAX - 3}`
    expect(() => checkPlace(high, { name: 'New', parent: top })).not.toThrow()
    expect(() => checkPlace(high, { name: 'G1', parent: top })).not.toThrow()
    expect(() => checkPlace(high, { name: 'G0', parent: top })).toThrow(
      expect.objectContaining({ code: 'GROUP_INVALID' }),
    )
  })

  it('are taken away only when nothing is in them', () => {
    expect(() => checkRemoval(SITE, 'Pumps')).not.toThrow()
    expect(() => checkRemoval(SITE, 'Cellar')).toThrow(expect.objectContaining({ code: 'GROUP_UNKNOWN' }))
    const refused = expect.objectContaining({ code: 'GROUP_INVALID' })
    expect(() => checkRemoval(SITE, 'Hall')).toThrow(refused)
    expect(() => checkRemoval([{ ...group('Hall'), members: 1 }], 'Hall')).toThrow(refused)
  })
})

const anyValues = fc.dictionary(
  fc.constantFrom('A', 'B', 'C', 'constructor', '__proto__', 'toString'),
  fc.constantFrom('1', '2', '3'),
  { noNullPrototype: true },
)
const anyChain = fc
  .array(anyValues, { maxLength: 5 })
  .map((all) => all.map((values, n) => group(`G${n}`, undefined, values)))
const entries = ({ values, origins }: Effective) => [Object.entries(values), Object.entries(origins)]

describe('what is wanted of a device', () => {
  it('is the value of the innermost that gives one, and its own before all of them', () => {
    const chain = [group('Hall', undefined, { A: '1', B: '1' }), group('Pumps', 'Hall', { B: '2', C: '2' })]
    expect(effectiveValues(chain, { C: '3' })).toEqual({
      values: { A: '1', B: '2', C: '3' },
      origins: {
        A: { from: 'group', group: 'Hall' },
        B: { from: 'group', group: 'Pumps' },
        C: { from: 'device' },
      },
    })
  })

  it('does not depend on where the way down is cut', () => {
    fc.assert(
      fc.property(anyChain, anyChain, anyValues, (upper, lower, own) => {
        const whole = effectiveValues([...upper, ...lower], own)
        const parts = laidOver(effectiveValues(upper), effectiveValues(lower, own))
        expect(Object.fromEntries(Object.entries(parts.values))).toEqual(whole.values)
        expect(parts.origins).toEqual(whole.origins)
        expect(entries(laidOver(NOTHING_WANTED, whole))).toEqual(entries(whole))
        expect(entries(laidOver(whole, NOTHING_WANTED))).toEqual(entries(whole))
      }),
      { numRuns: 60 },
    )
  })

  it('has an origin for each value, which gives that value, and its own values win', () => {
    fc.assert(
      fc.property(anyChain, anyValues, (chain, own) => {
        const { values, origins } = effectiveValues(chain, own)
        expect(Object.keys(origins)).toEqual(Object.keys(values))
        for (const [name, value] of Object.entries(own)) {
          expect(Object.entries(values)).toContainEqual([name, value])
          expect(Object.entries(origins)).toContainEqual([name, { from: 'device' }])
        }
        for (const [name, origin] of Object.entries(origins)) {
          if (origin.from === 'device') continue
          const giver = chain.find((each) => each.name === origin.group)
          expect(Object.entries(giver?.values ?? {})).toContainEqual([name, values[name]])
        }
        const all = new Set([...chain.map((each) => each.values), own].flatMap((each) => Object.keys(each)))
        expect(new Set(Object.keys(values))).toEqual(all)
      }),
      { numRuns: 60 },
    )
  })
})
