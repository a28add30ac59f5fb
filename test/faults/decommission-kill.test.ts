/** Kills the controller, or the device, at every step of decommissioning; the device is revoked, wiped and certified once. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DecommissionRecord, wipeStatementSchema } from '../../electron/contract/decommission'
import { JOB_STEPS } from '../../electron/contract/job'
import { verifyReport } from '../../electron/reports/verify'
import { Records } from '../../electron/store/records'
import { requirePrivateNetwork } from '../helpers/private-network'
import { type Program, startProgram } from '../helpers/program'
import { makeTempDir } from '../helpers/temp-dir'

const PASSPHRASE = 'fault-test-passphrase'
const WITHIN_MS = 120_000
const PHRASE = 'WIPE PX200-00001'

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
const siteCa = () => join(site(), 'public', 'site-ca.pem')

const start = (name: 'cli' | 'device', args: readonly string[]): Program => {
  const program = startProgram(name, args, { IOTMC_PASSPHRASE: PASSPHRASE, IOTMC_DATA: site() })
  programs.push(program)
  return program
}

const cli = (...args: readonly string[]): Program => start('cli', [...args, '--interface', 'lo', '--json'])

const startDevice = async (faults: readonly string[] = []) => {
  const program = start('device', [
    ...['--state', join(temp.path, 'device'), '--interface', 'lo', '--phase', 'commissioning'],
    ...['--model', 'PX-200', '--serial', 'PX200-00001'],
    ...['--anchor', siteCa(), '--factory', join(temp.path, 'factory')],
    ...faults.flatMap((fault) => ['--fault', fault]),
  ])
  const ready = await program.line((line) => line.event === 'ready')
  return { program, udn: String(ready.udn), root: String(ready.factoryRoot) }
}

/** A device in operation. */
const member = async (faults: readonly string[] = []) => {
  const device = await startDevice(faults)
  expect(existsSync(device.root)).toBe(true)
  expect(await cli('trust', 'add', device.root).ended).toBe(0)
  const job = cli('commission', '--udn', device.udn, '--group', 'North', '--policy', 'zero-touch')
  expect(await job.ended, job.stderr()).toBe(0)
  return device
}

const decommission = (udn: string): Program => cli('decommission', 'run', '--udn', udn, '--confirm', PHRASE)

const recordsOf = <T>(use: (records: Records) => T): T => {
  const records = Records.open(join(site(), 'records.sqlite'))
  try {
    return use(records)
  } finally {
    records.close()
  }
}

const goOn = async (): Promise<void> => {
  const again = cli('jobs', 'resume')
  expect(await again.ended, again.stderr()).toBe(0)
}

/** Revoked once, wiped once, proven, with one certificate that holds; and the device says the same. */
const expectCertifiedOnce = async (udn: string): Promise<DecommissionRecord> => {
  const record = recordsOf(({ decommissions, jobs, revocations }) => {
    const [only, ...others] = decommissions.list()
    expect(others).toEqual([])
    expect(revocations.list()).toHaveLength(1)
    const own = jobs.list().filter(({ kind }) => kind === 'decommission')
    expect(own.map(({ state }) => state)).toEqual(['done'])
    return only
  })
  expect(record).toMatchObject({ udn, state: 'certified', certificate: { sequence: 1 } })
  if (!record?.proof) throw new Error('no proof')
  const statement = wipeStatementSchema.parse(JSON.parse(record.proof.statement))
  expect(statement).toMatchObject({ udn, wipes: 1, nonce: record.nonce })
  const out = join(temp.path, 'certificate.zip')
  const saved = cli('decommission', 'certificate', '--udn', udn, '--out', out)
  expect(await saved.ended, saved.stderr()).toBe(0)
  expect(await verifyReport(out, { ca: readFileSync(siteCa(), 'utf8') })).toMatchObject({ ok: true })
  return record
}

describe('decommissioning survives a kill', () => {
  it.each(JOB_STEPS.decommission)(
    'of the controller at %s',
    async (step) => {
      const { udn } = await member()
      const first = decommission(udn)
      const order: readonly string[] = JOB_STEPS.decommission
      await first.line((line) => order.indexOf(String(line.step)) >= order.indexOf(step))
      await first.kill('SIGKILL')
      const nonce = recordsOf(({ decommissions }) => decommissions.list()[0]?.nonce)
      await goOn()
      const record = await expectCertifiedOnce(udn)
      if (nonce !== undefined) expect(record.nonce).toBe(nonce)
    },
    WITHIN_MS,
  )

  it.each(['die-before-wipe', 'die-in-wipe-order', 'die-in-wipe-bank', 'die-after-wipe'])(
    'of the device by itself: %s',
    async (fault) => {
      const { program, udn } = await member([fault])
      const job = decommission(udn)
      await program.ended
      await startDevice()
      const code = await job.ended
      if (code !== 0) await goOn()
      await expectCertifiedOnce(udn)
    },
    WITHIN_MS,
  )

  it(
    'of a device that is away: revoked at once, wiped when it is back',
    async () => {
      const { program, udn } = await member()
      await program.kill('SIGKILL')
      const job = decommission(udn)
      expect(await job.ended).not.toBe(0)
      recordsOf(({ decommissions, revocations }) => {
        expect(revocations.list()).toHaveLength(1)
        expect(['revoked', 'queued']).toContain(decommissions.list()[0]?.state)
      })
      await startDevice()
      await goOn()
      await expectCertifiedOnce(udn)
    },
    WITHIN_MS,
  )
})
