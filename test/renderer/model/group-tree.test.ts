import { describe, expect, it } from 'vitest'
import { GROUP_DEPTH_MAX, type Group } from '../../../electron/contract/configuration'
import {
  groupsIn,
  inheritedValues,
  possibleParents,
  removalBlock,
  treeOf,
} from '../../../renderer/model/group-tree'

const group = (name: string, parent?: string, values: Group['values'] = {}): Group => ({
  name,
  values,
  version: 1,
  members: 0,
  ...(parent ? { parent } : {}),
})
const SITE = group('Site', undefined, { a: '1', b: '1' })
const HALL = group('Hall', 'Site', { b: '2' })
const PUMPS = group('Pumps', 'Hall', { c: '3' })
const GROUPS = [PUMPS, group('Gates'), HALL, SITE]

describe('groups in groups', () => {
  it('draws each group under the one that it lies in', () =>
    expect(treeOf(GROUPS).map(({ group: { name }, depth }) => `${depth} ${name}`)).toEqual([
      '0 Gates',
      '0 Site',
      '1 Hall',
      '2 Pumps',
    ]))

  it('draws every group once, also in a circle or under an unknown one', () => {
    const circle = [group('a', 'b'), group('b', 'a'), group('c', 'gone')]
    expect(
      treeOf(circle)
        .map(({ group: { name } }) => name)
        .sort(),
    ).toEqual(['a', 'b', 'c'])
  })

  it('inherits from the nearest above', () =>
    expect([...inheritedValues(GROUPS, 'Hall')]).toEqual([
      ['b', { value: '2', from: 'Hall' }],
      ['a', { value: '1', from: 'Site' }],
    ]))

  it('offers no parent that lies in the group itself', () => {
    expect(possibleParents(GROUPS, 'Site')).toEqual(['Gates'])
    expect(possibleParents(GROUPS, 'Pumps')).toEqual(['Gates', 'Hall', 'Site'])
    expect(possibleParents(GROUPS, undefined)).toHaveLength(4)
    expect(groupsIn(GROUPS, 'Site')).toEqual(['Pumps', 'Hall'])
  })

  it('offers no parent that would lie too deep', () => {
    const chain = Array.from({ length: GROUP_DEPTH_MAX }, (_, at) =>
      group(`g${at}`, at > 0 ? `g${at - 1}` : undefined),
    )
    expect(possibleParents(chain, undefined)).not.toContain(`g${GROUP_DEPTH_MAX - 1}`)
    expect(possibleParents([...chain, PUMPS], 'Pumps')).toContain(`g${GROUP_DEPTH_MAX - 2}`)
  })

  it('says why a group stays', () => {
    expect(removalBlock(GROUPS, HALL)).toBe('inside')
    expect(removalBlock(GROUPS, { ...PUMPS, members: 2 })).toBe('members')
    expect(removalBlock(GROUPS, PUMPS)).toBeUndefined()
  })
})
