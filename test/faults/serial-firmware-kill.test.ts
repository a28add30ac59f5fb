/**
 * The device is killed, or its cable pulled, at random packets of an update by cable: in the upload, around the mark, the
 * restart and the confirmation. It always starts a right bank, and the laptop's account of it is the device's own.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { activeSlot, bankTableSchema } from '../../electron/contract/banks'
import type { Job } from '../../electron/contract/job'
import { lookSerialFirmware } from '../../electron/jobs/update-serial'
import type { ByteLink } from '../../electron/serial/byte-link'
import { type DeviceProcess, killDevices, startDevice } from '../helpers/device-process'
import { makeFolder } from '../helpers/device-site'
import { requirePrivateNetwork } from '../helpers/private-network'
import { type PtyPair, startPtyPair } from '../helpers/pty'
import { hastyClock, SerialBench } from '../helpers/serial-bench'

const RUNS = 30
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

let bench: SerialBench
let cable: PtyPair
let device: DeviceProcess
const state = makeFolder('device')

const banks = () => bankTableSchema.parse(JSON.parse(readFileSync(join(state, 'banks.json'), 'utf8')))
const start = async (): Promise<void> => {
  device = await startDevice(bench.deviceArguments(state, cable.device))
  await device.ready
}
const powerCut = async (): Promise<void> => {
  await device.kill('SIGKILL')
  await start()
}
const pull = async (): Promise<void> => {
  await cable.unplug()
  await cable.replug()
}

/** Counts what this side sends, and acts at the packet that is told. */
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

beforeAll(async () => {
  requirePrivateNetwork()
  bench = await SerialBench.open(hastyClock(HASTE))
  cable = await startPtyPair(makeFolder('cable'))
  await start()
}, WITHIN_MS)
afterEach(() => {
  bench.wrap = (link) => link
})
afterAll(async () => {
  await bench.close()
  await killDevices()
  await cable.stop()
})

/** Runs an update, tried again until it is done or the device has gone back; something happens at some of its packets. */
const update = async (bundleId: string, mishaps: ReadonlyMap<number, () => Promise<void>>): Promise<Job> => {
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
    if (job.state === 'done' || job.error?.code === 'ROLLED_BACK') return job
    bench.runner.retry([id])
  }
  throw new Error('it never comes to an end')
}

describe('an update by cable that is cut', () => {
  it(
    `leaves a right bank running, ${RUNS} times`,
    async () => {
      const outcomes: Record<string, number> = {}
      let running = '1.4.0'
      for (let run = 0; run < RUNS; run += 1) {
        const random = numbers(run + 1)
        const version = `2.0.${run}`
        const { id } = bench.bundle({ version, padBytes: 15_000 })
        const mishaps = new Map([
          [1 + random(PACKETS), random(3) === 0 ? pull : powerCut],
          [1 + random(PACKETS), random(2) === 0 ? pull : powerCut],
        ])
        const job = await update(id, mishaps)
        bench.wrap = (link) => link
        const what = `run ${run}, cut at ${[...mishaps.keys()]}`
        const seen = await lookSerialFirmware(bench.tools, cable.station, new AbortController().signal)
        const table = banks()
        const active = table.banks[activeSlot(table)]
        const told = seen.slots.find((slot) => slot.active)
        expect([what, told?.version, told?.confirmed]).toEqual([what, active.version, true])
        expect([what, table.trial]).toEqual([what, undefined])
        const expected = job.state === 'done' ? version : running
        expect([what, active.version]).toEqual([what, expected])
        if (job.state !== 'done') expect([what, table.last?.outcome]).toEqual([what, 'rolledBack'])
        running = active.version ?? ''
        outcomes[job.state] = (outcomes[job.state] ?? 0) + 1
      }
      // The last one undisturbed, so that none of it has left anything behind.
      const { id } = bench.bundle({ version: '3.0.0' })
      expect((await bench.run(cable.station, id)).error).toBeUndefined()
      await powerCut()
      expect(banks()).toMatchObject({ last: { outcome: 'confirmed', version: '3.0.0' } })
      expect(outcomes.done).toBeGreaterThan(RUNS / 2)
    },
    WITHIN_MS,
  )
})
