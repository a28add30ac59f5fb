/** What operation is made of on an open site. */
import type { Device } from '../contract/device'
import type { Discovery } from '../discovery/discovery'
import type { DeviceLink } from '../jobs/device-link'
import type { JobRunner } from '../jobs/runner'
import type { Clock } from '../net/clock'
import type { Records } from '../store/records'
import type { DeviceList } from './device-list'
import type { FirmwareWatch } from './firmware-watch'
import type { SiteIdentity } from './site-identity'
import type { SiteOptions } from './site-options'

export interface OperationParts {
  readonly clock: Clock
  readonly options: SiteOptions
  readonly records: Records
  readonly identity: SiteIdentity
  readonly authority: { readonly subject: string; readonly fingerprint: string }
  readonly link: DeviceLink
  readonly finder: Discovery
  readonly firmwareWatch: FirmwareWatch
  readonly list: DeviceList
  readonly runner: JobRunner
  readonly devices: () => readonly Device[]
  /** Secrets that this program holds now, for work that is not over. */
  readonly secrets: () => Iterable<string>
  /** Interfaces that are listened on. */
  readonly listening: () => readonly string[]
  /** Devices whose row may look different now. */
  readonly touch: (udns: readonly string[]) => void
}
