/** Provisioning one device: network and site anchor, by one of two roads. Each step is safe to repeat. */
import { IotmcError } from '../contract/errors'
import type { Job } from '../contract/job'
import { cableSteps } from './provision-cable'
import { networkSteps } from './provision-network'
import type { ProvisionTools } from './provision-tools'
import type { StepPlan } from './step'

export { lookSerial } from './provision-session'
export type { CabledDevice, ProvisionTools } from './provision-tools'

/** The five steps of `JOB_STEPS.provision`. `job.params`: via, ssid, and for the cable its path; never a secret. */
export const provisionPlan = (tools: ProvisionTools, job: Job): readonly StepPlan[] => {
  const { via, path } = job.params
  if (via === 'network') return networkSteps(tools, job.subject)
  if (via === 'serial') return cableSteps(tools, path ?? job.subject)
  throw new IotmcError('DEFECT', { detail: 'provisioning by neither network nor serial' })
}
