/** Identity injection: bytes on the wire, and devices an hour for 1, 4 and 16 lanes on real pseudo terminals. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DEFAULT_STATION_CONFIG, type Unit } from '../../electron/contract/factory'
import type { Job } from '../../electron/contract/job'
import { createRoot, installStation, requestStation, signStation } from '../../electron/factory/authority'
import { FactoryDevice } from '../../electron/factory/factory-device'
import { Ledger } from '../../electron/factory/ledger'
import { derBlocks } from '../../electron/identity/pem'
import { Vault } from '../../electron/identity/vault'
import { type InjectTools, injectPlan } from '../../electron/jobs/inject'
import { JobRunner } from '../../electron/jobs/runner'
import { systemClock, systemRandom } from '../../electron/net/clock'
import { openLink } from '../../electron/serial/link'
import { osCommands } from '../../electron/serial/os-group'
import { SmpSession } from '../../electron/serial/smp-session'
import { Records } from '../../electron/store/records'
import { type PtyPair, startPtyPair } from '../helpers/pty'
import { makeTempDir } from '../helpers/temp-dir'
import type { Print } from './support/print'
import { quietLog } from './support/quiet'

const MODEL = 'PX-200'
const PASSPHRASE = 'bench-only-passphrase'
const LANES = [1, 4, 16]
const KEYGEN_MS = [0, 2_000]
const MEASURE_MS = 12_000
const BYTES_PER_S = 11_520

interface Lane {
  readonly path: string
  readonly device: FactoryDevice
}

interface Line {
  readonly runner: JobRunner
  readonly lanes: Lane[]
  readonly ledger: Ledger
  close(): Promise<void>
}

const openAuthority = async (folder: string) => {
  const now = new Date()
  const root = join(folder, 'root')
  await createRoot(root, { commonName: 'Bench root', passphrase: PASSPHRASE, now })
  const vault = await Vault.create(join(folder, 'vault'), { passphrase: PASSPHRASE, scryptCost: 2 ** 14 })
  const requestPem = await requestStation(vault, { commonName: 'Bench station' })
  const limits = { quota: 1_000_000, days: 30, now }
  const { chainPem } = await signStation(root, { requestPem, passphrase: PASSPHRASE, ...limits })
  return installStation(vault, chainPem, { now })
}

/** Starts the devices' process; resolves when all of its ports are open. */
const startDevices = (ports: readonly string[], keygenMs: number): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [process.argv[1] ?? ''], {
      env: {
        ...process.env,
        IOTMC_BENCH_ROLE: 'blank-devices',
        IOTMC_BENCH_INPUT: JSON.stringify({ ports, model: MODEL, keygenMs }),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child.once('exit', (code) => reject(new Error(`the devices ended with ${code}`)))
    createInterface({ input: child.stdout }).once('line', () => resolve(child))
  })

const openLine = async (folder: string, count: number, keygenMs: number): Promise<Line> => {
  const cables: PtyPair[] = []
  for (let lane = 1; lane <= count; lane += 1) {
    const dir = join(folder, `lane-${lane}`)
    mkdirSync(dir)
    cables.push(await startPtyPair(dir))
  }
  const devices = await startDevices(
    cables.map((cable) => cable.device),
    keygenMs,
  )
  const authority = await openAuthority(folder)
  const ledger = Ledger.open(join(folder, 'ledger.sqlite'), {
    clock: systemClock,
    station: 'Bench',
    signer: () => authority.signer,
  })
  const records = Records.open(join(folder, 'records.sqlite'))
  const lanes: Lane[] = []
  for (const { station: path } of cables) {
    const session = await SmpSession.open(await openLink(path), { clock: systemClock, framing: 'console' })
    lanes.push({ path, device: new FactoryDevice(session) })
  }
  const tools: InjectTools = {
    clock: systemClock,
    random: systemRandom,
    ledger: () => ledger,
    authority: () => authority,
    config: () => ({ ...DEFAULT_STATION_CONFIG, model: MODEL }),
    device: async (job) => {
      const lane = lanes.find((one) => one.path === job.params.path)
      if (!lane) throw new Error('no such lane')
      return lane.device
    },
    completed: () => undefined,
  }
  const runner = new JobRunner({
    clock: systemClock,
    journal: records.jobs,
    concurrency: count,
    plan: (job) => injectPlan(tools, job),
    log: quietLog,
  })
  runner.start()
  return {
    runner,
    lanes,
    ledger,
    close: async () => {
      await runner.stop()
      for (const { device } of lanes) await device.session.close()
      devices.removeAllListeners('exit')
      devices.kill('SIGKILL')
      for (const cable of cables) await cable.stop()
      ledger.close()
      records.close()
    },
  }
}

const ended = (runner: JobRunner, id: string): Promise<Job> =>
  new Promise((resolve) => {
    const look = (): boolean => {
      const job = runner.get(id)
      if (job?.state !== 'done' && job?.state !== 'failed') return false
      resolve(job)
      return true
    }
    if (look()) return
    const off = runner.on('changed', () => {
      if (look()) off()
    })
  })

let serial = 0
const injectNext = async (line: Line, { path, device }: Lane): Promise<Unit> => {
  const { hardwareId } = await device.info()
  serial += 1
  const serialNumber = `B-${serial}`
  const params = {
    path,
    lane: path,
    model: MODEL,
    operator: 'bench',
    hardwareId: Buffer.from(hardwareId).toString('hex'),
  }
  const [job] = line.runner.submit('inject', [serialNumber], params)
  const done = await ended(line.runner, job?.id ?? '')
  if (done.state !== 'done') throw new Error(`an injection failed: ${JSON.stringify(done.error)}`)
  const unit = line.ledger.unit(serialNumber)
  if (unit?.state !== 'complete') throw new Error('a device is not complete in the ledger')
  return unit
}

const withLine = async (
  count: number,
  keygenMs: number,
  use: (line: Line) => Promise<void>,
): Promise<void> => {
  const folder = makeTempDir('iotmc-bench-')
  try {
    const line = await openLine(folder.path, count, keygenMs)
    try {
      await use(line)
    } finally {
      await line.close()
    }
  } finally {
    folder.remove()
  }
}

/** What has to travel whatever the protocol: names out, request in, chain out and back, challenge and answer, setup code. */
const mustTravel = (line: Line, unit: Unit, request: Buffer): number => {
  const certificate = line.ledger.certificateOf(unit.serialNumber)
  const chain = derBlocks(certificate?.chainPem ?? '', 'CERTIFICATE').reduce(
    (sum, der) => sum + der.length,
    0,
  )
  return unit.serialNumber.length + 16 + request.length + 2 * chain + 32 + 72 + 8
}

const wire = (print: Print): Promise<void> =>
  withLine(1, 0, async (line) => {
    const [lane] = line.lanes
    if (!lane) throw new Error('no lane')
    await injectNext(line, lane)
    await lane.device.session.request(osCommands.reset, {})
    const { traffic } = lane.device.session
    const before = traffic.sentBytes + traffic.receivedBytes
    const unit = await injectNext(line, lane)
    const after = lane.device.session.traffic
    const bytes = after.sentBytes + after.receivedBytes - before
    // The played device still answers this after its lock; asked after the count was taken.
    const needed = mustTravel(line, unit, await lane.device.keygen(unit))
    print('injection-wire', bytes, 'bytes')
    print('injection-must-travel', needed, 'bytes')
    print('injection-wire-per-needed', Number((bytes / needed).toFixed(2)), 'times')
    print('injection-wire-time', Number((bytes / BYTES_PER_S).toFixed(2)), 's at 115200')
  })

const throughput = (print: Print, count: number, keygenMs: number): Promise<void> =>
  withLine(count, keygenMs, async (line) => {
    for (const lane of line.lanes) {
      await injectNext(line, lane)
      await lane.device.session.request(osCommands.reset, {})
    }
    const begun = performance.now()
    const untilMs = begun + MEASURE_MS
    let devices = 0
    let lastMs = begun
    const work = async (lane: Lane): Promise<void> => {
      while (performance.now() < untilMs) {
        await injectNext(line, lane)
        await lane.device.session.request(osCommands.reset, {})
        devices += 1
        lastMs = performance.now()
      }
    }
    await Promise.all(line.lanes.map(work))
    const perHour = (devices / (lastMs - begun)) * 3_600_000
    const name = `injections-${count}-lanes-keygen-${keygenMs / 1000}s`
    print(name, Math.round(perHour), 'devices/h')
    if (keygenMs > 0) print(`${name}-limit`, Math.round((count * 3_600_000) / keygenMs), 'devices/h')
  })

/** The pty takes bytes faster than a real line: the time on the wire is printed beside and comes on top. */
export const run = async (print: Print): Promise<void> => {
  await wire(print)
  for (const keygenMs of KEYGEN_MS) for (const count of LANES) await throughput(print, count, keygenMs)
}
