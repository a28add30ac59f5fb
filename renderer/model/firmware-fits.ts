/** Devices held against one bundle: those that fit first, the others with their reason. Pure. */
import type { Device } from '../../electron/contract/device'
import type { Fit, UnfitReason } from '../../electron/contract/firmware'
import { labelOf } from './device-facts'
import { naturalKey } from './natural'

/** One row of the choice. A device that is only offline may be chosen: it is held until it is back. */
export interface Candidate {
  readonly fit: Fit
  readonly device: Device | undefined
  readonly label: string
  readonly choosable: boolean
}

export const FIT_FILTERS = ['all', 'fits', 'not'] as const
export type FitFilter = (typeof FIT_FILTERS)[number]

/** Whether a device may be chosen. */
export const isChoosable = (fit: Fit): boolean => fit.fits || fit.reason === 'offline'

const rank = ({ fit }: Candidate): number =>
  fit.fits ? (fit.reason === 'offline' ? 1 : 0) : fit.reason === 'offline' ? 1 : 2

/** All devices, those that fit first, by name. Foreign UPnP devices are left out: they have no firmware of ours. */
export const candidatesOf = (
  fits: readonly Fit[],
  byUdn: ReadonlyMap<string, Device>,
): readonly Candidate[] =>
  fits
    .filter((fit) => fit.reason !== 'not-managed')
    .map((fit): Candidate => {
      const device = byUdn.get(fit.udn)
      return { fit, device, label: labelOf(device, fit.udn), choosable: isChoosable(fit) }
    })
    .map((one) => [rank(one), naturalKey(one.label), one] as const)
    .sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0))
    .map(([, , one]) => one)

/** Those to draw. The text is looked for in name, serial number, group and model. */
export const filterCandidates = (
  all: readonly Candidate[],
  filter: FitFilter,
  text: string,
): readonly Candidate[] => {
  const wanted = text.trim().toLowerCase()
  return all.filter(
    ({ label, device, choosable }) =>
      (filter === 'all' || choosable === (filter === 'fits')) &&
      (wanted === '' ||
        [label, device?.serialNumber, device?.group, device?.model].some((one) =>
          one?.toLowerCase().includes(wanted),
        )),
  )
}

/** How many devices do not fit, by reason, most first. */
export const unfitCounts = (all: readonly Candidate[]): readonly (readonly [UnfitReason, number])[] => {
  const counts = new Map<UnfitReason, number>()
  for (const { choosable, fit } of all) {
    const reason = fit.reason ?? 'unknown-state'
    if (!choosable) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])
}
