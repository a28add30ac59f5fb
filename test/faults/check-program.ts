/**
 * A health check on a real SQLite file, for killing: `node program.mjs <folder> <kill at>`. It dies by SIGKILL at the given
 * point (before and after each write of journal and records, and each word to the device); 0 means never. The device is a
 * file, `<folder>/device.jsonl`: it keeps what it was told, whatever happens to this program.
 */
import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { IotmcError } from '../../electron/contract/errors'
import type { CheckTest } from '../../electron/contract/self-test'
import type { DeviceLink } from '../../electron/jobs/device-link'
import { JobRunner, type Journal } from '../../electron/jobs/runner'
import { systemClock } from '../../electron/net/clock'
import { CheckDesk } from '../../electron/operation/check-desk'
import { acquireLock } from '../../electron/store/lock'
import { Records } from '../../electron/store/records'
import type { CheckTable } from '../../electron/store/tables/checks'

const [folder = '', killAtText = '0'] = process.argv.slice(2)
const killAt = Number(killAtText)
const deviceFile = join(folder, 'device.jsonl')
const UDN = 'uuid:00000000-0000-4000-8000-00000000000a'
const TESTS: CheckTest[] = ['reachable', 'memory', 'ping']

let points = 0
const point = (): void => {
  points += 1
  if (points !== killAt) return
  appendFileSync(join(folder, 'killed'), `${points}\n`)
  process.kill(process.pid, 'SIGKILL')
}
const around = <T>(act: () => T): T => {
  point()
  const value = act()
  point()
  return value
}

const told = (): string[] =>
  existsSync(deviceFile) ? readFileSync(deviceFile, 'utf8').split('\n').filter(Boolean) : []
const tell = (line: string): void => {
  const file = openSync(deviceFile, 'a')
  writeSync(file, `${line}\n`)
  fsyncSync(file)
  closeSync(file)
}

/** The n-th order has the number n. A test has ended by the time it is asked for. */
const answer = (action: string, args: Readonly<Record<string, string>>): Record<string, string> => {
  if (action === 'GetTestResult') {
    if (Number(args.TestID) > told().length) throw new IotmcError('TEST_UNKNOWN')
    const Result = JSON.stringify({ status: 'ok', measures: [], durationMs: 1 })
    return { State: 'Completed', Result }
  }
  tell(action)
  return { TestID: String(told().length) }
}

const link: Pick<DeviceLink, 'call' | 'state' | 'verify'> = {
  call: async (_, __, action, args) => around(() => answer(action, args)),
  state: async () => ({
    phase: 'operation',
    model: 'PX-200',
    serialNumber: '1',
    firmwareVersion: '1.4.0',
    hardwareRevision: 'B',
    configurationVersion: 1,
    ldevidSerial: '4F',
    group: 'Pumps',
  }),
  verify: () => Promise.reject(new IotmcError('DEFECT')),
}

const guardedJournal = (journal: Journal): Journal => ({
  list: () => journal.list(),
  insert: (jobs) => around(() => journal.insert(jobs)),
  save: (job) => around(() => journal.save(job)),
  remove: (ids) => around(() => journal.remove(ids)),
})
const guardedTable = (table: CheckTable): CheckTable => ({
  ...table,
  save: (record) => around(() => table.save(record)),
})

acquireLock(join(folder, 'lock'))
const records = Records.open(join(folder, 'records.sqlite'))
let desk: CheckDesk | undefined
const runner = new JobRunner({
  clock: systemClock,
  journal: guardedJournal(records.jobs),
  concurrency: 1,
  plan: (job) => desk?.plan(job) ?? [],
  log: { info: () => undefined, error: (facts, message) => console.error(message, facts) },
})
desk = new CheckDesk({
  clock: systemClock,
  runner,
  table: guardedTable(records.checks),
  link,
  bankStatus: () => Promise.reject(new IotmcError('DEFECT')),
  onWake: () => () => undefined,
  audit: () => undefined,
})

const report = (): void => {
  const jobs = runner.list()
  if (jobs.length === 0 || jobs.some((job) => job.state !== 'done')) return
  const checks = records.checks.list({ limit: 10 }).map(({ check }) => check)
  process.stdout.write(JSON.stringify({ points, checks, told: told() }))
  records.close()
  process.exit(0)
}
runner.on('changed', report)
runner.start()
if (runner.list().length === 0) desk.start([UDN], { tests: TESTS })
report()
