/** Kills the controller, or the device, at every step of commissioning; the device ends in operation exactly once. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JOB_STEPS } from '../../electron/contract/job'
import { Records } from '../../electron/store/records'
import { requirePrivateNetwork } from '../helpers/private-network'
import { type Program, startProgram } from '../helpers/program'
import { makeTempDir } from '../helpers/temp-dir'

const PASSPHRASE = 'fault-test-passphrase'
const WITHIN_MS = 90_000

let temp: ReturnType<typeof makeTempDir>
let programs: Program[] = []

beforeEach(() => {
  requirePrivateNetwork()
  temp = makeTempDir()
})
afterEach(async () => {
  await Promise.all(programs.map((program) => program.kill('SIGKILL')))
  programs = []
  temp.remove()
})

const site = () => join(temp.path, 'site')

const start = (name: 'cli' | 'device', args: readonly string[]): Program => {
  const program = startProgram(name, args, { IOTMC_PASSPHRASE: PASSPHRASE, IOTMC_DATA: site() })
  programs.push(program)
  return program
}

const cli = (...args: readonly string[]): Program => start('cli', [...args, '--interface', 'lo', '--json'])

const startDevice = async (
  faults: readonly string[] = [],
): Promise<{ program: Program; udn: string; root: string }> => {
  const program = start('device', [
    ...['--state', join(temp.path, 'device'), '--interface', 'lo', '--phase', 'commissioning'],
    ...['--model', 'PX-200', '--serial', 'PX200-00001'],
    ...['--anchor', join(site(), 'public', 'site-ca.pem'), '--factory', join(temp.path, 'factory')],
    ...faults.flatMap((fault) => ['--fault', fault]),
  ])
  const ready = await program.line((line) => line.event === 'ready')
  return { program, udn: String(ready.udn), root: String(ready.factoryRoot) }
}

const trust = async (root: string): Promise<void> => {
  expect(existsSync(root)).toBe(true)
  expect(readFileSync(root, 'utf8')).toContain('BEGIN CERTIFICATE')
  expect(await cli('trust', 'add', root).ended).toBe(0)
}

const commission = (udn: string): Program =>
  cli('commission', '--udn', udn, '--group', 'North', '--policy', 'zero-touch')

/** In operation, by its own word over TLS; one certificate for one request; one finished job. */
const expectCommissionedOnce = async (udn: string): Promise<void> => {
  const state = cli('call', '--udn', udn, '--action', 'Lifecycle.GetLifecycleState', '--seconds', '20')
  expect(await state.ended, state.stderr()).toBe(0)
  expect(state.lines.at(-1)).toMatchObject({ LifecycleState: 'operation', ManagementGroup: 'North' })
  const records = Records.open(join(site(), 'records.sqlite'))
  try {
    const certificates = records.certificates.ofDevice(udn)
    expect(certificates).toHaveLength(1)
    expect(certificates[0]?.serialNumber.toLowerCase()).toBe(
      String(state.lines.at(-1)?.LdevidSerial).toLowerCase(),
    )
    const jobs = records.jobs.list().filter((job) => job.subject === udn)
    expect(jobs.map((job) => job.state)).toEqual(['done'])
    expect(records.enrollments.byUdn(udn)?.state).toBe('confirmed')
  } finally {
    records.close()
  }
}

describe('commissioning survives a kill', () => {
  it.each(JOB_STEPS.commission)(
    'of the controller at %s',
    async (step) => {
      const { udn, root } = await startDevice()
      await trust(root)
      const first = commission(udn)
      const order: readonly string[] = JOB_STEPS.commission
      await first.line((line) => order.indexOf(String(line.step)) >= order.indexOf(step))
      await first.kill('SIGKILL')
      const second = cli('jobs', 'resume')
      expect(await second.ended, second.stderr()).toBe(0)
      await expectCommissionedOnce(udn)
    },
    WITHIN_MS,
  )

  it.each(JOB_STEPS.commission)(
    'of the device at %s',
    async (step) => {
      const { program, udn, root } = await startDevice()
      await trust(root)
      const job = commission(udn)
      const order: readonly string[] = JOB_STEPS.commission
      await job.line((line) => order.indexOf(String(line.step)) >= order.indexOf(step))
      await program.kill('SIGKILL')
      await startDevice()
      const code = await job.ended
      if (code !== 0) {
        const failed = job.lines.find((line) => line.job)?.job
        const again = cli('jobs', 'resume', String(failed))
        expect(await again.ended, again.stderr()).toBe(0)
      }
      await expectCommissionedOnce(udn)
    },
    WITHIN_MS,
  )

  it.each(['die-after-enroll', 'die-after-install', 'die-before-confirm'])(
    'of the device by itself: %s',
    async (fault) => {
      const { program, udn, root } = await startDevice([fault])
      await trust(root)
      const job = commission(udn)
      await program.ended
      await startDevice()
      const code = await job.ended
      if (code !== 0) {
        const again = cli('jobs', 'resume', String(job.lines.find((line) => line.job)?.job))
        expect(await again.ended, again.stderr()).toBe(0)
      }
      await expectCommissionedOnce(udn)
    },
    WITHIN_MS,
  )
})
