/** What the main process says of whole batches: paused, and how many run at once. The counts come from the jobs themselves. */
import { create } from 'zustand'
import type { Batch } from '../../electron/contract/job'
import { call, listen } from '../bridge'

interface Batches {
  readonly byId: ReadonlyMap<string, Batch>
}

export const useBatches = create<Batches>(() => ({ byId: new Map() }))

const { setState } = useBatches

const put = (changed: readonly Batch[]) =>
  setState(({ byId }) => {
    const next = new Map(byId)
    for (const batch of changed) next.set(batch.id, batch)
    return { byId: next }
  })

export const openBatches = async (): Promise<() => void> => {
  const stop = listen('batches.changed', put)
  const batches = await call('jobs.batches')
  setState({ byId: new Map(batches.map((batch) => [batch.id, batch])) })
  return stop
}

/** What runs ends its work; nothing new begins until it is resumed, also after a restart. Throws CallError. */
export const pauseBatch = async (batch: string): Promise<void> => {
  await call('jobs.pause', { batch })
}

/** Throws CallError. */
export const resumeBatch = async (batch: string): Promise<void> => {
  await call('jobs.resume', { batch })
}
