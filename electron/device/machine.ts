/** One device as a process runs it: by cable, on its network, or both; the network begins once there is an identity. */
import { join, resolve } from 'node:path'
import { asIotmcError, IotmcError } from '../contract/errors'
import type { Authority } from '../identity/authority'
import { openPracticeFactory } from '../identity/practice-factory'
import type { Clock, Random } from '../net/clock'
import type { openLink } from '../serial/link'
import { dataPaths, defaultDataDir } from '../store/paths'
import type { DeviceArguments } from './arguments'
import type { BankStore } from './bank-store'
import { Board } from './board'
import type { Cable } from './cable-arguments'
import { ReferenceDevice } from './device'
import { duplicateKeyPem } from './duplicate-key'
import { FactoryFile } from './factory-file'
import { makeBanks } from './factory-image'
import { type FirmwareParts, firmwareParts } from './firmware-parts'
import { firmwareTrust } from './firmware-trust'
import { KeyFiles } from './key-files'
import { ListeningPort } from './listening-port'
import type { DeviceLog } from './log'
import type { LogKeeper } from './log-keeper'
import { manufacture } from './manufacture'
import { stayWired } from './network'
import { SerialSide } from './serial-side'
import { StateFile } from './state-file'

export interface MachineTools {
  readonly clock: Clock
  readonly random: Random
  readonly log: DeviceLog
  /** Keeps what `log` is told. */
  readonly keeper: LogKeeper
  readonly openLink: typeof openLink
  /** Writes one object to whoever started the device. */
  readonly say: (line: object) => void
  /** A failure that ends the device. */
  readonly fail: (thrown: unknown) => void
}

export class Machine {
  private readonly keys: KeyFiles
  private readonly factoryFolder: string
  private readonly anchorFile: string
  /** In place of a real port. */
  private readonly listening: ListeningPort | undefined
  private board: Board | undefined
  /** Undefined until there is an identity. */
  private store: StateFile | undefined
  private serial: SerialSide | undefined
  private network: ReferenceDevice | undefined
  private factory: Promise<Authority> | undefined

  /** The folder exists and is this process's alone. */
  constructor(
    folder: string,
    private readonly given: DeviceArguments,
    private readonly tools: MachineTools,
    /** Undefined for a device that has no banks yet. */
    private firmware: FirmwareParts | undefined,
  ) {
    const site = dataPaths(defaultDataDir())
    this.keys = new KeyFiles(folder)
    this.factoryFolder = resolve(given.factory ?? site.practiceFactory)
    this.anchorFile = resolve(given.anchor ?? site.siteCa)
    const { listenPort } = given.cable ?? {}
    this.listening = listenPort === undefined ? undefined : new ListeningPort(listenPort)
  }

  /** Makes the device if the folder has none, starts it and says so. Errors: USAGE, DATA_DAMAGED, those of the network. */
  async start(): Promise<void> {
    this.store = await this.open()
    this.tools.keeper.bind(() => this.store?.current)
    const { store, board, given } = this
    this.firmware ??= firmwareParts(await this.makeBanks(), given, this.tools)
    const { banks, host } = this.firmware
    host.on('reboot', () => {
      const up = this.restartAll()
      this.serial?.restart(up)
    })
    if (board && given.cable) this.serial = this.makeSerial(board, given.cable, banks)
    // Before the boot step decides: what was ordered is held against the banks as they were left.
    if (store) this.network = this.makeNetwork(store)
    if (!(await started(host.comeUp().then(() => true)))) return
    await this.serial?.start()
    const places = store ? await this.startNetwork(store) : {}
    if (places) this.say('ready', places)
  }

  async stop(): Promise<void> {
    await this.serial?.stop()
    await this.network?.stop()
    await this.firmware?.host.stop()
  }

  /** The device's state; undefined while it has no identity. */
  private async open(): Promise<StateFile | undefined> {
    const { keys, given } = this
    const { random, clock } = this.tools
    const store = StateFile.open(keys.folder)
    const begun = !store && FactoryFile.open(keys.folder) !== undefined
    if (begun || (!store && given.making.phase === 'manufacturing')) return this.openCable(!begun)
    const made = { random, now: new Date(clock.now()) }
    const device =
      store ?? (await manufacture(keys.folder, keys, given.making, await this.openFactory(), made))
    return given.cable ? this.openCable(false) : device
  }

  private openCable(fresh: boolean): StateFile | undefined {
    const { keys, given } = this
    const { random } = this.tools
    const { making, cable } = given
    if (!cable) {
      const detail = '--serial-port is needed: a device without identity has no network'
      throw new IotmcError('USAGE', { detail })
    }
    if (fresh) Board.solder(keys.folder, { ...making, keyStorage: cable.keyStorage }, random)
    const duplicate = given.faults.includes('duplicate-key')
    const board = Board.open(keys, { random, ...(duplicate ? { newKeyPem: duplicateKeyPem } : {}) })
    if (!board) throw new IotmcError('DATA_DAMAGED', { subject: keys.folder, detail: 'no device' })
    this.board = board
    return board.store
  }

  private openFactory(): Promise<Authority> {
    this.factory ??= openPracticeFactory(this.factoryFolder)
    return this.factory
  }

  /** Whatever a device was made by, it gets its banks at its first start; so does one that is older than they are. */
  private async makeBanks(): Promise<BankStore> {
    const { folder } = this.keys
    const { bankBytes } = this.given
    const device = this.store?.current ?? this.board?.facts()
    if (!device) throw new IotmcError('DATA_DAMAGED', { subject: folder, detail: 'no device' })
    const factory = { folder: this.factoryFolder, authority: await this.openFactory() }
    return makeBanks(folder, device, factory, new Date(this.tools.clock.now()), { bankBytes })
  }

  /** Restarts as after a reset: the image first, then what speaks on the network. Resolves once an image runs, or none can. */
  private restartAll(): Promise<unknown> {
    this.tools.keeper.beginBoot()
    this.network?.restart({ image: false })
    const { host } = this.firmware ?? {}
    return started(Promise.resolve(host?.stop()).then(() => host?.comeUp()))
  }

  private makeSerial(board: Board, cable: Cable, banks: BankStore): SerialSide {
    const { places, keygenMs, path, framing, baudRate, bootloaderMode } = cable
    return new SerialSide({
      ...this.tools,
      ...(this.listening ? { openLink: this.listening.open } : {}),
      board,
      place: { path, framing, baudRate },
      places,
      keygenMs,
      faults: this.given.faults,
      banks,
      bootloaderMode,
      bankTaken: () => this.network?.usesStandby() ?? false,
      onBanks: () => this.network?.banksChanged(),
      imageRuns: () => this.firmware?.host.running !== undefined,
      onLocked: () => this.onLocked(),
      onPhase: () => this.onPhase(),
      onReset: () => this.restartAll(),
    })
  }

  private onLocked(): void {
    this.store = this.board?.store
    if (!this.store) return
    this.network = this.makeNetwork(this.store)
    this.startNetwork(this.store).then((places) => {
      if (places) this.say('locked', places)
    }, this.tools.fail)
  }

  private onPhase(): void {
    if (this.network) this.network.changed()
    else this.tools.log('phase', { phase: this.board?.store?.current.phase })
  }

  /** Undefined for a device that speaks by cable only. */
  private makeNetwork(store: StateFile): ReferenceDevice | undefined {
    const { given, keys, anchorFile, firmware } = this
    const { interfaces, setupInterfaces = [], networks = [] } = given
    // At a cable, a network has to be asked for: a bench full of boards is not to speak on the office's.
    if (given.cable && [...interfaces, ...setupInterfaces, ...networks].length === 0) return undefined
    if (!firmware) throw new IotmcError('DEFECT', { detail: 'no banks' })
    return new ReferenceDevice({
      ...this.tools,
      ...firmware,
      store,
      keys,
      interfaces,
      setupInterfaces: given.setupInterfaces,
      networks: given.networks,
      faults: given.faults,
      anchorFile,
      openFactory: () => this.openFactory(),
      firmwareTrust: firmwareTrust(keys.folder, given),
      downloadRate: given.downloadRate,
      healthIntervalS: given.healthIntervalS,
      externalStorage: given.externalStorage,
    })
  }

  /** Where it is reached, empty without a network; undefined when it was told to end meanwhile. */
  private async startNetwork(store: StateFile): Promise<object | undefined> {
    if (!this.network) {
      stayWired(store, this.tools.log)
      return {}
    }
    return started(this.network.start())
  }

  private say(event: 'ready' | 'locked', places: object = {}): void {
    const { board, store, given, factoryFolder } = this
    const facts = board?.facts()
    const cable = facts && {
      hardwareId: facts.hardwareId.toString('hex'),
      keyStorage: facts.keyStorage,
      serialPort: this.listening?.path ?? given.cable?.path,
    }
    const { pid } = process
    if (!store) {
      this.tools.say({ event, phase: facts?.phase, model: facts?.model, ...cable, pid })
      return
    }
    const { udn, serialNumber: serial, model, phase, bootId, setupCode } = store.current
    const factoryRoot = join(factoryFolder, 'root.pem')
    this.tools.say({
      event,
      udn,
      serial,
      model,
      phase,
      ...places,
      ...cable,
      pid,
      bootId,
      setupCode,
      factoryRoot,
    })
  }
}

/** What it gives; undefined when it was told to end meanwhile. */
const started = <T>(starting: Promise<T>): Promise<T | undefined> =>
  starting.catch((thrown: unknown) => {
    if (asIotmcError(thrown).code !== 'CANCELLED') throw thrown
    return undefined
  })
