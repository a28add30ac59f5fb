/** Facts for reports: devices, jobs and a plan, any number of them, with everything that can go wrong among them. */
import type { Device } from '../../electron/contract/device'
import type { Enrollment } from '../../electron/contract/enrollment'
import type { Job } from '../../electron/contract/job'
import type { HealthCheck } from '../../electron/contract/self-test'
import type { ReportFacts } from '../../electron/reports/content'
import { NOW } from '../identity/make'

export const udnOf = (n: number): string => `uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

export const device = (n: number, more: Partial<Device> = {}): Device => ({
  udn: udnOf(n),
  name: `Sensor ${n}`,
  model: 'TH-10',
  managed: true,
  phase: 'operation',
  capabilities: ['enroll', 'config', 'ota', 'diag'],
  group: 'Hall 1',
  configurationVersion: 3,
  firmwareVersion: '2.4.0',
  firmware: {
    activeBank: 'A',
    updateState: 'idle',
    banks: [
      { slot: 'A', state: 'valid', version: '2.4.0', bootAttempts: 0 },
      { slot: 'B', state: 'empty', bootAttempts: 0 },
    ],
  },
  health: { level: 'ok', feed: 'events', alarms: [] },
  proven: {
    kind: 'LDevID',
    serialNumber: `SN-${1000 + n}`,
    fingerprint: `AB:CD:${String(n % 100).padStart(2, '0')}`,
    notAfter: '2027-12-15T12:00:00.000Z',
    provenAtMs: NOW,
  },
  addresses: [],
  online: true,
  lastSeenMs: NOW - 5_000,
  state: 'healthy',
  warnings: [],
  ...more,
})

export const enrollment = (n: number, more: Partial<Enrollment> = {}): Enrollment => ({
  enrollmentId: `e-${n}`,
  udn: udnOf(n),
  model: 'TH-10',
  hardwareRevision: 'A',
  firmwareVersion: '2.4.0',
  serialNumber: `SN-${1000 + n}`,
  identityFingerprint: 'ff'.repeat(32),
  state: 'confirmed',
  ldevidSerial: `0${n}`,
  requestedAtMs: NOW - 60_000,
  updatedAtMs: NOW - 30_000,
  ...more,
})

let jobs = 0
export const job = (subject: string, more: Partial<Job> = {}): Job => {
  jobs += 1
  return {
    id: `job-${jobs}`,
    kind: 'commission',
    subject,
    batch: 'batch-1',
    params: {},
    state: 'done',
    steps: [],
    attempt: 1,
    createdAtMs: NOW - 60_000,
    updatedAtMs: NOW - 50_000,
    ...more,
  }
}

export const check = (n: number, more: Partial<HealthCheck> = {}): HealthCheck => ({
  id: `check-${n}`,
  udn: udnOf(n),
  startedAtMs: NOW - 20_000,
  endedAtMs: NOW - 10_000,
  entries: [],
  verdict: 'ok',
  findings: [{ finding: 'all-well' }],
  ...more,
})

export const facts = (more: Partial<ReportFacts> = {}): ReportFacts => ({
  sequence: 1,
  nowMs: NOW,
  program: 'IoTMC Technician 0.1.0',
  site: {
    name: 'Example site',
    controllerUdn: udnOf(999),
    authority: 'CN=Example site CA',
    authorityFingerprint: Array.from({ length: 32 }, () => 'AB').join(':'),
  },
  technician: { name: 'Technician 17', role: 'technician' },
  request: { customer: 'Example customer', place: 'Hall 1', notes: '', language: 'en' },
  devices: [],
  enrollments: [],
  expected: [],
  jobs: [],
  failures: [],
  check: () => undefined,
  audit: { lines: 12, head: 'cd'.repeat(32) },
  ...more,
})

const LONG =
  'Temperature and humidity sensor, third floor, south-western corner of the cold store, above the emergency exit, behind the second column'

/** A site with `count` devices, every seventh of which has something wrong with it. */
export const busySite = (count: number, more: Partial<ReportFacts> = {}): ReportFacts => {
  const wrong: readonly Partial<Device>[] = [
    { state: 'offline', online: false, lastSeenMs: NOW - 86_400_000 },
    { state: 'failed', lastErrorCode: 'DEVICE_UNREACHABLE' },
    { state: 'not-trusted', phase: 'commissioning', proven: undefined, group: undefined },
    { state: 'unhealthy', health: { level: 'bad', feed: 'polled', alarms: ['temperature', 'clockSkew'] } },
    {
      state: 'new',
      phase: 'commissioning',
      proven: undefined,
      firmwareVersion: undefined,
      health: undefined,
    },
    { name: LONG, group: 'Cold store, third floor, south' },
    { name: 'Kühlhaus-Fühler-größer-als-alles-was-in-diese-Spalte-passt-und-ohne-ein-einziges-Leerzeichen' },
  ]
  const devices = Array.from({ length: count }, (_, i) =>
    device(i + 1, i % 7 === 3 ? (wrong[Math.floor(i / 7) % wrong.length] ?? {}) : {}),
  )
  return facts({
    devices,
    enrollments: devices.filter(({ proven }) => proven).map((_, i) => enrollment(i + 1)),
    expected: [
      ...devices.slice(0, 3).map(({ udn }) => ({ udn })),
      { serialNumber: 'SN-9001', name: 'Gateway, roof' },
    ],
    jobs: devices.flatMap(({ udn, state, online }) => [
      job(udn, {
        state: state === 'failed' ? 'failed' : 'done',
        ...(state === 'failed' ? { error: { code: 'DEVICE_UNREACHABLE' as const } } : {}),
      }),
      ...(online
        ? [job(udn, { kind: 'update', state: 'done' })]
        : [job(udn, { kind: 'configure', state: 'waiting' })]),
    ]),
    check: (udn) =>
      udn === udnOf(2)
        ? check(2, { verdict: 'warn', findings: [{ finding: 'network-poor' }] })
        : check(1, { udn }),
    ...more,
  })
}
