/** Mirror of the factory station that the main process runs. */
import { create } from 'zustand'
import type { StationView } from '../../electron/contract/factory'
import { call, listen } from '../bridge'

export const useStation = create<{ readonly view: StationView | undefined }>(() => ({ view: undefined }))

/** Takes a view that a command answered with. */
export const takeView = (view: StationView): void => useStation.setState({ view })

/** Loads the station and follows its changes. Returns how to stop. */
export const openStation = async (): Promise<() => void> => {
  const stop = listen('station.changed', takeView)
  takeView(await call('station.open'))
  return stop
}
