/** A device's update agent on a real folder with real banks, in virtual time: boot step and repository are stand-ins. */
import { createHash, randomBytes } from 'node:crypto'
import { cpSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { chooseBoot, type RollbackReason, type Slot } from '../../electron/contract/banks'
import { type ErrorCode, IotmcError } from '../../electron/contract/errors'
import type { Manifest } from '../../electron/contract/firmware'
import { BankStore } from '../../electron/device/bank-store'
import { writeBanks } from '../../electron/device/banks-file'
import { FaultSwitch } from '../../electron/device/fault-switch'
import type { FaultName } from '../../electron/device/faults'
import { FirmwareAgent } from '../../electron/device/firmware-agent'
import type { FirmwareOffer, FirmwareSource, ImageSink } from '../../electron/device/firmware-source'
import { KeyFiles } from '../../electron/device/key-files'
import { manufacture } from '../../electron/device/manufacture'
import { StateFile } from '../../electron/device/state-file'
import { signManifest } from '../../electron/firmware/cms'
import { writeManifest } from '../../electron/firmware/manifest'
import { type FirmwareKey, practiceFirmwareSigner } from '../../electron/firmware/signer'
import type { Authority } from '../../electron/identity/authority'
import { systemRandom } from '../../electron/net/clock'
import { makeAuthority, makeFolder } from './device-site'
import { VirtualClock } from './virtual-clock'

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export interface SignedBundle {
  readonly manifest: Buffer
  readonly signature: Buffer
  readonly image: Buffer
}

/** What a maker has: a root and a signer below it. */
export interface Maker {
  readonly factory: Authority
  readonly signer: FirmwareKey
}
export const makeMaker = async (name = 'Factory'): Promise<Maker> => {
  const factory = await makeAuthority(name)
  return { factory, signer: await practiceFirmwareSigner(factory, new Date()) }
}

export type ManifestChange = Omit<Partial<Manifest>, 'image'> & { image?: Partial<Manifest['image']> }

/** A bundle of random bytes for the device below, with the changes asked for. */
export const makeBundle = async (
  { signer }: Maker,
  change: ManifestChange = {},
  image: Buffer = randomBytes(20_000),
): Promise<SignedBundle> => {
  const { image: imageChange, ...rest } = change
  const manifest = writeManifest({
    format: 1,
    vendor: 'Example maker',
    model: 'PX-200',
    hardwareRevisions: ['C2'],
    version: '1.5.0',
    securityVersion: 1,
    releaseDate: '2026-01-01T00:00:00Z',
    image: { file: 'image.mjs', format: 'raw', size: image.length, sha256: sha256(image), ...imageChange },
    probationHours: 24,
    notes: '',
    ...rest,
  })
  return { manifest, signature: await signManifest({ manifest, ...signer, now: new Date() }), image }
}

/** A repository whose answers a test bends. */
export class SourceDouble implements FirmwareSource {
  bundle: SignedBundle | undefined
  /** Whether a controller is known. */
  here = true
  /** Thrown by the next calls, one each. */
  readonly failures: IotmcError[] = []
  /** The connection ends after so many bytes of each download, one entry each. */
  readonly cuts: number[] = []
  /** What the server says that the image measures. */
  announced: number | undefined
  /** The server does not know the range any more and sends everything. */
  restarts = false
  offerChange: Partial<FirmwareOffer> = {}
  partBytes = 1000
  /** Offsets that were asked for. */
  readonly offsets: number[] = []
  /** Holds downloads until it is resolved. */
  gate: Promise<void> = Promise.resolve()

  ready(): boolean {
    return this.here
  }

  async info(wish: { wantedVersion: string }): Promise<FirmwareOffer> {
    this.maybeFail()
    if (!this.bundle) throw new IotmcError('VERSION_NOT_OFFERED')
    const { image } = JSON.parse(this.bundle.manifest.toString()) as Manifest
    return {
      version: wish.wantedVersion,
      size: image.size,
      checksum: image.sha256,
      securityVersion: 1,
      manifestUrl: 'manifest',
      signatureUrl: 'signature',
      imageUrl: 'image',
      ...this.offerChange,
    }
  }

  async document(url: string): Promise<Buffer> {
    this.maybeFail()
    const { bundle } = this
    if (!bundle) throw new IotmcError('VERSION_NOT_OFFERED')
    return url === 'manifest' ? bundle.manifest : bundle.signature
  }

  async image(_offer: FirmwareOffer, asked: number, sink: ImageSink, signal: AbortSignal): Promise<void> {
    this.offsets.push(asked)
    const image = this.bundle?.image ?? Buffer.alloc(0)
    const at = this.restarts ? 0 : asked
    sink.begin(at, this.announced ?? image.length)
    const end = Math.min(image.length, at + (this.cuts.shift() ?? image.length))
    for (let next = at; next < end; next += this.partBytes) {
      await this.gate
      if (signal.aborted) throw new IotmcError('CANCELLED')
      await sink.take(image.subarray(next, Math.min(end, next + this.partBytes)))
    }
    if (end < image.length) throw new IotmcError('IMAGE_TRUNCATED', { subject: 'double' })
  }

  private maybeFail(): void {
    const failure = this.failures.shift()
    if (failure) throw failure
  }
}

export interface DeviceOptions {
  readonly clock?: VirtualClock
  readonly source?: SourceDouble
  readonly faults?: readonly FaultName[]
  readonly freeBytes?: number
  readonly bankBytes?: number
}

/** Stands for the end of the process: what is thrown where the fault strikes. */
class Dead extends Error {}

const PATIENCE_MS = 20_000

/** Until it is so, or for as long as the disk of a busy machine may take. */
const patiently = async (
  isSo: () => boolean,
  turn: () => Promise<unknown> = () => setImmediate(),
): Promise<void> => {
  const giveUpAt = performance.now() + PATIENCE_MS
  while (!isSo() && performance.now() < giveUpAt) await turn()
}

export class FirmwareDevice {
  readonly clock: VirtualClock
  readonly source: SourceDouble
  readonly store: StateFile
  readonly banks: BankStore
  readonly agent: FirmwareAgent
  readonly logs: { event: string; facts: Readonly<Record<string, unknown>> }[] = []
  /** How often a restart was asked for. */
  reboots = 0
  dead = false
  /** Called after everything that is stored. */
  onStored: () => void = () => undefined

  constructor(
    readonly folder: string,
    private readonly maker: Maker,
    private readonly options: DeviceOptions = {},
  ) {
    this.clock = options.clock ?? new VirtualClock(Date.now())
    this.source = options.source ?? new SourceDouble()
    const store = StateFile.open(folder)
    if (!store) throw new Error('no device')
    this.store = store
    const { bankBytes } = options
    this.banks = BankStore.open(folder, { bankBytes })
    const log = (event: string, facts: Readonly<Record<string, unknown>> = {}) => {
      this.logs.push({ event, facts })
      if (event === 'update') this.onStored()
    }
    this.agent = new FirmwareAgent({
      clock: this.clock,
      random: { ...systemRandom, fraction: () => 0.5 },
      log,
      store,
      banks: this.mortal(this.banks),
      source: this.source,
      faults: this.faults(log),
      trust: () => ({ anchors: [maker.factory.certificatePem], crls: [] }),
      freeBytes: async () => options.freeBytes ?? 100_000_000,
      reboot: () => {
        this.reboots += 1
      },
      onChanged: () => undefined,
      onPhase: () => this.onStored(),
    })
  }

  /** A new device in operation with 1.4.0 in bank A. */
  static async make(maker: Maker, options: DeviceOptions = {}): Promise<FirmwareDevice> {
    const folder = makeFolder('firmware')
    const making = {
      phase: 'commissioning',
      model: 'PX-200',
      hardwareRevision: 'C2',
      firmwareVersion: '1.4.0',
    } as const
    const made = { random: systemRandom, now: new Date() }
    const store = await manufacture(folder, new KeyFiles(folder), making, maker.factory, made)
    store.update({ phase: 'operation' })
    const image = Buffer.from('first image')
    const { manifest, signature } = await makeBundle(maker, { version: '1.4.0' }, image)
    const first = { version: '1.4.0', sha256: sha256(image), securityVersion: 1, image, manifest, signature }
    BankStore.create(folder, first)
    const device = new FirmwareDevice(folder, maker, options)
    device.boot()
    device.agent.start()
    return device
  }

  /** State and cause of the update, as the device tells it. */
  get state(): string {
    const { update } = this.agent.status()
    const why = update?.code ?? update?.rollback
    return update ? `${update.state}${why ? ` ${why}` : ''}` : 'none'
  }

  /** What runs. */
  get version(): string | undefined {
    return this.banks.table.banks[this.banks.active].version
  }

  order(change: Partial<{ version: string; startTime: string; activationTime: string }> = {}): string {
    return this.agent.schedule({ version: '1.5.0', startTime: '', activationTime: '', ...change })
  }

  /** The boot step, and an image that says that it runs where `starts` says so. */
  boot(starts: (slot: Slot) => boolean = () => true): void {
    for (let tries = 0; tries < 8; tries += 1) {
      const choice = chooseBoot(this.banks.table, () => true)
      writeBanks(this.folder, choice.table)
      this.banks.taken()
      if (choice.rolledBack) this.agent.trialOver()
      if (choice.slot === undefined) throw new Error('nothing boots')
      if (!starts(choice.slot)) continue
      if (this.banks.table.trial && this.banks.active === choice.slot) this.banks.apply({ type: 'running' })
      this.agent.booted()
      return
    }
    throw new Error('it never booted')
  }

  /** What `Reboot` does. */
  async restart(starts?: (slot: Slot) => boolean): Promise<void> {
    await this.agent.stop()
    this.boot(starts)
    this.agent.start()
  }

  /** The image that runs fails. */
  fault(reason: RollbackReason): void {
    this.banks.apply({ type: 'faulted', reason })
    this.agent.trialOver()
  }

  /** The process ends here; another one finds the folder as it is now. */
  async killed(options: DeviceOptions = {}): Promise<FirmwareDevice> {
    this.dead = true
    await this.agent.stop().catch(() => undefined)
    const { clock, source } = this
    const next = new FirmwareDevice(this.folder, this.maker, { ...this.options, clock, source, ...options })
    return next.up()
  }

  /** Boot step and agent, as at the start of the process. */
  up(): this {
    this.boot()
    this.agent.start()
    return this
  }

  /** Another device with all that this one has stored so far. */
  snapshot(): string {
    const folder = makeFolder('snapshot')
    cpSync(this.folder, folder, { recursive: true })
    return folder
  }

  /** Lets everything happen that needs no time. */
  async settle(rounds = 30): Promise<void> {
    for (let i = 0; i < rounds; i += 1) await setImmediate()
  }

  /** Waits for what needs the disk but no time. */
  async until(state: string): Promise<void> {
    await patiently(() => this.state === state)
    if (this.state !== state)
      throw new Error(`it is ${this.state}, not ${state}: ${JSON.stringify(this.logs.slice(-5))}`)
  }

  /** Waits until it has been cut off so many times. */
  async cutOff(times: number): Promise<void> {
    const count = (): number => this.logs.filter(({ event }) => event === 'firmware-retry').length
    await patiently(() => count() >= times)
    if (count() < times) throw new Error(`it was cut off ${count()} times, not ${times}`)
  }

  async pass(ms: number, stepMs = 60_000): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(stepMs, left))
      await this.settle(4)
    }
  }

  /** Lets time pass, and the disk work, until the update is there: the disk of a busy machine takes as long as it takes. */
  async passUntil(state: string, stepMs: number): Promise<void> {
    await patiently(
      () => this.state === state,
      async () => {
        await this.pass(stepMs, stepMs)
        await this.settle()
      },
    )
    await this.until(state)
  }

  private mortal(banks: BankStore): BankStore {
    return new Proxy(banks, {
      get: (target, name) => {
        if (this.dead) throw new Dead()
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          const result: unknown = Reflect.apply(value, target, args)
          if (name === 'apply') this.onStored()
          return result
        }
      },
    })
  }

  private faults(log: (event: string) => void): FaultSwitch {
    const real = new FaultSwitch(this.options.faults ?? [], this.store, log)
    return Object.assign(Object.create(real) as FaultSwitch, {
      dieOnce: (name: FaultName) => {
        if (!real.once(name)) return
        this.dead = true
        throw new Dead()
      },
    })
  }
}

export const failure = (code: ErrorCode): IotmcError => new IotmcError(code, { subject: 'double' })
