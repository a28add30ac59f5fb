/** The site plan beside the devices that there are: a pure comparison, field by field. */
import type { Values } from '../contract/configuration'
import { type ExpectedDevice, isNamedByIdentity } from '../contract/enrollment'
import { claimOf } from '../contract/fingerprint'
import type { PlanDifference, SiteComparison, SiteRow } from '../contract/site-plan'
import type { Effective } from './effective'
import { type Looked, unequal } from './plan'
import { type Match, matchPlan, type Nameable } from './site-plan-match'

/** A device as it is on record and as it was heard. */
export interface PlanDevice extends Nameable {
  readonly name: string
  readonly model?: string | undefined
  readonly online: boolean
  /** Member of this site: it was given a certificate here. */
  readonly enrolled: boolean
  /** What a person calls it, and where it is; absent = nobody has said so. */
  readonly givenName?: string | undefined
  readonly place?: string | undefined
  readonly note?: string | undefined
  readonly group?: string | undefined
  readonly firmware?: string | undefined
  readonly hardwareRevision?: string | undefined
}

export interface PlanFacts {
  readonly plan: readonly ExpectedDevice[]
  readonly devices: readonly PlanDevice[]
  /** What the groups and the plan want it to run. */
  readonly wanted: (entry: ExpectedDevice, device: PlanDevice | undefined) => Effective
  /** What it answered; absent where it was not asked, or did not answer. */
  readonly looked: (udn: string) => Looked | undefined
  /** Whether firmware `version` is older than `running`: devices refuse the way back. */
  readonly isOlder: (version: string, running: string) => boolean
}

/** An entry, the row that people see, and the device that it means. */
export interface ComparedRow {
  readonly row: SiteRow
  readonly entry?: ExpectedDevice
  readonly device?: PlanDevice
  readonly match: Match<PlanDevice>['kind'] | 'unexpected'
}

const differ = (
  field: PlanDifference['field'],
  planned: string,
  found: string | undefined,
  more: Partial<PlanDifference> = {},
): PlanDifference => ({ field, planned, ...(found === undefined ? {} : { found }), manual: false, ...more })

const MANUAL = { manual: true } as const

/** Whether it is another device than the plan means: nothing is ever done with such a one by itself. */
const identityDifferences = (entry: ExpectedDevice, device: PlanDevice): PlanDifference[] => {
  const { identity, udn, serialNumber, model } = entry
  const known = device.identity?.toLowerCase()
  const all: PlanDifference[] = []
  if (udn !== undefined && udn !== device.udn) all.push(differ('identity', udn, device.udn, MANUAL))
  if (serialNumber && device.serialNumber && serialNumber !== device.serialNumber)
    all.push(differ('identity', serialNumber, device.serialNumber, MANUAL))
  if (identity && known && !identity.startsWith(known))
    all.push(differ('identity', identity, device.identity, MANUAL))
  if (model && device.model && model !== device.model) all.push(differ('model', model, device.model, MANUAL))
  return all
}

const wordDifferences = (entry: ExpectedDevice, device: PlanDevice): PlanDifference[] => {
  const { name, place, note } = entry
  const all: PlanDifference[] = []
  // Without a name of its own a device has the one of the plan.
  if (name && device.givenName && name !== device.givenName) all.push(differ('name', name, device.givenName))
  if (place && place !== device.place) all.push(differ('place', place, device.place))
  if (note && note !== device.note) all.push(differ('note', note, device.note))
  return all
}

/** Values of the device alone that its model does not take are a person's mistake; those of groups are for any model. */
export const valueDifferences = (
  { values, origins }: Effective,
  { running, parameters }: Looked,
): PlanDifference[] => {
  const types = Object.fromEntries(parameters.map(({ name, type }) => [name, type]))
  const writable = new Set(parameters.filter((p) => p.access === 'readWrite').map((p) => p.name))
  const found = (name: string): string | undefined =>
    Object.hasOwn(running.values, name) ? running.values[name] : undefined
  const differing = new Set(unequal(types, values, running.values))
  return Object.entries(values).flatMap(([parameter, planned]) => {
    if (!differing.has(parameter)) return []
    const takes = writable.has(parameter)
    if (!takes && origins[parameter]?.from !== 'device') return []
    return [differ('configuration', planned, found(parameter), { parameter, manual: !takes })]
  })
}

const stateDifferences = (
  entry: ExpectedDevice,
  device: PlanDevice,
  { wanted, looked, isOlder }: PlanFacts,
): PlanDifference[] => {
  const all: PlanDifference[] = []
  // What comes with the enrolment is not told one by one.
  if (!device.enrolled) all.push(differ('enrolment', 'enrolled', undefined))
  else {
    if (entry.group && entry.group !== device.group) all.push(differ('group', entry.group, device.group))
    const answer = looked(device.udn)
    if (answer) all.push(...valueDifferences(wanted(entry, device), answer))
  }
  const { firmware } = entry
  if (firmware && firmware !== device.firmware) {
    const manual = device.firmware !== undefined && isOlder(firmware, device.firmware)
    all.push(differ('firmware', firmware, device.firmware, { manual }))
  }
  return all
}

const plannedFacts = ({ serialNumber, udn, model, place, group }: ExpectedDevice) => ({
  ...(udn ? { udn } : {}),
  ...(serialNumber ? { serialNumber } : {}),
  ...(model ? { model } : {}),
  ...(place ? { place } : {}),
  ...(group ? { group } : {}),
})

const foundFacts = ({ udn, serialNumber, model, place, group }: PlanDevice) => ({
  udn,
  ...(serialNumber ? { serialNumber } : {}),
  ...(model ? { model } : {}),
  ...(place ? { place } : {}),
  ...(group ? { group } : {}),
})

/** Differences of an entry whose device is there; empty = it is as planned. */
export const differencesOf = (
  entry: ExpectedDevice,
  device: PlanDevice,
  facts: PlanFacts,
): PlanDifference[] => {
  const other = identityDifferences(entry, device)
  if (other.length > 0) return other
  return [...wordDifferences(entry, device), ...stateDifferences(entry, device, facts)]
}

/** What an entry without a name is called; of a certificate as many digits as its device claims. */
const namedAs = ({ serialNumber, udn, identity }: ExpectedDevice): string | undefined =>
  serialNumber ?? udn ?? (identity && claimOf(identity))

/** What each entry names, so that rows are known again after the plan was put in another order. */
const plannedKeys = (plan: readonly ExpectedDevice[]): readonly string[] => {
  const counts = new Map<string, number>()
  return plan.map((entry) => {
    const { udn = '', serialNumber = '', identity = '' } = entry
    const names = isNamedByIdentity(entry) ? [identity] : [udn, serialNumber]
    const key = ['n', ...names].filter((part) => part !== '').join(' ')
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return count === 1 ? key : `${key} #${count}`
  })
}

const plannedRow = (
  key: string,
  entry: ExpectedDevice,
  match: Match<PlanDevice>,
  facts: PlanFacts,
): ComparedRow => {
  const name = entry.name ?? namedAs(entry) ?? key
  const planned = { key, ...plannedFacts(entry), name }
  const identity = entry.udn ?? namedAs(entry) ?? ''
  switch (match.kind) {
    case 'none': {
      const differences = [differ('enrolment', 'enrolled', undefined)]
      if (entry.firmware) differences.push(differ('firmware', entry.firmware, undefined))
      const row: SiteRow = { ...planned, stand: 'missing', online: false, differences }
      return { row, entry, match: match.kind }
    }
    case 'ambiguous': {
      const found = match.devices.map(({ udn }) => udn).join(', ')
      const differences = [differ('identity', identity, found, MANUAL)]
      const online = match.devices.some((device) => device.online)
      return { row: { ...planned, stand: 'different', online, differences }, entry, match: match.kind }
    }
    case 'taken': {
      const differences = [differ('identity', identity, match.device.udn, MANUAL)]
      const { online } = match.device
      return { row: { ...planned, stand: 'different', online, differences }, entry, match: match.kind }
    }
    case 'device': {
      const { device } = match
      const differences = differencesOf(entry, device, facts)
      const row: SiteRow = {
        key,
        ...plannedFacts(entry),
        ...foundFacts(device),
        name: entry.name ?? device.name,
        stand: differences.length > 0 ? 'different' : 'present',
        online: device.online,
        differences,
      }
      return { row, entry, device, match: match.kind }
    }
  }
}

/** Every entry is one row, in order; every device that no entry means is one more behind them. */
export const comparePlan = (facts: PlanFacts): readonly ComparedRow[] => {
  const { plan, devices } = facts
  const matches = matchPlan(plan, devices)
  const keys = plannedKeys(plan)
  const rows = plan.map((entry, index) =>
    plannedRow(keys[index] ?? '', entry, matches[index] ?? { kind: 'none' }, facts),
  )
  const meant = new Set(rows.flatMap(({ device }) => device?.udn ?? []))
  const unexpected = devices
    .filter(({ udn }) => !meant.has(udn))
    .map((device): ComparedRow => {
      const { udn: key, name, online } = device
      const row: SiteRow = {
        key,
        ...foundFacts(device),
        name,
        stand: 'unexpected',
        online,
        differences: [],
      }
      return { row, device, match: 'unexpected' }
    })
  return [...rows, ...unexpected]
}

export const comparisonOf = (
  rows: readonly ComparedRow[],
  comparedAtMs: number,
  askedAtMs?: number,
): SiteComparison => {
  const counts = { present: 0, different: 0, missing: 0, unexpected: 0 }
  for (const { row } of rows) counts[row.stand] += 1
  const asked = askedAtMs === undefined ? {} : { askedAtMs }
  return { comparedAtMs, ...asked, counts, rows: rows.map(({ row }) => row) }
}

/** The planned values that a device runs now, as far as it was asked: for a plan of the site as it is. */
export const ownValuesNow = (own: Values | undefined, looked: Looked | undefined): Values =>
  Object.fromEntries(
    Object.keys(own ?? {}).flatMap((name): [string, string][] => {
      const value =
        looked && Object.hasOwn(looked.running.values, name) ? looked.running.values[name] : undefined
      return value === undefined ? [] : [[name, value]]
    }),
  )
