/** What is wanted of a device: the values of its groups from the outermost down, then its own. Pure rules. */
import type { Group, Origin, Values } from '../contract/configuration'

/** Values, and for each of them who gives it. */
export interface Effective {
  readonly values: Values
  readonly origins: Readonly<Record<string, Origin>>
}

export const NOTHING_WANTED: Effective = { values: {}, origins: {} }

const allFrom = (values: Values, origin: Origin): Effective => ({
  values,
  origins: Object.fromEntries(Object.keys(values).map((name) => [name, origin])),
})

/** What one group gives. */
const ofGroup = ({ name, values }: Pick<Group, 'name' | 'values'>): Effective =>
  allFrom(values, { from: 'group', group: name })

/** What the site plan gives for one device alone. */
const ofDevice = (values: Values): Effective => allFrom(values, { from: 'device' })

/** `upper` wins; the order in which several are laid on each other does not matter as long as their sequence stays. */
export const laidOver = (lower: Effective, upper: Effective): Effective => ({
  values: { ...lower.values, ...upper.values },
  origins: { ...lower.origins, ...upper.origins },
})

/** `chain` as of `chainOf`: outermost first. */
export const effectiveValues = (
  chain: readonly Pick<Group, 'name' | 'values'>[],
  own: Values = {},
): Effective => [...chain.map(ofGroup), ofDevice(own)].reduce(laidOver, NOTHING_WANTED)

/** The part of it that has these names. */
export const onlyNamed = ({ values, origins }: Effective, names: ReadonlySet<string>): Effective => ({
  values: Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name))),
  origins: Object.fromEntries(Object.entries(origins).filter(([name]) => names.has(name))),
})
