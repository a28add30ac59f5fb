import { useEffect, useMemo, useState } from 'react'
import type { Device } from '../../../electron/contract/device'
import type { DeviceHealth } from '../../../electron/contract/health'
import { type HealthFilter, type HealthOverview, overviewOf } from '../../model/health'
import { useDevices } from '../../stores/devices'
import { useHealth } from '../../stores/health'

/** Rows change their places at most so often, whatever the devices report: nothing jumps under the mouse. */
const ORDER_MS = 1000

interface Shot {
  readonly devices: readonly Device[]
  readonly byUdn: ReadonlyMap<string, DeviceHealth>
}
const take = (): Shot => ({ devices: useDevices.getState().rows, byUdn: useHealth.getState().byUdn })

/** Order and counts of the overview, once a second; the values in the rows follow every report by themselves. */
export const useOverview = (filter: HealthFilter, text: string): HealthOverview => {
  const [shot, setShot] = useState(take)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const later = () => {
      timer ??= setTimeout(() => {
        timer = undefined
        setShot(take())
      }, ORDER_MS)
    }
    const stops = [useDevices.subscribe(later), useHealth.subscribe(later)]
    setShot(take())
    return () => {
      for (const stop of stops) stop()
      clearTimeout(timer)
    }
  }, [])
  return useMemo(() => overviewOf(shot.devices, shot.byUdn, filter, text), [shot, filter, text])
}
