/** What a device on a network is made of. */
import type { Authority } from '../identity/authority'
import type { Clock, Random } from '../net/clock'
import type { BankStore } from './bank-store'
import type { FaultName } from './faults'
import type { FirmwareTrust } from './firmware-download'
import type { ImageHost } from './image-host'
import type { KeyFiles } from './key-files'
import type { DeviceLog } from './log'
import type { LogKeeper } from './log-keeper'
import type { Surroundings } from './network'
import type { StateFile } from './state-file'

export interface DeviceOptions extends Surroundings {
  readonly clock: Clock
  readonly random: Random
  readonly log: DeviceLog
  readonly store: StateFile
  readonly keys: KeyFiles
  readonly faults: readonly FaultName[]
  /** Where a site leaves its authority's certificate; looked at until there is one. */
  readonly anchorFile: string | undefined
  readonly openFactory: () => Promise<Authority>
  readonly banks: BankStore
  /** What runs the active bank; ended and started with this device. */
  readonly host: ImageHost
  /** Whom firmware is taken from; read for each bundle. */
  readonly firmwareTrust: () => FirmwareTrust
  /** Bytes each second, at most, in which it gets an image. */
  readonly downloadRate?: number | undefined
  readonly keeper: LogKeeper
  /** Seconds between two health reports; undefined = as configured. */
  readonly healthIntervalS?: number | undefined
  /** Folder of the storage that may be plugged in. */
  readonly externalStorage?: string | undefined
}
