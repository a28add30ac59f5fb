/** Where the technician is in bringing devices to the plan, or to another group: kept while other screens are looked at. */
import { create } from 'zustand'
import type { SiteWorkAsk } from '../../../electron/contract/site-plan'
import { go } from '../../stores/view'
import { previewWork, useWorks } from '../../stores/work'

interface Applying {
  readonly what: 'plan' | 'group'
  readonly step: 'choose' | 'work'
  /** Keys of rows of the plan, or UDNs. */
  readonly chosen: ReadonlySet<string>
  readonly group: string
  readonly workId: string | undefined
}

const START: Applying = { what: 'plan', step: 'choose', chosen: new Set(), group: '', workId: undefined }

export const useApply = create<Applying>(() => START)

const { setState, getState } = useApply

/** Opens the wizard with rows of the plan chosen; nothing is changed by that. */
export const beginApply = (keys: readonly string[]): void => {
  setState({ ...START, chosen: new Set(keys) })
  go('apply')
}

/** Opens the wizard for moving devices to another group. */
export const beginMove = (udns: readonly string[], group = ''): void => {
  setState({ ...START, what: 'group', chosen: new Set(udns), group })
  go('apply')
}

export const showChoose = (): void => setState({ step: 'choose' })
export const setGroup = (group: string): void => setState({ group })
export const choose = (keys: Iterable<string>): void => setState({ chosen: new Set(keys) })
export const toggle = (key: string): void => {
  const chosen = new Set(getState().chosen)
  if (!chosen.delete(key)) chosen.add(key)
  setState({ chosen })
}

/** Opens the wizard on a work that exists already. */
export const showWork = (workId: string): void => {
  const work = useWorks.getState().byId.get(workId)
  setState({ step: 'work', workId, what: work?.what ?? 'plan' })
  go('apply')
}

const look = async (ask: SiteWorkAsk): Promise<void> => {
  const { id } = await previewWork(ask)
  setState({ step: 'work', workId: id })
}

/** Asks what would be done with what is chosen. Throws CallError. */
export const preview = async (): Promise<void> => {
  const { what, chosen, group } = getState()
  await look(what === 'plan' ? { what, keys: [...chosen] } : { what, udns: [...chosen], group })
}

/** The same question for some rows of a work, as reality is now. Throws CallError. */
export const previewAgain = async (workId: string, keys: readonly string[]): Promise<void> => {
  const work = useWorks.getState().byId.get(workId)
  if (!work) return
  if (work.what === 'plan') return look({ what: 'plan', keys: [...keys] })
  const named = new Set(keys)
  const rows = work.rows.filter(({ key }) => named.has(key))
  const group =
    getState().group ||
    work.rows
      .flatMap(({ tasks }) => tasks)
      .flatMap(({ differences }) => differences)
      .find(({ field }) => field === 'group')?.planned
  if (group) await look({ what: 'group', udns: rows.flatMap(({ udn }) => udn ?? []), group })
}
