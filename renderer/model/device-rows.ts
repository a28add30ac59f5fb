/** Filtering, searching and sorting the device list: pure, and quick enough for 5,000 rows at 10 changes a second. */
import { DEVICE_STATES, type Device } from '../../electron/contract/device'
import { needsAttention } from './device-facts'
import { naturalKey } from './natural'

export const FILTERS = ['all', 'attention', 'waiting', 'new', 'offline', 'unmanaged'] as const
export type Filter = (typeof FILTERS)[number]

export const SORT_KEYS = [
  'name',
  'model',
  'phase',
  'group',
  'place',
  'firmware',
  'state',
  'health',
  'certificate',
  'address',
  'seen',
] as const
export type SortKey = (typeof SORT_KEYS)[number]

export interface DeviceQuery {
  readonly filter: Filter
  readonly group: string | undefined
  readonly model: string | undefined
  readonly text: string
  readonly sort: SortKey
  readonly descending: boolean
}

export const DEFAULT_QUERY: DeviceQuery = {
  filter: 'all',
  group: undefined,
  model: undefined,
  text: '',
  sort: 'name',
  descending: false,
}

const MATCHES: Readonly<Record<Filter, (device: Device) => boolean>> = {
  all: () => true,
  attention: needsAttention,
  waiting: (device) => device.state === 'waiting-approval',
  new: (device) => device.state === 'new',
  offline: (device) => device.managed && !device.online,
  unmanaged: (device) => !device.managed,
}

/** Whether a chip shows the device. */
export const matchesFilter = (device: Device, filter: Filter): boolean => MATCHES[filter](device)

/** Made when they are first asked for: a list that changes ten times a second is searched and sorted by one column. */
interface Keys {
  haystack: string | undefined
  readonly sort: Partial<Record<SortKey, string | number>>
}

const cache = new WeakMap<Device, Keys>()

/** Addresses as they sort: IPv4 by number, others after them. */
const addressKey = (address: string | undefined): string => (address ? naturalKey(address) : '\uffff')

/** Worst first; what tells nothing comes last. */
const healthRank = ({ health }: Device): number =>
  !health || health.feed === 'none'
    ? 4
    : health.level === 'bad'
      ? 0
      : health.feed === 'quiet'
        ? 1
        : health.level === 'warn'
          ? 2
          : 3

const text = (value: string | undefined): string => (value ? naturalKey(value) : '\uffff')

const SORT: Readonly<Record<SortKey, (device: Device) => string | number>> = {
  name: (device) => text(device.name || device.serialNumber),
  model: (device) => text(device.model),
  phase: (device) => text(device.phase),
  group: (device) => text(device.group),
  place: (device) => text(device.place),
  firmware: (device) => text(device.firmwareVersion),
  state: (device) => DEVICE_STATES.indexOf(device.state),
  health: healthRank,
  certificate: (device) => device.ldevidNotAfter ?? '\uffff',
  address: (device) => addressKey(device.addresses[0]?.address),
  seen: (device) => -device.lastSeenMs,
}

const keysOf = (device: Device): Keys => {
  const known = cache.get(device)
  if (known) return known
  const keys: Keys = { haystack: undefined, sort: {} }
  cache.set(device, keys)
  return keys
}

const sortKey = (device: Device, column: SortKey): string | number => {
  const { sort } = keysOf(device)
  const known = sort[column]
  if (known !== undefined) return known
  const key = SORT[column](device)
  sort[column] = key
  return key
}

const haystackOf = (device: Device): string => {
  const keys = keysOf(device)
  keys.haystack ??= [
    device.name,
    device.place,
    device.note,
    device.model,
    device.manufacturer,
    device.serialNumber,
    device.group,
    device.udn,
    device.firmwareVersion,
    ...device.addresses.map((one) => one.address),
  ]
    .filter(Boolean)
    .join('\n')
    .toLowerCase()
  return keys.haystack
}

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)

/** The rows that the query shows, in its order. Equal rows stay in order of name, then UDN, so that nothing jumps. */
export const queryRows = (devices: readonly Device[], query: DeviceQuery): readonly Device[] => {
  const words = query.text.toLowerCase().split(/\s+/).filter(Boolean)
  const shown = devices.filter(
    (device) =>
      MATCHES[query.filter](device) &&
      (query.group === undefined || (device.group ?? '') === query.group) &&
      (query.model === undefined || (device.model ?? '') === query.model) &&
      words.every((word) => haystackOf(device).includes(word)),
  )
  const sign = query.descending ? -1 : 1
  // Keys are looked up once a row, not once a comparison.
  return shown
    .map((device) => ({ device, key: sortKey(device, query.sort), name: sortKey(device, 'name') }))
    .sort(
      (a, b) =>
        sign * compare(a.key, b.key) || compare(a.name, b.name) || compare(a.device.udn, b.device.udn),
    )
    .map(({ device }) => device)
}
