/** From the main process to the picture: 5,000 devices that change, health of 500, and how long one value takes. */
import { join, resolve } from 'node:path'
import type { Device } from '../../electron/contract/device'
import type { DeviceHealth } from '../../electron/contract/health'
import type { Status } from '../../electron/contract/ipc'
import { PRODUCT_VERSION } from '../../electron/contract/names'
import { DEFAULT_SETTINGS } from '../../electron/contract/settings'
import { makeTempDir } from '../helpers/temp-dir'
import { restingStation } from '../renderer/harness/sample-station'
import { startElectron } from './support/electron-process'
import { makePlayedApp } from './support/played-app'
import type { Print } from './support/print'

const DEVICES = 5_000
const HEALTH = 500

const udnOf = (n: number): string => `uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

const device = (n: number): Device => ({
  udn: udnOf(n),
  name: `Pump ${n}`,
  model: 'PX-200',
  serialNumber: `PX200-${String(n).padStart(5, '0')}`,
  managed: true,
  phase: 'operation',
  capabilities: ['enroll', 'config', 'ota', 'diag'],
  group: 'Default',
  configurationVersion: 3,
  firmwareVersion: '1.4.2',
  addresses: [],
  online: true,
  lastSeenMs: Date.now(),
  state: 'healthy',
  warnings: [],
})

const health = (n: number): DeviceHealth => ({
  udn: udnOf(n),
  feed: 'events',
  level: 'ok',
  alarms: [],
  atMs: Date.now(),
  intervalS: 1,
  values: { temperature: 40, supply: 12, memory: 60, uptime: 1000 },
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

/** Frame gaps while idle are the limit that this machine's screen sets; the others are held beside them. */
export const run = async (print: Print): Promise<void> => {
  const temp = makeTempDir('iotmc-bench-')
  const app = resolve(import.meta.dirname, '../..')
  const all = Array.from({ length: HEALTH }, (_, n) => health(n))
  const lists = [
    'enrollment.list',
    'enrollment.expected',
    'groups.list',
    'jobs.open',
    'trust.list',
    'network.interfaces',
    'jobs.batches',
  ]
  const more = ['firmware.rollouts', 'log.stand', 'check.list', 'configuration.plans', 'report.list']
  const plan = makePlayedApp(join(temp.path, 'played'), {
    userData: join(temp.path, 'data'),
    renderer: join(app, 'out/renderer'),
    preload: join(app, 'out/preload/preload.cjs'),
    ready: 'nav-diagnostics',
    devices: Array.from({ length: DEVICES }, (_, n) => device(n)),
    health: all,
    answers: {
      ...Object.fromEntries([...lists, ...more].map((name) => [name, []])),
      'app.status': status,
      'settings.get': { ...DEFAULT_SETTINGS, language: 'en' },
      'firmware.library': { bundles: [] },
      'station.open': restingStation(),
      'health.open': all,
      'health.series': { from: 'samples', series: [], gaps: [] },
      'log.query': { records: [], more: false, total: 0, tookMs: 0 },
      'accounts.view': { accounts: [], waitS: 0, idleMinutes: 15 },
      'audit.list': { lines: [], more: false },
    },
  })
  const program = startElectron(join(temp.path, 'played'), [plan], {})
  const read = async (name: string): Promise<Record<string, number>> => {
    const { line } = await program.mark(new RegExp(`^mark (${name}|failed) `), 120_000)
    if (line.startsWith('mark failed')) throw new Error(line)
    return JSON.parse(line.slice(`mark ${name} `.length)) as Record<string, number>
  }
  const round = (value: number | undefined): number => Number((value ?? Number.NaN).toFixed(1))
  for (const name of ['frames-idle', 'frames-busy', 'to-screen']) {
    const { p50, p95, max } = await read(name)
    print(`${name}-p50`, round(p50), 'ms')
    print(`${name}-p95`, round(p95), 'ms')
    print(`${name}-max`, round(max), 'ms')
  }
  const { events = 0, ms = 1 } = await read('taken')
  print('health-events-to-screen', Math.round((events / ms) * 1000), 'events/s')
  await program.end()
  temp.remove()
}
