/** What people are told of a device's health: its class, the order of the overview, counts. Pure. */
import type { Device } from '../../electron/contract/device'
import type {
  Alarm,
  DeviceHealth,
  HealthLevel,
  HealthMetric,
  Threshold,
} from '../../electron/contract/health'
import { labelOf, type Tone } from './device-facts'
import { naturalKey } from './natural'

/** Where a device stands: bad, quiet (nothing heard), warn, ok, or none (it is not asked). Worst first. */
export const HEALTH_CLASSES = ['bad', 'quiet', 'warn', 'ok', 'none'] as const
export type HealthClass = (typeof HEALTH_CLASSES)[number]

interface Standing {
  readonly feed: DeviceHealth['feed']
  readonly level: HealthLevel
}

/** A device that is silent may have been bad: what it told last stays the worse of both. */
export const healthClass = (health: Standing | undefined): HealthClass => {
  if (!health || health.feed === 'none') return 'none'
  if (health.level === 'bad') return 'bad'
  return health.feed === 'quiet' ? 'quiet' : health.level
}

export const CLASS_TONE: Readonly<Record<HealthClass, Tone>> = {
  bad: 'bad',
  quiet: 'warn',
  warn: 'warn',
  ok: 'ok',
  none: 'neutral',
}

export type HealthFilter = 'all' | HealthClass
export const HEALTH_FILTERS: readonly HealthFilter[] = ['all', ...HEALTH_CLASSES]

/** A row of the overview. Everything that changes often is read by its cells, so that a row seldom changes. */
export interface HealthRow {
  readonly udn: string
  readonly label: string
}

const rows = new Map<string, HealthRow>()
const rowOf = (udn: string, label: string): HealthRow => {
  const known = rows.get(udn)
  if (known?.label === label) return known
  const row = { udn, label }
  rows.set(udn, row)
  return row
}

const RANK: Readonly<Record<HealthClass, number>> = { bad: 0, quiet: 1, warn: 2, ok: 3, none: 4 }

/** Whether a device is one of the site that could tell its health. */
export const tellsHealth = (device: Device): boolean =>
  device.managed &&
  device.capabilities.includes('diag') &&
  (device.phase === 'operation' || device.phase === 'maintenance')

export interface HealthOverview {
  readonly rows: readonly HealthRow[]
  readonly counts: Readonly<Record<HealthFilter, number>>
}

/** The devices that the filter and the text show, worst first, then by name; and how many there are of each class. */
export const overviewOf = (
  devices: Iterable<Device>,
  byUdn: ReadonlyMap<string, DeviceHealth>,
  filter: HealthFilter,
  text: string,
): HealthOverview => {
  const counts = { all: 0, bad: 0, quiet: 0, warn: 0, ok: 0, none: 0 }
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const shown: { row: HealthRow; rank: number; alarms: number; name: string }[] = []
  for (const device of devices) {
    const health = byUdn.get(device.udn)
    if (!tellsHealth(device) && !health) continue
    const kind = healthClass(health)
    counts.all += 1
    counts[kind] += 1
    if (filter !== 'all' && filter !== kind) continue
    const label = labelOf(device)
    if (words.length > 0) {
      const haystack = `${label}\n${device.serialNumber ?? ''}\n${device.group ?? ''}\n${device.model ?? ''}`
      const lower = haystack.toLowerCase()
      if (!words.every((word) => lower.includes(word))) continue
    }
    shown.push({
      row: rowOf(device.udn, label),
      rank: RANK[kind],
      alarms: health?.alarms.length ?? 0,
      name: naturalKey(label),
    })
  }
  shown.sort(
    (a, b) =>
      a.rank - b.rank ||
      b.alarms - a.alarms ||
      (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) ||
      (a.row.udn < b.row.udn ? -1 : 1),
  )
  return { rows: shown.map(({ row }) => row), counts }
}

const LEVEL_RANK = { bad: 0, warn: 1 } as const
/** Worst first, then the one that has stood longest. */
export const sortedAlarms = (alarms: readonly Alarm[]): readonly Alarm[] =>
  [...alarms].sort((a, b) => LEVEL_RANK[a.level] - LEVEL_RANK[b.level] || a.sinceMs - b.sinceMs)

/** Level of one value by its alarms. */
export const metricLevel = (alarms: readonly Alarm[], metric: HealthMetric): HealthLevel =>
  alarms.some(({ sign, level }) => sign === metric && level === 'bad')
    ? 'bad'
    : alarms.some(({ sign }) => sign === metric)
      ? 'warn'
      : 'ok'

const DIGITS: Readonly<Record<HealthMetric, number>> = {
  temperature: 1,
  supply: 2,
  memory: 0,
  signal: 0,
  linkErrors: 0,
  errors: 0,
  clockSkew: 1,
  uptime: 0,
}
const UNIT: Readonly<Record<HealthMetric, string>> = {
  temperature: '°C',
  supply: 'V',
  memory: '%',
  signal: 'dBm',
  linkErrors: '',
  errors: '',
  clockSkew: 's',
  uptime: '',
}

/** "3 d 4 h", "2 h 5 min", "40 s". */
export const spanWords = (seconds: number): string => {
  const s = Math.max(0, Math.round(seconds))
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)} min`
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`
}

/** A value with its unit: "41.2 °C"; uptime as a span. */
export const valueWords = (metric: HealthMetric, value: number, language: string): string => {
  if (metric === 'uptime') return spanWords(value)
  const digits = Math.abs(value) >= 1000 ? 0 : DIGITS[metric]
  const number = new Intl.NumberFormat(language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value)
  return UNIT[metric] ? `${number}\u00a0${UNIT[metric]}` : number
}

/** Thresholds after one limit was typed; a limit that does not fit leaves them as they are. */
export const withThreshold = (thresholds: readonly Threshold[], changed: Threshold): Threshold[] => {
  // One metric may be held to a limit on either side.
  const isSame = (one: Threshold) => one.metric === changed.metric && one.direction === changed.direction
  return thresholds.some(isSame)
    ? thresholds.map((one) => (isSame(one) ? changed : one))
    : [...thresholds, changed]
}

/** A threshold with new raise values; each keeps the distance to its clear value. `undefined` = they cross. */
export const withRaises = (
  threshold: Threshold,
  warn: number | undefined,
  bad: number | undefined,
): Threshold | undefined => {
  const sign = threshold.direction === 'above' ? 1 : -1
  if (warn !== undefined && bad !== undefined && sign * (bad - warn) < 0) return undefined
  const limit = (raise: number | undefined, old: { raise: number; clear: number } | undefined) => {
    if (raise === undefined) return undefined
    const gap = old ? Math.abs(old.raise - old.clear) : Math.abs(raise) * 0.05
    return { raise, clear: Number((raise - sign * gap).toFixed(3)) }
  }
  const nextWarn = limit(warn, threshold.warn)
  const nextBad = limit(bad, threshold.bad)
  const { metric, direction, holdS } = threshold
  return {
    metric,
    direction,
    holdS,
    ...(nextWarn ? { warn: nextWarn } : {}),
    ...(nextBad ? { bad: nextBad } : {}),
  }
}
