/** Work on devices that are not on the site's network yet: the factory station, and provisioning. */

import { IotmcError } from '../contract/errors'
import type { StationView } from '../contract/factory'
import type { Job } from '../contract/job'
import type { Vault } from '../identity/vault'
import { injectPlan } from '../jobs/inject'
import type { JobRunner } from '../jobs/runner'
import type { StepPlan } from '../jobs/step'
import type { Clock } from '../net/clock'
import type { DataPaths } from '../store/paths'
import type { Desk } from './desk'
import type { Log } from './events'
import { FactoryFloor } from './factory-floor'
import { Provisioning, type ProvisioningOptions } from './provisioning'

export interface WorkshopOptions extends Omit<ProvisioningOptions, 'portInUse'> {
  readonly clock: Clock
  readonly vault: Vault
  readonly paths: DataPaths
  readonly stationName: string
  readonly owner: () => string
  readonly runner: JobRunner
  readonly log: Log
  readonly desk: Desk | undefined
  readonly emit: (view: StationView) => void
  readonly audit: (actor: string, action: string, subject: string, detail?: string) => void
  readonly roots: () => readonly string[]
  readonly trustRoot: (pem: string) => void
}

export class Workshop {
  readonly floor: FactoryFloor
  readonly provisioning: Provisioning

  constructor(options: WorkshopOptions) {
    this.floor = new FactoryFloor(options)
    this.provisioning = new Provisioning({ ...options, portInUse: (path) => this.floor.usesPort(path) })
  }

  /** The steps of a job of the kinds `inject` and `provision`. */
  plan(job: Job): readonly StepPlan[] {
    switch (job.kind) {
      case 'inject':
        return injectPlan(this.floor.injectTools(), job)
      case 'provision':
        return this.provisioning.plan(job)
      default:
        throw new IotmcError('DEFECT', { detail: `${job.kind} is the site’s` })
    }
  }

  open(): Promise<void> {
    return this.floor.open()
  }

  async close(): Promise<void> {
    this.provisioning.close()
    await this.floor.close()
  }
}
