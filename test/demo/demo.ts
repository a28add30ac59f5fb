/** The way of devices from the factory into operation, through two updates and a visit, in a terminal, on real parts: device processes, multicast, mutual TLS, jobs, read-back. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { isEnded, type Job } from '../../electron/contract/job'
import { type Controller, createController } from '../../electron/controller'
import { openSettings } from '../../electron/store/settings'
import { runFactory } from './factory'
import { runFirmware } from './firmware'
import { runLife } from './life'
import { runOperation } from './operation'

const DEVICE_PROGRAM = join(dirname(fileURLToPath(import.meta.url)), 'device.js')
const DEVICES = [
  { model: 'PX-200', serial: 'PX200-00001', name: 'Pump room 1' },
  { model: 'GC-10', serial: 'GC10-00002', name: 'Gate west' },
  { model: 'AU-7', serial: 'AU7-00003', name: 'Air unit 3' },
] as const
const PASSPHRASE = 'demo-only-passphrase'
const WITHIN_MS = 60_000

const beganAt = performance.now()
let lastAt = beganAt
const tell = (text: string): void => {
  const now = performance.now()
  process.stdout.write(
    `${((now - beganAt) / 1000).toFixed(2).padStart(7)} s  +${(now - lastAt).toFixed(0).padStart(5)} ms  ${text}\n`,
  )
  lastAt = now
}

const need = (fact: boolean, what: string): void => {
  if (!fact) throw new Error(`not read back: ${what}`)
  tell(`✓ ${what}`)
}

interface Ready {
  readonly udn: string
  readonly serial: string
  readonly factoryRoot: string
  readonly serialPort?: string
}

const startDevice = (
  folder: string,
  device: (typeof DEVICES)[number],
  children: ChildProcess[],
): Promise<Ready> =>
  start(children, device.serial, [
    ...['--state', join(folder, device.serial), '--interface', 'lo', '--phase', 'commissioning'],
    ...['--model', device.model, '--serial', device.serial, '--name', device.name],
    ...['--anchor', join(folder, 'site', 'public', 'site-ca.pem'), '--factory', join(folder, 'factory')],
  ])

/** A board as it comes from assembly; its serial line is reached over TCP, so that the demo needs no cable. */
const startBlank = (folder: string, children: ChildProcess[]): Promise<Ready> =>
  start(children, 'the blank board', [
    ...['--state', join(folder, 'blank'), '--interface', 'lo', '--phase', 'manufacturing'],
    ...['--model', 'PX-200', '--serial-port', 'tcp-listen:0'],
  ])

const start = async (children: ChildProcess[], name: string, about: readonly string[]): Promise<Ready> => {
  const args = [DEVICE_PROGRAM, ...about, '--parent', String(process.pid)]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', process.env.IOTMC_DEBUG ? 'inherit' : 'ignore'],
  })
  children.push(child)
  const first = await new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)))
    createInterface({ input: child.stdout }).once('line', resolve)
  })
  return JSON.parse(first) as Ready
}

/** Resolves when `fact` holds; looks again whenever the controller says something. */
const until = (controller: Controller, what: string, fact: () => boolean): Promise<void> =>
  new Promise((resolve, reject) => {
    const offs: (() => void)[] = []
    const end = (finish: () => void): void => {
      clearTimeout(timer)
      for (const off of offs) off()
      finish()
    }
    const timer = setTimeout(() => end(() => reject(new Error(`took too long: ${what}`))), WITHIN_MS)
    const look = (): void => {
      if (fact()) end(resolve)
    }
    offs.push(controller.on('devices', look), controller.on('jobs', look), controller.on('enrollments', look))
    offs.push(controller.on('health', look))
    look()
  })

/** The job when it has ended well. */
const ended = async (controller: Controller, jobId: string): Promise<Job> => {
  const found = () => controller.jobs().find((job) => job.id === jobId)
  await until(controller, 'a job', () => isEnded(found()?.state ?? 'queued'))
  const job = found()
  if (job?.state !== 'done')
    throw new Error(`${job?.subject}: ${job?.state} ${job?.error?.code ?? ''} ${job?.error?.detail ?? ''}`)
  return job
}

/** The job of a rollout of one device, however it has ended. */
const endedUpdate = async (controller: Controller, rolloutId: string): Promise<Job> => {
  const found = (): Job | undefined => {
    const [row] = controller.firmware().board(rolloutId)
    return controller.jobs().find((job) => job.id === row?.jobId)
  }
  await until(controller, 'an update', () => isEnded(found()?.state ?? 'queued'))
  const job = found()
  if (!job) throw new Error('the rollout has no job')
  return job
}

const watchSteps = (controller: Controller, names: ReadonlyMap<string, string>): void => {
  const said = new Set<string>()
  controller.on('jobs', (jobs) => {
    for (const job of jobs) {
      for (const step of job.steps.filter((entry) => entry.state === 'done' || entry.state === 'failed')) {
        const key = `${job.id} ${step.name} ${step.state}`
        if (said.has(key)) continue
        said.add(key)
        const tookMs = (step.endedAtMs ?? 0) - (step.startedAtMs ?? 0)
        tell(
          `  ${names.get(job.subject) ?? job.subject}: ${step.name} ${step.state} in ${tookMs} ms${step.note ? ` · ${step.note}` : ''}`,
        )
      }
    }
  })
}

const demo = async (folder: string, children: ChildProcess[]): Promise<void> => {
  const controller = await createController({
    dataDir: join(folder, 'site'),
    practice: false,
    passphrase: PASSPHRASE,
    openSettings: (dataDir) => openSettings(dataDir),
    log: { info: () => undefined, warn: () => undefined, error: (data, text) => console.error(text, data) },
  })
  try {
    await controller.setup({
      technician: 'Demo',
      siteName: 'Demo site',
      interfaces: ['lo'],
      passphrase: PASSPHRASE,
    })
    tell('site made: site CA, encrypted vault, records')
    const blank = await startBlank(folder, children)
    const names = new Map<string, string>()
    watchSteps(controller, names)
    const born = await runFactory({
      controller,
      path: blank.serialPort ?? '',
      tell,
      need,
      ended: (jobId) => ended(controller, jobId),
    })
    names.set(born, 'Born today')
    const ready = await Promise.all(DEVICES.map((device) => startDevice(folder, device, children)))
    tell(`${ready.length} device processes are ready`)

    controller.trustAdd(readFileSync(ready[0]?.factoryRoot ?? '', 'utf8'))
    tell('factory root trusted')
    controller.saveGroup({
      name: 'North hall',
      values: { 'Report.IntervalSeconds': '30', 'Device.Location': 'North hall' },
    })
    for (const [index, { udn }] of ready.entries()) names.set(udn, DEVICES[index]?.name ?? udn)
    const udns = [...ready.map((entry) => entry.udn), born]
    const find = (udn: string) => controller.devices().find((device) => device.udn === udn)
    await until(controller, 'discovery', () => udns.every((udn) => find(udn)?.online && find(udn)?.model))
    tell('all devices found by multicast, descriptions read')
    for (const udn of udns) {
      const check = await controller.verify(udn)
      need(check.trusted && check.kind === 'IDevID', `${find(udn)?.name}: IDevID proven over TLS`)
    }
    const ids = controller.commission(udns, 'North hall', 'given')
    const jobsOf = (): Job[] => controller.jobs().filter((job) => ids.includes(job.id))
    await until(controller, 'commissioning', () => jobsOf().every((job) => isEnded(job.state)))
    for (const job of jobsOf()) {
      if (job.state !== 'done')
        throw new Error(`${job.subject}: ${job.state} ${job.error?.code ?? ''} ${job.error?.detail ?? ''}`)
    }
    for (const udn of udns) {
      const check = await controller.verify(udn)
      const state = await controller.call(udn, 'Lifecycle.GetLifecycleState', {})
      const { version } = await controller.operation().configurations.read(udn)
      const group = controller.groups().find((entry) => entry.name === 'North hall')
      need(check.kind === 'LDevID' && check.trusted, `${find(udn)?.name}: LDevID proven over TLS`)
      need(state.LifecycleState === 'operation', `${find(udn)?.name}: in operation`)
      need(version === group?.version, `${find(udn)?.name}: runs configuration version ${version}`)
    }
    await runFirmware({
      controller,
      folder,
      udn: ready[0]?.udn ?? '',
      tell,
      need,
      ended: (rolloutId) => endedUpdate(controller, rolloutId),
    })
    await runOperation({
      controller,
      folder,
      udn: ready[1]?.udn ?? '',
      tell,
      need,
      ended: (jobId) => ended(controller, jobId),
      until: (what, fact) => until(controller, what, fact),
    })
    await runLife({
      controller,
      folder,
      udn: born,
      serialNumber: find(born)?.serialNumber ?? '',
      stateFolder: join(folder, 'blank'),
      tell,
      need,
      ended: (jobId) => ended(controller, jobId),
      until: (what, fact) => until(controller, what, fact),
    })
  } finally {
    await controller.close()
  }
}

const endOf = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })

const folder = mkdtempSync(join(tmpdir(), 'iotmc-demo-'))
const children: ChildProcess[] = []
try {
  await demo(folder, children)
  tell('done: every step was read back')
} catch (thrown) {
  tell(`✕ ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  process.exitCode = 1
} finally {
  await Promise.all(children.map(endOf))
  rmSync(folder, { recursive: true, force: true })
}
