/** The controller that both hosts drive: first run, unlocking, one open site, the practice site. */
import { join } from 'node:path'
import type { Group } from './contract/configuration'
import type { Device } from './contract/device'
import type { MissingReport, NetworkInterface } from './contract/discovery'
import type { Enrollment, ExpectedDevice } from './contract/enrollment'
import { IotmcError } from './contract/errors'
import type { FirmwareBundle, FirmwareLibrary } from './contract/firmware'
import type { IdentityCheck, TrustRoot } from './contract/identity'
import type { SetupRequest, Status } from './contract/ipc'
import type { Job } from './contract/job'
import { PRODUCT_VERSION } from './contract/names'
import type { ProvisionRequest, SerialDevice } from './contract/provision'
import type { Settings } from './contract/settings'
import type { OsKeyStore } from './identity/vault'
import { listInterfaces } from './net/interfaces'
import { type DeviceProgram, type Practice, startPracticeDevices } from './practice'
import type { AccountDesk } from './site/account-desk'
import type { BundleDesk } from './site/bundle-desk'
import type { Desk } from './site/desk'
import { Emitter } from './site/emitter'
import type { ControllerEvents, Emit, Log } from './site/events'
import type { FactoryFloor } from './site/factory-floor'
import type { FirmwareDesk } from './site/firmware-desk'
import { cancelNoted, changedSettings, noteCall, noted, notedProvisioning, retryNoted } from './site/noted'
import { type OpenPlace, openPlace, type Place } from './site/place'
import { addPracticeBundles } from './site/practice-firmware'
import { SaveDesk } from './site/save-desk'
import type { Site } from './site/site'
import type { SiteJobs } from './site/site-jobs'
import type { SiteLife } from './site/site-life'
import type { SiteOperation } from './site/site-operation'
import { dataPaths } from './store/paths'
import type { SettingsStore } from './store/settings'

export interface ControllerOptions {
  readonly dataDir: string
  readonly practice: boolean
  readonly openSettings: (dataDir: string) => SettingsStore
  readonly osKeyStore?: OsKeyStore
  /** Opens or makes the vault; dropped after use. */
  readonly passphrase?: string
  /** Overrides the chosen interfaces for this run. */
  readonly interfaces?: readonly string[]
  readonly log: Log
  /** How to start a practice device. */
  readonly deviceProgram?: DeviceProgram
  /** Full screen, dialogs and printers, where the host has them. */
  readonly desk?: Desk
}

/** Passphrase of practice sites: their keys protect nothing real, and everybody may know it. */
const PRACTICE_PASSPHRASE = 'practice-only'

/** Builds the controller; it is `ready`, `locked` or in `setup` afterwards. Errors: DATA_IN_USE, DATA_DAMAGED, PASSPHRASE_WRONG. */
export const createController = async (options: ControllerOptions): Promise<Controller> => {
  const controller = new Controller(options)
  await controller.begin()
  return controller
}

export class Controller {
  private readonly events = new Emitter<ControllerEvents>()
  private place: OpenPlace | undefined
  private practice: Practice | undefined
  private toldStation = false
  private readonly hasOsKeyStore: boolean

  constructor(private readonly options: ControllerOptions) {
    this.hasOsKeyStore = options.osKeyStore !== undefined
  }

  /** Opens the data folder; called once by createController. */
  async begin(): Promise<void> {
    const { practice, dataDir, passphrase, osKeyStore } = this.options
    if (practice) await this.startPractice()
    else await this.enter({ dataDir, practice: false }, passphrase, osKeyStore)
  }

  status(): Status {
    const settings = this.settings()
    const site = this.place?.site
    const account = site?.operation.accounts.current()
    return {
      stage: site ? site.operation.accounts.stage() : this.place?.hasVault ? 'locked' : 'setup',
      ...(account ? { account } : {}),
      practice: this.place?.practice ?? false,
      station: this.stationActive(),
      osKeyStore: this.hasOsKeyStore,
      siteName: settings.siteName,
      technician: settings.technician,
      listening: site?.listening() ?? [],
      ...(site ? { controllerUdn: site.udn, siteAuthority: site.authority } : {}),
      version: PRODUCT_VERSION,
    }
  }

  /** First run: makes or imports the site CA and opens the site. Errors: REQUEST_REFUSED when it is done already, FILE_INVALID, CERTIFICATE_INVALID. */
  async setup(request: SetupRequest): Promise<Status> {
    const place = this.opened()
    if (place.hasVault) throw new IotmcError('REQUEST_REFUSED', { detail: 'this site is set up already' })
    await place.setup(request, this.options.osKeyStore)
    return this.told()
  }

  /** Errors: PASSPHRASE_WRONG, DATA_DAMAGED. */
  async unlock(passphrase: string): Promise<Status> {
    const place = this.opened()
    if (!place.site) await place.unlock({ passphrase })
    return this.told()
  }

  interfaces(): NetworkInterface[] {
    return listInterfaces()
  }

  settings(): Settings {
    return this.opened().settings.get()
  }

  /** Errors: VAULT_LOCKED for more than the look while nobody can know who asks. */
  setSettings(part: Partial<Settings>): Settings {
    const changed = changedSettings(part)
    if (this.place?.hasVault && changed.length > 0) this.site()
    const settings = noted(this.place?.site, 'settings-changed', changed, this.opened().settings.set(part))
    this.place?.site?.applySettings(settings)
    this.events.emit('settings', settings)
    this.told()
    return settings
  }

  search(): void {
    this.site().search()
  }

  devices(): readonly Device[] {
    return this.place?.site?.devices() ?? []
  }

  identify(udn: string, seconds: number): Promise<void> {
    const asked = this.site().talk.identify(udn, seconds)
    return asked.then(() => noted(this.place?.site, 'device-identified', udn, undefined))
  }

  verify(udn: string): Promise<IdentityCheck> {
    return this.site().talk.verify(udn)
  }

  /** Calls any action of a device with text arguments; for the terminal. */
  call(
    udn: string,
    action: string,
    args: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, string>>> {
    noteCall(this.site(), udn, action)
    return this.site().talk.call(udn, action, args)
  }

  missing(): MissingReport {
    return this.site().finder.report()
  }

  enrollments(): Enrollment[] {
    return this.site().enrollments.list()
  }

  approve(udns: readonly string[], group: string): void {
    this.site().jobs.approve(udns, group)
  }

  reject(udns: readonly string[]): void {
    this.site().jobs.reject(udns)
  }

  expected(): ExpectedDevice[] {
    return this.site().enrollments.expected()
  }

  setExpected(list: readonly ExpectedDevice[]): ExpectedDevice[] {
    return noted(
      this.site(),
      'expected-changed',
      `${list.length} devices`,
      this.site().enrollments.setExpected(list),
    )
  }

  groups(): Group[] {
    return this.life().groups.list()
  }

  saveGroup(group: Pick<Group, 'name' | 'values' | 'parent'>): Group[] {
    return this.life().groups.save(group)
  }

  jobs(): Job[] {
    return this.place?.site?.jobs.list() ?? []
  }

  commission(udns: readonly string[], group: string, approval: 'ask' | 'given'): string[] {
    const ids = this.site().jobs.commission(udns, group, approval)
    return noted(this.site(), 'jobs-started', udns, ids)
  }

  cancelJobs(ids: readonly string[]): void {
    cancelNoted(this.site(), ids)
  }

  retryJobs(ids: readonly string[]): void {
    retryNoted(this.site(), ids)
  }

  clearJobs(): void {
    this.site().jobs.clear()
  }

  /** Batches, and pausing them. Errors: SETUP_NEEDED, VAULT_LOCKED. */
  work(): SiteJobs {
    return this.site().jobs
  }

  trustList(): TrustRoot[] {
    return this.site().shelf.list()
  }

  /** PEM of roots and revocation lists. Errors: FILE_INVALID, CERTIFICATE_INVALID. */
  trustAdd(pem: string): TrustRoot[] {
    return noted(this.site(), 'trust-added', this.site().shelf.add(pem), this.trustList())
  }

  trustRemove(fingerprint: string): TrustRoot[] {
    this.site().shelf.remove(fingerprint)
    return noted(this.site(), 'trust-removed', fingerprint, this.trustList())
  }

  /** The factory station, its ledger and its authority. Errors: SETUP_NEEDED, VAULT_LOCKED. */
  factory(): FactoryFloor {
    return this.site().workshop.floor
  }

  /** Whether the station is locked on. */
  stationActive(): boolean {
    return this.place?.site?.workshop.floor.active ?? false
  }

  /** Library, rollouts and single devices' firmware. Errors: SETUP_NEEDED, VAULT_LOCKED. */
  firmware(): FirmwareDesk {
    return this.site().firmware
  }

  /** Takes a bundle into the library; without a path the host's dialog asks for one. Errors: REQUEST_REFUSED, those of FirmwareDesk.add. */
  async addFirmware(path?: string): Promise<{ added?: FirmwareBundle; library: FirmwareLibrary }> {
    const desk = this.firmware()
    if (path !== undefined) return desk.add(path)
    if (!this.options.desk) throw new IotmcError('REQUEST_REFUSED', { detail: 'there is no dialog here' })
    const chosen = await this.options.desk.openFile({ name: 'IoTMC firmware', extensions: ['iotfw'] })
    return chosen === undefined ? { library: await desk.bundles() } : desk.add(chosen)
  }

  /** Plan, groups, labels, decommissioning, revocation. Errors: SETUP_NEEDED, VAULT_LOCKED. */
  life(): SiteLife {
    return this.site().life
  }

  /** Health, logs, checks, configuration, reports, bundles. Errors: SETUP_NEEDED, VAULT_LOCKED. */
  operation(): SiteOperation {
    return this.site().operation
  }

  /** Of the program alone while no site is open. */
  bundles(): BundleDesk {
    return this.opened().bundles()
  }

  /** Errors: SETUP_NEEDED, VAULT_LOCKED. */
  accounts(): AccountDesk {
    return this.operation().accounts
  }

  /** Undefined while no site is open. */
  accountsIfOpen(): AccountDesk | undefined {
    return this.place?.site?.operation.accounts
  }

  /** What speaks at the end of a cable. Errors: those of the port, SERIAL_SILENT, NOT_SMP. */
  lookSerial(path: string): Promise<SerialDevice> {
    return this.site().lookSerial(path)
  }

  /** Starts provisioning; the job's id. */
  provision(request: ProvisionRequest): string {
    return notedProvisioning(this.site(), request, this.site().workshop.provisioning.start(request))
  }

  /** Files that leave by way of a dialog. */
  files(): SaveDesk {
    return new SaveDesk(this.options.desk, this)
  }

  /** Leaves the site that is open and opens the practice site with three reference devices, and boards for its station. */
  async startPractice(): Promise<Status> {
    const { deviceProgram, dataDir } = this.options
    if (!deviceProgram) throw new IotmcError('REQUEST_REFUSED', { detail: 'there is no device program here' })
    if (this.practice) return this.status()
    const place: Place = { dataDir: join(dataDir, 'practice'), practice: true }
    await this.enter(place, PRACTICE_PASSPHRASE, undefined)
    await this.opened().openPractice(PRACTICE_PASSPHRASE)
    this.told()
    this.practice = startPracticeDevices({
      dataDir: place.dataDir,
      program: deviceProgram,
      log: this.options.log,
      offer: (paths) => this.place?.site?.workshop.floor.offerLanes(paths),
    })
    void addPracticeBundles(dataPaths(place.dataDir), () => this.place?.site?.firmware, this.options.log)
    return this.told()
  }

  on<E extends keyof ControllerEvents>(
    event: E,
    listener: (payload: ControllerEvents[E]) => void,
  ): () => void {
    return this.events.on(event, listener)
  }

  /** Stops jobs (the journal keeps them), says byebye, stops practice devices, gives the data folder back. */
  async close(): Promise<void> {
    await this.practice?.stop()
    this.practice = undefined
    await this.place?.close()
    this.place = undefined
  }

  private async enter(
    place: Place,
    passphrase: string | undefined,
    osKeyStore: OsKeyStore | undefined,
  ): Promise<void> {
    await this.place?.close()
    this.place = undefined
    const { openSettings, interfaces, log, desk } = this.options
    const emit: Emit = (event, payload) => this.pass(event, payload)
    this.place = openPlace(place, {
      openSettings,
      log,
      emit,
      ...(interfaces ? { interfaces } : {}),
      ...(desk ? { desk } : {}),
    })
    if (this.place.hasVault && (passphrase !== undefined || osKeyStore))
      await this.unlockQuietly(passphrase, osKeyStore)
  }

  /** Where the key store has no key for this vault, the site stays locked and the passphrase is asked for. */
  private async unlockQuietly(
    passphrase: string | undefined,
    osKeyStore: OsKeyStore | undefined,
  ): Promise<void> {
    try {
      await this.place?.unlock({
        ...(passphrase !== undefined ? { passphrase } : {}),
        ...(osKeyStore ? { osKeyStore } : {}),
      })
    } catch (thrown) {
      if (passphrase !== undefined || !(thrown instanceof IotmcError) || thrown.code !== 'VAULT_LOCKED')
        throw thrown
      this.options.log.warn({ code: thrown.code }, 'the vault needs its passphrase')
    }
  }

  private pass<E extends keyof ControllerEvents>(event: E, payload: ControllerEvents[E]): void {
    this.events.emit(event, payload)
    // Entering and leaving the station changes what the window is: its stage is told with it.
    if (event === 'station' && this.toldStation !== this.stationActive()) this.told()
  }

  private opened(): OpenPlace {
    if (!this.place) throw new IotmcError('CANCELLED', { detail: 'the program is closing' })
    return this.place
  }

  private site(): Site {
    const place = this.opened()
    if (place.site) return place.site
    throw new IotmcError(place.hasVault ? 'VAULT_LOCKED' : 'SETUP_NEEDED')
  }

  private told(): Status {
    const status = this.status()
    this.toldStation = status.station
    this.events.emit('status', status)
    return status
  }
}
