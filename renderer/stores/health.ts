/** Mirror of how every device is, by UDN. A device that did not change keeps its object, so rows skip drawing. */
import { create } from 'zustand'
import type { DeviceHealth, SeriesAnswer, SeriesRequest } from '../../electron/contract/health'
import { call, listen } from '../bridge'

export interface HealthMirror {
  readonly byUdn: ReadonlyMap<string, DeviceHealth>
  /** False until the first answer has come. */
  readonly loaded: boolean
}

export const EMPTY_HEALTH: HealthMirror = { byUdn: new Map(), loaded: false }

/** The mirror after some devices changed. */
export const applyHealth = (mirror: HealthMirror, changed: readonly DeviceHealth[]): HealthMirror => {
  if (changed.length === 0) return mirror
  const byUdn = new Map(mirror.byUdn)
  for (const health of changed) byUdn.set(health.udn, health)
  return { ...mirror, byUdn }
}

export const useHealth = create<HealthMirror>(() => EMPTY_HEALTH)

type Heard = (changed: readonly DeviceHealth[]) => void
const hearers = new Set<Heard>()

/** Hears every report as it comes, for charts that append. Returns how to stop. */
export const hearHealth = (heard: Heard): (() => void) => {
  hearers.add(heard)
  return () => hearers.delete(heard)
}

/** Values that a small line in the overview shows, by device; not kept anywhere else. */
const SPARK_METRICS = ['temperature', 'supply', 'memory'] as const
export type SparkMetric = (typeof SPARK_METRICS)[number]
const SPARK_VALUES = 30
const recent = new Map<string, Record<SparkMetric, number[]>>()

const remember = (changed: readonly DeviceHealth[]) => {
  for (const { udn, values } of changed) {
    const known = recent.get(udn) ?? { temperature: [], supply: [], memory: [] }
    for (const metric of SPARK_METRICS) {
      const value = values[metric]
      if (value === undefined) continue
      known[metric].push(value)
      if (known[metric].length > SPARK_VALUES) known[metric].shift()
    }
    recent.set(udn, known)
  }
}

/** The last values of a device that came while the window was open, oldest first. */
export const recentValues = (udn: string, metric: SparkMetric): readonly number[] =>
  recent.get(udn)?.[metric] ?? []

/** Asks how all devices are and follows the changes. Returns how to stop. */
export const openHealth = async (): Promise<() => void> => {
  useHealth.setState(EMPTY_HEALTH)
  recent.clear()
  const stop = listen('health.changed', (changed) => {
    useHealth.setState((mirror) => applyHealth(mirror, changed))
    remember(changed)
    for (const heard of hearers) heard(changed)
  })
  const all = await call('health.open')
  remember(all)
  useHealth.setState({ byUdn: new Map(all.map((one) => [one.udn, one])), loaded: true })
  return stop
}

/** Columns of a chart. Throws CallError. */
export const askSeries = (request: SeriesRequest): Promise<SeriesAnswer> => call('health.series', request)
