/** Mirror of the factory station that the main process runs, and what can be asked of it. */
import { create } from 'zustand'
import type { StationView } from '../../electron/contract/factory'
import type { CallAnswer } from '../../electron/contract/ipc'
import { call, listen } from '../bridge'

interface Mirror {
  readonly view: StationView | undefined
  /** When the next PIN is taken after too many wrong ones, milliseconds since 1970; 0 = now. */
  readonly pinOpensAtMs: number
}

export const useStation = create<Mirror>(() => ({ view: undefined, pinOpensAtMs: 0 }))

/** Takes a view that a command answered with. */
export const takeView = (view: StationView): void =>
  useStation.setState({ view, pinOpensAtMs: view.pinWaitS > 0 ? Date.now() + view.pinWaitS * 1000 : 0 })

/** Loads the station and follows its changes. Returns how to stop. */
export const openStation = async (): Promise<() => void> => {
  const stop = listen('station.changed', takeView)
  takeView(await call('station.open'))
  return stop
}

/** A serial number or whole label text for the marked lane; empty = the next number by counting. Throws CallError. */
export const scan = async (text: string): Promise<void> => takeView(await call('station.scan', { text }))

/** Begins with the numbered device of a lane. Throws CallError. */
export const start = async (lane: number): Promise<void> => takeView(await call('station.start', { lane }))

/** Marks the lane that the next scan goes to. Throws CallError. */
export const chooseLane = async (lane: number): Promise<void> =>
  takeView(await call('station.chooseLane', { lane }))

/** Opens a lane that locked itself; supervisors only. Throws CallError. */
export const unlockLane = async (lane: number): Promise<void> =>
  takeView(await call('station.unlockLane', { lane }))

/** Whoever has this PIN is signed in from now on. Throws CallError. */
export const signIn = async (pin: string): Promise<void> => takeView(await call('station.signIn', { pin }))

export const signOut = async (): Promise<void> => takeView(await call('station.signOut'))

/** Back to the whole program with a supervisor's PIN. Throws CallError. */
export const leave = async (pin: string): Promise<void> => takeView(await call('station.leave', { pin }))

/** Prints (or saves) the label of the finished device in a lane. Throws CallError. */
export const label = (
  lane: number,
  to: 'printer' | 'pdf',
  copies = 1,
): Promise<CallAnswer<'station.label'>> => call('station.label', { lane, to, copies })

/** Console lines of a lane's device, oldest first. Throws CallError. */
export const log = (lane: number): Promise<readonly string[]> => call('station.log', { lane })
