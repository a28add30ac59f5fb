/** One device as a process runs it: by cable, on its network, or both; the network begins once there is an identity. */
import { join, resolve } from 'node:path'
import { asIotmcError, IotmcError } from '../contract/errors'
import type { Authority } from '../identity/authority'
import { openPracticeFactory } from '../identity/practice-factory'
import type { Clock, Random } from '../net/clock'
import type { openLink } from '../serial/link'
import { dataPaths, defaultDataDir } from '../store/paths'
import type { DeviceArguments } from './arguments'
import { Board } from './board'
import type { Cable } from './cable-arguments'
import { ReferenceDevice } from './device'
import { duplicateKeyPem } from './duplicate-key'
import { FactoryFile } from './factory-file'
import { KeyFiles } from './key-files'
import { ListeningPort } from './listening-port'
import type { DeviceLog } from './log'
import { manufacture } from './manufacture'
import { stayWired } from './network'
import { SerialSide } from './serial-side'
import { StateFile } from './state-file'

export interface MachineTools {
  readonly clock: Clock
  readonly random: Random
  readonly log: DeviceLog
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

  /** The folder exists and is this process's alone. */
  constructor(
    folder: string,
    private readonly given: DeviceArguments,
    private readonly tools: MachineTools,
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
    const { store } = this
    await this.serial?.start()
    const places = store ? await this.startNetwork(store) : {}
    if (places) this.say('ready', places)
  }

  async stop(): Promise<void> {
    await this.serial?.stop()
    await this.network?.stop()
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
    this.serial = this.makeSerial(board, cable)
    return board.store
  }

  private openFactory(): Promise<Authority> {
    return openPracticeFactory(this.factoryFolder)
  }

  private makeSerial(board: Board, cable: Cable): SerialSide {
    const { places, keygenMs, path, framing, baudRate } = cable
    return new SerialSide({
      ...this.tools,
      ...(this.listening ? { openLink: this.listening.open } : {}),
      board,
      place: { path, framing, baudRate },
      places,
      keygenMs,
      faults: this.given.faults,
      onLocked: () => this.onLocked(),
      onPhase: () => this.onPhase(),
      onReset: () => this.network?.restart(),
    })
  }

  private onLocked(): void {
    this.store = this.board?.store
    if (!this.store) return
    this.startNetwork(this.store).then((places) => {
      if (places) this.say('locked', places)
    }, this.tools.fail)
  }

  private onPhase(): void {
    if (this.network) this.network.changed()
    else this.tools.log('phase', { phase: this.board?.store?.current.phase })
  }

  /** Where it is reached, empty without a network; undefined when it was told to end meanwhile. */
  private async startNetwork(store: StateFile): Promise<object | undefined> {
    const { given, keys, anchorFile } = this
    const { interfaces, setupInterfaces = [], networks = [] } = given
    // At a cable, a network has to be asked for: a bench full of boards is not to speak on the office's.
    if (given.cable && [...interfaces, ...setupInterfaces, ...networks].length === 0) {
      stayWired(store, this.tools.log)
      return {}
    }
    this.network = new ReferenceDevice({
      ...this.tools,
      store,
      keys,
      interfaces,
      setupInterfaces: given.setupInterfaces,
      networks: given.networks,
      faults: given.faults,
      anchorFile,
      openFactory: () => this.openFactory(),
    })
    return this.network.start().catch((thrown: unknown) => {
      // Told to end while it was still joining its network.
      if (asIotmcError(thrown).code !== 'CANCELLED') throw thrown
      return undefined
    })
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
