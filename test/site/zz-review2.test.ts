import { rmSync } from 'node:fs'
import { it } from 'vitest'
import { effectiveValues } from '../../electron/configuration/effective'
import { CALLS } from '../../electron/contract/ipc'
import { parametersOf } from '../../electron/device/models'
import { factoryConfiguration } from '../../electron/device/parameters'
import { JobRunner } from '../../electron/jobs/runner'
import { systemClock as clock } from '../../electron/net/clock'
import { DeviceList } from '../../electron/site/device-list'
import { LabelDesk } from '../../electron/site/label-desk'
import { PlanDesk } from '../../electron/site/plan-desk'
import { WorkDesk } from '../../electron/site/work-desk'
import { Records } from '../../electron/store/records'
import { udnOf } from '../helpers/device-row'

const N = Number(process.env.N ?? 5000)
const t = async <T>(what: string, f: () => T | Promise<T>): Promise<T> => {
  let worst = 0
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    worst = Math.max(worst, now - last)
    last = now
  }, 1)
  const at = performance.now()
  const value = await f()
  const all = performance.now() - at
  await new Promise((r) => setTimeout(r, 5))
  clearInterval(timer)
  console.log(what.padEnd(40), all.toFixed(0), 'ms, worst pause', worst.toFixed(0))
  return value
}
it('profile', async () => {
  const path = '/tmp/review2/r.db'
  for (const s of ['', '-wal', '-shm']) rmSync(path + s, { force: true })
  const records = Records.open(path)
  const udns = Array.from({ length: N }, (_, n) => udnOf(n + 1))
  records.groups.save('North', { 'Device.Location': 'Hall 7' })
  records.groups.save('South', {})
  records.transaction(() => {
    for (const [n, udn] of udns.entries())
      records.devices.put({ udn, serialNumber: `EX-${n}`, group: 'South', ldevidSerial: '1', firmwareVersion: '1.4.0', model: 'PX-200' })
  })
  const heard = new Map(udns.map((udn, n) => [udn, { udn, deviceType: 'x', online: true, addresses: [], lastSeenMs: 1, warnings: [], claim: { phase: 'operation', capabilities: ['config'] }, description: { serialNumber: `EX-${n}`, modelName: 'PX-200', friendlyName: 'f' } }]))
  const finder = { entries: () => [...heard.values()], get: (u: string) => heard.get(u) }
  const list = new DeviceList({ clock, records, finder: finder as never, ownUdn: 'x', newestJob: () => undefined, firmware: () => undefined, health: () => undefined, changed: () => undefined } as never)
  const devices = () => list.udns().flatMap((u) => list.view(u) ?? [])
  const parameters = parametersOf('PX-200')
  const stored = factoryConfiguration(parameters)
  const plan = new PlanDesk({
    clock, table: records.expected, devices, device: (u) => list.view(u),
    records: { known: (u) => records.devices.get(u), enrollment: (u) => records.enrollments.byUdn(u), isEnrolled: (u) => list.isEnrolled(u) },
    groupExists: (n) => records.groups.get(n) !== undefined,
    effective: (g, own) => effectiveValues(g === undefined ? [] : records.groups.chain(g), own),
    look: async () => ({ running: stored, parameters }) as never,
    isOlder: () => false, changed: () => undefined, audit: () => undefined,
  })
  const log = { info: () => undefined, error: (...a: unknown[]) => console.log(a) }
  const runner: JobRunner = new JobRunner({ clock, journal: records.jobs, batches: records.batches, concurrency: 8, plan: (job) => (job.kind === 'apply' ? works.plan(job) : []), log })
  const works: WorkDesk = new WorkDesk({
    clock, table: records.siteWorks, plan, runner, link: {} as never, log, isOnline: () => false, onWake: () => () => undefined,
    groupExists: (n) => records.groups.get(n) !== undefined, defaultGroup: () => 'North', configurations: () => ({}) as never,
    firmware: () => ({ bundles: async () => ({ bundles: [] }) }) as never, commission: () => [], describe: () => undefined,
    remember: () => undefined, isFrozen: () => false, concurrency: () => 8, audit: () => undefined,
  })
  const csv = ['serial,name,place,group', ...udns.map((_, n) => `EX-${n},Pump ${n},Hall 7,North`)].join('\n')
  await t('devices()', () => devices())
  await t('import', () => plan.importText(csv, 'replace'))
  await t('scan one', () => plan.scan('NEW-1'))
  await t('scan answer checked', () => CALLS['plan.scan'].answer.safeParse({ plan: records.expected.list(), added: 1, known: 0 }))
  await t('plan.devices()', () => plan.devices())
  const compared = await t('compare', () => plan.compare())
  await t('compare answer checked', () => CALLS['plan.compare'].answer.safeParse(compared))
  const work = await t('preview', () => works.preview({ what: 'plan' }))
  await t('work answer checked', () => CALLS['work.preview'].answer.safeParse(work))
  console.log('bytes of a work', JSON.stringify(work).length, 'rows', work.rows.length)
  await t('structuredClone', () => structuredClone(work))
  await t('apply', () => works.apply(work.id))
  for (let i = 0; i < 19; i += 1) await works.preview({ what: 'plan' })
  const all = await t('work.list', () => works.list())
  await t('work.list checked', () => CALLS['work.list'].answer.safeParse(all))
  console.log('bytes of work.list', all.reduce((s, w) => s + JSON.stringify(w).length, 0))
  await t('begin', () => works.begin())
  await t('work.list of a new program', () => {
    const again = new WorkDesk({ ...(works as unknown as { options: never }).options })
    again.list()
    again.close()
  })
  await t('runner.start', () => runner.start())
  await t('cancel all', () => runner.cancel(runner.list().map((j) => j.id)))
  await t('clear', () => runner.clear())
  for (const udn of udns) runner.submit('commission', [udn], {})
  await t('5,000 more batches', () => udns.forEach((u) => runner.submit('check', [u], {})))
  const labels = new LabelDesk({ clock, table: records.labelFindings, expected: records.expected, device: (u) => list.view(u), devices, changed: () => undefined, audit: () => undefined })
  for (const [n, u] of udns.slice(0, 200).entries()) await labels.scan(u, `ZZ-${n}`)
  await t('findings 200', () => labels.findings())
  await t('scan label', () => labels.scan(udns[0] as string, 'ZZ-99999'))
  await runner.stop()
  records.close()
}, 300_000)
