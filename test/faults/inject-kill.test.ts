/**
 * Many devices, and each is interrupted once at a random moment of its injection: the cable is pulled, the device
 * loses power, or the station is killed. Everything is then started again until every device is complete. No number is
 * lost or used twice, no key has two certificates.
 *
 * `IOTMC_FAULT_SEED` repeats a run's choices, `IOTMC_FAULT_RUNS` changes how many devices there are: 200 is the full run.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isEnded, JOB_STEPS } from '../../electron/contract/job'
import { readCertificate } from '../../electron/identity/certificate'
import { delay, systemClock } from '../../electron/net/clock'
import { type DeviceProcess, deviceProgram, killDevices, startDevice } from '../helpers/device-process'
import { makeFactory, openLine } from '../helpers/factory-line'
import { type PtyPair, startPtyPair } from '../helpers/pty'
import { makeTempDir } from '../helpers/temp-dir'
import { buildProgram } from './build-program'
import { randomOf, StationKeeper } from './inject-floor'

const RUNS = Number(process.env.IOTMC_FAULT_RUNS ?? 80)
const SEED = Number(process.env.IOTMC_FAULT_SEED ?? Math.floor(Math.random() * 1e9))
const LANES = 8
/** Ledger and device are touched about this often on the way of one device. */
const POINTS = 190
const POINTS_LEFT = 40
const STEPS: readonly string[] = JOB_STEPS.inject
/** Ends after which the same device goes on where it stood; any other is a defect. */
const PASSING = ['SERIAL_UNPLUGGED', 'TIMED_OUT']

const PROGRAM = fileURLToPath(new URL('./station-program.ts', import.meta.url))
const temp = makeTempDir()
let program: Awaited<ReturnType<typeof buildProgram>>
let station: StationKeeper
let cables: PtyPair[] = []

beforeAll(async () => {
  await deviceProgram()
  program = await buildProgram(PROGRAM, true)
  await makeFactory(temp.path)
  cables = await Promise.all(
    Array.from({ length: LANES }, (_, lane) => {
      const folder = join(temp.path, `cable-${lane}`)
      mkdirSync(folder)
      return startPtyPair(folder)
    }),
  )
  station = new StationKeeper(program.path, [temp.path, ...cables.map((cable) => cable.station)])
}, 120_000)
afterAll(async () => {
  await station.stop()
  await killDevices()
  await Promise.all(cables.map((cable) => cable.stop()))
  program.remove()
  temp.remove()
})

/** A third of them each; a kill of the station strikes at all lanes. */
const KINDS = ['cable', 'device', 'station-at-point', 'cable', 'device', 'station'] as const
interface Fault {
  readonly kind: (typeof KINDS)[number]
  readonly step: number
  readonly afterMs: number
  readonly awayMs: number
  readonly point: number
}

const faultOf = (run: number): Fault => {
  const random = randomOf(SEED + run * 7919)
  return {
    kind: KINDS[Math.floor(random() * KINDS.length)] ?? 'cable',
    step: Math.floor(random() * STEPS.length),
    afterMs: Math.floor(random() * 40),
    awayMs: Math.floor(random() * 300),
    point: 1 + Math.floor(random() * POINTS),
  }
}

const serialOf = (run: number): string => `PX200-${String(run).padStart(5, '0')}`
const folderOf = (run: number): string => join(temp.path, `board-${run}`)
const pause = (ms: number): Promise<void> => delay(systemClock, ms)

const boot = (run: number, cable: PtyPair): Promise<DeviceProcess> =>
  startDevice([
    ...['--state', folderOf(run), '--serial-port', cable.device, '--phase', 'manufacturing'],
    ...['--model', 'PX-200', '--parent', String(process.pid)],
  ])

/** Takes one device through its injection, with its fault on the way; where the fault struck. */
const takeThrough = async (run: number, lane: number, cable: PtyPair): Promise<string> => {
  const serialNumber = serialOf(run)
  const fault = faultOf(run)
  let device = await boot(run, cable)
  const { hardwareId = '' } = await device.ready
  let struckAt = ''
  let { point } = fault
  let recovered: Promise<void> = Promise.resolve()

  const strike = async (where: string): Promise<void> => {
    struckAt = `${fault.kind} ${where}`
    if (fault.kind === 'cable') {
      await cable.unplug()
      await pause(fault.awayMs)
      await cable.replug()
    } else if (fault.kind === 'device') {
      await device.kill()
      await pause(fault.awayMs)
      device = await boot(run, cable)
      await device.ready
    } else {
      station.kill()
    }
  }

  const order = () => {
    const dieAt = fault.kind === 'station-at-point' && !struckAt ? point : undefined
    if (!station.give({ order: 'inject', lane, serialNumber, hardwareId, dieAt })) return
    // If another lane's kill comes first, less of the way is left.
    point = 1 + (fault.point % POINTS_LEFT)
  }

  await new Promise<void>((resolve, reject) => {
    const goOn = (news: 'job' | 'ready'): void => {
      const job = station.jobOf(serialNumber)
      // A new station knows nothing of the point at which it was to end: a job that it has already is kept.
      const isUnarmed = news === 'ready' && fault.kind === 'station-at-point' && !struckAt
      if (!job || (isUnarmed && !isEnded(job.state))) order()
      else if (job.state === 'done') {
        off()
        resolve()
      } else if (job.state === 'failed') {
        if (!PASSING.includes(job.code ?? '')) {
          off()
          reject(new Error(`${serialNumber} ${struckAt}: ${job.code} ${job.detail}`))
          return
        }
        // Not before the device is back: it would only fail again.
        void recovered.then(() => station.give({ order: 'retry', jobId: job.id }))
      }
    }
    const off = station.on((news) => {
      if (news.news === 'dying' && news.serialNumber === serialNumber) struckAt = 'station-at-point'
      if (news.news === 'ready') goOn('ready')
      if (news.news === 'job' && news.job.subject === serialNumber) goOn('job')
      if (news.news !== 'step' || news.serialNumber !== serialNumber || struckAt) return
      if (fault.kind === 'station-at-point' || STEPS.indexOf(news.step) < fault.step) return
      struckAt = fault.kind
      recovered = pause(fault.afterMs).then(() => strike(news.step))
      recovered.catch(reject)
    })
    goOn('ready')
  })
  await recovered
  // It was too quick for its fault; being complete is one more moment to be interrupted at.
  if (!struckAt) await strike('complete')
  await device.kill()
  return struckAt
}

it(`${RUNS} devices, each interrupted at a random moment, are complete in the end, each exactly once`, async () => {
  console.log(`IOTMC_FAULT_SEED=${SEED}`)
  const startedAt = Date.now()
  station.start()
  const struck: string[] = []
  let next = 1
  await Promise.all(
    cables.map(async (cable, lane) => {
      while (next <= RUNS) {
        const run = next
        next += 1
        struck.push(await takeThrough(run, lane, cable))
      }
    }),
  )
  await station.stop()
  expect(station.problems).toBe('')
  expect(struck).toHaveLength(RUNS)
  console.log(
    `${RUNS} devices in ${Math.round((Date.now() - startedAt) / 1000)} s, ${station.kills} kills of the station`,
  )
  console.log(
    Object.entries(tallied(struck))
      .map(([where, count]) => `${count} × ${where}`)
      .join(', '),
  )

  const line = await openLine({ folder: temp.path, lend: () => Promise.reject(new Error('no device here')) })
  try {
    const { ledger, authority, runner } = line
    expect(ledger.verify()).toMatchObject({ ok: true, units: RUNS, unsigned: 0 })
    expect(runner.list().map((job) => job.state)).toEqual(Array.from({ length: RUNS }, () => 'done'))
    const units = ledger.units({ search: '', limit: 1_000 })
    const numbers = Array.from({ length: RUNS }, (_, i) => serialOf(i + 1))
    expect(units.map((unit) => unit.serialNumber).sort()).toEqual(numbers)
    expect(new Set(units.map((unit) => unit.state))).toEqual(new Set(['complete']))
    expect(units.filter((unit) => unit.openStep !== undefined)).toEqual([])
    for (const fact of ['udn', 'hardwareId', 'publicKeySha256', 'certificateSerial', 'fingerprint'] as const)
      expect(new Set(units.map((unit) => unit[fact])).size).toBe(RUNS)
    // One certificate was promised for each device, so none was signed twice.
    expect(ledger.issuedBy(authority.fingerprint)).toBe(RUNS)
    for (let run = 1; run <= RUNS; run += 1) {
      const serialNumber = serialOf(run)
      const chain = readFileSync(join(folderOf(run), 'idevid.pem'), 'utf8')
      expect(chain).toBe(ledger.certificateOf(serialNumber)?.chainPem)
      const { deviceSerial, udn, publicKeySha256 } = readCertificate(chain)
      const unit = ledger.unit(serialNumber)
      expect({ deviceSerial, udn, publicKeySha256 }).toEqual({
        deviceSerial: serialNumber,
        udn: unit?.udn,
        publicKeySha256: unit?.publicKeySha256,
      })
    }
  } finally {
    await line.close()
  }
}, 900_000)

const tallied = (struck: readonly string[]): Record<string, number> => {
  const tally: Record<string, number> = {}
  for (const where of struck) tally[where] = (tally[where] ?? 0) + 1
  return tally
}
