/** A station of one lane in memory: real ledger, real authority, real runner, and a board that does as it is told. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { IotmcError } from '../../electron/contract/errors'
import {
  DEFAULT_STATION_CONFIG,
  type KeyStorage,
  type StationConfig,
  type Unit,
} from '../../electron/contract/factory'
import { isEnded, type Job } from '../../electron/contract/job'
import type { LabelFacts } from '../../electron/contract/label'
import {
  createRoot,
  installStation,
  requestStation,
  type StationAuthority,
  signStation,
} from '../../electron/factory/authority'
import type { DeviceInfo } from '../../electron/factory/factory-device'
import { Ledger } from '../../electron/factory/ledger'
import { generateKeyPem } from '../../electron/identity/keys'
import { derBlocks } from '../../electron/identity/pem'
import { createRequest } from '../../electron/identity/request'
import { Vault } from '../../electron/identity/vault'
import { injectPlan } from '../../electron/jobs/inject'
import type { InjectDevice, InjectTools } from '../../electron/jobs/inject-tools'
import { JobRunner } from '../../electron/jobs/runner'
import { systemRandom } from '../../electron/net/clock'
import { keepingLog } from '../helpers/quiet-log'
import { makeTempDir } from '../helpers/temp-dir'
import { VirtualClock } from '../helpers/virtual-clock'
import { MemoryJournal, settle } from './bench'

export const NOW_MS = 1_700_000_000_000
export const MODEL = 'PX-200'
export const CONFIG: StationConfig = { ...DEFAULT_STATION_CONFIG, model: MODEL }
export const SETUP_CODE = 'K7QF2M9X'

const PASSPHRASE = 'only-a-test-passphrase'

/** A station's authority under a root of its own, good for a year from `NOW_MS`. */
export const makeStationAuthority = async (
  o: { quota?: number; days?: number } = {},
): Promise<StationAuthority> => {
  const folder = makeTempDir()
  try {
    const now = new Date(NOW_MS)
    const keys = { passphrase: PASSPHRASE, scryptCost: 2 ** 14 }
    const root = join(folder.path, 'root')
    await createRoot(root, { commonName: 'Test Root', ...keys, now })
    const vault = await Vault.create(join(folder.path, 'station'), keys)
    const requestPem = await requestStation(vault, { commonName: 'Station 1' })
    const { days = 365, quota } = o
    const answer = await signStation(root, { requestPem, passphrase: PASSPHRASE, days, quota, now })
    return await installStation(vault, answer.chainPem, { now })
  } finally {
    folder.remove()
  }
}

export type BoardCommand = keyof InjectDevice

/** What a board remembers, whatever happens to its cable. */
interface BoardMemory {
  keyPem?: string
  subject?: { serialNumber: string; udn: string; csr: Buffer }
  chain?: Buffer[]
  locked: boolean
}

const sha256 = (data: Uint8Array): Buffer => createHash('sha256').update(data).digest()

/** A device at the end of a cable; every command has its effect and then its answer, with a hook on both sides. */
export class Board implements InjectDevice {
  readonly hardwareId: Buffer
  readonly memory: BoardMemory = { locked: false }
  /** Commands that took effect, in order. */
  readonly effects: BoardCommand[] = []
  keysMade = 0
  model = MODEL
  keyStorage: KeyStorage = 'secure-element'
  newKeyPem: () => string = generateKeyPem
  /** What it says in place of the truth. */
  lie: Partial<DeviceInfo> = {}
  readLie: Buffer[] | undefined
  labelLie: Partial<LabelFacts> = {}
  before: (command: BoardCommand) => void = () => undefined
  after: (command: BoardCommand) => void = () => undefined

  constructor(hardwareId = systemRandom.bytes(12)) {
    this.hardwareId = hardwareId
  }

  get id(): string {
    return this.hardwareId.toString('hex')
  }

  info(): Promise<DeviceInfo> {
    return this.command('info', () => {
      const { subject, chain, locked } = this.memory
      const [leaf] = chain ?? []
      return {
        version: 1,
        model: this.model,
        hardwareRevision: 'C2',
        firmwareVersion: '1.4.0',
        hardwareId: this.hardwareId,
        keyStorage: this.keyStorage,
        phase: locked ? 'provisioning' : 'manufacturing',
        locked,
        hasKey: subject !== undefined,
        ...(subject ? { serialNumber: subject.serialNumber, udn: subject.udn } : {}),
        ...(leaf ? { certificate: sha256(leaf) } : {}),
        ...this.lie,
      } as const
    })
  }

  keygen(wanted: { serialNumber: string; udn: string }): Promise<Buffer> {
    return this.command('keygen', async () => {
      const { subject } = this.memory
      if (!subject) return this.makeKey(wanted)
      if (subject.udn !== wanted.udn) throw new IotmcError('DEVICE_REFUSED', { detail: 'otherSubject' })
      return subject.csr
    })
  }

  install(
    chainPem: string,
    _signal?: AbortSignal,
    onBytes?: (done: number, total: number) => void,
  ): Promise<Buffer> {
    return this.command('install', () => {
      const chain = derBlocks(chainPem, 'CERTIFICATE')
      const { length } = Buffer.concat(chain)
      onBytes?.(length, length)
      this.memory.chain = chain
      return sha256(chain[0] ?? Buffer.alloc(0))
    })
  }

  readChain(): Promise<Buffer[]> {
    return this.command('readChain', () => this.readLie ?? this.memory.chain ?? [])
  }

  challenge(leafDer: Buffer): Promise<void> {
    return this.command('challenge', () => {
      const [leaf] = this.memory.chain ?? []
      if (!leaf?.equals(leafDer)) throw new IotmcError('SELF_TEST_FAILED')
    })
  }

  lock(): Promise<void> {
    return this.command('lock', () => {
      this.memory.locked = true
    })
  }

  label(): Promise<LabelFacts> {
    return this.command('label', () => {
      const { serialNumber = '', udn = '' } = this.memory.subject ?? {}
      return { serialNumber, udn, setupCode: SETUP_CODE, ...this.labelLie }
    })
  }

  wipe(): Promise<undefined> {
    return this.command('wipe', () => {
      for (const name of ['keyPem', 'subject', 'chain'] as const) delete this.memory[name]
      return undefined
    })
  }

  /** The request that it gives for a subject; tests change what stands in it. */
  request = (keyPem: string, subject: { serialNumber: string; udn: string }): Promise<string> =>
    createRequest({ keyPem, ...subject, model: this.model })

  private async makeKey(subject: { serialNumber: string; udn: string }): Promise<Buffer> {
    const keyPem = this.newKeyPem()
    this.keysMade += 1
    const [csr] = derBlocks(await this.request(keyPem, subject), 'CERTIFICATE REQUEST')
    if (!csr) throw new Error('no request')
    this.memory.keyPem = keyPem
    this.memory.subject = { ...subject, csr }
    return csr
  }

  private async command<T>(command: BoardCommand, effect: () => T | Promise<T>): Promise<T> {
    this.before(command)
    const answer = await effect()
    this.effects.push(command)
    this.after(command)
    return answer
  }
}

/** The parameters of a job for this board. */
export const paramsFor = (board: Board): Record<string, string> => ({
  path: '/dev/ttyUSB0',
  lane: '1',
  model: MODEL,
  operator: 'Operator 17',
  hardwareId: board.id,
})

export interface Finished {
  readonly job: Job
  readonly unit: Unit
  readonly label: LabelFacts
}

/** What a kill of the program takes away: it is asked at every point at which one may strike. */
export interface Life {
  /** Throws when this life is over, or ends here. */
  point(): void
}
const FOREVER: Life = { point: () => undefined }

/** What stays when the program is killed: ledger, journal, boards, authority; `start` gives it a new life. */
export class Line {
  readonly clock = new VirtualClock(NOW_MS)
  readonly journal = new MemoryJournal()
  readonly log = keepingLog()
  readonly ledger: Ledger
  readonly finished: Finished[] = []
  config = CONFIG
  board: Board | undefined

  constructor(public authority: StationAuthority | undefined) {
    this.ledger = Ledger.open(':memory:', {
      clock: this.clock,
      station: 'Station 1',
      signer: () => this.authority?.signer,
    })
  }

  /** A program with one lane; `board` is what is plugged in, whatever the job wants. */
  start(life: Life = FOREVER): JobRunner {
    const tools: InjectTools = {
      clock: this.clock,
      random: systemRandom,
      ledger: () => guarded(this.ledger, LEDGER_WRITES, life),
      authority: () => this.authority,
      config: () => this.config,
      device: async () => {
        if (!this.board) throw new IotmcError('SERIAL_UNPLUGGED')
        return guarded(this.board, BOARD_COMMANDS, life)
      },
      completed: (job, unit, label) => {
        life.point()
        this.finished.push({ job, unit, label })
      },
    }
    const { clock, log } = this
    const journal = guarded(this.journal, ['insert', 'save', 'remove'], life)
    return new JobRunner({ clock, journal, log, concurrency: 4, plan: (job) => injectPlan(tools, job) })
  }

  /** Runs a number into a board; the job as it ends. */
  async inject(serialNumber: string, board: Board, params = paramsFor(board)): Promise<Job> {
    this.board = board
    const runner = this.start()
    runner.start()
    const [job] = runner.submit('inject', [serialNumber], params)
    return ended(runner, job?.id)
  }

  /** Has a failed job go on. */
  async retry(id: string): Promise<Job> {
    const runner = this.start()
    runner.start()
    runner.retry([id])
    return ended(runner, id)
  }
}

const LEDGER_WRITES = ['reserve', 'begin', 'done', 'failed', 'reserveCertificate', 'issued'] as const
const BOARD_COMMANDS = ['info', 'keygen', 'install', 'readChain', 'challenge', 'lock', 'label'] as const

/** The same object, with a point before and after each of these calls; after a kill it does nothing any more. */
const guarded = <T extends object>(target: T, names: readonly (keyof T)[], life: Life): T =>
  new Proxy(target, {
    get: (on, name) => {
      const value: unknown = Reflect.get(on, name, on)
      if (typeof value !== 'function') return value
      if (!names.includes(name as keyof T)) return value.bind(on)
      return (...given: unknown[]) => {
        life.point()
        const result: unknown = value.apply(on, given)
        if (!(result instanceof Promise)) {
          life.point()
          return result
        }
        return result.then((answer: unknown) => {
          life.point()
          return answer
        })
      }
    },
  })

/** Lets a job go on to its end; nothing here needs time to pass. */
export const ended = async (runner: JobRunner, id: string | undefined): Promise<Job> => {
  for (let rounds = 0; rounds < 2_000; rounds += 1) {
    const job = id === undefined ? undefined : runner.get(id)
    if (job && isEnded(job.state)) {
      await settle()
      return job
    }
    await settle()
  }
  throw new Error('the job did not end')
}
