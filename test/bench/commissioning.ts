/** Commissioning of many devices by the whole controller, step by step, beside bare handshakes and signatures. */
import { spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { JOB_STEPS, type Job } from '../../electron/contract/job'
import { type Controller, createController } from '../../electron/controller'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { openSettings } from '../../electron/store/settings'
import { makeTempDir } from '../helpers/temp-dir'
import { makeIdentities, opensslHandshakes } from './enrollments'
import { controllerUrl } from './support/controller-url'
import { BENCH_PASSPHRASE } from './support/data-folder'
import type { Print } from './support/print'
import { quietLog } from './support/quiet'

const DEVICES = Number(process.env.IOTMC_BENCH_DEVICES ?? 1000)
const LIMIT_MS = 400_000
const SIGN_MS = 2_000
const ENDED: readonly Job['state'][] = ['done', 'failed', 'cancelled']

/** Until a fact holds or the time is over. */
const until = async (fact: () => boolean): Promise<void> => {
  const beganAt = performance.now()
  while (!fact() && performance.now() - beganAt < LIMIT_MS) await new Promise((next) => setTimeout(next, 50))
}

const printSteps = (jobs: readonly Job[], print: Print): void => {
  for (const name of JOB_STEPS.commission) {
    const took = jobs
      .flatMap(({ steps }) => steps.filter((step) => step.name === name))
      .flatMap(({ startedAtMs, endedAtMs }) =>
        startedAtMs === undefined || endedAtMs === undefined ? [] : [endedAtMs - startedAtMs],
      )
      .sort((a, b) => a - b)
    const at = (share: number): number =>
      took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0
    print(`commissioning-${name}-p50`, at(0.5), 'ms')
    print(`commissioning-${name}-p95`, at(0.95), 'ms')
    print(`commissioning-${name}-sum`, Math.round(took.reduce((sum, ms) => sum + ms, 0) / 100) / 10, 's')
  }
}

const signatures = (): number => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const data = randomBytes(800)
  const beganAt = performance.now()
  let count = 0
  for (; performance.now() - beganAt < SIGN_MS; count += 1) sign('sha256', data, privateKey)
  return count / (SIGN_MS / 1000)
}

const commission = async (controller: Controller, udns: readonly string[], print: Print): Promise<number> => {
  const cpu = process.cpuUsage()
  const beganAt = performance.now()
  // Heard as it goes on: the runner keeps only so many jobs that have ended.
  const heard = new Map<string, Job>()
  const hear = (all: readonly Job[]): void => {
    for (const job of all) heard.set(job.id, job)
  }
  const off = controller.on('jobs', hear)
  const ids = controller.commission(udns, 'Default', 'given')
  const own = (): readonly Job[] => ids.flatMap((id) => heard.get(id) ?? [])
  hear(controller.jobs())
  await until(() => own().filter((job) => ENDED.includes(job.state)).length === ids.length)
  off()
  const seconds = (performance.now() - beganAt) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const jobs = own()
  const done = jobs.filter((job) => job.state === 'done')
  print('commissioning-done', done.length, 'devices')
  print('commissioning-not-done', udns.length - done.length, 'devices')
  print('commissioning-total', Math.round(seconds * 10) / 10, 's')
  print('commissioning-rate', Math.round((done.length / seconds) * 10) / 10, '1/s')
  print('commissioning-controller-cpu', Math.round((user + system) / 1000 / udns.length), 'ms/device')
  const failures = jobs.flatMap(({ error }) => (error ? [error.code] : []))
  for (const code of new Set(failures))
    print(`commissioning-error-${code}`, failures.filter((each) => each === code).length, 'devices')
  printSteps(done, print)
  return done.length / seconds
}

/** `IOTMC_BENCH_DEVICES` devices, 1,000 unless told; the doubles share the processors with the controller. */
export const run = async (print: Print): Promise<void> => {
  const temp = makeTempDir('iotmc-bench-')
  const dataDir = join(temp.path, 'site')
  const factory = await openPracticeFactory(join(temp.path, 'factory'))
  const identities = await makeIdentities(factory, DEVICES, 'PX-200')
  const controller = await createController({
    dataDir,
    practice: false,
    passphrase: BENCH_PASSPHRASE,
    openSettings: (dir) => openSettings(dir),
    log: quietLog,
  })
  const people = { technician: 'Bench', siteName: 'Bench', passphrase: BENCH_PASSPHRASE }
  await controller.setup({ ...people, interfaces: ['lo'] })
  controller.trustAdd(factory.certificatePem)
  controller.saveGroup({ name: 'Default', values: { 'Device.Location': 'Hall 3' } })
  const url = await controllerUrl(controller.status().controllerUdn ?? '')
  const anchorPem = readFileSync(join(dataDir, 'public', 'site-ca.pem'), 'utf8')
  const path = join(temp.path, 'input.json')
  writeFileSync(path, JSON.stringify({ url, anchorPem, identities }))
  const devices = spawn(process.execPath, [process.argv[1] ?? ''], {
    env: { ...process.env, IOTMC_BENCH_ROLE: 'commissioned-devices', IOTMC_BENCH_INPUT: path },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  let rate = 0
  try {
    const beganAt = performance.now()
    await until(() => controller.devices().filter((one) => one.model !== undefined).length >= DEVICES)
    print('commissioning-listed', Math.round((performance.now() - beganAt) / 100) / 10, 's')
    const udns = identities.map(({ udn }) => udn)
    rate = await commission(controller, udns, print)
  } finally {
    const gone = once(devices, 'exit')
    devices.kill()
    await gone
    await controller.close()
  }
  const [first] = identities
  const handshakes = first ? await opensslHandshakes(temp.path, first, factory.certificatePem) : 0
  print('bare-mutual-handshakes', Math.round(handshakes), '1/s')
  print('bare-p256-signatures', Math.round(signatures()), '1/s')
  print('commissioning-beside-handshakes', Math.round((rate / handshakes) * 10_000) / 10_000, 'ratio')
  temp.remove()
}
