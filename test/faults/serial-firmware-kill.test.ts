/**
 * The device is killed, or its cable pulled, at random packets of an update by cable: in the upload, around the mark, the
 * restart and the confirmation. It always starts a right bank, and the laptop's account of it is the device's own.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { activeSlot, type BankTable, bankTableSchema } from '../../electron/contract/banks'
import type { SerialFirmware } from '../../electron/contract/firmware'
import type { Job } from '../../electron/contract/job'
import { lookSerialFirmware } from '../../electron/jobs/update-serial'
import type { ByteLink } from '../../electron/serial/byte-link'
import { type DeviceProcess, killDevices, startDevice } from '../helpers/device-process'
import { makeFolder } from '../helpers/device-site'
import { requirePrivateNetwork } from '../helpers/private-network'
import { type PtyPair, startPtyPair } from '../helpers/pty'
import { hastyClock, SerialBench } from '../helpers/serial-bench'

/** Devices at once, each with its own cable: most of the time passes in waiting. */
const LANES = 3
const RUNS_EACH = 10
const WITHIN_MS = 900_000
/** The laptop's patience is this much shorter than in life; the device's is as it is. */
const HASTE = 5
/** Of an update without any mishap: some 20 parts of an image, and as many questions. */
const PACKETS = 55

/** A generator that gives the same numbers for the same seed, so that a failed run can be had again. */
const numbers = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** One device, its cable, and the laptop at the other end. */
class Lane {
  private readonly state = makeFolder('device')
  private device: DeviceProcess | undefined

  private constructor(
    readonly bench: SerialBench,
    readonly cable: PtyPair,
  ) {}

  static async open(): Promise<Lane> {
    const bench = await SerialBench.open(hastyClock(HASTE))
    const lane = new Lane(bench, await startPtyPair(makeFolder('cable')))
    await lane.start()
    return lane
  }

  get banks(): BankTable {
    return bankTableSchema.parse(JSON.parse(readFileSync(join(this.state, 'banks.json'), 'utf8')))
  }

  async powerCut(): Promise<void> {
    await this.device?.kill('SIGKILL')
    await this.start()
  }

  async pull(): Promise<void> {
    await this.cable.unplug()
    await this.cable.replug()
  }

  look(): Promise<SerialFirmware> {
    return lookSerialFirmware(this.bench.tools, this.cable.station, new AbortController().signal)
  }

  /** Runs an update, tried again until it is done or the device has gone back; something happens at some of its packets. */
  async update(bundleId: string, mishaps: ReadonlyMap<number, () => Promise<void>>): Promise<Job> {
    const { bench, cable } = this
    let packets = 0
    let under: Promise<void> = Promise.resolve()
    bench.wrap = (link) =>
      watched(link, () => {
        packets += 1
        const act = mishaps.get(packets)
        if (act) under = under.then(act)
      })
    const id = bench.submit(cable.station, bundleId)
    for (let tries = 0; tries < 20; tries += 1) {
      const job = await bench.ended(id)
      await under
      if (job.state === 'done' || job.error?.code === 'ROLLED_BACK') {
        bench.wrap = (link) => link
        return job
      }
      bench.runner.retry([id])
    }
    throw new Error('it never comes to an end')
  }

  async close(): Promise<void> {
    await this.bench.close()
    await this.device?.kill('SIGKILL')
    await this.cable.stop()
  }

  private async start(): Promise<void> {
    this.device = await startDevice(this.bench.deviceArguments(this.state, this.cable.device))
    await this.device.ready
  }
}

/** Counts what this side sends. */
const watched = (link: ByteLink, sent: () => void): ByteLink => ({
  path: link.path,
  gone: link.gone,
  ...(link.baudRate === undefined ? {} : { baudRate: link.baudRate }),
  onData: (listener) => link.onData(listener),
  close: () => link.close(),
  write: (bytes) => {
    sent()
    return link.write(bytes)
  },
})

let lanes: readonly Lane[] = []
beforeAll(async () => {
  requirePrivateNetwork()
  // One after the other: the first builds the device.
  for (let lane = 0; lane < LANES; lane += 1) lanes = [...lanes, await Lane.open()]
}, WITHIN_MS)
afterAll(async () => {
  for (const lane of lanes) await lane.close()
  await killDevices()
})

/** Updates a device again and again; how many of them were done. */
const mistreat = async (lane: Lane, seed: number): Promise<number> => {
  const random = numbers(seed)
  const { bench, cable } = lane
  const pull = () => lane.pull()
  const powerCut = () => lane.powerCut()
  let running = '1.4.0'
  let done = 0
  for (let run = 0; run < RUNS_EACH; run += 1) {
    const version = `2.0.${run}`
    const { id } = bench.bundle({ version, padBytes: 15_000 })
    const mishaps = new Map([
      [1 + random(PACKETS), random(3) === 0 ? pull : powerCut],
      [1 + random(PACKETS), random(2) === 0 ? pull : powerCut],
    ])
    const job = await lane.update(id, mishaps)
    const what = `seed ${seed}, run ${run}, cut at ${[...mishaps.keys()]}`
    const told = (await lane.look()).slots.find((slot) => slot.active)
    const table = lane.banks
    const active = table.banks[activeSlot(table)]
    const expected = job.state === 'done' ? version : running
    expect([what, active.version, told?.version, told?.confirmed]).toEqual([what, expected, expected, true])
    expect([what, table.trial]).toEqual([what, undefined])
    if (job.state !== 'done') expect([what, table.last?.outcome]).toEqual([what, 'rolledBack'])
    else done += 1
    running = expected
  }
  // The last one undisturbed, so that none of it has left anything behind.
  const { id } = bench.bundle({ version: '3.0.0' })
  expect((await bench.run(cable.station, id)).error).toBeUndefined()
  await powerCut()
  expect(lane.banks).toMatchObject({ last: { outcome: 'confirmed', version: '3.0.0' } })
  return done
}

describe('an update by cable that is cut', () => {
  it(
    `leaves a right bank running, ${LANES * RUNS_EACH} times`,
    async () => {
      const done = await Promise.all(lanes.map((lane, index) => mistreat(lane, index + 1)))
      expect(done.reduce((sum, one) => sum + one)).toBeGreaterThan((LANES * RUNS_EACH) / 2)
    },
    WITHIN_MS,
  )
})
