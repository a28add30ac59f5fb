/** Commissioning of many devices by the whole controller, step by step, beside bare handshakes and signatures. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { join } from 'node:path'
import { JOB_STEPS, type Job } from '../../electron/contract/job'
import type { Controller } from '../../electron/controller'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { makeTempDir } from '../helpers/temp-dir'
import { makeIdentities, opensslHandshakes } from './enrollments'
import { listed, openBenchSite, until } from './support/commissioned-site'
import type { Print } from './support/print'

const DEVICES = Number(process.env.IOTMC_BENCH_DEVICES ?? 1000)
const SIGN_MS = 2_000
const ENDED: readonly Job['state'][] = ['done', 'failed', 'cancelled']

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
  const factory = await openPracticeFactory(join(temp.path, 'factory'))
  const identities = await makeIdentities(factory, DEVICES, 'PX-200')
  const site = await openBenchSite(temp.path, factory.certificatePem, identities)
  const { controller } = site
  let rate = 0
  try {
    const beganAt = performance.now()
    await listed(site, DEVICES)
    print('commissioning-listed', Math.round((performance.now() - beganAt) / 100) / 10, 's')
    const udns = identities.map(({ udn }) => udn)
    rate = await commission(controller, udns, print)
  } finally {
    await site.end()
    await controller.close()
  }
  const [first] = identities
  const handshakes = first ? await opensslHandshakes(temp.path, first, factory.certificatePem) : 0
  print('bare-mutual-handshakes', Math.round(handshakes), '1/s')
  print('bare-p256-signatures', Math.round(signatures()), '1/s')
  print('commissioning-beside-handshakes', Math.round((rate / handshakes) * 10_000) / 10_000, 'ratio')
  temp.remove()
}
