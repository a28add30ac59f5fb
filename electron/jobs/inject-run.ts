/** One run of an injection: its device, its row of the ledger, and the rule that every step is journalled around its effect. */
import { asIotmcError, type ErrorCode, IotmcError } from '../contract/errors'
import type { Unit } from '../contract/factory'
import type { Job, StepName } from '../contract/job'
import { IOTMC_RC, SMP_GROUP } from '../contract/smp'
import type { DeviceInfo } from '../factory/factory-device'
import type { Ledger, UnitCertificate, UnitFacts } from '../factory/ledger'
import { type CheckedRequest, checkRequest } from '../identity/request'
import { refusalOf } from '../serial/smp-session'
import { checkDevice, paramOf, stateWords } from './inject-checks'
import type { InjectDevice, InjectTools } from './inject-tools'
import type { StepContext } from './step'

/** Ends of a step that leave open whether its effect took place: the ledger keeps it as begun. */
const UNCERTAIN: ReadonlySet<ErrorCode> = new Set([
  'CANCELLED',
  'INTERRUPTED',
  'SERIAL_UNPLUGGED',
  'SERIAL_SILENT',
  'TIMED_OUT',
])

const DETAIL_MAX = 240

export class InjectRun {
  readonly serialNumber: string
  private seen: { readonly device: InjectDevice; info: DeviceInfo } | undefined
  private request: CheckedRequest | undefined
  private csr: Buffer | undefined

  constructor(
    readonly tools: InjectTools,
    readonly job: Job,
  ) {
    this.serialNumber = job.subject
  }

  get ledger(): Ledger {
    return this.tools.ledger()
  }

  /** What is on record of this number, if it is this very board's. */
  get own(): Unit | undefined {
    const unit = this.ledger.unit(this.serialNumber)
    return unit?.hardwareId === paramOf(this.job, 'hardwareId') ? unit : undefined
  }

  /** As `own`, for every step behind `reserve`. Errors: OTHER_DEVICE. */
  get unit(): Unit {
    const unit = this.own
    if (!unit)
      throw new IotmcError('OTHER_DEVICE', { subject: this.serialNumber, detail: 'not on record for it' })
    return unit
  }

  get certificate(): UnitCertificate | undefined {
    return this.own && this.ledger.certificateOf(this.serialNumber)
  }

  /** The device and its own word, checked; `fresh` asks it again. */
  async meet(ctx: StepContext, fresh = false): Promise<{ device: InjectDevice; info: DeviceInfo }> {
    const device = await this.tools.device(this.job, ctx)
    if (this.seen && this.seen.device === device && !fresh) return this.seen
    const info = await device.info(ctx.signal)
    const { tools, job, own, certificate } = this
    checkDevice({ job, info, config: tools.config(), unit: own, certificatePem: certificate?.pem })
    this.seen = { device, info }
    return this.seen
  }

  /** Journals the step, lets it happen, and journals its end. */
  async journalled(step: StepName, effect: () => Promise<UnitFacts | undefined>): Promise<Unit> {
    this.ledger.begin(this.serialNumber, step)
    const facts = await effect()
    return this.ledger.done(this.serialNumber, step, facts)
  }

  /** Has the device make its key, or give the request for it once more. */
  async askForRequest(ctx: StepContext): Promise<Buffer> {
    const { device } = await this.meet(ctx)
    const { udn } = this.unit
    this.csr = await device.keygen({ serialNumber: this.serialNumber, udn }, ctx.signal)
    this.request = undefined
    return this.csr
  }

  /** The device's request, checked. Errors: REQUEST_INVALID, UDN_MISMATCH. */
  async checkedRequest(ctx: StepContext): Promise<CheckedRequest> {
    const csr = this.csr ?? (await this.askForRequest(ctx))
    const { udn, serialNumber } = this.unit
    this.request ??= await checkRequest(csr, { udn, serialNumber })
    return this.request
  }

  /** What to throw at the end of a failed step: the cause, and how the device is now. Journals it where it is certain. */
  ended(step: StepName, thrown: unknown): IotmcError {
    const error = asIotmcError(thrown)
    // Nothing is known of the device, or said about it, where the ledger itself is in doubt.
    if (error.code === 'LEDGER_INVALID' || error.code === 'DATA_DAMAGED') return error
    try {
      const unit = this.own
      const words = stateWords(unit)
      if (unit && !UNCERTAIN.has(error.code)) this.ledger.failed(this.serialNumber, step, error.code)
      return this.explained(error, words)
    } catch (cause) {
      return this.explained(error, `the failure could not be put on record: ${asIotmcError(cause).code}`)
    }
  }

  private explained(error: IotmcError, words: string): IotmcError {
    const refusal = refusalOf(error)
    const foreign = refusal?.group === SMP_GROUP.iotmc && FOREIGN.has(refusal.rc)
    const detail = [error.detail, words].filter(Boolean).join('; ').slice(0, DETAIL_MAX)
    // The port that the session names says nothing to a person; the number does.
    const subject = PORT_ERRORS.has(error.code) ? this.serialNumber : (error.subject ?? this.serialNumber)
    return new IotmcError(foreign ? 'OTHER_DEVICE' : error.code, { subject, detail, cause: error })
  }
}

/** Refusals by which a device says that it is not the one that the ledger takes it for. */
const FOREIGN: ReadonlySet<number> = new Set([IOTMC_RC.keyMismatch, IOTMC_RC.otherSubject])

const PORT_ERRORS: ReadonlySet<ErrorCode> = new Set(['DEVICE_REFUSED', 'TIMED_OUT', 'BAD_ANSWER'])
