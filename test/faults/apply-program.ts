/**
 * A work on a whole site, for killing: `node program.mjs <folder> <port> <devices> <kill at> <offline>`. It previews the plan and
 * applies it where that was not done yet, counts every point at which a kill may strike, and dies by SIGKILL at the given
 * one; 0 means never. The devices answer at the port, but for those that are offline, given by their numbers.
 */
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { IotmcError } from '../../electron/contract/errors'
import { isEnded } from '../../electron/contract/job'
import type { SiteWork } from '../../electron/contract/site-plan'
import { systemClock } from '../../electron/net/clock'
import { Records } from '../../electron/store/records'
import { openApplySite } from '../helpers/apply-site'
import { udnOf } from '../helpers/device-row'

const [folder = '', port = '', count = '0', killAt = '0', away = ''] = process.argv.slice(2)

let points = 0
const around = (): void => {
  points += 1
  if (points === Number(killAt)) process.kill(process.pid, 'SIGKILL')
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 })
const exchange = (udn: string, action: string, args: object): Promise<Record<string, string>> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method: 'POST', agent }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => {
        const said = JSON.parse(text)
        if (answer.statusCode === 200) resolve(said)
        else reject(new IotmcError(said.code, { subject: udn }))
      })
    })
    asked.on('error', reject)
    asked.end(JSON.stringify({ udn, action, args }))
  })

const records = Records.open(join(folder, 'records.sqlite'))
const devices = Array.from({ length: Number(count) }, (_, n) => ({
  n: n + 1,
  udn: udnOf(n + 1),
  serial: `EX-${n + 1}`,
}))
const offline = new Set(away.split(',').map((n) => udnOf(Number(n))))
const isOnline = (udn: string) => !offline.has(udn)
const site = openApplySite({ clock: systemClock, records, devices, exchange, around, isOnline })
const report = (): void => {
  const [work] = site.works.list()
  const isThrough = (row: SiteWork['rows'][number]): boolean =>
    row.state === 'done' || row.state === 'failed' || (row.state === 'held' && !isOnline(row.udn ?? ''))
  if (!work?.rows.every(isThrough)) return
  if (site.runner.list().some(({ state, subject }) => !isEnded(state) && isOnline(subject))) return
  process.stdout.write(JSON.stringify({ points, rows: work.rows }))
  records.close()
  process.exit(0)
}
site.works.onChange(report)
site.runner.on('changed', report)
site.start()
const [before] = site.works.list()
if (before?.appliedAtMs === undefined) {
  const work = before ?? (await site.works.preview({ what: 'plan' }))
  site.works.apply(work.id)
} else if (before.rows.some(({ state }) => state === 'previewed')) {
  // A person's word: what the kill has left without a job is asked for again.
  site.works.apply(before.id)
}
report()
