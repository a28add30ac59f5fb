/** Where the technician is in changing configurations: kept while other screens are looked at. */
import { create } from 'zustand'
import type { ConfigurationChange, Values } from '../../../electron/contract/configuration'
import { wantedAgain } from '../../model/configuration'
import { preview, useConfiguration } from '../../stores/configuration'
import { go } from '../../stores/view'

export type ConfigureStep = 'devices' | 'values' | 'plan'

interface ConfigurePlace {
  readonly step: ConfigureStep
  readonly chosen: ReadonlySet<string>
  readonly kind: 'template' | 'values'
  /** What was typed, by the parameter's name; those that are not here stay as they are. */
  readonly typed: Readonly<Record<string, string>>
  readonly planId: string | undefined
}

const START: ConfigurePlace = {
  step: 'devices',
  chosen: new Set(),
  kind: 'values',
  typed: {},
  planId: undefined,
}

export const useConfigure = create<ConfigurePlace>(() => START)

const { setState, getState } = useConfigure

/** Opens the wizard with some devices chosen; at the question what to change where there are some. */
export const beginConfigure = (udns: readonly string[], kind: ConfigurePlace['kind'] = 'values'): void => {
  setState({ ...START, step: udns.length > 0 ? 'values' : 'devices', chosen: new Set(udns), kind })
  go('configure')
}

export const showDevices = (): void => setState({ step: 'devices' })
export const showValues = (): void => setState({ step: 'values' })
export const choose = (udns: Iterable<string>): void => setState({ chosen: new Set(udns) })
export const toggle = (udn: string): void => {
  const chosen = new Set(getState().chosen)
  if (!chosen.delete(udn)) chosen.add(udn)
  setState({ chosen })
}
export const setKind = (kind: ConfigurePlace['kind']): void => setState({ kind })
export const setTyped = (name: string, value: string | undefined): void => {
  const { [name]: _, ...rest } = getState().typed
  setState({ typed: value === undefined ? rest : { ...rest, [name]: value } })
}

export const showPlan = (planId: string): void => {
  setState({ step: 'plan', planId })
  go('configure')
}

/** Asks the devices and shows what would change. Throws CallError. */
export const previewChange = async (change: ConfigurationChange, udns: readonly string[]): Promise<void> =>
  showPlan((await preview(udns, change)).id)

/** The same again, for these devices of a plan: the old one no longer says what they run. */
export const previewAgain = async (planId: string, udns: readonly string[]): Promise<void> => {
  const plan = useConfiguration.getState().plans.get(planId)
  if (!plan) return
  const { kind, typed } = getState()
  if (plan.change === 'template') return previewChange({ kind: 'template' }, udns)
  const values: Values = typed
  if (plan.change === 'values' && kind === 'values' && Object.keys(values).length > 0)
    return previewChange({ kind: 'values', values }, udns)
  const wanted = new Set(udns)
  const devices = wantedAgain(plan.rows.filter((row) => wanted.has(row.udn)))
  return previewChange({ kind: 'each', devices }, udns)
}
