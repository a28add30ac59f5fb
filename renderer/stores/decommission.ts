/** Mirror of the records of decommissioned devices, and the commands about them. */
import { create } from 'zustand'
import type {
  CertificatePart,
  DecommissionOrder,
  DecommissionPreview,
  DecommissionView,
} from '../../electron/contract/decommission'
import { call, listen } from '../bridge'
import { reload } from './jobs'

interface Decommissions {
  readonly byId: ReadonlyMap<string, DecommissionView>
  /** Newest first. */
  readonly records: readonly DecommissionView[]
  readonly loaded: boolean
}

export const useDecommissions = create<Decommissions>(() => ({
  byId: new Map(),
  records: [],
  loaded: false,
}))

const { setState } = useDecommissions

/** The mirror after some records changed; the others keep their objects. */
const withRecords = (
  byId: ReadonlyMap<string, DecommissionView>,
  changed: readonly DecommissionView[],
): Pick<Decommissions, 'byId' | 'records'> => {
  const next = new Map(byId)
  for (const record of changed) next.set(record.id, record)
  return { byId: next, records: [...next.values()].sort((a, b) => b.orderedAtMs - a.orderedAtMs) }
}

/** Follows the records for as long as somebody looks at them. Returns how to stop. Throws CallError. */
export const openDecommissions = async (): Promise<() => void> => {
  const stop = listen('decommission.changed', (changed) => setState(({ byId }) => withRecords(byId, changed)))
  try {
    setState({ ...withRecords(new Map(), await call('decommission.list')), loaded: true })
  } catch (thrown) {
    stop()
    throw thrown
  }
  return stop
}

/** What would happen, and the words to type. Changes nothing. Throws CallError. */
export const previewDecommission = (
  udns: readonly string[],
  revokeIdevid: boolean,
): Promise<DecommissionPreview> => call('decommission.preview', { udns: [...udns], revokeIdevid })

/** Starts the jobs; their ids in the order of the devices. Throws CallError. */
export const startDecommission = async (order: DecommissionOrder): Promise<readonly string[]> => {
  const ids = await call('decommission.start', order)
  await reload()
  return ids
}

/** Ends one that can never be proven. Throws CallError. */
export const closeDecommission = async (id: string, note: string, phrase: string): Promise<void> => {
  const records = await call('decommission.close', { id, note, phrase })
  setState(({ byId }) => withRecords(byId, records))
}

/** Where it was saved; undefined when the person closed the dialog. Throws CallError. */
export const saveCertificate = async (id: string, part: CertificatePart): Promise<string | undefined> => {
  const { saved, path } = await call('decommission.save', { id, part })
  return saved ? (path ?? '') : undefined
}
