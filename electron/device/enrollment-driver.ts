/** Does what the enrolment machine says, one step at a time, and stores each outcome before the next step. */
import { assertNever } from '../contract/assert-never'
import { asIotmcError, IotmcError } from '../contract/errors'
import { nextPhase } from '../contract/phases'
import type { Clock, Random } from '../net/clock'
import type { TlsIdentity } from '../net/tls'
import type { ControllerAccess } from './controller-access'
import {
  ENROLLMENT_RETRY,
  type EnrollmentInput,
  type EnrollmentState,
  nextEnrollment,
  resumeEnrollment,
} from './enrollment-machine'
import type { FaultSwitch } from './fault-switch'
import { Inbox, throwIfStopped } from './inbox'
import { checkIssued, requestForWire } from './issued-certificate'
import type { KeyFiles } from './key-files'
import type { DeviceLog } from './log'
import type { EnrollmentProgress } from './state'
import type { StateFile } from './state-file'

export interface EnrollmentTools {
  readonly clock: Clock
  readonly random: Random
  readonly log: DeviceLog
  readonly store: StateFile
  readonly keys: KeyFiles
  readonly faults: FaultSwitch
  readonly access: ControllerAccess
  /** What the device shows before it has an LDevID. */
  readonly factoryIdentity: () => TlsIdentity
  readonly hasController: () => boolean
  /** Looks for controllers again; answers come as `heard`. */
  readonly seek: () => void
  /** The LDevID is stored: from now on it is shown. */
  readonly onInstalled: () => void
  /** The phase is stored. */
  readonly onEnrolled: () => void
}

const SEEK_EVERY_MS = 20_000

export class EnrollmentDriver {
  private state: EnrollmentState
  private readonly inbox: Inbox<EnrollmentInput>
  private readonly stopping = new AbortController()
  private running: Promise<void> = Promise.resolve()

  constructor(private readonly tools: EnrollmentTools) {
    const { enrollment, configuration } = tools.store.current
    this.state = resumeEnrollment(enrollment, configuration.version)
    this.inbox = new Inbox(tools.clock)
  }

  /** The step that the enrolment stands at. */
  get step(): EnrollmentState['step'] {
    return this.state.step
  }

  start(): void {
    this.running = this.run(this.stopping.signal)
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.running
  }

  /** A controller that takes enrolments was heard. */
  heard(): void {
    this.inbox.offer({ type: 'controller-heard' })
  }

  /** Another configuration is stored. */
  configured(runningVersion: number): void {
    this.inbox.offer({ type: 'configured', runningVersion })
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.state.step !== 'enrolled') {
      const input = await this.perform(signal).catch((thrown: unknown): EnrollmentInput => {
        const error = asIotmcError(thrown)
        if (!signal.aborted && error.code !== 'PENDING') {
          const detail = error.detail ? { detail: error.detail } : {}
          this.tools.log('enrollment-problem', { step: this.state.step, code: error.code, ...detail })
        }
        return { type: 'failed', code: error.code }
      })
      if (signal.aborted && input.type === 'failed') return
      const before = this.state.step
      this.state = nextEnrollment(this.state, input)
      if (this.state.step !== before) this.tools.log('enrollment', { step: this.state.step })
    }
  }

  private perform(signal: AbortSignal): Promise<EnrollmentInput> {
    const { state } = this
    switch (state.step) {
      case 'seek-controller':
        return this.seek(signal)
      case 'pause': {
        const spreadMs = state.delayMs * (0.75 + this.tools.random.fraction() / 2)
        return this.inbox.next({ timeoutMs: spreadMs, otherwise: { type: 'pause-over' }, signal })
      }
      case 'enroll':
        return this.enroll(signal)
      case 'fetch-result':
        return this.fetchResult(state.enrollmentId, signal)
      case 'await-configuration':
        return this.awaitConfiguration(state.wantedVersion, signal)
      case 'confirm':
        return this.confirm(state.enrollmentId, signal)
      case 'enrolled':
        return Promise.reject(new IotmcError('DEFECT', { detail: 'nothing is left to do' }))
      default:
        return assertNever(state)
    }
  }

  private async seek(signal: AbortSignal): Promise<EnrollmentInput> {
    while (!this.tools.hasController()) {
      this.tools.seek()
      await this.inbox.next({ timeoutMs: SEEK_EVERY_MS, otherwise: { type: 'pause-over' }, signal })
    }
    return { type: 'controller-heard' }
  }

  /** The key and the request exist, and the state names them, before anybody is asked. */
  private async progress(signal: AbortSignal): Promise<EnrollmentProgress> {
    const { store, keys } = this.tools
    const { enrollment, lastGeneration, udn, serialNumber, model } = store.current
    if (enrollment) return enrollment
    const generation = lastGeneration + 1
    store.update({ lastGeneration: generation })
    await keys.makeRequest(generation, { udn, serialNumber, model })
    throwIfStopped(signal)
    store.update({ enrollment: { generation } })
    return { generation }
  }

  private async enroll(signal: AbortSignal): Promise<EnrollmentInput> {
    const { store, keys, access, faults } = this.tools
    const { generation } = await this.progress(signal)
    const { udn, model, hardwareRevision, firmwareVersion } = store.current
    const args = {
      DeviceUDN: udn,
      Model: model,
      HardwareRevision: hardwareRevision,
      FirmwareVersion: firmwareVersion,
      CertificateRequest: requestForWire(keys.request(generation)),
    }
    const answer = await access.use(this.tools.factoryIdentity(), signal, (link) => link.enroll(args, signal))
    throwIfStopped(signal)
    faults.dieOnce('die-after-enroll')
    const { enrollmentId } = answer
    if (store.current.enrollment?.enrollmentId !== enrollmentId)
      store.update({ enrollment: { generation, enrollmentId } })
    return { type: 'enroll-answered', ...answer }
  }

  private async fetchResult(enrollmentId: string, signal: AbortSignal): Promise<EnrollmentInput> {
    const { store, keys, access, faults, clock } = this.tools
    const { generation } = await this.progress(signal)
    const result = await access.use(this.tools.factoryIdentity(), signal, (link) =>
      link.result(enrollmentId, signal),
    )
    throwIfStopped(signal)
    const { udn, anchorPem = '', ldevidGeneration } = store.current
    const keyPem = keys.keyOf(generation)
    const chainPem = checkIssued(result.chainPem, { udn, keyPem, anchorPem, now: () => clock.now() })
    const { group, wantedVersion } = result
    const isNew = ldevidGeneration !== generation || keys.ldevid(generation).chainPem !== chainPem
    if (isNew) keys.saveLdevid(generation, chainPem)
    store.update({
      ldevidGeneration: generation,
      group,
      enrollment: { generation, enrollmentId, wantedVersion },
    })
    faults.dieOnce('die-after-install')
    if (isNew) this.tools.onInstalled()
    return { type: 'result-installed', wantedVersion, runningVersion: store.current.configuration.version }
  }

  private awaitConfiguration(wantedVersion: number, signal: AbortSignal): Promise<EnrollmentInput> {
    const runningVersion = this.tools.store.current.configuration.version
    if (runningVersion === wantedVersion) return Promise.resolve({ type: 'configured', runningVersion })
    const { configurationMs: timeoutMs } = ENROLLMENT_RETRY
    return this.inbox.next({ timeoutMs, otherwise: { type: 'configuration-overdue' }, signal })
  }

  private async confirm(enrollmentId: string, signal: AbortSignal): Promise<EnrollmentInput> {
    const { store, keys, access, faults } = this.tools
    if (faults.has('lose-confirm')) return this.inbox.never(signal)
    faults.dieOnce('die-before-confirm')
    const { ldevidGeneration = 0, configuration } = store.current
    const accepted = await access.use(keys.ldevid(ldevidGeneration), signal, (link) =>
      link.confirm(enrollmentId, configuration.version, signal),
    )
    throwIfStopped(signal)
    if (faults.once('lose-confirm-answer'))
      throw new IotmcError('TIMED_OUT', { detail: 'fault lose-confirm-answer' })
    if (!accepted) return { type: 'confirm-answered', accepted }
    const phase = nextPhase(store.current.phase, 'enrollment-confirmed') ?? store.current.phase
    store.update({ phase, enrollment: undefined, renewal: undefined })
    keys.removeExcept([ldevidGeneration])
    this.tools.onEnrolled()
    return { type: 'confirm-answered', accepted }
  }
}
