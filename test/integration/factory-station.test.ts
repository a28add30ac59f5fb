import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Lane, StationConfig, StationView } from '../../electron/contract/factory'
import { Vault } from '../../electron/identity/vault'
import { injectPlan } from '../../electron/jobs/inject'
import { JobRunner } from '../../electron/jobs/runner'
import { systemClock, systemRandom } from '../../electron/net/clock'
import { Station } from '../../electron/station/station'
import { dataPaths } from '../../electron/store/paths'
import { deviceProgram, killDevices, startDevice } from '../helpers/device-process'
import { type PtyPair, startPtyPair } from '../helpers/pty'
import { keepingLog } from '../helpers/quiet-log'
import { makeTempDir } from '../helpers/temp-dir'
import { MemoryJournal } from '../jobs/bench'
import { KEYS, makeFolder, OPERATOR, SUPERVISOR } from '../station/bench'

/** A station with real ports, joined by pseudo terminals to device processes. */
class Floor {
  readonly cables: PtyPair[] = []
  readonly journal = new MemoryJournal()
  station!: Station
  private runner!: JobRunner
  private view: StationView | undefined
  private readonly looks = new Set<() => void>()
  private readonly folder: { readonly path: string; remove(): void }

  constructor(folder: { readonly path: string; remove(): void }) {
    this.folder = folder
  }

  async lay(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const dir = join(this.folder.path, `cable-${index}`)
      mkdirSync(dir)
      this.cables.push(await startPtyPair(dir))
    }
  }

  /** A blank device at the end of a cable; the same board again if it was there before. */
  device(cable: number, board = cable, more: readonly string[] = []) {
    const state = join(this.folder.path, `board-${board}`)
    const port = this.cables[cable]?.device ?? ''
    return startDevice(['--state', state, '--phase', 'manufacturing', '--serial-port', port, ...more])
  }

  async boot(): Promise<void> {
    const paths = dataPaths(this.folder.path)
    this.runner = new JobRunner({
      clock: systemClock,
      journal: this.journal,
      concurrency: 1,
      log: keepingLog(),
      plan: (job) => injectPlan(this.station.injectTools(), job),
    })
    this.station = new Station({
      clock: systemClock,
      random: systemRandom,
      vault: await Vault.open(paths.vault, KEYS),
      paths,
      runner: this.runner,
      stationName: 'Floor 1',
      owner: () => 'owner',
      log: keepingLog(),
      scryptCost: 2 ** 4,
      emit: (view) => {
        this.view = view
        for (const look of [...this.looks]) look()
      },
      audit: () => undefined,
    })
    await this.station.open()
    this.runner.start()
  }

  async begin(config: Partial<StationConfig> = {}): Promise<void> {
    await this.boot()
    this.station.configure({ lanes: this.cables.map((cable) => cable.station), ...config })
    await this.station.addPerson(SUPERVISOR)
    await this.station.addPerson(OPERATOR)
    await this.station.enter()
    await this.station.signIn(OPERATOR.pin)
  }

  async shutDown(): Promise<void> {
    await this.runner.stop()
    await this.station.close()
  }

  /** Resolves with the lanes as soon as they are so; the test's own time limit ends the wait. */
  until(isSo: (lanes: readonly Lane[]) => boolean): Promise<readonly Lane[]> {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.view || !isSo(this.view.lanes)) return
        this.looks.delete(look)
        resolve(this.view.lanes)
      }
      this.looks.add(look)
      look()
    })
  }

  allAre(state: Lane['state']): Promise<readonly Lane[]> {
    return this.until((lanes) => lanes.every((lane) => lane.state === state))
  }

  async end(): Promise<void> {
    try {
      await this.shutDown()
    } finally {
      await killDevices()
      await Promise.all(this.cables.map((cable) => cable.stop()))
      this.folder.remove()
    }
  }
}

let template: Awaited<ReturnType<typeof makeFolder>>
let floor: Floor

beforeAll(async () => {
  template = await makeFolder({ nowMs: Date.now() })
  await deviceProgram()
})
afterEach(() => floor.end())
afterAll(() => template.remove())

const begin = async (lanes: number): Promise<Floor> => {
  const folder = makeTempDir()
  template.copyTo(folder.path)
  floor = new Floor(folder)
  await floor.lay(lanes)
  return floor
}

describe('a station with real ports', () => {
  it('makes four devices side by side', async () => {
    await begin(4)
    await floor.begin()
    await floor.allAre('listening')
    const devices = await Promise.all([0, 1, 2, 3].map((cable) => floor.device(cable)))
    await floor.allAre('ready')
    for (const serialNumber of ['PX-1', 'PX-2', 'PX-3', 'PX-4']) floor.station.scan(serialNumber)
    const lanes = await floor.allAre('passed')
    expect(lanes.map((lane) => lane.serialNumber)).toEqual(['PX-1', 'PX-2', 'PX-3', 'PX-4'])
    const told = await Promise.all(devices.map((device) => device.locked()))
    expect(told.map(({ serial, udn }) => ({ serial, udn }))).toEqual(
      lanes.map(({ serialNumber, udn }) => ({ serial: serialNumber, udn })),
    )
    expect(told.map(({ setupCode }) => setupCode)).toEqual(
      lanes.map(({ number }) => floor.station.label(number).setupCode),
    )
    expect(floor.station.ledger.verify()).toMatchObject({ ok: true, units: 4 })
    expect(floor.station.view().counts).toMatchObject({ passed: 4, firstPass: 4, failed: 0 })
  })

  it('goes on with a device whose cable was pulled in the middle of a step', async () => {
    await begin(1)
    await floor.begin()
    await floor.device(0, 0, ['--keygen-ms', '1500'])
    await floor.allAre('ready')
    floor.station.scan('PX-1')
    await floor.until(([lane]) => lane?.step === 'keygen')
    await floor.cables[0]?.unplug()
    const [failed] = await floor.allAre('failed')
    expect(failed).toMatchObject({
      serialNumber: 'PX-1',
      error: { code: 'SERIAL_UNPLUGGED' },
      resumable: true,
    })
    await floor.cables[0]?.replug()
    await floor.allAre('passed')
    expect(floor.station.ledger.unit('PX-1')).toMatchObject({ state: 'complete' })
    expect(floor.station.view().counts).toMatchObject({ passed: 1, firstPass: 0, failed: 0 })
  })

  it('finds two boards that were swapped, each with its own number', async () => {
    await begin(2)
    await floor.begin({ startOnScan: true })
    const first = await floor.device(0, 0, ['--keygen-ms', '1500'])
    await floor.until(([lane]) => lane?.state === 'ready')
    floor.station.scan('PX-1')
    await floor.until(([lane]) => lane?.step === 'keygen')
    await first.kill()
    await floor.cables[0]?.unplug()
    await floor.until(([lane]) => lane?.state === 'failed')
    await floor.cables[0]?.replug()
    await floor.device(0, 1)
    await floor.until(([lane]) => lane?.state === 'ready')
    floor.station.scan('PX-2')
    await floor.device(1, 0)
    const lanes = await floor.allAre('passed')
    expect(lanes.map((lane) => lane.serialNumber)).toEqual(['PX-2', 'PX-1'])
  })

  it('goes on after a restart in the middle of a job, with nobody signed in', async () => {
    await begin(2)
    await floor.begin()
    await Promise.all([0, 1].map((cable) => floor.device(cable, cable, ['--keygen-ms', '1000'])))
    await floor.allAre('ready')
    floor.station.scan('PX-1')
    floor.station.scan('PX-2')
    await floor.until((lanes) => lanes.some((lane) => lane.step === 'keygen'))
    await floor.shutDown()
    await floor.boot()
    const lanes = await floor.until((all) => all.every((lane) => lane.state === 'passed'))
    expect(floor.station.view().signedIn).toBeUndefined()
    expect(lanes.map((lane) => lane.serialNumber)).toEqual(['PX-1', 'PX-2'])
    expect(floor.station.ledger.summary()).toMatchObject({ complete: 2, open: 0 })
  })
})
