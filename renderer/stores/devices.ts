/** Mirror of the device list: a first snapshot in chunks, then batched changes. */
import { create } from 'zustand'
import type { Device, DeviceDelta } from '../../electron/contract/device'
import { CallError, call, listen } from '../bridge'

export interface DeviceList {
  readonly byUdn: ReadonlyMap<string, Device>
  readonly rows: readonly Device[]
  /** False until the last chunk of the first snapshot has come. */
  readonly loaded: boolean
}

export const EMPTY_LIST: DeviceList = { byUdn: new Map(), rows: [], loaded: false }

/** The list after one change. A row that did not change keeps its object, so that drawing can skip it. */
export const applyDelta = (list: DeviceList, delta: DeviceDelta): DeviceList => {
  const byUdn = new Map(delta.reset ? [] : list.byUdn)
  for (const udn of delta.drop) byUdn.delete(udn)
  for (const device of delta.put) byUdn.set(device.udn, device)
  return { byUdn, rows: [...byUdn.values()], loaded: delta.last || (list.loaded && !delta.reset) }
}

export const useDevices = create<DeviceList>(() => EMPTY_LIST)

/** One change made of several that follow each other. */
const joined = (deltas: readonly DeviceDelta[]): DeviceDelta => {
  const put = new Map<string, Device>()
  const drop = new Set<string>()
  for (const delta of deltas) {
    for (const udn of delta.drop) {
      put.delete(udn)
      drop.add(udn)
    }
    for (const device of delta.put) {
      put.set(device.udn, device)
      drop.delete(device.udn)
    }
  }
  return { reset: false, last: true, put: [...put.values()], drop: [...drop] }
}

/**
 * Asks for the snapshot and follows the changes. Of a snapshot the first chunk is shown at once and the others together
 * with the last: drawing each would keep the window busy for nothing. Returns how to stop.
 */
export const openDevices = async (): Promise<() => void> => {
  let held: DeviceDelta[] = []
  const stop = listen('devices.delta', (delta) => {
    if (delta.reset) held = []
    else if (!delta.last || held.length > 0) {
      held.push(delta)
      if (!delta.last) return
    }
    const now = held.length > 0 ? joined(held) : delta
    held = []
    useDevices.setState((list) => applyDelta(list, now))
  })
  await call('devices.open')
  return stop
}

export const search = (): Promise<undefined> => call('devices.search')

/** Devices that are asked at once: each costs a connection of its own. */
const BLINK_LANES = 8
const NAMED = 3

/** Asks all of them, whoever fails. Throws the error of the first that failed, with the names of those that did. */
export const blink = async (udns: readonly string[], seconds = 15): Promise<void> => {
  const failed: { readonly udn: string; readonly error: unknown }[] = []
  const queue = [...udns]
  const lane = async (): Promise<void> => {
    for (let udn = queue.shift(); udn !== undefined; udn = queue.shift()) {
      try {
        await call('devices.identify', { udn, seconds })
      } catch (error) {
        failed.push({ udn, error })
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(BLINK_LANES, udns.length) }, lane))
  const [first] = failed
  if (!first) return
  if (udns.length === 1 || !(first.error instanceof CallError)) throw first.error
  const { byUdn } = useDevices.getState()
  const names = failed.slice(0, NAMED).map(({ udn }) => byUdn.get(udn)?.name ?? udn)
  const more = failed.length > NAMED ? [`+${failed.length - NAMED}`] : []
  throw new CallError({ code: first.error.code, subject: [...names, ...more].join(', ') })
}
