/** What the head and the chips of the device list say: one walk over the list, and the same objects while nothing changes. */
import type { Device } from '../../electron/contract/device'
import { FILTERS, type Filter, matchesFilter } from './device-rows'
import { naturalKey } from './natural'

/** Distinct values with their counts, sorted; the empty string stands for "none". */
export type ValueCounts = readonly (readonly [value: string, count: number])[]

/** How many devices each chip would show. */
export interface ChipCounts {
  readonly filters: Readonly<Record<Filter, number>>
  readonly groups: ValueCounts
  readonly models: ValueCounts
}

export interface DeviceSummary {
  readonly chips: ChipCounts
  readonly count: number
  readonly managed: number
  /** Epoch ms of the newest sign of life; 0 without devices. */
  readonly heardMs: number
}

const add = (counts: Map<string, number>, value: string | undefined): void => {
  counts.set(value ?? '', (counts.get(value ?? '') ?? 0) + 1)
}

const sorted = (counts: ReadonlyMap<string, number>): ValueCounts =>
  [...counts].sort(([a], [b]) => {
    const [first, second] = [naturalKey(a), naturalKey(b)]
    return first < second ? -1 : first > second ? 1 : 0
  })

const same = (a: ValueCounts, b: ValueCounts): boolean =>
  a.length === b.length && a.every(([value, count], n) => value === b[n]?.[0] && count === b[n]?.[1])

const keep = (before: ChipCounts, now: ChipCounts): ChipCounts => {
  const filters = FILTERS.every((filter) => before.filters[filter] === now.filters[filter])
    ? before.filters
    : now.filters
  const groups = same(before.groups, now.groups) ? before.groups : now.groups
  const models = same(before.models, now.models) ? before.models : now.models
  return filters === before.filters && groups === before.groups && models === before.models
    ? before
    : { filters, groups, models }
}

/** Counts a list; what is as in `before` keeps its object, so that drawing can skip it. */
export const summarize = (devices: readonly Device[], before?: DeviceSummary): DeviceSummary => {
  const filters: Record<Filter, number> = {
    all: 0,
    attention: 0,
    waiting: 0,
    new: 0,
    offline: 0,
    unmanaged: 0,
  }
  const groups = new Map<string, number>()
  const models = new Map<string, number>()
  let heardMs = 0
  for (const device of devices) {
    for (const filter of FILTERS) if (matchesFilter(device, filter)) filters[filter] += 1
    add(groups, device.group)
    add(models, device.model)
    if (device.lastSeenMs > heardMs) heardMs = device.lastSeenMs
  }
  const chips = { filters, groups: sorted(groups), models: sorted(models) }
  return {
    chips: before ? keep(before.chips, chips) : chips,
    count: devices.length,
    managed: devices.length - filters.unmanaged,
    heardMs,
  }
}
