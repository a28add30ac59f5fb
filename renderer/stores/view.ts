/** Where the technician is and what is chosen: belongs to the window alone. */
import { create } from 'zustand'
import { DEFAULT_QUERY, type DeviceQuery } from '../model/device-rows'

export const SCREENS = [
  'devices',
  'commission',
  'firmware',
  'diagnostics',
  'factory',
  'jobs',
  'site',
  'settings',
] as const
export const SITE_TABS = [
  'groups',
  'plan',
  'policy',
  'people',
  'audit',
  'certificates',
  'decommissioned',
] as const
export type SiteTab = (typeof SITE_TABS)[number]
export type Screen =
  | (typeof SCREENS)[number]
  | 'missing'
  | 'provision'
  | 'configure'
  | 'apply'
  | 'decommission'

interface View {
  readonly screen: Screen
  readonly query: DeviceQuery
  readonly selected: ReadonlySet<string>
  /** UDN whose detail drawer is open. */
  readonly detail: string | undefined
  readonly jobsOpen: boolean
  readonly siteTab: SiteTab
}

export const useView = create<View>(() => ({
  screen: 'devices',
  query: DEFAULT_QUERY,
  selected: new Set(),
  detail: undefined,
  jobsOpen: true,
  siteTab: 'groups',
}))

const { setState } = useView

export const go = (screen: Screen): void => setState({ screen })
export const setQuery = (change: Partial<DeviceQuery>): void =>
  setState(({ query }) => ({ query: { ...query, ...change } }))
/** Selects these and nothing else. A set is held as it is and must not change later. */
export const select = (udns: Iterable<string> | ReadonlySet<string>): void =>
  setState({ selected: udns instanceof Set ? udns : new Set(udns) })
export const toggleSelected = (udn: string): void =>
  setState(({ selected }) => {
    const next = new Set(selected)
    if (!next.delete(udn)) next.add(udn)
    return { selected: next }
  })
export const openDetail = (detail: string | undefined): void => setState({ detail })
export const showDevice = (udn: string): void => setState({ screen: 'devices', detail: udn })
export const toggleJobs = (): void => setState(({ jobsOpen }) => ({ jobsOpen: !jobsOpen }))
export const setSiteTab = (siteTab: SiteTab): void => setState({ siteTab })
