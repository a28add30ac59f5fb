import type { Device } from '../../../electron/contract/device'
import type { LogStand, StoredRecord } from '../../../electron/contract/device-log'
import type { Alarm, DeviceHealth, MetricValues } from '../../../electron/contract/health'
import type { CheckEntry, CheckTest, HealthCheck } from '../../../electron/contract/self-test'
import { CHECK_TESTS } from '../../../electron/contract/self-test'

export interface DiagnosticsSample {
  readonly health: readonly DeviceHealth[]
  readonly records: readonly StoredRecord[]
  readonly stands: readonly LogStand[]
  readonly checks: readonly HealthCheck[]
  /** How many records the played store says it has found. */
  readonly total: number
}

const LOG_ID = '00112233aabbccdd'

const alarmsOf = (index: number, nowMs: number): readonly Alarm[] => {
  if (index % 11 === 1)
    return [{ sign: 'temperature', level: 'bad', sinceMs: nowMs - 1_500_000, value: 88.2, limit: 85 }]
  if (index % 11 === 3)
    return [
      { sign: 'supply', level: 'warn', sinceMs: nowMs - 300_000, value: 10.6, limit: 10.8 },
      { sign: 'clockSkew', level: 'warn', sinceMs: nowMs - 9_000_000, value: 41.3, limit: 30 },
    ]
  if (index % 11 === 5) return [{ sign: 'events-blocked', level: 'warn', sinceMs: nowMs - 3_600_000 }]
  if (index % 11 === 7) return [{ sign: 'quiet', level: 'warn', sinceMs: nowMs - 220_000 }]
  return []
}

const healthOf = (device: Device, index: number, nowMs: number): DeviceHealth => {
  const alarms = [...alarmsOf(index, nowMs)]
  const offline = !device.online
  const values: MetricValues = {
    temperature: alarms[0]?.sign === 'temperature' ? 88.2 : 38 + (index % 9) * 1.7,
    supply: alarms[0]?.sign === 'supply' ? 10.6 : 23.6 + (index % 5) * 0.12,
    memory: 34 + (index % 13) * 3,
    signal: -48 - (index % 20),
    errors: index % 4,
    clockSkew: alarms.some(({ sign }) => sign === 'clockSkew') ? 41.3 : 0.4,
    uptime: 86_400 * (index % 40) + 7_300,
  }
  const quiet = alarms.some(({ sign }) => sign === 'quiet')
  return {
    udn: device.udn,
    feed: offline
      ? 'none'
      : quiet
        ? 'quiet'
        : alarms.some(({ sign }) => sign === 'events-blocked')
          ? 'polled'
          : 'events',
    level: alarms.some(({ level }) => level === 'bad') ? 'bad' : alarms.length > 0 ? 'warn' : 'ok',
    alarms,
    atMs: nowMs - (quiet ? 240_000 : 2000 + (index % 7) * 900),
    intervalS: 30,
    values,
    link: { name: 'eth0', up: true, speedMbps: 100 },
  }
}

const LINES = [
  [6, 'net', 'link.up', 'Link eth0 is up, 100 Mbit/s full duplex'],
  [5, 'config', 'config.applied', 'Configuration version 4 applied, 14 parameters'],
  [4, 'power', 'supply.low', 'Supply 10.6 V is below 10.8 V'],
  [3, 'sensor', 'sensor.range', 'Inlet temperature 88.2 °C is beyond its range'],
  [6, 'time', 'time.synchronised', 'Clock set from 10.4.1.1, moved by 0.4 s'],
  [7, 'task', 'task.tick', 'Idle 96 %, stack 1204 bytes left'],
  [2, 'flash', 'flash.bad-block', 'Block 118 retired, 2 spares left'],
] as const

const recordsOf = (devices: readonly Device[], nowMs: number): readonly StoredRecord[] =>
  Array.from({ length: 900 }, (_, index) => {
    const device = devices[index % Math.max(1, Math.min(devices.length, 7))] as Device
    const [severity, component, code, message] = LINES[
      (index * 5 + (index % 7)) % LINES.length
    ] as (typeof LINES)[number]
    const round = Math.floor(index / 7)
    // The second device dropped 138 records before the tenth fetched one.
    const lost = index % 7 === 1 && round >= 9 ? 138 : 0
    const timeMs = nowMs - 4000 - index * 9500
    return {
      boot: 12,
      sequence: 2000 - round - lost,
      time: new Date(timeMs).toISOString(),
      clockSynchronised: index % 41 !== 3,
      severity,
      component,
      code,
      message,
      ...(severity < 5 ? { data: { value: '88.2', limit: '85.0', sensor: 'inlet' } } : {}),
      udn: device.udn,
      logId: LOG_ID,
      position: 100_000 - index,
      timeMs,
    }
  })

const MEASURES: Partial<Record<CheckTest, CheckEntry['measures']>> = {
  reachable: [{ name: 'answer', value: 12.4, unit: 'ms', high: 500, ok: true }],
  health: [
    { name: 'temperature', value: 41.3, unit: '°C', low: -20, high: 70, ok: true },
    { name: 'supply', value: 23.8, unit: 'V', low: 10.8, ok: true },
    { name: 'memory', value: 52, unit: '%', low: 15, ok: true },
  ],
  log: [{ name: 'errors', value: 1, unit: '', high: 10, ok: true }],
  memory: [{ name: 'bytes', value: 65_536, unit: 'B', low: 65_536, ok: true }],
  flash: [{ name: 'write rate', value: 1.8, unit: 'MB/s', low: 0.5, ok: true }],
  sensor: [{ name: 'inlet', value: 41.3, unit: '°C', low: -40, high: 125, ok: true }],
  ping: [
    { name: 'lost', value: 0, unit: '%', high: 1, ok: true },
    { name: 'average', value: 1.9, unit: 'ms', high: 100, ok: true },
  ],
  path: [{ name: 'hops', value: 2, unit: '', high: 10, ok: true }],
  throughput: [{ name: 'rate', value: 71.2, unit: 'Mbit/s', low: 1, ok: true }],
}

const entry = (test: CheckTest, change: Partial<CheckEntry> = {}): CheckEntry => ({
  test,
  state: 'done',
  verdict: test === 'dns' ? 'skipped' : 'ok',
  ...(test === 'dns' ? { detail: 'no name was given' } : {}),
  measures: [...(MEASURES[test] ?? [])],
  durationMs: 180 + CHECK_TESTS.indexOf(test) * 140,
  ...change,
})

const checksOf = (devices: readonly Device[], nowMs: number): readonly HealthCheck[] =>
  devices.slice(0, 4).map((device, index): HealthCheck => {
    const base = { id: `check-${index}`, udn: device.udn, startedAtMs: nowMs - 600_000 - index }
    if (index === 0)
      return {
        ...base,
        endedAtMs: nowMs - 540_000,
        entries: CHECK_TESTS.map((test) =>
          test === 'flash'
            ? entry(test, {
                verdict: 'bad',
                measures: [{ name: 'write rate', value: 0.1, unit: 'MB/s', low: 0.5, ok: false }],
              })
            : test === 'log'
              ? entry(test, {
                  verdict: 'warn',
                  measures: [{ name: 'errors', value: 34, unit: '', high: 10, ok: false }],
                })
              : entry(test),
        ),
        verdict: 'bad',
        findings: [
          { finding: 'flash-failing', test: 'flash' },
          { finding: 'many-errors', test: 'log' },
        ],
      }
    if (index === 1)
      return {
        ...base,
        entries: CHECK_TESTS.map((test, at) =>
          at < 6
            ? entry(test)
            : {
                test,
                state: at === 6 ? ('running' as const) : ('pending' as const),
                measures: [],
              },
        ),
        findings: [],
      }
    if (index === 2)
      return {
        ...base,
        endedAtMs: nowMs - 590_000,
        entries: CHECK_TESTS.map((test, at) =>
          at === 0
            ? entry(test, {
                verdict: 'bad',
                reason: 'no-answer',
                detail: 'no answer within 10 s',
                measures: [],
              })
            : entry(test, { verdict: 'skipped', measures: [], detail: 'not reachable' }),
        ),
        verdict: 'bad',
        findings: [{ finding: 'unreachable', test: 'reachable' }],
      }
    return {
      ...base,
      endedAtMs: nowMs - 545_000,
      entries: CHECK_TESTS.map((test) => entry(test)),
      verdict: 'ok',
      findings: [{ finding: 'all-well' }],
    }
  })

/** Health, logs and checks of the devices that are of the site. */
export const diagnosticsSample = (devices: readonly Device[], nowMs: number): DiagnosticsSample => {
  const own = devices.filter(({ phase }) => phase === 'operation' || phase === 'maintenance')
  const records = own.length === 0 ? [] : recordsOf(own, nowMs)
  return {
    health: own.map((device, index) => healthOf(device, index, nowMs)),
    records,
    stands: own.slice(0, 7).map((device, index) => ({
      udn: device.udn,
      logId: LOG_ID,
      stored: 128 + index,
      through: 2000,
      lost: index === 1 ? 138 : 0,
      clearedThrough: 0,
      fetchedAtMs: nowMs - 700_000,
      tail: false,
    })),
    checks: checksOf(own, nowMs),
    total: records.length === 0 ? 0 : 48_213,
  }
}
