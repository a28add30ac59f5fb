/** Where the technician is in decommissioning devices: kept while other screens are looked at. */
import { create } from 'zustand'
import type { DecommissionPreview, LeaveReason } from '../../../electron/contract/decommission'
import { previewDecommission, startDecommission } from '../../stores/decommission'
import { go } from '../../stores/view'

interface Leaving {
  readonly step: 'check' | 'confirm' | 'watch'
  readonly udns: readonly string[]
  readonly reason: LeaveReason
  readonly note: string
  /** Also keeps the factory identity out. */
  readonly keepOut: boolean
  readonly preview: DecommissionPreview | undefined
  /** The jobs that are watched. */
  readonly ids: readonly string[]
}

const START: Leaving = {
  step: 'check',
  udns: [],
  reason: 'retired',
  note: '',
  keepOut: false,
  preview: undefined,
  ids: [],
}

export const useLeaving = create<Leaving>(() => START)

const { setState, getState } = useLeaving

/** Opens the wizard on these devices; nothing is changed by that. */
export const beginDecommission = (udns: readonly string[]): void => {
  setState({ ...START, udns })
  go('decommission')
}

/** Opens the last page on jobs that exist already. */
export const showDecommission = (ids: readonly string[]): void => {
  setState({ ...START, step: 'watch', ids })
  go('decommission')
}

export const setLeaving = (part: Partial<Pick<Leaving, 'reason' | 'note' | 'step'>>): void => setState(part)

/** Asks what would happen. An answer to a question that is no longer asked is left aside. Throws CallError. */
export const look = async (keepOut = getState().keepOut): Promise<void> => {
  setState({ keepOut })
  const { udns } = getState()
  const preview = await previewDecommission(udns, keepOut)
  const now = getState()
  if (now.udns === udns && now.keepOut === keepOut) setState({ preview })
}

/** Starts what was previewed, without the devices that it leaves out, and shows how it goes on. Throws CallError. */
export const startLeaving = async (phrase: string): Promise<void> => {
  const { preview, reason, note, keepOut } = getState()
  const udns = (preview?.rows ?? []).filter(({ problem }) => !problem).map(({ udn }) => udn)
  const ids = await startDecommission({ udns, revokeIdevid: keepOut, reason, note: note.trim(), phrase })
  setState({ step: 'watch', ids })
}
