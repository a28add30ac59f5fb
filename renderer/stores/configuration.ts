/** Mirror of the plans of configuration that were looked at here, and the commands about them. */
import { create } from 'zustand'
import type {
  ConfigurationChange,
  ConfigurationFormat,
  ConfigurationPlan,
  DeviceConfiguration,
} from '../../electron/contract/configuration'
import { call, listen } from '../bridge'
import { mergeRows } from '../model/configuration'
import { reload } from './jobs'

interface Configurations {
  /** By id; newest first. */
  readonly plans: ReadonlyMap<string, ConfigurationPlan>
}

export const useConfiguration = create<Configurations>(() => ({ plans: new Map() }))

const { setState } = useConfiguration

const byTime = (plans: Iterable<ConfigurationPlan>): ReadonlyMap<string, ConfigurationPlan> =>
  new Map([...plans].sort((a, b) => b.createdAtMs - a.createdAtMs).map((plan) => [plan.id, plan]))

const keep = (plan: ConfigurationPlan): ConfigurationPlan => {
  setState(({ plans }) => ({ plans: byTime([...new Map(plans).set(plan.id, plan).values()]) }))
  return plan
}

/** The plans after rows of one went on; a plan that is not known here is left out. */
export const applyChanged = (
  plans: ReadonlyMap<string, ConfigurationPlan>,
  changed: ConfigurationPlan,
): ReadonlyMap<string, ConfigurationPlan> => {
  const plan = plans.get(changed.id)
  return plan ? new Map(plans).set(plan.id, mergeRows(plan, changed.rows)) : plans
}

/** Follows plans. Returns how to stop. */
export const openConfiguration = async (): Promise<() => void> => {
  setState({ plans: new Map() })
  return listen('configuration.changed', (changed) =>
    setState(({ plans }) => ({ plans: applyChanged(plans, changed) })),
  )
}

/** Asks for all plans that are kept. */
export const loadPlans = async (): Promise<void> =>
  setState({ plans: byTime(await call('configuration.plans')) })

export const readDevice = (udn: string): Promise<DeviceConfiguration> => call('configuration.read', { udn })

/** What would change; kept as a plan. */
export const preview = async (
  udns: readonly string[],
  change: ConfigurationChange,
): Promise<ConfigurationPlan> => keep(await call('configuration.preview', { udns: [...udns], change }))

export const importFile = async (format: ConfigurationFormat, text: string): Promise<ConfigurationPlan> =>
  keep(await call('configuration.import', { format, text }))

/** Where the file was saved; undefined when the dialog was closed. */
export const exportFile = async (
  udns: readonly string[],
  format: ConfigurationFormat,
): Promise<string | undefined> => {
  const { saved, path } = await call('configuration.export', { udns: [...udns], format })
  return saved ? (path ?? '') : undefined
}

/** Applies, or puts back, on the named devices. */
export const send = async (
  direction: 'apply' | 'rollback',
  planId: string,
  udns: readonly string[],
): Promise<void> => {
  if (udns.length === 0) return
  keep(await call(`configuration.${direction}`, { planId, udns: [...udns] }))
  await reload()
}
