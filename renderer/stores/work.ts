/** Mirror of the works on the whole site: previewed, under way, done. */
import { create } from 'zustand'
import type { SiteWork, SiteWorkAsk } from '../../electron/contract/site-plan'
import { call, listen } from '../bridge'
import { mergeWork } from '../model/site-work'
import { reload } from './jobs'

interface Works {
  /** By id; newest first. */
  readonly byId: ReadonlyMap<string, SiteWork>
}

export const useWorks = create<Works>(() => ({ byId: new Map() }))

const { setState } = useWorks

const byTime = (works: Iterable<SiteWork>): ReadonlyMap<string, SiteWork> =>
  new Map([...works].sort((a, b) => b.createdAtMs - a.createdAtMs).map((work) => [work.id, work]))

const keep = (work: SiteWork): SiteWork => {
  setState(({ byId }) => ({ byId: byTime(new Map(byId).set(work.id, work).values()) }))
  return work
}

/** Follows the works that are known here. Returns how to stop. */
export const openWorks = async (): Promise<() => void> => {
  setState({ byId: new Map() })
  return listen('work.changed', (changed) =>
    setState(({ byId }) => {
      const work = byId.get(changed.id)
      return work ? { byId: new Map(byId).set(work.id, mergeWork(work, changed)) } : {}
    }),
  )
}

export const loadWorks = async (): Promise<void> => setState({ byId: byTime(await call('work.list')) })

/** Asks what would be done. Nothing is changed by it. Throws CallError. */
export const previewWork = async (ask: SiteWorkAsk): Promise<SiteWork> =>
  keep(await call('work.preview', ask))

/** Starts the rows with these keys, or all that have something to do. Throws CallError. */
export const applyWork = async (workId: string, keys?: readonly string[]): Promise<void> => {
  keep(await call('work.apply', { workId, ...(keys ? { keys: [...keys] } : {}) }))
  await reload()
}

/** Calls off the rows under way. Throws CallError. */
export const cancelWork = async (workId: string): Promise<void> => {
  keep(await call('work.cancel', { workId }))
  await reload()
}
