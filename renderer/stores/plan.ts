/** Mirror of the site plan beside reality: the last comparison, and the commands about the plan. */
import { create } from 'zustand'
import type { SiteComparison } from '../../electron/contract/site-plan'
import { call } from '../bridge'
import { useSite } from './site'

interface Plan {
  /** Undefined until it has been compared once. */
  readonly comparison: SiteComparison | undefined
}

export const usePlan = create<Plan>(() => ({ comparison: undefined }))

/** Lays what is known of the devices beside the plan. Throws CallError. */
export const comparePlan = async (): Promise<void> =>
  usePlan.setState({ comparison: await call('plan.compare') })

/** Likewise after asking those that are online what they run. Throws CallError. */
export const lookAtPlan = async (): Promise<void> => usePlan.setState({ comparison: await call('plan.look') })

/** A CSV text, whole or not at all; then compares anew. Throws CallError with the line. */
export const importPlan = async (text: string, mode: 'replace' | 'add'): Promise<void> => {
  useSite.setState({ expected: await call('plan.import', { text, mode }) })
  await lookAtPlan()
}

/** Lines of a scanner. Answers how many of them are new on the plan. Throws CallError. */
export const scanPlan = async (
  text: string,
  group: string,
): Promise<{ readonly added: number; readonly known: number }> => {
  const { plan, added, known } = await call('plan.scan', { text, ...(group ? { group } : {}) })
  useSite.setState({ expected: plan })
  return { added, known }
}

/** Where the file was saved; undefined when the dialog was closed. */
export const exportPlan = async (from: 'plan' | 'site'): Promise<string | undefined> => {
  const { saved, path } = await call('plan.export', { from })
  return saved ? (path ?? '') : undefined
}
