/** Groups in groups: the way from the outermost group down to one, and what may lie in what. Pure rules. */
import { GROUP_DEPTH_MAX, type Group } from '../contract/configuration'
import { IotmcError } from '../contract/errors'

type Placed = Pick<Group, 'name' | 'parent'>

/** The groups in which `name` lies, outermost first, itself last; nothing where it is unknown. A circle is cut. */
export const chainOf = <G extends Placed>(groups: readonly G[], name: string): readonly G[] => {
  const byName = new Map(groups.map((group) => [group.name, group]))
  const chain = new Map<string, G>()
  let next = byName.get(name)
  while (next && !chain.has(next.name)) {
    chain.set(next.name, next)
    next = next.parent === undefined ? undefined : byName.get(next.parent)
  }
  return [...chain.values()].reverse()
}

/** Names of all groups that lie in `name`, however deep, without itself. */
export const below = (groups: readonly Placed[], name: string): ReadonlySet<string> => {
  const inside = new Map<string, string[]>()
  for (const group of groups) {
    if (group.parent === undefined) continue
    inside.set(group.parent, [...(inside.get(group.parent) ?? []), group.name])
  }
  const found = new Set<string>()
  const open = [...(inside.get(name) ?? [])]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next) || next === name) continue
    found.add(next)
    open.push(...(inside.get(next) ?? []))
  }
  return found
}

/** How many groups lie in each other from `name` down, itself counted. */
const heightOf = (groups: readonly Placed[], name: string): number => {
  const inside = below(groups, name)
  const own = chainOf(groups, name).length
  return Math.max(1, ...[...inside].map((each) => chainOf(groups, each).length - own + 1))
}

/** Whether a group may lie where it is to. Errors: GROUP_INVALID (circle, unknown group, too deep). */
export const checkPlace = (groups: readonly Placed[], { name, parent }: Placed): void => {
  if (parent === undefined) return
  const invalid = (detail: string) => new IotmcError('GROUP_INVALID', { subject: name, detail })
  if (parent === name || below(groups, name).has(parent)) throw invalid(`it can't lie in ${parent}`)
  const above = chainOf(groups, parent)
  if (above.length === 0) throw invalid(`there is no group ${parent}`)
  if (above.length + heightOf(groups, name) > GROUP_DEPTH_MAX)
    throw invalid(`more than ${GROUP_DEPTH_MAX} groups in each other`)
}

/** Whether a group may be taken away. Errors: GROUP_UNKNOWN, GROUP_INVALID while something is in it. */
export const checkRemoval = (groups: readonly Group[], name: string): void => {
  const group = groups.find((each) => each.name === name)
  if (!group) throw new IotmcError('GROUP_UNKNOWN', { subject: name })
  const child = groups.find((each) => each.parent === name)
  const detail = child
    ? `${child.name} lies in it`
    : (group.members ?? 0) > 0
      ? `it has ${group.members} members`
      : undefined
  if (detail) throw new IotmcError('GROUP_INVALID', { subject: name, detail })
}
