/** What applying a site plan needs of the site. */

import type { Looked } from '../configuration/plan'
import type { Values } from '../contract/configuration'
import type { ExpectedDevice } from '../contract/enrollment'
import type { ErrorCode } from '../contract/errors'
import type { RolloutView } from '../contract/firmware'
import type { Job, JobKind } from '../contract/job'
import type { Clock } from '../net/clock'
import type { DeviceLink, LifecycleState } from './device-link'

/** What a person has written of a device. */
export interface Words {
  readonly name?: string | undefined
  readonly place?: string | undefined
  readonly note?: string | undefined
}

/** What a device is to become, and what was seen of it when that was previewed. */
export interface ApplyOrder {
  readonly what: 'plan' | 'group'
  readonly entry: ExpectedDevice
  readonly values: Values
  /** Absent where it could not be asked then. */
  readonly seen?: { readonly group: string; readonly firmware: string; readonly values: Values } | undefined
  /** As they were previewed; absent where the device was not known. */
  readonly words?: Words | undefined
}

/** How the newest update of a device by a rollout stands. */
export interface UpdateStand {
  readonly ended: boolean
  /** Why it did not come to a good end. */
  readonly error?: { readonly code: ErrorCode; readonly detail?: string | undefined }
  readonly jobId?: string | undefined
  /** Why its rollout is paused. */
  readonly paused?: RolloutView['pauseReason']
  /** `attemptOf` the job for which the rollout was begun. */
  readonly askedBy?: string | undefined
}

/** One attempt of a job; the same after a kill, another after a person has asked for it again. */
export const attemptOf = ({ id, attempt }: Pick<Job, 'id' | 'attempt'>): string => `${id} ${attempt}`

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
  /** Gives the id of the job, of the batch of `job` unless it was there before. Errors: GROUP_UNKNOWN. */
  commission(job: Job, order: ApplyOrder): string
  wordsOf(udn: string): Words
  describe(udn: string, words: { name?: string; place?: string; note?: string }): void
  /** Keeps the group that a device is in now. */
  moved(udn: string, group: string): void
  /** Gives the id of the job; undefined where nothing is to be changed. Errors: why it can't be. */
  configure(job: Job, values: Values, signal: AbortSignal): Promise<string | undefined>
  /** Resolves when the device is part of a rollout. Errors: BUNDLE_UNKNOWN, BUSY. */
  update(job: Job, image: { model: string; version: string }, signal: AbortSignal): Promise<void>
  /** A device is updated by no rollout any more, as far as it has not switched. */
  leaveRollout(udn: string): void
  updateOf(udn: string): UpdateStand | undefined
  /** What was read back: kept durably before the job counts as done. */
  succeeded(
    job: Job,
    known: { firmwareVersion: string; configurationVersion: number },
    looked: Looked | undefined,
  ): void
}

/** Whether a device is through with its enrolment. */
export const isMember = ({ phase }: Pick<LifecycleState, 'phase'>): boolean =>
  phase === 'operation' || phase === 'maintenance'
