/** Mirror of the firmware library, the rollouts and their boards; and the commands about them. */
import { create } from 'zustand'
import type {
  BankStatus,
  BoardRow,
  FirmwareBundle,
  FirmwareLibrary,
  Fit,
  RolloutPlan,
  RolloutView,
  SerialFirmware,
  SerialUpdate,
} from '../../electron/contract/firmware'
import { call, listen } from '../bridge'
import { reload } from './jobs'

export type Board = ReadonlyMap<string, BoardRow>

export interface FirmwareMirror {
  /** Absent until the first answer has come. */
  readonly library: FirmwareLibrary | undefined
  /** Newest first. */
  readonly rollouts: readonly RolloutView[]
  /** Boards that were asked for, by rollout; rows by UDN. */
  readonly boards: ReadonlyMap<string, Board>
}

export const EMPTY_FIRMWARE: FirmwareMirror = { library: undefined, rollouts: [], boards: new Map() }

/** The mirror after some rows changed. Rows of boards that nobody asked for are dropped; unchanged rows stay objects. */
export const applyRows = (mirror: FirmwareMirror, changed: readonly BoardRow[]): FirmwareMirror => {
  const boards = new Map(mirror.boards)
  const copies = new Map<string, Map<string, BoardRow>>()
  for (const row of changed) {
    const known = boards.get(row.rolloutId)
    if (!known) continue
    const copy = copies.get(row.rolloutId) ?? new Map(known)
    copies.set(row.rolloutId, copy.set(row.udn, row))
  }
  if (copies.size === 0) return mirror
  for (const [id, copy] of copies) boards.set(id, copy)
  return { ...mirror, boards }
}

/** The mirror after the list of rollouts came anew. */
export const applyRollouts = (mirror: FirmwareMirror, rollouts: readonly RolloutView[]): FirmwareMirror => ({
  ...mirror,
  rollouts: [...rollouts].sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? -1 : 1)),
})

export const useFirmware = create<FirmwareMirror>(() => EMPTY_FIRMWARE)

const { setState, getState } = useFirmware

/** Asks for library and rollouts and follows their changes. Returns how to stop. */
export const openFirmware = async (): Promise<() => void> => {
  setState(EMPTY_FIRMWARE)
  const stops = [
    listen('firmware.library', (library) => setState({ library })),
    listen('firmware.rollouts', (rollouts) => setState((mirror) => applyRollouts(mirror, rollouts))),
    listen('firmware.rows', (rows) => setState((mirror) => applyRows(mirror, rows))),
  ]
  const [library, rollouts] = await Promise.all([call('firmware.library'), call('firmware.rollouts')])
  setState((mirror) => applyRollouts({ ...mirror, library }, rollouts))
  return () => {
    for (const stop of stops) stop()
  }
}

/** Takes a bundle in: a dropped file by its path, else a dialog asks. undefined when the dialog was closed. Throws CallError. */
export const addBundle = async (path?: string): Promise<FirmwareBundle | undefined> => {
  const { added, library } = await call('firmware.add', path === undefined ? {} : { path })
  setState({ library })
  return added
}

export const removeBundle = async (bundleId: string): Promise<void> =>
  setState({ library: await call('firmware.remove', { bundleId }) })

/** Every device of the site held against one bundle. */
export const loadFits = (bundleId: string): Promise<readonly Fit[]> => call('firmware.fits', { bundleId })

/** Starts a rollout; answers its id. */
export const startRollout = async (plan: RolloutPlan): Promise<string> => {
  const id = await call('firmware.start', plan)
  const rollouts = await call('firmware.rollouts')
  setState((mirror) => applyRollouts(mirror, rollouts))
  await reload()
  return id
}

/** Asks for all rows of one rollout; later changes come by themselves. */
export const loadBoard = async (rolloutId: string): Promise<void> => {
  const rows = await call('firmware.board', { rolloutId })
  const boards = new Map(getState().boards)
  boards.set(rolloutId, new Map(rows.map((row) => [row.udn, row])))
  setState({ boards })
}

export const pauseRollout = (rolloutId: string) => call('firmware.pause', { rolloutId })
export const resumeRollout = (rolloutId: string) => call('firmware.resume', { rolloutId })
export const stopRollout = (rolloutId: string, when: 'after-wave' | 'now') =>
  call('firmware.stop', { rolloutId, when })
export const retryRollout = (rolloutId: string) => call('firmware.retry', { rolloutId })

/** The banks of one device, asked of it now. */
export const askBanks = (udn: string): Promise<BankStatus> => call('firmware.status', { udn })
export const keepFirmware = (udns: readonly string[]) => call('firmware.confirm', { udns: [...udns] })
export const revertFirmware = (udns: readonly string[]) => call('firmware.revert', { udns: [...udns] })

/** What the device at the end of a cable says of its images. */
export const lookAtCable = (path: string): Promise<SerialFirmware> => call('firmware.lookSerial', { path })

/** Starts an update over a cable; answers its job's id. */
export const updateOverCable = async (update: SerialUpdate): Promise<string> => {
  const id = await call('firmware.updateSerial', update)
  await reload()
  return id
}
