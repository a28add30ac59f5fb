/** A board on a cable in memory, a bundle for it, and a runner that updates it, all in virtual time. */
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Slot } from '../../electron/contract/banks'
import { IotmcError } from '../../electron/contract/errors'
import type { Manifest } from '../../electron/contract/firmware'
import { isEnded, type Job } from '../../electron/contract/job'
import type { BankStore } from '../../electron/device/bank-store'
import { makeMcuboot, readImageHeader } from '../../electron/firmware/mcuboot'
import { McubootCheck } from '../../electron/firmware/mcuboot-check'
import { generateKeyPem, publicKeyOf } from '../../electron/identity/keys'
import { JobRunner } from '../../electron/jobs/runner'
import { type UpdateSerialTools, updateSerialPlan } from '../../electron/jobs/update-serial'
import type { ByteLink } from '../../electron/serial/link'
import { SmpSession } from '../../electron/serial/smp-session'
import { BenchDevice, type BenchOptions, withPowerCut } from '../helpers/bench-device'
import { makeFolder } from '../helpers/device-site'
import { keepingLog } from '../helpers/quiet-log'
import { VirtualClock } from '../helpers/virtual-clock'
import { MemoryJournal, settle } from './bench'

export const PORT = '/dev/ttyTEST0'
export const BUNDLE = 'b'.repeat(64)
const STEP_MS = 20
const TURNS_MAX = 60_000

export const KEY = generateKeyPem()

/** What the boot step asks of an image that came by cable. */
export const verifies = (slot: Slot, banks: BankStore): boolean => {
  const image = readFileSync(banks.paths(slot).image)
  // The factory's own: no MCUboot image.
  if (!readImageHeader(image)) return slot === 'A'
  const { version = '', securityVersion = 0 } = banks.table.banks[slot]
  const check = new McubootCheck({ version, securityVersion, size: image.length, keys: [publicKeyOf(KEY)] })
  try {
    check.write(image)
    check.end()
    return true
  } catch {
    return false
  }
}

export interface WorldOptions extends BenchOptions {
  readonly payloadBytes?: number
  readonly version?: string
  readonly securityVersion?: number
}

export class SerialWorld {
  readonly clock = new VirtualClock(Date.now())
  readonly image: Buffer
  readonly manifest: Manifest
  readonly tools: UpdateSerialTools
  readonly journal = new MemoryJournal()
  device: BenchDevice
  runner: JobRunner
  packets = 0
  /** Throws where the device is leaving its site. */
  requireFree: UpdateSerialTools['requireFree'] = () => undefined
  private readonly atPackets = new Map<number, () => void>()
  private readonly imagePath = join(makeFolder('bundle'), 'image.bin')

  constructor(private readonly options: WorldOptions = {}) {
    const { payloadBytes = 6_000, version = '2.0.0', securityVersion = 1, ...bench } = options
    const payload = randomBytes(payloadBytes)
    this.image = makeMcuboot({ payload, version, securityCounter: securityVersion, keyPem: KEY })
    writeFileSync(this.imagePath, this.image)
    this.manifest = {
      format: 1,
      vendor: 'Example maker',
      model: 'PX-200',
      hardwareRevisions: ['C2'],
      version,
      securityVersion,
      releaseDate: '2026-01-01T00:00:00Z',
      image: {
        file: 'image.bin',
        format: 'mcuboot',
        size: this.image.length,
        sha256: createHash('sha256').update(this.image).digest('hex'),
      },
      probationHours: 24,
      notes: '',
    }
    this.device = new BenchDevice({ verifies, ...bench, clock: this.clock })
    this.tools = {
      clock: this.clock,
      openSerial: (_path, signal) => this.open(signal),
      requireFree: (who) => this.requireFree(who),
      bundle: (id) =>
        id === BUNDLE
          ? { manifest: this.manifest, imagePath: this.imagePath, keys: [publicKeyOf(KEY)] }
          : undefined,
    }
    this.runner = this.newRunner()
  }

  /** Starts device and runner, and the job. */
  async begin(params: { confirm?: boolean; consent?: boolean; bundleId?: string } = {}): Promise<string> {
    await this.device.side.start()
    this.runner.start()
    return this.submit(params)
  }

  /** A bundle with another version for the same world; later jobs take it. */
  renew(version: string, payloadBytes = 6_000): void {
    const image = makeMcuboot({
      payload: randomBytes(payloadBytes),
      version,
      securityCounter: 1,
      keyPem: KEY,
    })
    writeFileSync(this.imagePath, image)
    const sha256 = createHash('sha256').update(image).digest('hex')
    Object.assign(this.manifest, {
      version,
      image: { ...this.manifest.image, size: image.length, sha256 },
    })
  }

  submit({ confirm = true, consent = false, bundleId = BUNDLE } = {}): string {
    const [job] = this.runner.submit('update-serial', [PORT], {
      ...{ path: PORT, bundleId },
      ...{ confirm: String(confirm), consent: String(consent) },
    })
    if (!job) throw new Error('no job')
    return job.id
  }

  async run(params: Parameters<SerialWorld['begin']>[0] = {}): Promise<Job> {
    return this.end(await this.begin(params))
  }

  /** Lets time pass until the job has ended, or `until` says so. */
  async end(id: string, until: (job: Job) => boolean = () => false): Promise<Job> {
    for (let turns = 0; turns < TURNS_MAX; turns += 1) {
      await settle()
      const job = this.runner.get(id)
      if (job && (isEnded(job.state) || until(job))) return job
      this.clock.advance(STEP_MS)
    }
    throw new Error('the job does not end')
  }

  /** Lets time pass until a promise is settled. */
  drive<T>(promise: Promise<T>): Promise<T> {
    return this.device.drive(promise)
  }

  /** Does something when this side is about to write so many packets more, over however many openings of the port. */
  atPacket(count: number, act: () => void): void {
    this.atPackets.set(this.packets + count, act)
  }

  /** Pulls the cable, for so long. */
  unplug(forMs = 1_000): void {
    this.device.plugged = false
    this.device.cable.unplug()
    this.clock.setTimer(() => {
      this.device.plugged = true
    }, forMs)
  }

  /** The device loses its power and gets it back: its folder is all that is left, and the boot step runs. */
  async powerCycle(): Promise<void> {
    const { device, options, clock } = this
    device.cable.unplug()
    this.device = await withPowerCut(device, { verifies, ...options, clock })
    this.device.boot()
    await this.device.side.start()
  }

  /** The program is closed, or killed, and started again with what its journal holds. */
  async restartProgram(): Promise<void> {
    await this.drive(this.runner.stop())
    this.runner = this.newRunner()
    this.runner.start()
  }

  private newRunner(): JobRunner {
    return new JobRunner({
      clock: this.clock,
      journal: this.journal,
      concurrency: 8,
      plan: (job) => updateSerialPlan(this.tools, job),
      log: keepingLog(),
    })
  }

  private async open(signal: AbortSignal): Promise<{ session: SmpSession }> {
    if (!this.device.plugged) throw new IotmcError('SERIAL_PORT_MISSING', { subject: PORT })
    const { cable } = this.device
    // A board that closes its port takes it away from both ends.
    void cable.device.gone.then(() => cable.unplug())
    const link = opening(cable.station, () => {
      this.packets += 1
      this.atPackets.get(this.packets)?.()
    })
    try {
      return { session: await SmpSession.open(link, { clock: this.clock, signal }) }
    } catch (thrown) {
      await link.close()
      throw thrown
    }
  }
}

/** One opening of a port: closed by this side, the cable and the device at its other end stay as they are. */
const opening = (station: ByteLink, onWrite: () => void): ByteLink => {
  let end = (_why: IotmcError): void => undefined
  const closed = new Promise<IotmcError>((resolve) => {
    end = resolve
  })
  const off = new Set<() => void>()
  return {
    path: PORT,
    write: async (bytes) => {
      onWrite()
      await station.write(bytes)
    },
    onData: (listener) => {
      const stop = station.onData(listener)
      off.add(stop)
      return stop
    },
    gone: Promise.race([station.gone, closed]),
    close: async () => {
      for (const stop of off) stop()
      end(new IotmcError('CANCELLED', { subject: PORT }))
    },
  }
}

export const stepStates = (job: Job): Record<string, string> =>
  Object.fromEntries(job.steps.map(({ name, state }) => [name, state]))
export const notes = (job: Job): Record<string, string> =>
  Object.fromEntries(job.steps.map(({ name, note = '' }) => [name, note]))
