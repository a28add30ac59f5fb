/** How far devices are on their way out, counted and said for people. Pure. */
import type { DecommissionPreviewRow } from '../../electron/contract/decommission'
import { DECOMMISSION_STATES, type DecommissionState } from '../../electron/contract/decommission-states'
import type { Device } from '../../electron/contract/device'
import type { Job } from '../../electron/contract/job'
import type { Tone } from './device-facts'

/** What people watch for, in order: each is a promise that has been kept or not. */
export const LIFE_STAGES = ['revoked', 'wiped', 'proven', 'certified'] as const
export type LifeStage = (typeof LIFE_STAGES)[number]
export type StageStand = 'done' | 'now' | 'later' | 'failed' | 'unknown'

const rank = (state: DecommissionState): number => DECOMMISSION_STATES.indexOf(state)

/** How each stage stands. The first that is not reached is under way, or failed where the job has. */
export const stagesOf = (
  state: DecommissionState,
  job: Job['state'] | undefined,
): readonly (readonly [stage: LifeStage, stand: StageStand])[] => {
  if (state === 'closed')
    return LIFE_STAGES.map((stage) => [stage, stage === 'revoked' ? 'done' : 'unknown'] as const)
  const next = LIFE_STAGES.find((stage) => rank(stage) > rank(state))
  return LIFE_STAGES.map((stage) => {
    if (rank(stage) <= rank(state)) return [stage, 'done'] as const
    if (stage !== next) return [stage, 'later'] as const
    if (job === 'failed' || job === 'cancelled') return [stage, 'failed'] as const
    return [stage, job === 'running' || job === 'interrupted' ? 'now' : 'later'] as const
  })
}

export const LEAVING_TONE: Readonly<Record<DecommissionState, Tone>> = {
  ordered: 'info',
  frozen: 'info',
  revoked: 'info',
  queued: 'warn',
  wiped: 'info',
  proven: 'info',
  certified: 'ok',
  closed: 'warn',
}

export interface LeavingCounts {
  readonly certified: number
  readonly running: number
  /** Revoked, and waiting for the device. */
  readonly queued: number
  readonly failed: number
}

/** Each device in one of four, but those closed without proof: 37 decommissioned · 2 under way · 1 waits for the device · 1 to look at. */
export const countLeaving = (
  rows: readonly { readonly state: DecommissionState; readonly job: Job['state'] | undefined }[],
): LeavingCounts => {
  const counts = { certified: 0, running: 0, queued: 0, failed: 0 }
  for (const { state, job } of rows) {
    if (state === 'closed') continue
    if (state === 'certified') counts.certified += 1
    else if (job === 'failed' || job === 'cancelled') counts.failed += 1
    else if (job === 'waiting' || (job === undefined && state === 'queued')) counts.queued += 1
    else counts.running += 1
  }
  return counts
}

/** The first is what a person should look at first. */
export const leavingRank = (state: DecommissionState, job: Job['state'] | undefined): number =>
  state === 'certified' || state === 'closed'
    ? 3
    : job === 'failed' || job === 'cancelled'
      ? 0
      : state === 'queued'
        ? 2
        : 1

export interface LeavingSum {
  readonly able: number
  readonly leftOut: number
  readonly online: number
  readonly offline: number
  readonly certificates: number
  readonly identities: number
  readonly jobs: number
}

/** What a preview comes to, without the devices that are left out. */
export const sumPreview = (rows: readonly DecommissionPreviewRow[]): LeavingSum => {
  const sum = { able: 0, leftOut: 0, online: 0, offline: 0, certificates: 0, identities: 0, jobs: 0 }
  for (const row of rows) {
    if (row.problem) {
      sum.leftOut += 1
      continue
    }
    sum.able += 1
    sum[row.online ? 'online' : 'offline'] += 1
    sum.certificates += row.ldevids.length
    sum.identities += row.idevid ? 1 : 0
    sum.jobs += row.jobs
  }
  return sum
}

export type LeaveBlock = 'not-managed' | 'not-enrolled' | 'wrong-phase' | 'decommissioned'

/** Why a device can't be decommissioned now, or undefined when it can. One that is offline can. */
export const leaveBlock = (device: Device): LeaveBlock | undefined => {
  if (!device.managed) return 'not-managed'
  const left = device.decommissioned
  // Closed without proof: whoever turns up after all is still to be wiped.
  if (left === 'closed') return undefined
  if (left) return left === 'certified' ? 'decommissioned' : 'wrong-phase'
  switch (device.phase) {
    case 'operation':
    case 'maintenance':
      return undefined
    case 'decommissioning':
      return 'wrong-phase'
    default:
      // What this site has given a certificate to can be taken back, whatever the device says of itself now.
      return device.ldevidNotAfter ? undefined : 'not-enrolled'
  }
}
