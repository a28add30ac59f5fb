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

/** Asks how all devices are and follows the changes. Returns how to stop. */
export const openHealth = async (): Promise<() => void> => {
  useHealth.setState(EMPTY_HEALTH)
  const stop = listen('health.changed', (changed) => {
    useHealth.setState((mirror) => applyHealth(mirror, changed))
    for (const heard of hearers) heard(changed)
  })
  const all = await call('health.open')
  useHealth.setState({ byUdn: new Map(all.map((one) => [one.udn, one])), loaded: true })
  return stop
}

/** Columns of a chart. Throws CallError. */
export const askSeries = (request: SeriesRequest): Promise<SeriesAnswer> => call('health.series', request)
