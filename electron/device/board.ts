/** What stands at the end of the serial cable: a blank board until its identity is locked in, a device from then on. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { KeyStorage } from '../contract/factory'
import type { Phase } from '../contract/phases'
import { generateKeyPem } from '../identity/keys'
import { derBlocks, sha256Hex, toPem } from '../identity/pem'
import type { Random } from '../net/clock'
import { splitDer } from './der'
import { FactoryFile, type FactoryState } from './factory-file'
import type { FaultMemory } from './fault-switch'
import type { KeyFiles } from './key-files'
import { MODELS, type ModelName, parametersOf } from './models'
import { factoryConfiguration } from './parameters'
import { SecureElement } from './secure-element'
import { makeSetupCode, OPEN_GUARD } from './setup-code'
import type { DeviceState } from './state'
import { StateFile } from './state-file'
import { finishWipe } from './wipe'

const HARDWARE_ID_BYTES = 16

/** What a blank board is made as. */
export interface BlankBoard {
  readonly model: ModelName
  readonly hardwareRevision: string
  readonly firmwareVersion: string
  readonly name?: string | undefined
  readonly keyStorage: KeyStorage
}

/** Who the board says it is. */
export interface BoardFacts {
  readonly model: ModelName
  readonly hardwareRevision: string
  readonly firmwareVersion: string
  readonly hardwareId: Buffer
  readonly keyStorage: KeyStorage
  readonly phase: Phase
  readonly subject: { readonly serialNumber: string; readonly udn: string } | undefined
  /** Installed certificates, leaf first; empty without any. */
  readonly chain: readonly Buffer[]
}

type Condition =
  | { readonly kind: 'blank'; readonly file: FactoryFile }
  | { readonly kind: 'device'; readonly store: StateFile }

export class Board implements FaultMemory {
  private constructor(
    readonly keys: KeyFiles,
    readonly element: SecureElement,
    private readonly random: Random,
    private condition: Condition,
  ) {}

  /** The board in a folder, undefined where there is none. `state.json` decides; DATA_DAMAGED. */
  static open(keys: KeyFiles, tools: { random: Random; newKeyPem?: () => string }): Board | undefined {
    const { folder } = keys
    const make = (storage: KeyStorage, condition: Condition) => {
      const element = new SecureElement(folder, storage, tools.random, tools.newKeyPem ?? generateKeyPem)
      return new Board(keys, element, tools.random, condition)
    }
    const store = StateFile.open(folder)
    if (store) {
      // A lock, or a wipe, that was cut short after the state stood.
      FactoryFile.remove(folder)
      finishWipe({ store, keys })
      const hardwareId = store.current.hardwareId ?? tools.random.bytes(HARDWARE_ID_BYTES).toString('hex')
      if (!store.current.hardwareId) store.update({ hardwareId })
      return make(store.current.keyStorage ?? 'flash', { kind: 'device', store })
    }
    const file = FactoryFile.open(folder)
    if (!file) return undefined
    const board = make(file.current.keyStorage, { kind: 'blank', file })
    // A key that was made and not noted belongs to nobody: its request was never seen.
    if (!file.current.subject) board.element.destroy()
    return board
  }

  /** A blank board in an empty folder. */
  static solder(folder: string, blank: BlankBoard, random: Random): void {
    const { model, hardwareRevision, firmwareVersion, name, keyStorage } = blank
    FactoryFile.create(folder, {
      format: 1,
      model,
      hardwareRevision,
      firmwareVersion,
      ...(name ? { name } : {}),
      keyStorage,
      hardwareId: random.bytes(HARDWARE_ID_BYTES).toString('hex'),
      faultsFired: [],
    })
  }

  /** The document of the blank board; undefined once it is locked. */
  get blank(): FactoryFile | undefined {
    return this.condition.kind === 'blank' ? this.condition.file : undefined
  }

  /** The state of the device; undefined until it is locked. */
  get store(): StateFile | undefined {
    return this.condition.kind === 'device' ? this.condition.store : undefined
  }

  get current(): { readonly faultsFired: readonly string[] } {
    return this.document
  }

  private get document(): FactoryState | DeviceState {
    const { condition } = this
    return condition.kind === 'blank' ? condition.file.current : condition.store.current
  }

  update(change: { faultsFired: string[] }): void {
    this.blank?.update(change)
    this.store?.update(change)
  }

  facts(): BoardFacts {
    const { condition } = this
    const { model, hardwareRevision, firmwareVersion, hardwareId = '' } = this.document
    const common = {
      model,
      hardwareRevision,
      firmwareVersion,
      hardwareId: Buffer.from(hardwareId, 'hex'),
      keyStorage: this.element.storage,
    }
    if (condition.kind === 'blank') {
      const { subject, chain } = condition.file.current
      return {
        ...common,
        phase: 'manufacturing',
        subject,
        chain: chain === undefined ? [] : (splitDer(Buffer.from(chain, 'base64')) ?? []),
      }
    }
    const { phase, udn, serialNumber } = condition.store.current
    return {
      ...common,
      phase,
      subject: { udn, serialNumber },
      chain: derBlocks(this.keys.idevidChain(), 'CERTIFICATE'),
    }
  }

  /**
   * Makes the device: certificates first, the state last, whose one write decides. `cut` is called in between, for
   * faults. The blank board must have a subject and a chain.
   */
  lock(cut: () => void): void {
    const { blank } = this
    const { subject, chain } = this.facts()
    if (!blank || !subject || chain.length === 0) throw new Error('nothing to lock')
    const { udn, serialNumber } = subject
    this.keys.saveIdevidChain(chain.map((der) => toPem('CERTIFICATE', der)).join(''))
    cut()
    const { model, hardwareRevision, firmwareVersion, hardwareId, keyStorage, name, faultsFired } =
      blank.current
    const store = StateFile.create(this.keys.folder, {
      format: 1,
      udn,
      model,
      serialNumber,
      name: name ?? `${MODELS[model].title} ${serialNumber}`.slice(0, 63),
      hardwareRevision,
      firmwareVersion,
      phase: 'provisioning',
      bootId: 0,
      setupCode: makeSetupCode(this.random.bytes(8)),
      setupGuard: OPEN_GUARD,
      lastGeneration: 0,
      configuration: factoryConfiguration(parametersOf(model)),
      hardwareId,
      keyStorage,
      faultsFired,
    })
    this.condition = { kind: 'device', store }
    FactoryFile.remove(this.keys.folder)
  }

  /** Makes an unlocked board blank again. One write decides; what it leaves over is removed after it. */
  blankAgain(): void {
    this.blank?.update({ subject: undefined, upload: undefined, chain: undefined })
    this.element.destroy()
    rmSync(join(this.keys.folder, 'idevid.pem'), { force: true })
  }
}

/** SHA-256 of a leaf, as `info` and `cert` tell it. */
export const leafHash = (der: Buffer): Buffer => Buffer.from(sha256Hex(der), 'hex')
