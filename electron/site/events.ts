/** What the controller tells its hosts, and the logger they hand in. */
import type { AccountsView } from '../contract/access'
import type { ConfigurationPlan } from '../contract/configuration'
import type { DecommissionView, RevocationListView } from '../contract/decommission'
import type { LogStand, StoredRecord } from '../contract/device-log'
import type { Enrollment } from '../contract/enrollment'
import type { StationView } from '../contract/factory'
import type { BoardRow, FirmwareLibrary, RolloutView } from '../contract/firmware'
import type { DeviceHealth } from '../contract/health'
import type { Status } from '../contract/ipc'
import type { Batch, Job } from '../contract/job'
import type { HealthCheck } from '../contract/self-test'
import type { Settings } from '../contract/settings'
import type { SiteWork } from '../contract/site-plan'
import type { DeviceChanges } from './device-feed'

export type ControllerEvents = {
  status: Status
  devices: DeviceChanges
  jobs: readonly Job[]
  /** Ids of jobs that are listed no longer. */
  jobsGone: readonly string[]
  enrollments: readonly Enrollment[]
  settings: Settings
  station: StationView
  firmwareLibrary: FirmwareLibrary
  rollouts: readonly RolloutView[]
  boardRows: readonly BoardRow[]
  health: readonly DeviceHealth[]
  logStored: { readonly stand: LogStand; readonly records: readonly StoredRecord[] }
  check: HealthCheck
  configuration: ConfigurationPlan
  accounts: AccountsView
  works: SiteWork
  batches: readonly Batch[]
  decommissions: readonly DecommissionView[]
  revocations: RevocationListView
}

export type Emit = <E extends keyof ControllerEvents>(event: E, payload: ControllerEvents[E]) => void

/** A logger as the hosts hand it in (pino has this shape). Secrets never go in. */
export interface Log {
  info(data: object, text: string): void
  warn(data: object, text: string): void
  error(data: object, text: string): void
}
