/** The firmware desk, made of the parts of an open site. */
import type { Discovery } from '../discovery/discovery'
import type { DeviceLink } from '../jobs/device-link'
import type { JobRunner } from '../jobs/runner'
import type { Clock } from '../net/clock'
import type { Records } from '../store/records'
import type { DeviceList } from './device-list'
import { FirmwareDesk } from './firmware-desk'
import type { FirmwareWatch } from './firmware-watch'
import type { CabledIdentity } from './frozen'
import type { SiteOptions } from './site-options'
import type { TrustShelf } from './trust-shelf'

export interface FirmwareParts {
  readonly clock: Clock
  readonly options: SiteOptions
  readonly records: Records
  readonly runner: JobRunner
  readonly link: DeviceLink
  readonly watch: FirmwareWatch
  readonly shelf: TrustShelf
  readonly list: DeviceList
  readonly finder: Discovery
  readonly portInUse: (path: string) => boolean
  readonly requireFree: (who: CabledIdentity) => void
  readonly audit: (action: string, subject: string, detail?: string) => void
}

/** Errors: those of opening the library. */
export const openSiteFirmware = (parts: FirmwareParts): Promise<FirmwareDesk> => {
  const { options, records, shelf, list, finder, ...rest } = parts
  const { paths, log, emit } = options
  return FirmwareDesk.open({
    ...rest,
    log,
    emit,
    folder: paths.firmwareFolder,
    // Who may make devices may sign their firmware; the site's own CA may not.
    trust: () => ({ anchors: shelf.roots(), crls: shelf.crls() }),
    table: records.rollouts,
    devices: () =>
      list.udns().flatMap((udn) => {
        const device = list.view(udn)
        const hardwareRevision = records.enrollments.byUdn(udn)?.hardwareRevision
        return device ? [{ device, enrolled: list.isEnrolled(udn), hardwareRevision }] : []
      }),
    isOnline: (udn) => finder.get(udn)?.online ?? false,
    remember: (udn, known) => list.remember(udn, known),
  })
}
