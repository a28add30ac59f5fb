/** Which device an entry of the site plan means: at most one device an entry, and one entry a device. Pure rules. */
import { type ExpectedDevice, isNamedByIdentity } from '../contract/enrollment'
import { claimOf } from '../contract/fingerprint'

/** What is known of a device, as far as an entry can name it. */
export interface Nameable {
  readonly udn: string
  readonly serialNumber?: string | undefined
  /** Whether the serial number was proven by TLS, not only claimed by a packet. */
  readonly proven: boolean
  /** SHA-256 of its factory certificate, hex; or no more than the digits that it claims. */
  readonly identity?: string | undefined
}

export type Match<D extends Nameable> =
  | { readonly kind: 'device'; readonly device: D }
  | { readonly kind: 'none' }
  /** Several devices say that they are it. */
  | { readonly kind: 'ambiguous'; readonly devices: readonly D[] }
  /** Another entry means this device already. */
  | { readonly kind: 'taken'; readonly device: D }

/** Whether what is known of the identity is not against the planned one. */
const fitsIdentity = (entry: ExpectedDevice, { identity }: Nameable): boolean =>
  !entry.identity || !identity || entry.identity.startsWith(identity.toLowerCase())

/** A packet may claim any serial number: what was proven comes first, and before it who has the planned certificate. */
const best = <D extends Nameable>(entry: ExpectedDevice, all: readonly D[]): readonly D[] => {
  const rules: ((device: D) => boolean)[] = [
    (device) => entry.identity !== undefined && device.identity === entry.identity,
    (device) => fitsIdentity(entry, device),
    (device) => device.proven,
  ]
  return rules.reduce<readonly D[]>((left, rule) => {
    const chosen = left.filter(rule)
    return chosen.length > 0 ? chosen : left
  }, all)
}

/** Devices by what they tell of themselves; any number of them may claim the same. */
const grouped = <D extends Nameable>(
  devices: readonly D[],
  keyOf: (device: D) => string | undefined,
): ReadonlyMap<string, readonly D[]> => {
  const groups = new Map<string, D[]>()
  for (const device of devices) {
    const key = keyOf(device)
    if (!key) continue
    const same = groups.get(key)
    if (same) same.push(device)
    else groups.set(key, [device])
  }
  return groups
}

/**
 * One answer for each entry, in order: entries with a UDN choose first, since no two devices share one; then those that
 * name a factory certificate alone.
 */
export const matchPlan = <D extends Nameable>(
  plan: readonly ExpectedDevice[],
  devices: readonly D[],
): readonly Match<D>[] => {
  const byUdn = new Map(devices.map((device) => [device.udn, device]))
  const bySerial = grouped(devices, ({ serialNumber }) => serialNumber)
  const byClaim = grouped(devices, ({ identity }) => identity && claimOf(identity))
  const namedBy = (entry: ExpectedDevice): readonly D[] => {
    if (!isNamedByIdentity(entry)) return bySerial.get(entry.serialNumber ?? '') ?? []
    const claiming = byClaim.get(claimOf(entry.identity ?? '')) ?? []
    return claiming.filter((device) => fitsIdentity(entry, device))
  }
  const taken = new Set<string>()
  const matches = new Map<number, Match<D>>()
  const choose = (index: number, device: D): void => {
    matches.set(index, { kind: taken.has(device.udn) ? 'taken' : 'device', device })
    taken.add(device.udn)
  }
  for (const [index, { udn }] of plan.entries()) {
    const device = udn === undefined ? undefined : byUdn.get(udn)
    if (device) choose(index, device)
  }
  const rest = [...plan.entries()].filter(([index]) => !matches.has(index))
  for (const [index, entry] of [
    ...rest.filter(([, entry]) => isNamedByIdentity(entry)),
    ...rest.filter(([, entry]) => !isNamedByIdentity(entry)),
  ]) {
    const chosen = best(entry, namedBy(entry))
    const free = chosen.filter((device) => !taken.has(device.udn))
    const [first] = free.length > 0 ? free : chosen
    if (!first) matches.set(index, { kind: 'none' })
    else if (free.length > 1) matches.set(index, { kind: 'ambiguous', devices: free })
    else choose(index, first)
  }
  return plan.map((_, index) => matches.get(index) ?? { kind: 'none' })
}
