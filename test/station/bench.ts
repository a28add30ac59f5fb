/** A factory line in memory: ports with boards that speak SMP, a real runner, ledger, vault and authority. */
import { sign } from 'node:crypto'
import { cpSync, mkdirSync } from 'node:fs'
import { IotmcError } from '../../electron/contract/errors'
import type { Lane, StationConfig, StationView } from '../../electron/contract/factory'
import { createRoot, installStation, requestStation, signStation } from '../../electron/factory/authority'
import { Vault } from '../../electron/identity/vault'
import { injectPlan } from '../../electron/jobs/inject'
import { JobRunner } from '../../electron/jobs/runner'
import { systemRandom } from '../../electron/net/clock'
import { iotmcCommands } from '../../electron/serial/iotmc-group'
import type { openLink } from '../../electron/serial/link'
import { type SmpHandlers, SmpServer, serve } from '../../electron/serial/smp-server'
import { Station } from '../../electron/station/station'
import { dataPaths } from '../../electron/store/paths'
import { type MemoryCable, memoryCable } from '../helpers/memory-link'
import { keepingLog } from '../helpers/quiet-log'
import { makeTempDir } from '../helpers/temp-dir'
import { VirtualClock } from '../helpers/virtual-clock'
import { MemoryJournal } from '../jobs/bench'
import type { Board } from '../jobs/inject-bench'

const ROOT_KEYS = { passphrase: 'only-a-test-passphrase', scryptCost: 2 ** 14 }
/** Opens the vault of every line. */
export const KEYS = {
  osKeyStore: { name: 'test', seal: (plain: Buffer) => plain, open: (sealed: Buffer) => sealed },
}
const SCRYPT_COST = 2 ** 4
export const SUPERVISOR = { name: 'Ada', role: 'supervisor', pin: '1111' } as const
export const OPERATOR = { name: 'Operator 17', role: 'operator', pin: '2222' } as const

/** The commands of group 64 for a board that keeps its own memory. */
const commandsOf = (board: Board): SmpHandlers => {
  let received = Buffer.alloc(0)
  const handlers = new Map([
    serve(iotmcCommands.info, () => board.info()),
    serve(iotmcCommands.keygen, async (wanted) => ({ csr: await board.keygen(wanted) })),
    serve(iotmcCommands.certificate, async ({ off, data, len }) => {
      received = off === 0 ? Buffer.from(data) : Buffer.concat([received, data])
      if (len !== undefined) expected = len
      if (received.length < expected) return { off: received.length }
      return { off: received.length, sha256: await board.install(pemOf(received)) }
    }),
    serve(iotmcCommands.readCertificate, async ({ off }) => {
      const all = Buffer.concat(await board.readChain())
      return { off, len: all.length, data: all.subarray(off, off + 256) }
    }),
    serve(iotmcCommands.challenge, async ({ nonce }) => {
      const { udn = '' } = board.memory.subject ?? {}
      const said = Buffer.concat([Buffer.from('iotmc-challenge\0'), nonce, Buffer.from(udn)])
      board.before('challenge')
      return { sig: sign('sha256', said, board.memory.keyPem ?? '') }
    }),
    serve(iotmcCommands.lock, async () => {
      await board.lock()
      return { phase: 'provisioning' as const }
    }),
    serve(iotmcCommands.label, () => board.label()),
    serve(iotmcCommands.wipe, async () => {
      await board.wipe()
      return {}
    }),
  ])
  let expected = 0
  return handlers
}

const pemOf = (ders: Buffer): string => {
  const pems: string[] = []
  for (let rest = ders; rest.length > 0; ) {
    const length = 4 + rest.readUInt16BE(2)
    const base64 = rest.subarray(0, length).toString('base64').replace(/.{64}/g, '$&\n')
    pems.push(`-----BEGIN CERTIFICATE-----\n${base64.trimEnd()}\n-----END CERTIFICATE-----\n`)
    rest = rest.subarray(length)
  }
  return pems.join('')
}

/** A port of the laptop: there or not, with a board at its end or not. */
export class Port {
  refuses: 'SERIAL_PORT_DENIED' | 'SERIAL_PORT_BUSY' | undefined
  /** What it says without being asked, as a device without the protocol does. */
  chatter: string | undefined
  opened = 0
  private isThere = false
  private board: Board | undefined
  private cable: MemoryCable | undefined
  private server: SmpServer | undefined
  constructor(
    readonly path: string,
    private readonly clock: VirtualClock,
  ) {}

  /** A USB device is plugged in, or an adapter without a board. */
  plug(board?: Board): void {
    this.isThere = true
    this.board = board
  }

  unplug(): void {
    this.isThere = false
    void this.server?.stop()
    this.cable?.unplug()
  }

  /** The board at the end of an adapter is taken out, or another one is put in; the port stays. */
  async put(board?: Board): Promise<void> {
    await this.server?.stop()
    this.board = board
    await this.serve()
  }

  async open(): Promise<MemoryCable['station']> {
    this.opened += 1
    if (this.refuses) throw new IotmcError(this.refuses, { subject: this.path })
    if (!this.isThere) throw new IotmcError('SERIAL_PORT_MISSING', { subject: this.path })
    this.cable = memoryCable({ path: this.path })
    await this.serve()
    return this.cable.station
  }

  /** Prints a line on the console that the packets share. */
  async print(line: string): Promise<void> {
    await this.server?.print(line)
  }

  private async serve(): Promise<void> {
    const { cable, board, clock } = this
    if (!cable) return
    if (this.chatter) cable.device.onData(() => void cable.device.write(Buffer.from(`${this.chatter}\r\n`)))
    this.server = board
      ? new SmpServer({
          link: cable.device,
          framing: 'console',
          bufferBytes: 1024,
          bufferCount: 4,
          handlers: commandsOf(board),
          clock,
        })
      : undefined
    await this.server?.start()
  }
}

/** A data folder with a station's authority, made once; every line gets a copy of it. */
export const makeFolder = async (o: { quota?: number; nowMs: number }) => {
  const folder = makeTempDir()
  const paths = dataPaths(folder.path)
  mkdirSync(paths.factoryFolder)
  const now = new Date(o.nowMs)
  const vault = await Vault.create(paths.vault, KEYS)
  await createRoot(paths.factoryRoot, { commonName: 'Test Root', ...ROOT_KEYS, now })
  const requestPem = await requestStation(vault, { commonName: 'Station 1' })
  const answer = await signStation(paths.factoryRoot, {
    requestPem,
    passphrase: ROOT_KEYS.passphrase,
    days: 365,
    quota: o.quota,
    now,
  })
  await installStation(vault, answer.chainPem, { now })
  const copyTo = (path: string) => cpSync(folder.path, path, { recursive: true })
  return { ...folder, copyTo }
}

export interface LineOptions {
  /** A folder of `makeFolder`, or one that a line was in before; without it there is no authority. */
  readonly from?: string
  readonly lanes?: number
  readonly config?: Partial<StationConfig>
}

export const NOW_MS = Date.UTC(2025, 10, 20, 9, 0)
const pathOf = (index: number): string => `/dev/ttyUSB${index}`

export class Line {
  readonly clock = new VirtualClock(NOW_MS)
  readonly ports: Port[]
  readonly journal = new MemoryJournal()
  readonly log = keepingLog()
  readonly audit: { actor: string; action: string; subject: string; detail?: string | undefined }[] = []
  readonly views: { readonly atMs: number; readonly view: StationView }[] = []
  readonly passed: { readonly lane: number; readonly serialNumber: string }[] = []
  station!: Station
  runner!: JobRunner
  vault!: Vault
  private readonly folder = makeTempDir()

  private constructor(options: LineOptions) {
    this.ports = Array.from({ length: options.lanes ?? 1 }, (_, i) => new Port(pathOf(i), this.clock))
    if (options.from) cpSync(options.from, this.folder.path, { recursive: true })
  }

  /** A line with a supervisor and an operator, station mode on, the operator signed in. */
  static async running(options: LineOptions): Promise<Line> {
    const line = await Line.made(options)
    await line.station.addPerson(SUPERVISOR)
    await line.station.addPerson(OPERATOR)
    await line.station.enter()
    await line.station.signIn(OPERATOR.pin)
    return line
  }

  /** A line as it is before anybody set it up. */
  static async made(options: LineOptions): Promise<Line> {
    const line = new Line(options)
    const { vault } = line.paths
    line.vault = Vault.exists(vault) ? await Vault.open(vault, KEYS) : await Vault.create(vault, KEYS)
    await line.boot()
    line.station.configure({ lanes: line.ports.map((port) => port.path), ...options.config })
    return line
  }

  get paths() {
    return dataPaths(this.folder.path)
  }

  /** Starts the program; what a line was doing before goes on. */
  async boot(): Promise<void> {
    const { clock, journal, log, vault, paths } = this
    this.runner = new JobRunner({
      clock,
      journal,
      log,
      concurrency: 1,
      plan: (job) => injectPlan(this.station.injectTools(), job),
    })
    const open: typeof openLink = (path) => this.port(path).open()
    this.station = new Station({
      clock,
      random: systemRandom,
      vault,
      paths,
      runner: this.runner,
      stationName: 'Bench 1',
      owner: () => 'owner',
      log,
      scryptCost: SCRYPT_COST,
      openLink: open,
      emit: (view) => this.views.push({ atMs: clock.now(), view }),
      audit: (actor, action, subject, detail) => this.audit.push({ actor, action, subject, detail }),
      passed: (lane, { serialNumber }) => this.passed.push({ lane, serialNumber }),
    })
    await this.station.open()
    this.runner.start()
  }

  /** Ends the program as a quit does. */
  async shutDown(): Promise<void> {
    const stopped = Promise.all([this.runner.stop(), this.station.close()])
    await this.whilst(stopped)
  }

  /** Ends the program as a kill does: nothing of it writes any more. */
  kill(): void {
    const { journal } = this
    const rows = journal.list()
    journal.beforeWrite = () => {
      throw new Error('killed')
    }
    void this.shutDown()
    Object.assign(this, { journal: new MemoryJournal() })
    this.journal.insert(rows)
  }

  async end(): Promise<void> {
    await this.shutDown()
    this.folder.remove()
  }

  /** Plugs a board into each lane in turn, and waits until all are ready. */
  async load(...boards: Board[]): Promise<void> {
    for (const [index, board] of boards.entries()) this.ports[index]?.plug(board)
    await this.until(() =>
      this.states()
        .slice(0, boards.length)
        .every((state) => state === 'ready'),
    )
  }

  port(path: string): Port {
    return this.ports.find((port) => port.path === path) ?? new Port(path, this.clock)
  }

  lane(number: number): Lane {
    const lane = this.station.view().lanes[number - 1]
    if (!lane) throw new Error(`no lane ${number}`)
    return lane
  }

  states(): string[] {
    return this.station.view().lanes.map((lane) => lane.state)
  }

  /** Lets time pass, ten times as fast as it does, until something is so. */
  async until(isSo: () => boolean, why = 'it was not so in time', stepMs = 10): Promise<void> {
    for (let tries = 0; tries < 3_000; tries++) {
      if (isSo()) return
      await new Promise((resolve) => setTimeout(resolve, 1))
      this.clock.advance(stepMs)
    }
    throw new Error(`${why}: ${JSON.stringify(this.station.view().lanes)}`)
  }

  async whilst<T>(promise: Promise<T>): Promise<T> {
    let over = false
    const ended = promise.finally(() => {
      over = true
    })
    ended.catch(() => undefined)
    await this.until(() => over)
    return ended
  }

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    const endMs = this.clock.now() + ms
    await this.until(() => this.clock.now() >= endMs, 'time does not pass', 50)
  }

  untilState(lane: number, state: Lane['state']): Promise<void> {
    return this.until(() => this.lane(lane).state === state, `lane ${lane} is not ${state}`)
  }
}
