/**
 * Fetches and clears the log of one device, over and over, until it is killed: `node program.mjs <folder> [once]`. The
 * folder has `device.json`; what is stored goes into it, with the journal. It says `fetched` after each job.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IotmcError } from '../../electron/contract/errors'
import { isEnded } from '../../electron/contract/job'
import { DiagnosticsStore } from '../../electron/diagnostics/diagnostics-store'
import { TrustStore } from '../../electron/identity/trust'
import { DeviceLink } from '../../electron/jobs/device-link'
import { JobRunner } from '../../electron/jobs/runner'
import { systemClock } from '../../electron/net/clock'
import { LogDesk } from '../../electron/operation/log-desk'
import { acquireLock } from '../../electron/store/lock'
import { Records } from '../../electron/store/records'

/** What the test has written into `device.json`. */
export interface FetchLogSite {
  readonly udn: string
  readonly location: string
  readonly secureLocation: string
  readonly keyPem: string
  readonly chainPem: string
  readonly siteCa: string
  readonly factoryRoot: string
}

const [, , folder = '', often = 'always'] = process.argv
const site: FetchLogSite = JSON.parse(readFileSync(join(folder, 'device.json'), 'utf8'))
const log = {
  info: () => undefined,
  warn: () => undefined,
  error: (facts: object, message: string) => console.error(message, facts),
}

acquireLock(join(folder, 'lock'))
const clock = systemClock
const records = Records.open(join(folder, 'records.sqlite'))
const store = DiagnosticsStore.open(join(folder, 'diagnostics.sqlite'), { clock, log })
const { location, secureLocation } = site
const address = {
  address: '127.0.0.1',
  interfaceName: 'lo',
  location,
  secureLocation,
  lastSeenMs: clock.now(),
}
const link = new DeviceLink({
  clock,
  trust: new TrustStore({
    roots: () => [site.factoryRoot],
    siteCa: () => site.siteCa,
    crls: () => [],
    now: () => clock.now(),
  }),
  identity: () => ({ keyPem: site.keyPem, chainPem: site.chainPem }),
  cas: () => [site.siteCa, site.factoryRoot],
  sighting: () => ({ online: true, addresses: [address] }),
})

let desk: LogDesk | undefined
const runner = new JobRunner({
  clock,
  journal: records.jobs,
  concurrency: 1,
  kept: 2,
  plan: (job) => desk?.plan(job) ?? [],
  log,
})
desk = new LogDesk({
  clock,
  link,
  runner,
  store: store.logs,
  log,
  isOnline: () => true,
  onWake: () => () => undefined,
  audit: () => undefined,
})
desk.onStored(() => console.log('stored'))

const ended = (id: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const look = (): void => {
      const job = runner.get(id)
      if (!job || !isEnded(job.state)) return
      off()
      if (job.state === 'done') resolve()
      else reject(new IotmcError(job.error?.code ?? 'DEFECT', job.error ?? {}))
    }
    const off = runner.on('changed', look)
    look()
  })

runner.start()
// What a kill has cut short goes on first.
const open = runner.list().filter((job) => !isEnded(job.state))
for (const { id } of open) await ended(id)
if (open.length > 0) console.log('went on')
do {
  const [id = ''] = desk.fetch([site.udn], true)
  await ended(id)
  console.log('fetched')
} while (often !== 'once')

await runner.stop()
desk.close()
await store.close()
link.close()
records.close()
