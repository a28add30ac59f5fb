/** The program killed at every point of a plan on real devices: counts add up, no device is changed twice. */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlanRow } from '../../electron/contract/configuration'
import type { Job } from '../../electron/contract/job'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { Records } from '../../electron/store/records'
import { type KnownDevice, openConfigurationSite, type SiteKeys } from '../helpers/configuration-site'
import { killDevices, startDevice } from '../helpers/device-process'
import { makeAuthority, makeClient, makeFolder } from '../helpers/device-site'
import { requirePrivateNetwork } from '../helpers/private-network'
import { buildProgram } from './build-program'

const PROGRAM = fileURLToPath(new URL('./configure-program.ts', import.meta.url))
const run = promisify(execFile)
const DEVICES = 3
/** Kills for each direction, spread over all points; more with IOTMC_CONFIGURE_KILLS. */
const KILLS = Number(process.env.IOTMC_CONFIGURE_KILLS ?? 16)
const WITHIN_MS = 20 * 60_000

let program: Awaited<ReturnType<typeof buildProgram>>
let devices: KnownDevice[] = []
let keys: SiteKeys

beforeAll(async () => {
  requirePrivateNetwork()
  program = await buildProgram(PROGRAM)
  const site = await makeAuthority('Site')
  const admin = await makeClient(site, 'Admin')
  const factory = join(makeFolder('factory'), 'factory')
  await openPracticeFactory(factory)
  const anchor = join(makeFolder('anchor'), 'site-ca.pem')
  writeFileSync(anchor, site.certificatePem)
  const cas = [readFileSync(join(factory, 'root.pem'), 'utf8'), site.certificatePem]
  keys = { keyPem: admin.keyPem, chainPem: admin.chainPem, cas }
  devices = await Promise.all(
    Array.from({ length: DEVICES }, async (_, n) => {
      const device = await startDevice([
        ...['--state', makeFolder('device'), '--interface', 'lo', '--factory', factory, '--anchor', anchor],
        ...['--model', 'PX-200', '--serial', `PX-${n}`],
      ])
      const { udn, secureLocation: url, serial, model } = await device.ready
      return { udn, url, serial, model }
    }),
  )
}, 120_000)
afterAll(async () => {
  await killDevices()
  program?.remove()
})

interface Report {
  readonly points: number
  readonly rows: readonly PlanRow[]
  readonly jobs: readonly Job[]
}

const start = async (folder: string, killAt: number): Promise<Report | 'killed'> => {
  try {
    const { stdout } = await run(process.execPath, [program.path, folder, String(killAt)])
    return JSON.parse(stdout)
  } catch (thrown) {
    if (thrown instanceof Error && 'signal' in thrown && thrown.signal === 'SIGKILL') return 'killed'
    throw thrown
  }
}

const finish = async (folder: string): Promise<Report> => {
  const report = await start(folder, 0)
  if (report === 'killed') throw new Error('this run was not to be killed')
  return report
}

/** What each device says of itself. */
const running = async (): Promise<readonly { version: number; location: string }[]> => {
  const { call, desk } = openConfigurationSite(Records.open(':memory:'), devices, keys)
  try {
    return await Promise.all(
      devices.map(async ({ udn }) => {
        const signal = AbortSignal.timeout(20_000)
        const answer = await call(udn, 'Configuration', 'GetValues', { Names: '[]' }, signal)
        const version = Number(answer.ConfigurationVersion)
        return { version, location: JSON.parse(answer.Values ?? '{}')['Device.Location'] }
      }),
    )
  } finally {
    desk.close()
  }
}

let round = 0
/** A plan that would change every device, in a folder of its own. */
const makePlan = async () => {
  round += 1
  const folder = makeFolder('configure')
  const records = Records.open(join(folder, 'records.sqlite'))
  const { desk } = openConfigurationSite(records, devices, keys)
  const values = { 'Device.Location': `Hall ${round}` }
  const plan = await desk.preview(
    devices.map(({ udn }) => udn),
    { kind: 'values', values },
  )
  expect(plan.rows.map((row) => row.state)).toEqual(devices.map(() => 'previewed'))
  desk.close()
  records.close()
  const order = (direction: 'apply' | 'rollback') =>
    writeFileSync(join(folder, 'site.json'), JSON.stringify({ devices, keys, planId: plan.id, direction }))
  return { folder, order, location: `Hall ${round}` }
}

const prepare = async (direction: 'apply' | 'rollback') => {
  const plan = await makePlan()
  if (direction === 'rollback') {
    plan.order('apply')
    await finish(plan.folder)
  }
  plan.order(direction)
  return plan
}

describe.each(['apply', 'rollback'] as const)('a plan, %s', (direction) => {
  it(
    'ends the same wherever the program is killed',
    async () => {
      const whole = await prepare(direction)
      const { points } = await finish(whole.folder)
      expect(points).toBeGreaterThan(40)
      for (let kill = 0; kill < KILLS; kill += 1) {
        const killAt = 1 + Math.floor((kill * (points - 2)) / Math.max(1, KILLS - 1))
        const plan = await prepare(direction)
        const before = await running()
        const about = `${direction}, killed at point ${killAt} of ${points}`
        const first = await start(plan.folder, killAt)
        const { rows, jobs } = first === 'killed' ? await finish(plan.folder) : first
        const ended = direction === 'apply' ? 'applied' : 'rolled-back'
        expect(
          rows.map((row) => row.state),
          about,
        ).toEqual(devices.map(() => ended))
        const ours = jobs.filter((job) => job.params.direction === direction)
        expect(
          ours.map((job) => job.state),
          about,
        ).toEqual(devices.map(() => 'done'))
        const after = await running()
        for (const [n, { version, location }] of after.entries()) {
          const was = before[n]
          expect(version, about).toBe((was?.version ?? 0) + (direction === 'apply' ? 1 : -1))
          if (direction === 'apply') expect(location, about).toBe(plan.location)
          else expect(location, about).not.toBe(plan.location)
        }
      }
    },
    WITHIN_MS,
  )
})
