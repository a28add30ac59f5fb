/** A site with real devices for kill runs: a controller in this process, devices that are killed and started again. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bankTableSchema, chooseBoot, type Slot } from '../../electron/contract/banks'
import { type ErrorCode, IotmcError } from '../../electron/contract/errors'
import type { BankStatus, BoardRow, BoardState } from '../../electron/contract/firmware'
import { isEnded } from '../../electron/contract/job'
import { type Controller, createController } from '../../electron/controller'
import { packBundle } from '../../electron/firmware/bundle'
import { type Behaviour, sampleImage } from '../../electron/firmware/sample-image'
import { type FirmwareKey, practiceFirmwareSigner } from '../../electron/firmware/signer'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { openSettings } from '../../electron/store/settings'
import { type DeviceProcess, startDevice } from '../helpers/device-process'
import { keepingLog } from '../helpers/quiet-log'

/** What asking a device brings whose address has just changed. */
const RESTARTING: ReadonlySet<ErrorCode> = new Set([
  'DEVICE_UNREACHABLE',
  'DEVICE_OFFLINE',
  'TLS_REFUSED',
  'TIMED_OUT',
  'BAD_ANSWER',
])
const ENDED: ReadonlySet<BoardState> = new Set(['confirmed', 'rolledBack', 'failed', 'stopped'])
const PASSPHRASE = 'fault-test-passphrase'
const PAD_BYTES = 600_000

export interface Killed {
  /** Where the update was, by the device's last word. */
  readonly at: string
  readonly booted: Slot
  readonly expected: Slot | undefined
}

/** One device with a folder of its own; its process comes and goes. */
export class FleetDevice {
  process: DeviceProcess | undefined
  udn = ''
  constructor(
    readonly folder: string,
    private readonly args: readonly string[],
  ) {}

  /** Starts it; resolves when it answers. */
  async start(): Promise<void> {
    this.process = await startDevice(this.args)
    this.udn = (await this.process.ready).udn
  }

  /** Kills it now, and starts it again; says which bank the rules ask for and which one was started. */
  async killAndStart(): Promise<Killed> {
    const logs = this.process?.logs ?? []
    const at = String(logs.findLast(({ event }) => event === 'update')?.state ?? 'idle')
    await this.process?.kill('SIGKILL')
    const expected = chooseBoot(this.table(), () => true).slot
    await this.start()
    // What the boot step chose first, and that something runs in the end.
    const line = await this.process?.log(({ event }) => event === 'booting')
    await this.process?.log(({ event }) => event === 'running')
    return { at, booted: line?.slot as Slot, expected }
  }

  table() {
    return bankTableSchema.parse(JSON.parse(readFileSync(join(this.folder, 'banks.json'), 'utf8')))
  }
}

export class Fleet {
  private constructor(
    readonly controller: Controller,
    private readonly folder: string,
    private readonly signer: FirmwareKey,
    readonly devices: readonly FleetDevice[],
  ) {}

  /** Devices in operation under a site of their own. */
  static async make(folder: string, count: number): Promise<Fleet> {
    const site = join(folder, 'site')
    const factory = join(folder, 'factory')
    const controller = await createController({
      dataDir: site,
      practice: false,
      passphrase: PASSPHRASE,
      openSettings,
      interfaces: ['lo'],
      log: keepingLog(),
    })
    await controller.setup({
      technician: 'Operator 17',
      siteName: 'Kill runs',
      interfaces: ['lo'],
      passphrase: PASSPHRASE,
    })
    const authority = await openPracticeFactory(factory)
    controller.trustAdd(authority.certificatePem)
    controller.saveGroup({ name: 'North', values: {} })
    const devices = Array.from({ length: count }, (_, n) => {
      const state = join(folder, `device-${n}`)
      return new FleetDevice(state, [
        ...['--state', state, '--interface', 'lo', '--phase', 'commissioning', '--model', 'PX-200'],
        ...['--serial', `PX200-${n}`, '--anchor', join(site, 'public', 'site-ca.pem'), '--factory', factory],
      ])
    })
    for (const device of devices) await device.start()
    const fleet = new Fleet(controller, folder, await practiceFirmwareSigner(authority, new Date()), devices)
    const udns = devices.map(({ udn }) => udn)
    await fleet.until(() =>
      udns.every((udn) => controller.devices().some((row) => row.udn === udn && row.online)),
    )
    const jobs = controller.commission(udns, 'North', 'given')
    await fleet.until(() => jobs.every((id) => fleet.jobState(id) === 'done'))
    return fleet
  }

  /** A bundle in the library, its image behaving as told; gives its id. */
  async addBundle(version: string, behaviour: Behaviour): Promise<string> {
    const imagePath = join(this.folder, 'image.mjs')
    const out = join(this.folder, `${version}.iotfw`)
    writeFileSync(imagePath, sampleImage({ version, behaviour, padBytes: PAD_BYTES, afterMs: 300 }))
    await packBundle({
      manifest: {
        format: 1,
        vendor: 'Example maker',
        model: 'PX-200',
        hardwareRevisions: ['C2'],
        version,
        securityVersion: 1,
        releaseDate: '2026-01-01T00:00:00Z',
        image: { file: 'image.mjs', format: 'raw' },
        // A second and a half of uptime.
        probationHours: 1.5 / 3600,
        notes: '',
      },
      imagePath,
      ...this.signer,
      out,
      now: new Date(),
    })
    return (await this.controller.firmware().add(out)).added.id
  }

  /** A rollout to the devices in one wave that no failure stops; gives its id. */
  start(bundleId: string, devices: readonly FleetDevice[]): string {
    return this.controller.firmware().start({
      bundleId,
      waves: [{ udns: devices.map(({ udn }) => udn) }],
      passPercent: 0,
      soakMinutes: 0,
      errorPercent: 100,
      minimumSample: 5000,
      downloadAhead: false,
      confirm: 'device',
    })
  }

  row(rolloutId: string, udn: string): BoardRow | undefined {
    return this.controller
      .firmware()
      .board(rolloutId)
      .find((row) => row.udn === udn)
  }

  jobEnded(rolloutId: string, udn: string): boolean {
    const { jobId, state = 'waiting' } = this.row(rolloutId, udn) ?? {}
    return ENDED.has(state) && jobId !== undefined && isEnded(this.jobState(jobId) ?? 'queued')
  }

  /** What the device itself says, asked over TLS until it can be heard where it is now. */
  async ask(udn: string): Promise<BankStatus> {
    for (;;) {
      await this.until(() => this.controller.devices().some((row) => row.udn === udn && row.online))
      const changed = this.nextDevices()
      try {
        return await this.controller.firmware().status(udn)
      } catch (thrown) {
        if (!(thrown instanceof IotmcError) || !RESTARTING.has(thrown.code)) throw thrown
        // It has just been started again, and its new address was not heard yet.
        await changed
      }
    }
  }

  private nextDevices(): Promise<void> {
    return new Promise((resolve) => {
      const off = this.controller.on('devices', () => {
        off()
        resolve()
      })
    })
  }

  /** Resolves when `fact` holds; looks whenever the controller says something. */
  until(fact: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const offs: (() => void)[] = []
      const look = (): void => {
        if (!fact()) return
        for (const off of offs.splice(0)) off()
        resolve()
      }
      const { controller } = this
      offs.push(controller.on('devices', look), controller.on('jobs', look), controller.on('boardRows', look))
      look()
    })
  }

  private jobState(id: string) {
    return this.controller.jobs().find((job) => job.id === id)?.state
  }
}
