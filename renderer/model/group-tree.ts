/** Groups in groups, as the window draws them: the tree, what is inherited, and which parents are possible. Pure. */
import { GROUP_DEPTH_MAX, type Group } from '../../electron/contract/configuration'
import { naturalKey } from './natural'

export interface TreeGroup {
  readonly group: Group
  /** 0 = outermost. */
  readonly depth: number
}

const byName = (a: Group, b: Group) => (naturalKey(a.name) < naturalKey(b.name) ? -1 : 1)

/** The groups from the outermost down, each followed by those that lie in it. A circle is drawn as if it were cut. */
export const treeOf = (groups: readonly Group[]): readonly TreeGroup[] => {
  const names = new Set(groups.map(({ name }) => name))
  const inside = new Map<string | undefined, Group[]>()
  for (const group of [...groups].sort(byName)) {
    const parent = group.parent !== undefined && names.has(group.parent) ? group.parent : undefined
    inside.set(parent, [...(inside.get(parent) ?? []), group])
  }
  const rows: TreeGroup[] = []
  const seen = new Set<string>()
  const put = (group: Group, depth: number) => {
    if (seen.has(group.name)) return
    seen.add(group.name)
    rows.push({ group, depth })
    for (const child of inside.get(group.name) ?? []) put(child, depth + 1)
  }
  for (const group of inside.get(undefined) ?? []) put(group, 0)
  for (const group of groups) put(group, 0)
  return rows
}

/** From `name` outwards: itself first, the outermost last. */
const outwards = (groups: readonly Group[], name: string | undefined): readonly Group[] => {
  const chain: Group[] = []
  let next = groups.find((group) => group.name === name)
  while (next && !chain.includes(next)) {
    chain.push(next)
    const { parent } = next
    next = groups.find((group) => group.name === parent)
  }
  return chain
}

export interface InheritedValue {
  readonly value: string
  /** The group that gives it: the nearest above. */
  readonly from: string
}

/** What a group with this parent gets from above. */
export const inheritedValues = (
  groups: readonly Group[],
  parent: string | undefined,
): ReadonlyMap<string, InheritedValue> => {
  const values = new Map<string, InheritedValue>()
  for (const { name: from, values: own } of outwards(groups, parent))
    for (const [name, value] of Object.entries(own)) if (!values.has(name)) values.set(name, { value, from })
  return values
}

/** Names of the groups that `name` may lie in: not itself, nothing in it, and not too deep. */
export const possibleParents = (groups: readonly Group[], name: string | undefined): readonly string[] => {
  const depths = groups.map((group) => [group, outwards(groups, group.name)] as const)
  const inside = depths.filter(([, chain]) => chain.some((group) => group.name === name))
  const height = Math.max(
    1,
    ...inside.map(([, chain]) => chain.findIndex((group) => group.name === name) + 1),
  )
  const hidden = new Set(inside.map(([group]) => group.name))
  return depths
    .filter(([group, chain]) => !hidden.has(group.name) && chain.length + height <= GROUP_DEPTH_MAX)
    .map(([group]) => group.name)
    .sort()
}

/** Why a group can't be removed now, or undefined. */
export const removalBlock = (groups: readonly Group[], group: Group): 'members' | 'inside' | undefined =>
  (group.members ?? 0) > 0
    ? 'members'
    : groups.some(({ parent }) => parent === group.name)
      ? 'inside'
      : undefined

/** Names of the groups that lie in `name`, however deep. */
export const groupsIn = (groups: readonly Group[], name: string): readonly string[] =>
  groups
    .filter((group) => group.name !== name && outwards(groups, group.name).some((one) => one.name === name))
    .map((group) => group.name)
