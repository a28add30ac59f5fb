/** Everything about firmware on an open site: library and repository, rollouts, single devices, and updates over a cable. */
import { asIotmcError, IotmcError } from '../contract/errors'
import type {
  BankStatus,
  BoardRow,
  FirmwareBundle,
  FirmwareLibrary,
  Fit,
  RolloutPlan,
  RolloutView,
  SerialFirmware,
  SerialUpdate,
} from '../contract/firmware'
import type { Job } from '../contract/job'
import { HTTP_LIMITS } from '../contract/timings'
import { Library } from '../firmware/library'
import { Repository } from '../firmware/repository'
import type { DeviceLink } from '../jobs/device-link'
import { inLanes } from '../jobs/lanes-of-work'
import type { JobRunner } from '../jobs/runner'
import type { StepPlan } from '../jobs/step'
import { updatePlan } from '../jobs/update'
import { lookSerialFirmware, updateSerialPlan } from '../jobs/update-serial'
import { plannedUpdate } from '../jobs/update-state'
import type { Clock } from '../net/clock'
import type { RolloutTable } from '../store/tables/rollouts'
import type { Emit, Log } from './events'
import { type FitDevice, judgeFits } from './firmware-fits'
import { serialTools, soundBundle, updateTools } from './firmware-tools'
import type { FirmwareWatch } from './firmware-watch'
import type { CabledIdentity } from './frozen'
import { type MemberStanding, Rollouts } from './rollouts'

export interface FirmwareDeskOptions {
  readonly clock: Clock
  readonly folder: string
  /** What signers of bundles are judged by, PEM. */
  readonly trust: () => { readonly anchors: readonly string[]; readonly crls: readonly string[] }
  readonly table: RolloutTable
  readonly runner: JobRunner
  readonly link: Pick<DeviceLink, 'call' | 'state'>
  readonly watch: FirmwareWatch
  readonly log: Log
  readonly emit: Emit
  /** Devices of the site, as far as a bundle is held against them. */
  readonly devices: () => readonly FitDevice[]
  readonly isOnline: (udn: string) => boolean
  readonly remember: (udn: string, known: { readonly firmwareVersion: string }) => void
  readonly portInUse: (path: string) => boolean
  /** Errors: FROZEN where the device at the end of a cable is leaving the site. */
  readonly requireFree: (who: CabledIdentity) => void
  readonly audit: (action: string, subject: string, detail?: string) => void
}

/** Devices that are told something at once. */
const AT_ONCE = 8

export class FirmwareDesk {
  /** Opens the library; offers what rollouts need. Nothing begins before `begin`. */
  static async open(options: FirmwareDeskOptions): Promise<FirmwareDesk> {
    const { folder, clock, trust } = options
    return new FirmwareDesk(options, await Library.open(folder, { trust, now: () => clock.now() }))
  }

  /** What FirmwareRepository:1 is answered with. */
  readonly repository: Repository
  private readonly rolls: Rollouts
  private readonly closing = new AbortController()
  /** Offered by a person, besides what rollouts need. */
  private readonly offeredByHand = new Set<string>()

  private constructor(
    private readonly options: FirmwareDeskOptions,
    private readonly library: Library,
  ) {
    const { clock, table, runner, log, emit } = options
    this.repository = new Repository({ library, log: (event, facts) => log.info({ ...facts }, event) })
    this.rolls = new Rollouts({
      clock,
      table,
      runner,
      log,
      bundle: (id) => library.get(id),
      offered: () => this.offerNeeded(),
      unplan: (job) => void this.unplan(job),
      tell: {
        rollouts: (views) => emit('rollouts', views),
        rows: (rows) => emit('boardRows', rows),
      },
    })
  }

  /** Goes on with rollouts; to be called before the runner starts. */
  begin(): void {
    this.rolls.begin()
  }

  /** The steps of a job of the kinds `update` and `update-serial`. */
  plan(job: Job): readonly StepPlan[] {
    if (job.kind === 'update-serial') return updateSerialPlan(this.serial(), job)
    const { clock, link, watch, isOnline, remember } = this.options
    const { library, rolls: rollouts } = this
    return updatePlan(updateTools({ clock, link, watch, library, rollouts, isOnline, remember }), job)
  }

  bundles(): Promise<FirmwareLibrary> {
    return this.library.list()
  }

  /** Errors: those of Library.add. */
  async add(path: string): Promise<{ added: FirmwareBundle; library: FirmwareLibrary }> {
    const added = await this.library.add(path, { signal: this.closing.signal })
    const { model, version } = added.manifest
    this.options.audit('firmware.added', added.id, `${model} ${version}`)
    return { added, library: await this.libraryChanged() }
  }

  /** Errors: BUSY while a rollout needs it, BUNDLE_UNKNOWN. */
  async remove(id: string): Promise<FirmwareLibrary> {
    if (this.rolls.needed().includes(id))
      throw new IotmcError('BUSY', { subject: id.slice(0, 8), detail: 'a rollout needs it' })
    await this.library.remove(id)
    this.offeredByHand.delete(id)
    this.offerNeeded()
    this.options.audit('firmware.removed', id)
    return this.libraryChanged()
  }

  /** Offers a bundle without a rollout, as long as the program runs. Errors: BUNDLE_UNKNOWN, what is wrong with it. */
  offer(id: string): void {
    soundBundle(this.library, id)
    this.offeredByHand.add(id)
    this.offerNeeded()
    this.options.audit('firmware.offered', id)
  }

  /** Every device of the site held against a bundle. Errors: BUNDLE_UNKNOWN. */
  fits(bundleId: string): Promise<Fit[]> {
    const bundle = this.library.get(bundleId)
    if (!bundle) throw new IotmcError('BUNDLE_UNKNOWN', { subject: bundleId.slice(0, 8) })
    const { watch, devices } = this.options
    return judgeFits(bundle, devices(), {
      status: (udn) => watch.status(udn, this.deadline()),
      lastStatus: (udn) => watch.lastStatus(udn)?.status,
      busy: (udn) => this.rolls.busyWith(udn) !== undefined,
    })
  }

  /** Errors: those of Rollouts.start. */
  start(plan: RolloutPlan, askedBy?: Readonly<Record<string, string>>): string {
    const id = this.rolls.start(plan, askedBy)
    const count = plan.waves.reduce((sum, wave) => sum + wave.udns.length, 0)
    this.options.audit('rollout.started', id, `${count} devices, ${plan.waves.length} waves`)
    return id
  }

  rollouts(): RolloutView[] {
    return this.rolls.views()
  }

  /** Errors: ROLLOUT_UNKNOWN. */
  board(id: string): BoardRow[] {
    return this.rolls.board(id)
  }

  /** How a device stands in the newest rollout that it is, or was, a member of. */
  standing(udn: string): MemberStanding | undefined {
    return this.rolls.standing(udn)
  }

  /** Hears of every decision of a rollout; the result ends it. */
  onRollouts(listener: () => void): () => void {
    return this.rolls.onChange(listener)
  }

  /** Errors: ROLLOUT_UNKNOWN. */
  pause(id: string): void {
    this.rolls.pause(id)
    this.options.audit('rollout.paused', id)
  }

  /** Errors: ROLLOUT_UNKNOWN, BUNDLE_UNKNOWN, what is wrong with the bundle. */
  resume(id: string): void {
    this.rolls.resume(id)
    this.options.audit('rollout.resumed', id)
  }

  /** Errors: ROLLOUT_UNKNOWN. */
  stop(id: string, when: 'after-wave' | 'now'): void {
    this.rolls.stop(id, when)
    this.options.audit('rollout.stopped', id, when)
  }

  /** A device leaves the site: no rollout updates it any more, and what is planned on it is called off; waits for nothing. */
  withdraw(udn: string): void {
    this.rolls.withdraw(udn)
  }

  /** Errors: ROLLOUT_UNKNOWN, BUNDLE_UNKNOWN, what is wrong with the bundle, BUSY. */
  retry(id: string, udns?: readonly string[]): void {
    this.rolls.retry(id, udns)
    this.options.audit('rollout.retried', id)
  }

  /** Failed jobs of rollouts: their devices begin again with new jobs, since one that gave up has to be told again. */
  retryJobs(jobs: readonly Job[]): void {
    const rolloutOf = (job: Job) => job.params.rollout ?? ''
    for (const id of new Set(jobs.map(rolloutOf))) {
      const udns = jobs.filter((job) => rolloutOf(job) === id).map((job) => job.subject)
      this.retry(id, udns)
    }
  }

  /** GetBankStatus. Errors: those of the link. */
  status(udn: string): Promise<BankStatus> {
    return this.options.watch.status(udn, this.deadline())
  }

  /** Keeps what is on trial. Repeatable. Errors: those of the first device that refused, after all were told. */
  confirm(udns: readonly string[]): Promise<void> {
    return this.tellAll(udns, 'ConfirmFirmware', 'firmware.confirmed')
  }

  /** Brings the other bank back. Errors: those of the first device that refused, after all were told. */
  revert(udns: readonly string[]): Promise<void> {
    return this.tellAll(udns, 'RevertFirmware', 'firmware.reverted')
  }

  /** What a cable's end says of its images. Errors: those of the port, SERIAL_SILENT, NOT_SMP. */
  lookSerial(path: string): Promise<SerialFirmware> {
    return lookSerialFirmware(this.serial(), path, this.deadline())
  }

  /** Starts the job; its id. Errors: BUNDLE_UNKNOWN, what is wrong with the bundle, BUSY while the port has another. */
  updateSerial(request: SerialUpdate): string {
    const { path, bundleId, confirm, consent } = request
    const { manifest } = soundBundle(this.library, bundleId)
    const params = { path, bundleId, confirm: String(confirm), consent: String(consent) }
    const [job] = this.options.runner.submit('update-serial', [path], params)
    if (!job) throw new IotmcError('DEFECT', { detail: 'no job was made' })
    if (job.params.bundleId !== bundleId)
      throw new IotmcError('BUSY', { subject: path, detail: 'another update runs there' })
    this.options.audit('firmware.serial', path, `${manifest.model} ${manifest.version}`)
    return job.id
  }

  /** After the trusted roots have changed: signers are judged anew. */
  trustChanged(): void {
    this.rolls.bundlesChanged()
    this.repository.changed()
    void this.libraryChanged().catch(() => undefined)
  }

  close(): void {
    this.closing.abort(new IotmcError('INTERRUPTED'))
    this.rolls.close()
  }

  private async libraryChanged(): Promise<FirmwareLibrary> {
    const library = await this.library.list()
    this.repository.changed()
    this.rolls.bundlesChanged()
    this.options.emit('firmwareLibrary', library)
    return library
  }

  private offerNeeded(): void {
    const wanted = new Set([...this.rolls.needed(), ...this.offeredByHand])
    for (const id of this.repository.offered) if (!wanted.has(id)) this.repository.withdraw(id)
    for (const id of wanted) {
      try {
        this.repository.offer(id)
      } catch (thrown) {
        // The rollout pauses by itself where its bundle may not be given out any more.
        this.options.log.warn({ bundle: id, code: asIotmcError(thrown).code }, 'a bundle is not offered')
      }
    }
  }

  /** What a stopped job has planned on its device is cancelled there; one that can't be reached keeps it, and waits. */
  private async unplan(job: Job): Promise<void> {
    const UpdateId = plannedUpdate(job)
    if (!UpdateId) return
    try {
      const { link } = this.options
      await link.call(job.subject, 'Firmware', 'CancelScheduledUpdate', { UpdateId }, this.deadline())
    } catch (thrown) {
      this.options.log.info({ udn: job.subject, code: asIotmcError(thrown).code }, 'an update stays planned')
    }
  }

  private async tellAll(udns: readonly string[], action: string, audit: string): Promise<void> {
    const failures: unknown[] = []
    await inLanes(udns, AT_ONCE, async (udn) => {
      try {
        await this.options.link.call(udn, 'Firmware', action, {}, this.deadline())
        this.options.audit(audit, udn)
        await this.status(udn).catch(() => undefined)
      } catch (thrown) {
        failures.push(thrown)
      }
    })
    if (failures.length > 0) throw failures[0]
  }

  private serial() {
    const { clock, portInUse, requireFree } = this.options
    return serialTools(clock, this.library, portInUse, requireFree)
  }

  private deadline(): AbortSignal {
    return AbortSignal.any([this.closing.signal, AbortSignal.timeout(HTTP_LIMITS.requestTimeoutMs)])
  }
}
