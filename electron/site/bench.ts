/** Injection of one device on a port outside the station's lanes: the same job, started from a terminal. */
import { IotmcError } from '../contract/errors'
import type { StationConfig } from '../contract/factory'
import { isEnded, type Job } from '../contract/job'
import type { FactoryDevice } from '../factory/factory-device'
import type { LabelContent } from '../factory/label'
import type { Ledger } from '../factory/ledger'
import type { InjectTools } from '../jobs/inject'
import type { JobRunner } from '../jobs/runner'
import type { Clock } from '../net/clock'
import { openSerialDevice } from './serial-device'

export interface BenchOptions {
  readonly clock: Clock
  readonly runner: JobRunner
  readonly ledger: () => Ledger
  readonly config: () => StationConfig
  /** The station's tools, for jobs that belong to a lane. */
  readonly lanes: () => InjectTools
  readonly portInUse: (path: string) => boolean
}

export interface BenchRequest {
  readonly path: string
  readonly operator: string
  readonly serialNumber?: string
  readonly model?: string
}

/** The lane of devices that are in none. */
const LANE = 'bench'

export class Bench {
  private readonly devices = new Map<
    string,
    { readonly device: FactoryDevice; readonly hardwareId: string }
  >()
  private readonly labels = new Map<string, LabelContent>()
  private readonly closing = new AbortController()

  constructor(private readonly options: BenchOptions) {}

  /** Errors: those of the port, LEDGER_INVALID, RANGE_EXHAUSTED, SERIAL_NUMBER_USED. */
  async inject(request: BenchRequest): Promise<{ jobId: string; label: () => LabelContent }> {
    const { clock, portInUse, config } = this.options
    const { path, operator, model = config().model } = request
    const device = await openSerialDevice(clock, path, portInUse, this.closing.signal)
    try {
      return await this.begin(device, { path, operator, model, serialNumber: request.serialNumber })
    } catch (thrown) {
      // No job holds the cable: it is free for whoever comes next.
      this.devices.delete(path)
      await device.session.close()
      throw thrown
    }
  }

  private async begin(
    device: FactoryDevice,
    o: Pick<BenchRequest, 'path' | 'operator'> & {
      readonly model: string
      readonly serialNumber: string | undefined
    },
  ): Promise<{ jobId: string; label: () => LabelContent }> {
    const { runner } = this.options
    const { path, operator, model } = o
    const info = await device.info(this.closing.signal)
    const hardwareId = Buffer.from(info.hardwareId).toString('hex')
    this.devices.set(path, { device, hardwareId })
    const ledger = this.options.ledger()
    const serialNumber =
      o.serialNumber ?? ledger.openUnitOf(hardwareId)?.serialNumber ?? ledger.nextSerialNumber(model)
    if (serialNumber === undefined) throw new IotmcError('RANGE_EXHAUSTED', { subject: model })
    const params = { path, lane: LANE, model, operator, hardwareId }
    const [job] = runner.submit('inject', [serialNumber], params)
    if (!job) throw new IotmcError('DEFECT', { detail: 'no job was made' })
    if (job.params.lane !== LANE)
      throw new IotmcError('BUSY', { subject: serialNumber, detail: `lane ${job.params.lane} works on it` })
    this.freeAfter(job.id, path)
    return { jobId: job.id, label: () => this.labelOf(serialNumber) }
  }

  /** The cable is somebody else's again once the job has ended. */
  private freeAfter(jobId: string, path: string): void {
    const { runner } = this.options
    const off = runner.on('changed', (jobs) => {
      if (!jobs.some((job) => job.id === jobId && isEnded(job.state))) return
      off()
      const found = this.devices.get(path)
      this.devices.delete(path)
      void found?.device.session.close()
    })
  }

  /** The station's tools, with the devices of this bench for the jobs that are its own. */
  tools(): InjectTools {
    const lanes = this.options.lanes()
    return {
      ...lanes,
      device: (job, ctx) => (job.params.lane === LANE ? this.device(job) : lanes.device(job, ctx)),
      completed: (job, unit, label) => {
        if (job.params.lane === LANE) this.labels.set(unit.serialNumber, { ...label, model: unit.model })
        else lanes.completed(job, unit, label)
      },
    }
  }

  async close(): Promise<void> {
    this.closing.abort(new IotmcError('INTERRUPTED'))
    this.labels.clear()
    await Promise.all([...this.devices.values()].map(({ device }) => device.session.close()))
  }

  private device(job: Job): Promise<FactoryDevice> {
    const { path = '', hardwareId } = job.params
    const found = this.devices.get(path)
    if (!found) return Promise.reject(new IotmcError('SERIAL_UNPLUGGED', { subject: path }))
    if (found.hardwareId !== hardwareId)
      return Promise.reject(new IotmcError('OTHER_DEVICE', { subject: path }))
    return Promise.resolve(found.device)
  }

  private labelOf(serialNumber: string): LabelContent {
    const label = this.labels.get(serialNumber)
    if (!label)
      throw new IotmcError('REQUEST_REFUSED', { subject: serialNumber, detail: 'there is no label' })
    return label
  }
}
