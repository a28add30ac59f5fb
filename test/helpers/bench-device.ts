/** A board at the end of a cable in memory, in virtual time: its serial side as the device runs it, and a session to it. */
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { chooseBoot, type Slot } from '../../electron/contract/banks'
import { BankStore } from '../../electron/device/bank-store'
import { writeBanks } from '../../electron/device/banks-file'
import { Board } from '../../electron/device/board'
import { chooseOverwrite } from '../../electron/device/boot-overwrite'
import type { BootloaderMode } from '../../electron/device/bootloader-info'
import { duplicateKeyPem } from '../../electron/device/duplicate-key'
import type { FaultName, FaultPlaces } from '../../electron/device/faults'
import { KeyFiles } from '../../electron/device/key-files'
import { SerialSide } from '../../electron/device/serial-side'
import type { Authority } from '../../electron/identity/authority'
import { derBlocks } from '../../electron/identity/pem'
import { checkRequest } from '../../electron/identity/request'
import { systemRandom } from '../../electron/net/clock'
import type { Command } from '../../electron/serial/command'
import { iotmcCommands } from '../../electron/serial/iotmc-group'
import { refusalOf, SmpSession } from '../../electron/serial/smp-session'
import { makeFolder } from './device-site'
import { type MemoryCable, memoryCable } from './memory-link'
import { VirtualClock } from './virtual-clock'

export const SUBJECT = {
  serialNumber: 'PX-200-0001',
  udn: 'uuid:11111111-2222-4333-8444-555555555555',
} as const

export interface BenchOptions {
  readonly clock?: VirtualClock
  readonly folder?: string
  readonly faults?: readonly FaultName[]
  readonly places?: FaultPlaces
  readonly keygenMs?: number
  readonly keyStorage?: 'secure-element' | 'tee' | 'flash'
  readonly framing?: 'console' | 'raw'
  readonly bootloaderMode?: BootloaderMode
  /** What the boot step finds: whether a bank's signature and hash are right; always unless told. */
  readonly verifies?: (slot: Slot, banks: BankStore) => boolean
}

const benches = new Set<BenchDevice>()

/** Stops every bench device of this test file. */
export const stopBenches = async (): Promise<void> => {
  await Promise.all([...benches].map((each) => each.stop()))
}

/** The same board after its power was cut: nothing but its folder is left. */
export const withPowerCut = async (device: BenchDevice, options: BenchOptions = {}): Promise<BenchDevice> => {
  await device.stop()
  return new BenchDevice({ ...options, folder: device.folder })
}

export class BenchDevice {
  readonly clock: VirtualClock
  readonly folder: string
  readonly board: Board
  readonly banks: BankStore
  readonly side: SerialSide
  readonly told: string[] = []
  readonly logs: string[] = []
  /** The cable that is plugged in now; a port that is opened again gets a new one. */
  cable: MemoryCable = memoryCable()
  /** How often the port was opened. */
  opened = 0
  /** Whether there is a port to open. */
  plugged = true
  /** Whether the image of the active bank starts. */
  runs = true

  constructor(private readonly options: BenchOptions = {}) {
    const { faults = [], keyStorage = 'secure-element', framing = 'console' } = options
    this.folder = options.folder ?? makeFolder('bench')
    this.clock = options.clock ?? new VirtualClock(Date.now())
    const keys = new KeyFiles(this.folder)
    const tools = {
      random: systemRandom,
      ...(faults.includes('duplicate-key') ? { newKeyPem: duplicateKeyPem } : {}),
    }
    const blank = { model: 'PX-200', hardwareRevision: 'C2', firmwareVersion: '1.4.0', keyStorage } as const
    if (!Board.open(keys, tools)) Board.solder(this.folder, blank, systemRandom)
    const board = Board.open(keys, tools)
    if (!board) throw new Error('no board')
    this.board = board
    this.banks = openBanks(this.folder, blank.firmwareVersion)
    this.side = new SerialSide({
      clock: this.clock,
      random: systemRandom,
      log: (event, facts) => this.logs.push(JSON.stringify({ event, ...facts })),
      board,
      place: { path: 'memory', framing },
      places: options.places ?? {},
      faults,
      keygenMs: options.keygenMs ?? 0,
      openLink: async () => {
        if (!this.plugged) throw new Error('no port')
        this.opened += 1
        this.cable = memoryCable()
        return this.cable.device
      },
      onLocked: () => this.told.push('locked'),
      onPhase: () => this.told.push('phase'),
      onReset: async () => {
        this.told.push('reset')
        this.boot()
      },
      banks: this.banks,
      bootloaderMode: options.bootloaderMode ?? 'swap',
      imageRuns: () => this.runs,
    })
    benches.add(this)
  }

  /** Moves time on until a promise is settled. */
  async drive<T>(promise: Promise<T>): Promise<T> {
    let settled = false
    const watched = promise.finally(() => {
      settled = true
    })
    watched.catch(() => undefined)
    for (let turns = 0; !settled; turns += 1) {
      if (turns > 20_000) throw new Error('nothing comes of it')
      await setImmediate()
      if (!settled) this.clock.advance(20)
    }
    return watched
  }

  /** What the boot step does, without its process and with an image that says at once that it runs. */
  boot(): void {
    const { banks, options, folder } = this
    banks.handOver()
    const choose = (options.bootloaderMode ?? 'swap') === 'swap' ? chooseBoot : chooseOverwrite
    const { table } = choose(banks.table, (slot) => options.verifies?.(slot, banks) ?? true)
    writeBanks(folder, table)
    banks.taken()
    banks.apply({ type: 'running' })
  }

  /** Starts it and opens a session. */
  async open(): Promise<SmpSession> {
    await this.side.start()
    return this.session()
  }

  session(): Promise<SmpSession> {
    return this.drive(SmpSession.open(this.cable.station, { clock: this.clock }))
  }

  stop(): Promise<void> {
    benches.delete(this)
    return this.drive(this.side.stop())
  }

  ask<Q, A>(session: SmpSession, command: Command<Q, A>, request: Q): Promise<A> {
    return this.drive(session.request(command, request))
  }

  /** The code of a refusal; 0 where the command was accepted. */
  async refused<Q, A>(session: SmpSession, command: Command<Q, A>, request: Q): Promise<number> {
    try {
      await this.ask(session, command, request)
      return 0
    } catch (thrown) {
      const refusal = refusalOf(thrown)
      if (!refusal) throw thrown
      return refusal.rc
    }
  }

  /** Asks for a key; the request, DER. */
  async keygen(
    session: SmpSession,
    subject: { serialNumber: string; udn: string } = SUBJECT,
  ): Promise<Buffer> {
    const { csr } = await this.ask(session, iotmcCommands.keygen, { curve: 'P-256', ...subject })
    return Buffer.from(csr)
  }

  /** Sends a chain in parts of so many bytes, from where the device asks for. */
  async install(session: SmpSession, chain: Buffer, partBytes = 200) {
    const first = { len: chain.length, sha: createHash('sha256').update(chain).digest() }
    for (let off = 0, parts = 0; parts < 500; parts += 1) {
      const data = chain.subarray(off, off + partBytes)
      const answer = await this.ask(session, iotmcCommands.certificate, {
        off,
        data,
        ...(off === 0 ? first : {}),
      })
      if (answer.sha256) return answer
      off = answer.off
    }
    throw new Error('the device is never content')
  }

  /** Everything up to the lock. */
  async make(session: SmpSession, factory: Authority): Promise<Buffer> {
    const chain = await issue(factory, await this.keygen(session))
    await this.install(session, chain)
    await this.ask(session, iotmcCommands.lock, {})
    return chain
  }
}

/** The banks of a board; those of a new one hold a program that is never started here. */
const openBanks = (folder: string, version: string): BankStore => {
  if (BankStore.exists(folder)) return BankStore.open(folder)
  const image = Buffer.from('what the factory puts there')
  return BankStore.create(folder, {
    version,
    sha256: createHash('sha256').update(image).digest('hex'),
    securityVersion: 1,
    image,
    manifest: Buffer.alloc(0),
    signature: Buffer.alloc(0),
  })
}

/** The factory's certificates for a request: DER, leaf first. */
export const issue = async (
  factory: Authority,
  csrDer: Buffer,
  subject: { serialNumber: string; udn: string } = SUBJECT,
): Promise<Buffer> => {
  const csr = await checkRequest(csrDer, subject)
  const { chainPem } = await factory.issueIdevid({ csr, ...subject, model: 'PX-200', now: new Date() })
  return Buffer.concat(derBlocks(chainPem, 'CERTIFICATE'))
}
