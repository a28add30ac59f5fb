/**
 * 5,000 devices in the real window: first render, search, select-all and 1,000 updates, each from the event to the
 * picture, with real keys and clicks; beside the figures that the best peer publishes for the same four.
 */
import { join, resolve } from 'node:path'
import type { Device } from '../../electron/contract/device'
import type { Status } from '../../electron/contract/ipc'
import type { Job } from '../../electron/contract/job'
import { PRODUCT_VERSION } from '../../electron/contract/names'
import { DEFAULT_SETTINGS } from '../../electron/contract/settings'
import { makeTempDir } from '../helpers/temp-dir'
import { restingStation } from '../renderer/harness/sample-station'
import { startElectron } from './support/electron-process'
import { makePlayedApp } from './support/played-app'
import type { Print } from './support/print'
import { TABLE_SCENARIO } from './support/table-scenario'

const COUNT = 5_000

/** Published for 5,000 devices by the best peer; read, not measured here. */
const PEER = { 'first-render': 700, search: 171, 'select-all': 10, 'updates-1000': 65 } as const

const udnOf = (n: number): string => `uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const serialOf = (n: number): string => `PX200-${String(n).padStart(5, '0')}`

const device = (n: number): Device => ({
  udn: udnOf(n),
  name: `Pump ${n}`,
  manufacturer: 'Example maker',
  model: ['PX-200', 'GC-10', 'AU-7'][n % 3] ?? 'PX-200',
  serialNumber: serialOf(n),
  managed: true,
  phase: 'operation',
  capabilities: ['enroll', 'config', 'ota', 'diag'],
  group: ['North hall', 'Gates', 'Roof'][n % 3] ?? 'Roof',
  configurationVersion: 3,
  firmwareVersion: '1.4.2',
  ldevidNotAfter: '2027-11-01T00:00:00.000Z',
  addresses: [
    {
      address: `10.4.${Math.floor(n / 200)}.${(n % 200) + 20}`,
      interfaceName: 'eth0',
      location: 'http://10.4.1.1:8080/description.xml',
      lastSeenMs: Date.now(),
    },
  ],
  online: n % 7 !== 0,
  lastSeenMs: Date.now(),
  state: n % 7 === 0 ? 'offline' : 'healthy',
  warnings: [],
})

const job = (n: number): Job => ({
  id: `job-${n}`,
  kind: 'configure',
  subject: udnOf(n),
  batch: 'bench',
  params: {},
  state: n < COUNT / 2 ? 'done' : 'queued',
  steps: ['find', 'compare', 'apply', 'read-back'].map((name) => ({
    name,
    state: n < COUNT / 2 ? 'done' : 'pending',
    cancellable: true,
  })),
  attempt: 1,
  createdAtMs: Date.now(),
  updatedAtMs: Date.now(),
})

const status: Status = {
  stage: 'ready',
  practice: false,
  station: false,
  osKeyStore: true,
  siteName: 'Bench',
  technician: 'Operator 17',
  listening: ['lo'],
  version: PRODUCT_VERSION,
}

const LISTS = [
  'enrollment.list',
  'enrollment.expected',
  'groups.list',
  'jobs.open',
  'jobs.batches',
  'trust.list',
  'network.interfaces',
  'health.open',
  'firmware.rollouts',
  'log.stand',
  'check.list',
  'configuration.plans',
  'report.list',
  'decommission.list',
  'labels.findings',
  'work.list',
] as const

export const run = async (print: Print): Promise<void> => {
  const temp = makeTempDir('iotmc-bench-')
  const app = resolve(import.meta.dirname, '../..')
  const plan = makePlayedApp(
    join(temp.path, 'played'),
    {
      userData: join(temp.path, 'data'),
      renderer: join(app, 'out/renderer'),
      preload: join(app, 'out/preload/preload.cjs'),
      ready: 'device-table',
      devices: Array.from({ length: COUNT }, (_, n) => device(n)),
      jobs: Array.from({ length: COUNT }, (_, n) => job(n)),
      health: [],
      answers: {
        ...Object.fromEntries(LISTS.map((name) => [name, []])),
        'app.status': status,
        'settings.get': { ...DEFAULT_SETTINGS, language: 'en', theme: 'light' },
        'firmware.library': { bundles: [] },
        'station.open': restingStation(),
        'log.query': { records: [], more: false, total: 0, tookMs: 0 },
        'accounts.view': { accounts: [], waitS: 0, idleMinutes: 15 },
      },
    },
    TABLE_SCENARIO,
  )
  const program = startElectron(join(temp.path, 'played'), [plan], {})
  const read = async (name: string): Promise<Record<string, number>> => {
    const { line } = await program.mark(new RegExp(`^mark (${name}|failed) `), 180_000)
    if (line.startsWith('mark failed')) throw new Error(line)
    return JSON.parse(line.slice(`mark ${name} `.length)) as Record<string, number>
  }
  const round = (value: number | undefined): number => Number((value ?? Number.NaN).toFixed(1))
  const first = await read('first-render')
  print('screen-5000-first-render', round(first.sinceNavigationMs), 'ms')
  print('screen-5000-first-render-of-the-list', round(first.sinceHandedMs), 'ms')
  print('screen-5000-first-render-peer', PEER['first-render'], 'ms')
  print('screen-5000-frame', round((await read('frame')).p50), 'ms')
  for (const name of ['search', 'select-all', 'updates-1000'] as const) {
    const { p50, p95, max, work } = await read(name)
    print(`screen-5000-${name}-p50`, round(p50), 'ms')
    print(`screen-5000-${name}-p95`, round(p95), 'ms')
    print(`screen-5000-${name}-max`, round(max), 'ms')
    if (work !== undefined) print(`screen-5000-${name}-work-p50`, round(work), 'ms')
    print(`screen-5000-${name}-peer`, PEER[name], 'ms')
  }
  for (const name of ['jobs-5000-screen', 'jobs-5000-changes-100']) {
    const { p50, max } = await read(name)
    print(`screen-${name}-p50`, round(p50), 'ms')
    print(`screen-${name}-max`, round(max), 'ms')
  }
  await program.end()
  temp.remove()
}
