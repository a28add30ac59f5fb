/**
 * The device's update agent: keeps one plan, carries it out step by step and stores each step before the next. The bank
 * table is the truth about what is started; this is the truth about what was ordered. Nothing that a controller says or
 * fails to say reverts an image.
 */
import { assertNever } from '../contract/assert-never'
import { activeSlot } from '../contract/banks'
import { asIotmcError, type ErrorCode, IotmcError } from '../contract/errors'
import type { BankStatus, Manifest } from '../contract/firmware'
import { nextPhase } from '../contract/phases'
import { type DownloadTools, FirmwareDownload } from './firmware-download'
import {
  isBefore,
  isPending,
  nextUpdate,
  reconcileUpdate,
  type UpdateInput,
  waitUntil,
} from './firmware-machine'
import { activationOf, isSameOrder, recordOf, type UpdateOrder } from './firmware-order'
import { bankStatusOf } from './firmware-status'
import { TrialUptime } from './firmware-uptime'
import { probationOf, verifyStandby } from './firmware-verify'
import { Inbox, throwIfStopped } from './inbox'
import type { StateFile } from './state-file'
import { UpdateFile, type UpdateRecord } from './update-file'

export interface FirmwareTools extends Omit<DownloadTools, 'facts'> {
  readonly store: StateFile
  /** Starts the device again, boot step first, once the answer has left. */
  readonly reboot: () => void
  /** Told after a stored change of the update or of what runs. */
  readonly onChanged: () => void
  /** Told after a stored change of phase. */
  readonly onPhase: () => void
}

/** The wall clock is looked at again after so long: it may have been set. */
const LOOK_MS = 60_000
/** The same where something else is at work on the banks. */
const BUSY_MS = 1_000

export class FirmwareAgent {
  private readonly file: UpdateFile
  private readonly inbox: Inbox<'look'>
  private readonly download: FirmwareDownload
  private stopping = new AbortController()
  private step = new AbortController()
  private running: Promise<void> = Promise.resolve()
  private readonly uptime: TrialUptime

  /** Made before the boot step runs, so that what was ordered is held against the table as it was left. */
  constructor(private readonly tools: FirmwareTools) {
    const { banks, log, store } = tools
    this.file = new UpdateFile(banks.folder, () => log('update-damaged'))
    this.inbox = new Inbox(tools.clock)
    this.uptime = new TrialUptime(tools.clock, banks)
    const facts = () => {
      const { model, hardwareRevision } = store.current
      return { model, hardwareRevision, runningVersion: this.runningVersion() }
    }
    this.download = new FirmwareDownload({ ...tools, facts }, (manifest) => this.onAccepted(manifest))
    this.synchronise()
  }

  /** To be told when an image runs, and after the table was changed by another way: record, version and phase follow it. */
  synchronise(): void {
    const { banks, store, log } = this.tools
    const { current } = this.file
    if (current) this.keep(reconcileUpdate(current, banks.table))
    const version = this.runningVersion()
    if (version && store.current.firmwareVersion !== version) {
      store.update({ firmwareVersion: version })
      log('firmware-version', { version })
    }
  }

  /** An image runs: a trial has begun, goes on or is over, and maintenance with it. */
  booted(): void {
    this.synchronise()
    const { trial } = this.tools.banks.table
    if (trial?.phase === 'running') this.change({ type: 'running' })
    this.endMaintenance()
    this.tools.onChanged()
    this.inbox.offer('look')
  }

  /** A trial has ended, be it that its image has failed; the table says how. */
  trialOver(): void {
    this.uptime.forget()
    this.synchronise()
    this.tools.onChanged()
    this.wake()
  }

  /** Begins to work; once per start of the device. */
  start(): void {
    this.stopping = new AbortController()
    this.running = this.run(this.stopping.signal)
  }

  /** Stores the uptime on trial and ends what is under way. */
  async stop(): Promise<void> {
    this.stopping.abort()
    this.step.abort()
    await this.running
  }

  /** The device was wiped: nothing is planned any more, and what was under way is ended. */
  forget(): void {
    this.file.forget()
    this.uptime.forget()
    this.wake()
  }

  /** The phase may have changed: a device that has left its site forgets what that site has planned. */
  phaseChanged(): void {
    const { phase } = this.tools.store.current
    if (phase === 'operation' || phase === 'maintenance') return
    if (this.file.current && isBefore(this.file.current.state)) this.drop()
  }

  status(): BankStatus {
    const { download, uptime, file } = this
    return bankStatusOf(this.tools.banks.table, file.current, {
      received: () => download.received(),
      uncountedMs: uptime.uncountedMs,
    })
  }

  /** Keeps the plan and gives its id, the same one for the same order. BUSY, VALUE_INVALID. */
  schedule(order: UpdateOrder): string {
    const { banks, random } = this.tools
    const record = recordOf(order, random.bytes(8).toString('hex'))
    const { current } = this.file
    if (current && isPending(current.state)) {
      if (isSameOrder(current, record)) return current.updateId
      if (current.state !== 'scheduled')
        throw new IotmcError('BUSY', { detail: `${current.version} is ${current.state}` })
    }
    if (banks.table.trial) throw new IotmcError('BUSY', { detail: 'an image is on trial' })
    this.keep(record)
    this.wake()
    return record.updateId
  }

  /** Forgets a plan that has not gone as far as the restart. UPDATE_UNKNOWN, BUSY. */
  cancel(updateId: string): void {
    const record = this.find(updateId)
    if (record.state === 'rebooting' || record.state === 'probation')
      throw new IotmcError('BUSY', { detail: record.state })
    if (isBefore(record.state)) this.drop()
  }

  /** Says when the staged image is started, or will be. UPDATE_UNKNOWN, VALUE_INVALID, NO_STANDBY_BANK. */
  activate(updateId: string, activationTime: string): void {
    const record = this.find(updateId)
    const activation = activationOf(activationTime)
    if (record.state === 'idle' || record.state === 'failed' || record.state === 'rolledBack')
      throw new IotmcError('NO_STANDBY_BANK', { detail: record.state })
    this.change({ type: 'activation', activation })
    this.inbox.offer('look')
  }

  /** Keeps the image on trial for good and raises the floor; with none on trial that is so already. BUSY. */
  confirm(): void {
    const { banks, faults } = this.tools
    const { trial } = banks.table
    if (trial?.phase === 'armed') throw new IotmcError('BUSY', { detail: 'the image has not started yet' })
    this.uptime.count()
    faults.dieOnce('die-before-confirm-firmware')
    banks.apply({ type: 'confirmed' })
    this.trialOver()
  }

  /** On trial: back at once. After it: the other bank, on trial. BUSY, NO_STANDBY_BANK, SECURITY_VERSION_TOO_LOW. */
  revert(): void {
    const { banks } = this.tools
    const { current } = this.file
    if (banks.table.trial) {
      banks.apply({ type: 'reverted' })
      this.trialOver()
      this.tools.reboot()
      return
    }
    if (current && isPending(current.state)) throw new IotmcError('BUSY', { detail: current.state })
    this.revertConfirmed()
  }

  private revertConfirmed(): void {
    const { banks, random } = this.tools
    const { version = '' } = banks.table.banks[banks.standby]
    const neededS = probationOf(banks.paths(banks.standby).manifest)
    banks.apply({ type: 'armed', manner: 'probation', neededS })
    const order = { version, startTime: '', activationTime: '' }
    this.keep({ ...recordOf(order, random.bytes(8).toString('hex')), state: 'rebooting' })
    this.beginMaintenance()
    this.tools.reboot()
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.step = new AbortController()
      const either = AbortSignal.any([signal, this.step.signal])
      await this.perform(either)
        .catch((thrown: unknown) => this.onProblem(thrown, either))
        .catch(() => undefined)
    }
    this.uptime.count()
  }

  private async onProblem(thrown: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const { code, detail } = asIotmcError(thrown)
    this.tools.log('firmware-problem', { code, ...(detail ? { detail } : {}) })
    try {
      // The boot step is at work, or an image came by cable: nothing is wrong with this update.
      if (code !== 'BUSY') this.fail(code)
    } catch (cause) {
      this.tools.log('firmware-problem', { code: asIotmcError(cause).code })
      await this.idle(LOOK_MS, signal)
    }
    if (code === 'BUSY') await this.idle(BUSY_MS, signal)
  }

  private async perform(signal: AbortSignal): Promise<unknown> {
    const { current } = this.file
    const state = this.tools.banks.table.trial?.phase === 'running' ? 'probation' : (current?.state ?? 'idle')
    switch (state) {
      case 'scheduled':
        return this.until(current?.startTime ?? '', signal, () => this.change({ type: 'due' }))
      case 'downloading':
        return this.receive(current?.version ?? '', signal)
      case 'verifying':
        return this.verify(signal)
      case 'staged':
        return this.until(current?.activation ?? 'hold', signal, () => this.activateNow())
      case 'probation':
        return this.probation(signal)
      case 'idle':
      case 'rebooting':
      case 'confirmed':
      case 'rolledBack':
      case 'failed':
        return this.idle(LOOK_MS, signal)
      default:
        return assertNever(state)
    }
  }

  private idle(timeoutMs: number, signal: AbortSignal): Promise<'look'> {
    return this.inbox.next({ timeoutMs, otherwise: 'look', signal })
  }

  /** Compares with the wall clock again and again, so that one that is set is followed both ways. */
  private async until(when: string, signal: AbortSignal, then: () => void): Promise<void> {
    const waitMs = waitUntil(when, this.tools.clock.now())
    if (waitMs === 0) then()
    else await this.idle(Math.min(LOOK_MS, waitMs ?? LOOK_MS), signal)
  }

  private async receive(version: string, signal: AbortSignal): Promise<void> {
    await this.download.run(version, signal)
    throwIfStopped(signal)
    this.change({ type: 'received' })
  }

  private onAccepted({ image, securityVersion, probationHours }: Manifest): void {
    const { sha256, size: bytes } = image
    const accepted = { sha256, bytes, securityVersion, probationS: probationHours * 3600 }
    this.change({ type: 'accepted', image: accepted })
  }

  private async verify(signal: AbortSignal): Promise<void> {
    const { banks, faults } = this.tools
    await verifyStandby(banks, this.file.current?.image?.sha256 ?? '', signal).catch((thrown: unknown) => {
      throw asIotmcError(thrown, 'IMAGE_INVALID')
    })
    throwIfStopped(signal)
    faults.dieOnce('die-in-verify')
    banks.apply({ type: 'write-verified' })
    this.change({ type: 'verified' })
  }

  /** Table before record: a cut between the two is seen at the next start, before the boot step. */
  private activateNow(): void {
    const { banks, faults } = this.tools
    this.beginMaintenance()
    faults.dieOnce('die-before-switch')
    banks.apply({ type: 'armed', manner: 'probation', neededS: this.file.current?.image?.probationS ?? 0 })
    faults.dieOnce('die-after-switch')
    this.change({ type: 'armed' })
    this.tools.reboot()
  }

  /** One stretch of uptime on trial; the last one confirms. */
  private async probation(signal: AbortSignal): Promise<void> {
    const { banks, faults } = this.tools
    const { trial } = banks.table
    if (!trial) {
      // Ended by another way, as by cable, of which the record does not know yet.
      this.synchronise()
      await this.idle(BUSY_MS, signal)
      return
    }
    if (trial.manner === 'once') {
      await this.idle(LOOK_MS, signal)
      return
    }
    const cancel = this.uptime.stretch(trial.neededS - trial.ranS, () => this.inbox.offer('look'))
    try {
      await this.idle(2 * LOOK_MS, signal)
    } finally {
      cancel()
    }
    this.uptime.count()
    if (!banks.table.trial) return
    faults.dieOnce('die-in-probation')
    const { ranS, neededS } = banks.table.trial ?? trial
    if (ranS >= neededS) this.confirm()
  }

  private beginMaintenance(): void {
    this.phase('maintenance-begun')
  }

  private endMaintenance(): void {
    this.phase('maintenance-ended')
  }

  private phase(event: 'maintenance-begun' | 'maintenance-ended'): void {
    const { store } = this.tools
    const phase = nextPhase(store.current.phase, event)
    if (!phase) return
    store.update({ phase })
    this.tools.onPhase()
  }

  /** What was written is of no use any more, and the old bank runs on; what another update left there is not touched. */
  private fail(code: ErrorCode): void {
    const { banks } = this.tools
    const { current } = this.file
    const { state, version, sha256 } = banks.table.banks[banks.standby]
    const ours =
      state === 'writing'
        ? version === current?.version
        : state === 'valid' && sha256 === current?.image?.sha256
    try {
      if (ours && !banks.table.trial) banks.apply({ type: 'write-rejected' })
    } catch (thrown) {
      this.tools.log('firmware-problem', { code: asIotmcError(thrown).code })
    }
    this.endMaintenance()
    this.change({ type: 'refused', code })
  }

  private drop(): void {
    const { banks } = this.tools
    const began = this.file.current?.state !== 'scheduled'
    this.change({ type: 'cancelled' })
    if (began && !banks.table.trial) banks.apply({ type: 'erased' })
    this.wake()
  }

  private wake(): void {
    this.step.abort()
  }

  private find(updateId: string): UpdateRecord {
    const { current } = this.file
    if (!current || current.updateId !== updateId) throw new IotmcError('UPDATE_UNKNOWN')
    return current
  }

  private change(input: UpdateInput): void {
    const { current } = this.file
    if (current) this.keep(nextUpdate(current, input))
  }

  private keep(record: UpdateRecord): void {
    const { current } = this.file
    if (record === current) return
    this.file.save(record)
    const { state, version, updateId, code, rollback } = record
    if (state === current?.state && updateId === current.updateId) return
    const why = { ...(code ? { code } : {}), ...(rollback ? { reason: rollback } : {}) }
    this.tools.log('update', { state, version, updateId, ...why })
    this.tools.onChanged()
  }

  private runningVersion(): string {
    const { table } = this.tools.banks
    return table.banks[activeSlot(table)].version ?? this.tools.store.current.firmwareVersion
  }
}
