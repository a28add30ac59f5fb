/** The commission wizard as a union of named steps. Approve, watch and result are read off the jobs. Pure. */
import type { Device } from '../../electron/contract/device'
import type { IdentityCheck } from '../../electron/contract/identity'
import { isEnded, type Job } from '../../electron/contract/job'
import { commissionBlock } from './device-facts'

export type Check =
  | { readonly state: 'checking' }
  | { readonly state: 'good'; readonly check: IdentityCheck }
  | { readonly state: 'bad'; readonly code: string; readonly detail?: string; readonly check?: IdentityCheck }

export type CommissionStep =
  | { readonly step: 'choose'; readonly chosen: readonly string[] }
  | {
      readonly step: 'verify'
      readonly chosen: readonly string[]
      readonly checks: Readonly<Record<string, Check>>
      readonly current: string
    }
  | {
      readonly step: 'group'
      readonly chosen: readonly string[]
      readonly checks: Readonly<Record<string, Check>>
      readonly good: readonly string[]
      readonly group: string
    }
  | { readonly step: 'jobs'; readonly ids: readonly string[] }

export const WIZARD_STAGES = ['choose', 'verify', 'group', 'approve', 'watch', 'result'] as const
export type WizardStage = (typeof WIZARD_STAGES)[number]

const approvalPassed = (job: Job): boolean =>
  isEnded(job.state) ||
  job.steps.some((step) => step.name === 'approve' && (step.state === 'done' || step.state === 'skipped'))

/** Which stage the jobs of a batch are in: approve until each has passed its approval, then watch, then result. */
export const stageOfJobs = (jobs: readonly Job[]): 'approve' | 'watch' | 'result' => {
  if (jobs.length > 0 && jobs.every((job) => isEnded(job.state))) return 'result'
  return jobs.every(approvalPassed) ? 'watch' : 'approve'
}

export const stageOf = (state: CommissionStep, jobs: readonly Job[]): WizardStage =>
  state.step === 'jobs' ? stageOfJobs(jobs) : state.step

/** Devices that the wizard offers: those that can be commissioned first, then those that cannot yet, with a reason. */
export const candidates = (devices: readonly Device[]) => ({
  ready: devices.filter((device) => commissionBlock(device) === undefined),
  blocked: devices.filter((device) => device.managed && commissionBlock(device) === 'needs-network'),
})

/** UDNs of devices whose identity was found good, in the order chosen. */
export const goodOnes = (
  chosen: readonly string[],
  checks: Readonly<Record<string, Check>>,
): readonly string[] => chosen.filter((udn) => checks[udn]?.state === 'good')

/** Distinct devices that wait for a person: jobs that say so and pending requests. */
export const waitingForYou = (
  jobs: Iterable<Job>,
  enrollments: Iterable<{ readonly udn: string; readonly state: string }>,
): ReadonlySet<string> => {
  const udns = new Set<string>()
  for (const one of enrollments) if (one.state === 'pending') udns.add(one.udn)
  for (const job of jobs) if (job.state === 'needs-you') udns.add(job.subject)
  return udns
}
