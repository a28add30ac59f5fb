/**
 * A plan of configuration on real devices, for killing: `node program.mjs <folder> <kill at>`. It counts every point at
 * which a kill may strike (before and after each write and each exchange with a device) and dies by SIGKILL at the given
 * one; 0 means never. `<folder>/site.json` says which devices, with which keys, and in which direction.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isEnded } from '../../electron/contract/job'
import { Records } from '../../electron/store/records'
import { type KnownDevice, openConfigurationSite, type SiteKeys } from '../helpers/configuration-site'

interface Order {
  readonly devices: readonly KnownDevice[]
  readonly keys: SiteKeys
  readonly planId: string
  readonly direction: 'apply' | 'rollback'
}

const [folder = '', killAtText = '0'] = process.argv.slice(2)
const killAt = Number(killAtText)
const { devices, keys, planId, direction }: Order = JSON.parse(
  readFileSync(join(folder, 'site.json'), 'utf8'),
)

let points = 0
const point = (): void => {
  points += 1
  if (points !== killAt) return
  appendFileSync(join(folder, 'killed'), `${points}\n`)
  process.kill(process.pid, 'SIGKILL')
}

const records = Records.open(join(folder, 'records.sqlite'))
const { runner, desk } = openConfigurationSite(records, devices, keys, point)
const rows = () => desk.plans().find((plan) => plan.id === planId)?.rows ?? []
const ended = direction === 'apply' ? 'applied' : 'rolled-back'
const report = (): void => {
  if (rows().some((row) => row.state !== ended && row.state !== 'failed')) return
  if (runner.list().some((job) => !isEnded(job.state))) return
  process.stdout.write(JSON.stringify({ points, rows: rows(), jobs: runner.list() }))
  records.close()
  process.exit(0)
}
desk.begin()
desk.onChange(report)
runner.on('changed', report)
runner.start()
// A person's word: what the kill has left without a job is asked for again.
if (!rows().some((row) => row.state === 'applying' || row.state === 'rolling-back')) desk[direction](planId)
report()
