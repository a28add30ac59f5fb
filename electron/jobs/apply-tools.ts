/** What applying a site plan needs of the site. */
import type { Values } from '../contract/configuration'
import type { ExpectedDevice } from '../contract/enrollment'
import type { ErrorCode } from '../contract/errors'
import type { Job, JobKind } from '../contract/job'
import type { Clock } from '../net/clock'
import type { DeviceLink, LifecycleState } from './device-link'

/** What a device is to become, and what was seen of it when that was previewed. */
export interface ApplyOrder {
  readonly what: 'plan' | 'group'
  readonly entry: ExpectedDevice
  readonly values: Values
  /** Absent where it could not be asked then. */
  readonly seen?: { readonly group: string; readonly firmware: string; readonly values: Values } | undefined
}

/** How the newest update of a device by a rollout stands. */
export interface UpdateStand {
  readonly ended: boolean
  /** Why it did not come to a good end. */
  readonly error?: { readonly code: ErrorCode; readonly detail?: string | undefined }
  readonly jobId?: string | undefined
}

export interface ApplyTools {
  readonly clock: Clock
  readonly link: Pick<DeviceLink, 'call' | 'state' | 'verify'>
  isOnline(udn: string): boolean
  /** Calls back when the presence of this device, or a job on it, has changed. */
  onWake(udn: string, listener: () => void): () => void
  /** Errors: PLAN_UNKNOWN. */
  orderOf(job: Job): ApplyOrder
  /** Whether the plan or the groups want something else by now than what was previewed. */
  isStale(job: Job): boolean
  /** SHA-256 of the factory certificate with which a device enrolled. */
  identityOf(udn: string): string | undefined
  job(id: string): Job | undefined
  cancel(id: string): void
  /** The id of a job on this device that has not ended. */
  activeJob(kind: JobKind, udn: string): string | undefined
  /** Gives the id of the job. Errors: GROUP_UNKNOWN. */
  commission(udn: string, order: ApplyOrder): string
  describe(udn: string, words: { name?: string; place?: string; note?: string }): void
  /** Keeps the group that a device is in now. */
  moved(udn: string, group: string): void
  /** Gives the id of the job; undefined where nothing is to be changed. Errors: why it can't be. */
  configure(udn: string, values: Values, signal: AbortSignal): Promise<string | undefined>
  /** Resolves when the device is part of a rollout. Errors: BUNDLE_UNKNOWN, BUSY. */
  update(udn: string, image: { model: string; version: string }, signal: AbortSignal): Promise<void>
  updateOf(udn: string): UpdateStand | undefined
  /** What was read back: kept durably before the job counts as done. */
  succeeded(job: Job, known: { firmwareVersion: string; configurationVersion: number }): void
}

/** Whether a device is through with its enrolment. */
export const isMember = ({ phase }: Pick<LifecycleState, 'phase'>): boolean =>
  phase === 'operation' || phase === 'maintenance'
