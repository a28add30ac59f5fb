/**
 * A plan of 5,000 devices: brought in, compared, previewed, begun and done, and for how long the program answers nobody
 * meanwhile. The devices answer from memory and the records are a real file; beside it the same lines through the CSV parser
 * alone.
 */
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parse } from 'csv-parse/sync'
import { isEnded } from '../../electron/contract/job'
import { systemClock } from '../../electron/net/clock'
import { Records } from '../../electron/store/records'
import { ApplyDouble, openApplySite, recordMembers } from '../helpers/apply-site'
import { makeTempDir } from '../helpers/temp-dir'
import type { Print } from './support/print'

const DEVICES = 5_000
const LIMIT_MS = 300_000

/** Does it, and prints how long it took and the longest time in which nothing else had its turn. */
const measured = async <T>(name: string, print: Print, work: () => T | Promise<T>): Promise<T> => {
  const monitor = monitorEventLoopDelay({ resolution: 1 })
  // What came before has ended, and the monitor has begun to count.
  await new Promise((done) => setTimeout(done, 20))
  monitor.enable()
  await new Promise((done) => setTimeout(done, 20))
  const beganMs = performance.now()
  const result = await work()
  const tookMs = performance.now() - beganMs
  await new Promise((done) => setTimeout(done, 20))
  monitor.disable()
  print(`plan-5000-${name}`, Math.round(tookMs), 'ms')
  print(`plan-5000-${name}-pause`, Math.round(monitor.max / 1e6), 'ms at most')
  return result
}

export const run = async (print: Print): Promise<void> => {
  const temp = makeTempDir('iotmc-bench-')
  const records = Records.open(join(temp.path, 'records.sqlite'))
  const devices = Array.from({ length: DEVICES }, (_, n) => new ApplyDouble(n + 1))
  const byUdn = new Map(devices.map((device) => [device.udn, device]))
  recordMembers(records, devices)
  const site = openApplySite({
    clock: systemClock,
    records,
    devices,
    exchange: async (udn, action, args) => {
      await new Promise((next) => setImmediate(next))
      return byUdn.get(udn)?.answer(action, args) ?? {}
    },
  })
  try {
    site.start()
    const lines = devices.map(({ serial, n }) => `${serial},Pump ${n},Row ${n % 40},North,Hall ${n % 9}`)
    const text = ['serial,name,place,group,set:Device.Location', ...lines, ''].join('\r\n')
    await measured('import', print, () => site.plan.importText(text, 'replace'))
    const parseMs = performance.now()
    parse(Buffer.from(text))
    print('plan-5000-csv-parser-alone', Math.round(performance.now() - parseMs), 'ms')
    await measured('compare', print, () => site.plan.compare())
    const work = await measured('preview', print, () => site.works.preview({ what: 'plan' }))
    await measured('begin', print, () => site.works.apply(work.id))
    const all = (): boolean => site.runner.list().every(({ state }) => isEnded(state))
    await measured('done', print, async () => {
      const beganMs = performance.now()
      while (!all() && performance.now() - beganMs < LIMIT_MS)
        await new Promise((next) => setTimeout(next, 100))
    })
    const states = site.works.list()[0]?.rows.map(({ state }) => state) ?? []
    print('plan-5000-devices-done', states.filter((state) => state === 'done').length, 'devices')
  } finally {
    await site.close()
    records.close()
    temp.remove()
  }
}
