/**
 * Makes reports until it is killed: `node program.mjs <folder> <kill at>`. It dies by SIGKILL at the given point: before and
 * after each word to the disk that puts a report into its place, and each write of the records. 0 means: one report, no kill.
 * Keys and authority lie in the folder as PEM.
 */
import fs, { appendFileSync, readFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { readCertificate } from '../../electron/identity/certificate'
import { ReportDesk } from '../../electron/site/report-desk'
import { Records } from '../../electron/store/records'
import type { ReportTable } from '../../electron/store/tables/reports'

const [folder = '', killAtText = '0', udn = '', nowText = '0'] = process.argv.slice(2)
const killAt = Number(killAtText)
const pem = (name: string): string => readFileSync(join(folder, name), 'utf8')
const records = Records.open(join(folder, 'records.sqlite'))
const keyPem = pem('controller.key')
const chainPem = pem('controller.pem')
const siteCaPem = pem('site-ca.pem')

let points = 0
const point = (): void => {
  points += 1
  if (points !== killAt) return
  append(join(folder, 'killed'), `${points}\n`)
  process.kill(process.pid, 'SIGKILL')
}
const append = appendFileSync
type Act = (...args: unknown[]) => unknown
const disk = fs as unknown as Record<string, Act>
for (const name of ['mkdirSync', 'openSync', 'writeSync', 'fsyncSync', 'closeSync', 'renameSync', 'rmSync']) {
  const act = disk[name]
  if (act)
    disk[name] = (...args) => {
      point()
      const value = act(...args)
      point()
      return value
    }
}
syncBuiltinESMExports()

const table: ReportTable = {
  ...records.reports,
  add: (report) => {
    point()
    records.reports.add(report)
    point()
  },
}
const { subject, fingerprint } = readCertificate(siteCaPem).summary
const desk = new ReportDesk({
  clock: { now: () => Number(nowText), setTimer: () => () => undefined },
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  folder: join(folder, 'reports'),
  table,
  signer: () => ({ keyPem, chainPem }),
  siteCaPem: () => siteCaPem,
  site: () => ({
    name: 'Example site',
    controllerUdn: udn,
    authority: subject,
    authorityFingerprint: fingerprint,
  }),
  technician: () => ({ name: 'Technician 17' }),
  devices: () => [],
  enrollments: () => [],
  expected: () => [],
  jobs: () => [],
  failures: () => [],
  checks: () => [],
  auditHead: () => ({ lines: 0 }),
  audit: () => point(),
})
const { sequence } = await desk.make({ language: 'en' })
records.close()
console.log(JSON.stringify({ sequence, points }))
