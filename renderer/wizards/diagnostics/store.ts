/** Where the technician is in diagnostics: kept while other screens are looked at. */
import { create } from 'zustand'
import type { HealthMetric } from '../../../electron/contract/health'
import { type CheckOptions, type CheckTest, DEFAULT_CHECK } from '../../../electron/contract/self-test'
import { startChecks } from '../../stores/checks'
import { ALL_LOGS, setSearch } from '../../stores/log'
import { go } from '../../stores/view'

export const DIAGNOSTICS_TABS = ['overview', 'log', 'checks', 'reports'] as const
export type DiagnosticsTab = (typeof DIAGNOSTICS_TABS)[number]

/** As many lines as a chart can show apart. */
export const CHART_MOST = 10

export interface CheckForm {
  readonly tests: ReadonlySet<CheckTest>
  readonly host: string
  readonly dnsName: string
}
const FIRST_FORM: CheckForm = { tests: new Set(DEFAULT_CHECK), host: '', dnsName: '' }

export type DiagnosticsPlace =
  | { readonly at: 'home' }
  | { readonly at: 'choose' }
  | { readonly at: 'tests' }
  | { readonly at: 'watch'; readonly ids: readonly string[] }

interface Diagnostics {
  readonly tab: DiagnosticsTab
  readonly place: DiagnosticsPlace
  /** Devices ticked in the overview. */
  readonly selected: ReadonlySet<string>
  readonly metric: HealthMetric
  /** Devices ticked in the wizard. */
  readonly chosen: ReadonlySet<string>
  readonly form: CheckForm
}

export const useDiagnostics = create<Diagnostics>(() => ({
  tab: 'overview',
  place: { at: 'home' },
  selected: new Set(),
  metric: 'temperature',
  chosen: new Set(),
  form: FIRST_FORM,
}))
const { setState, getState } = useDiagnostics

const toggled = (set: ReadonlySet<string>, udn: string): ReadonlySet<string> => {
  const next = new Set(set)
  if (!next.delete(udn)) next.add(udn)
  return next
}

export const showDiagnostics = (tab: DiagnosticsTab = getState().tab): void => {
  setState({ tab, place: { at: 'home' } })
  go('diagnostics')
}
export const setMetric = (metric: HealthMetric): void => setState({ metric })
export const selectHealth = (udns: Iterable<string>): void => setState({ selected: new Set(udns) })
export const toggleHealth = (udn: string): void =>
  setState(({ selected }) => ({ selected: toggled(selected, udn) }))

/** The log view on one device. */
export const showLogOf = (udn: string): void => {
  setSearch({ ...ALL_LOGS, udn })
  showDiagnostics('log')
}
/** The chart of one device's metric. */
export const showChartOf = (udn: string, metric: HealthMetric): void => {
  setState({ selected: new Set([udn]), metric })
  showDiagnostics('overview')
}

/** Opens the wizard; devices that are given are chosen already. */
export const beginCheck = (udns: Iterable<string> = []): void => {
  setState({ place: { at: 'choose' }, chosen: new Set(udns), form: FIRST_FORM })
  go('diagnostics')
}
export const chooseForCheck = (udns: Iterable<string>): void => setState({ chosen: new Set(udns) })
export const toggleForCheck = (udn: string): void =>
  setState(({ chosen }) => ({ chosen: toggled(chosen, udn) }))
export const toPlace = (place: DiagnosticsPlace): void => setState({ place })
export const setForm = (part: Partial<CheckForm>): void =>
  setState(({ form }) => ({ form: { ...form, ...part } }))

/** Opens checks that exist already: the last page of the wizard is a view of them. */
export const showChecks = (ids: readonly string[]): void => {
  setState({ place: { at: 'watch', ids } })
  go('diagnostics')
}

/** The check's options as the main process takes them; fields that are left empty stay out. */
export const optionsOf = ({ tests, host, dnsName }: CheckForm): CheckOptions => ({
  tests: DEFAULT_CHECK.filter((test) => tests.has(test)),
  ...(host.trim() ? { host: host.trim() } : {}),
  ...(dnsName.trim() ? { dnsName: dnsName.trim() } : {}),
})

/** Starts the checks and shows them. Throws CallError. */
export const startChosen = async (udns: readonly string[]): Promise<void> => {
  const ids = await startChecks(udns, optionsOf(getState().form))
  setState({ place: { at: 'watch', ids } })
}
