/** Provisioning on an open site: what its jobs need of the site, and the secrets that live only as long as they run. */
import { IotmcError } from '../contract/errors'
import { isEnded, type Job } from '../contract/job'
import type { ProvisionRequest, SerialDevice } from '../contract/provision'
import { lookSerial, type ProvisionTools, provisionPlan } from '../jobs/provision'
import type { JobRunner } from '../jobs/runner'
import type { StepPlan } from '../jobs/step'
import { openSerialDevice } from './serial-device'

interface Secret {
  readonly setupCode?: string
  readonly credential: string
}

export interface ProvisioningOptions extends Omit<ProvisionTools, 'openSerial' | 'secretOf'> {
  readonly runner: JobRunner
  /** Whether the factory station has this port open. */
  readonly portInUse: (path: string) => boolean
}

export class Provisioning {
  /** By job; in memory only, and gone with the program. */
  private readonly secrets = new Map<string, Secret>()
  private readonly tools: ProvisionTools
  private readonly stopListening: () => void

  constructor(private readonly options: ProvisioningOptions) {
    const { runner, portInUse, clock, ...world } = options
    this.tools = {
      ...world,
      clock,
      openSerial: (path, signal) => openSerialDevice(clock, path, portInUse, signal),
      secretOf: (jobId) => this.secrets.get(jobId),
    }
    this.stopListening = runner.on('changed', (jobs) => {
      for (const job of jobs) if (isEnded(job.state)) this.secrets.delete(job.id)
    })
  }

  /** Credentials and setup codes of jobs that are not over. */
  *heldSecrets(): Generator<string> {
    for (const { setupCode, credential } of this.secrets.values()) {
      yield credential
      if (setupCode !== undefined) yield setupCode
    }
  }

  plan(job: Job): readonly StepPlan[] {
    return provisionPlan(this.tools, job)
  }

  /** What speaks at the end of a cable. Errors: those of the port, SERIAL_SILENT, NOT_SMP. */
  look(path: string, signal: AbortSignal): Promise<SerialDevice> {
    return lookSerial(this.tools, path, signal)
  }

  /**
   * Starts the job and keeps its secrets until it ends; one that runs already for the same takes the new ones. Errors:
   * BUSY while the device is on its way into another network.
   */
  start(request: ProvisionRequest): string {
    const { via, ssid, credential } = request
    const subject = via === 'network' ? request.udn : request.path
    const params = { via, ssid, ...(via === 'serial' ? { path: request.path } : {}) }
    const [job] = this.options.runner.submit('provision', [subject], params)
    if (!job) throw new IotmcError('DEFECT', { detail: 'no job was made' })
    if (job.params.ssid !== ssid || job.params.via !== via)
      throw new IotmcError('BUSY', { subject, detail: 'it is being provisioned for another network' })
    this.secrets.set(job.id, {
      credential,
      ...(via === 'network' ? { setupCode: request.setupCode } : {}),
    })
    return job.id
  }

  close(): void {
    this.stopListening()
    this.secrets.clear()
  }
}
