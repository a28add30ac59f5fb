/** What the desk makes of reports: metrics, alarms, gaps, and what it tells of them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_THRESHOLDS, type DeviceHealth, type HealthReport } from '../../electron/contract/health'
import { HealthDesk } from '../../electron/operation/health-desk'
import { readHealth } from '../../electron/operation/health-report'
import { udnOf } from '../helpers/device-row'
import { VirtualClock } from '../helpers/virtual-clock'

const UDN = udnOf(1)
const DAY_MS = 24 * 3600_000
const EVENTS = { via: 'events' } as const

let clock: VirtualClock
let desk: HealthDesk
let records: { udn: string; atMs: number; values: object }[]
let gaps: { fromMs: number; toMs: number; reason: string }[]
let notAfter: string | undefined
let workedOn: boolean
let lastAtMs: number | undefined
let batches: (readonly DeviceHealth[])[]
let startMs: number
/** By how much the wall clock was set; timers do not care. */
let setByMs: number
const ours = new Set<string>()

const makeDesk = (): HealthDesk =>
  new HealthDesk({
    clock: { now: () => clock.now() + setByMs, setTimer: (fn, ms) => clock.setTimer(fn, ms) },
    store: {
      record: (udn, atMs, values) => void records.push({ udn, atMs, values }),
      gap: (_, fromMs, toMs, reason) => void gaps.push({ fromMs, toMs, reason }),
      series: async () => ({ from: 'samples', series: [], gaps: [] }),
      lastAtMs: () => lastAtMs,
    },
    thresholds: DEFAULT_THRESHOLDS,
    udns: () => ours,
    isOurs: (udn) => ours.has(udn),
    certificateEnd: () => notAfter,
    isWorkedOn: () => workedOn,
  })

beforeEach(() => {
  clock = new VirtualClock(Date.parse('2026-03-02T12:00:00Z'))
  startMs = clock.now()
  setByMs = 0
  records = []
  gaps = []
  notAfter = undefined
  workedOn = false
  lastAtMs = undefined
  batches = []
  ours.clear()
  ours.add(UDN)
  desk = makeDesk()
  desk.onChange((changed) => void batches.push(changed))
  desk.hears(UDN, EVENTS)
})
afterEach(() => desk.close())

const reportOf = (over: Partial<HealthReport> = {}): HealthReport => ({
  time: new Date(clock.now()).toISOString(),
  clockSynchronised: true,
  boot: 1,
  uptimeS: (clock.now() - startMs) / 1000 + 1000,
  intervalS: 5,
  temperatureC: 40,
  counts: { critical: 0, error: 2, warning: 5 },
  ...over,
})
const report = (over: Partial<HealthReport> = {}, udn = UDN): boolean =>
  desk.report(udn, reportOf(over), EVENTS)
/** One report every five seconds. */
const reports = (count: number, over: Partial<HealthReport> = {}): void => {
  for (let n = 0; n < count; n += 1) {
    clock.advance(5_000)
    report(over)
  }
}
const health = () => desk.of(UDN)
const alarms = () => health()?.alarms.map(({ sign, level }) => `${sign} ${level}`)

describe('a report', () => {
  it('becomes metrics in their units', () => {
    report({
      supplyV: 11.9,
      memoryFreeBytes: 250,
      memoryTotalBytes: 1000,
      link: { name: 'eth0', up: true, speedMbps: 100, signalDbm: -60, errors: 3 },
      counts: { critical: 1, error: 2, warning: 9 },
    })
    expect(health()).toMatchObject({
      feed: 'events',
      level: 'ok',
      atMs: clock.now(),
      intervalS: 5,
      link: { name: 'eth0', up: true, speedMbps: 100 },
      values: {
        temperature: 40,
        supply: 11.9,
        memory: 25,
        signal: -60,
        linkErrors: 3,
        errors: 3,
        clockSkew: 0,
        uptime: 1000,
      },
    })
    expect(records).toHaveLength(1)
  })

  it('leaves out what there is no sensor for', () => {
    report({ temperatureC: undefined })
    expect(Object.keys(health()?.values ?? {}).sort()).toEqual(['clockSkew', 'errors', 'uptime'])
  })

  it.each(['', '[]', '{"boot":1}', `{"x":"${'y'.repeat(5000)}"}`])(
    'is refused in another form (%#)',
    (text) => {
      expect(() => readHealth(UDN, text)).toThrow('BAD_ANSWER')
    },
  )

  it('is counted once, however often it comes', () => {
    const one = reportOf()
    expect(desk.report(UDN, one, EVENTS)).toBe(true)
    clock.advance(3_000)
    expect(desk.report(UDN, one, { via: 'events', initial: true })).toBe(false)
    const answer = reportOf()
    clock.advance(100)
    report()
    expect(desk.report(UDN, answer, { via: 'polled', roundTripMs: 90 })).toBe(false)
    expect(records).toHaveLength(2)
  })

  it('tells how far the clocks are apart, half of the round trip aside', () => {
    const madeMs = clock.now()
    clock.advance(400)
    desk.report(UDN, reportOf({ time: new Date(madeMs - 600_000 + 200).toISOString() }), {
      via: 'polled',
      roundTripMs: 400,
    })
    expect(health()?.values.clockSkew).toBe(600)
    expect(alarms()).toEqual(['clockSkew bad'])
  })

  it('that may have stood for a while says nothing about the clock', () => {
    desk.report(UDN, reportOf({ time: new Date(clock.now() - 3_600_000).toISOString() }), {
      via: 'events',
      initial: true,
    })
    expect(health()?.values.clockSkew).toBeUndefined()
    expect(alarms()).toEqual([])
  })
})

describe('an alarm', () => {
  it('is raised when it has lasted, and ends behind its limit', () => {
    reports(2, { temperatureC: 72 })
    expect(alarms()).toEqual(['temperature warn'])
    reports(2, { temperatureC: 86 })
    expect(alarms()).toEqual(['temperature bad'])
    expect(health()?.level).toBe('bad')
    reports(1, { temperatureC: 66 })
    expect(alarms()).toEqual(['temperature warn'])
    reports(1, { temperatureC: 64 })
    expect([alarms(), health()?.level]).toEqual([[], 'ok'])
  })

  it('follows changed limits at once', () => {
    reports(2, { temperatureC: 60 })
    const [heat] = DEFAULT_THRESHOLDS
    if (heat) desk.setThresholds([{ ...heat, warn: { raise: 55, clear: 50 } }])
    expect(alarms()).toEqual(['temperature warn'])
    desk.setThresholds([])
    expect(alarms()).toEqual([])
  })

  it('is not shown of a device that is not heard', () => {
    reports(2, { temperatureC: 90 })
    desk.hears(UDN, { via: 'none' })
    expect(health()).toMatchObject({ feed: 'none', level: 'ok', alarms: [], values: { temperature: 90 } })
    desk.hears(UDN, EVENTS)
    expect(alarms()).toEqual(['temperature bad'])
  })

  it('says that a device has started anew, for a while; not when somebody is at work on it', () => {
    report()
    clock.advance(5_000)
    report({ boot: 2, uptimeS: 1 })
    expect(alarms()).toEqual(['restarted warn'])
    for (let n = 1; n <= 125; n += 1) {
      clock.advance(5_000)
      report({ boot: 2, uptimeS: 1 + n * 5 })
    }
    expect(alarms()).toEqual([])
    workedOn = true
    clock.advance(5_000)
    report({ boot: 3, uptimeS: 1 })
    expect(alarms()).toEqual([])
  })

  it('notices a restart by the uptime where the counter of starts stands still', () => {
    report({ boot: 0, uptimeS: 5000 })
    clock.advance(5_000)
    report({ boot: 0, uptimeS: 3 })
    expect(alarms()).toEqual(['restarted warn'])
  })

  it.each([
    [31, []],
    [29, ['certificate-expiring warn']],
    [0, ['certificate-expired bad']],
  ])('tells of a certificate with %i days left, of devices that are off too', (days, expected) => {
    notAfter = new Date(clock.now() + days * DAY_MS).toISOString()
    report()
    expect(alarms()).toEqual(expected)
    desk.hears(UDN, { via: 'none' })
    expect(alarms()).toEqual(expected)
  })

  it('tells of a certificate by itself when the day has come', () => {
    const standings: string[] = []
    notAfter = new Date(clock.now() + 30 * DAY_MS + 90_000).toISOString()
    clock.advance(60_000)
    desk.onStanding((udns) => void standings.push(...udns))
    clock.advance(120_000)
    expect(standings).toContain(UDN)
    expect(alarms()).toContain('certificate-expiring warn')
  })

  it('puts the worst first', () => {
    notAfter = new Date(clock.now() + DAY_MS).toISOString()
    reports(2, { temperatureC: 72, supplyV: 9 })
    expect(alarms()).toEqual(['supply bad', 'certificate-expiring warn', 'temperature warn'])
  })
})

describe('silence', () => {
  it('of three intervals makes a device quiet, and the next report ends it', () => {
    reports(3)
    const quiet: string[] = []
    desk.onQuiet((udn) => void quiet.push(udn))
    clock.advance(15_000)
    expect(health()?.feed).toBe('events')
    clock.advance(1_000)
    expect([health()?.feed, alarms(), quiet]).toEqual(['quiet', ['quiet warn'], [UDN]])
    const lastMs = records.at(-1)?.atMs
    clock.advance(60_000)
    report()
    expect([health()?.feed, alarms()]).toEqual(['events', []])
    expect(gaps).toEqual([{ fromMs: lastMs, toMs: clock.now(), reason: 'missed' }])
    expect(quiet).toEqual([UDN])
  })

  it.each([1, 60, 3600])('is judged by the interval of the device (%i s)', (intervalS) => {
    report({ intervalS })
    clock.advance(3 * intervalS * 1000)
    expect(health()?.feed).toBe('events')
    clock.advance(1_001)
    expect(health()?.feed).toBe('quiet')
  })

  it('of a device that is asked is judged by how often it is asked', () => {
    report({ intervalS: 1 })
    desk.hears(UDN, { via: 'polled', everyMs: 10_000, blocked: true })
    clock.advance(29_000)
    expect([health()?.feed, alarms()]).toEqual(['polled', ['events-blocked warn']])
    clock.advance(3_000)
    expect(health()?.feed).toBe('quiet')
  })

  it('of a laptop that slept is not the silence of a device', () => {
    reports(2)
    const lastMs = clock.now()
    clock.jump(2 * 3600_000)
    clock.advance(1_000)
    expect(health()?.feed).toBe('events')
    clock.advance(20_000)
    report()
    expect(gaps).toEqual([{ fromMs: lastMs, toMs: clock.now(), reason: 'asleep' }])
  })

  it('survives a clock that was set back', () => {
    reports(2)
    setByMs = -3600_000
    clock.advance(20_000)
    expect(health()?.feed).toBe('events')
    clock.advance(60_000)
    expect(health()?.feed).toBe('quiet')
  })
})

describe('a gap', () => {
  it('is noted for an event that was lost, however short', () => {
    report()
    clock.advance(2_000)
    desk.missed(UDN)
    report()
    expect(gaps).toMatchObject([{ reason: 'missed', toMs: clock.now() }])
    reports(5)
    expect(gaps).toHaveLength(1)
  })

  it('is noted when a device comes back, not when nothing was missed', () => {
    report()
    desk.hears(UDN, { via: 'none' })
    clock.advance(4_000)
    desk.hears(UDN, EVENTS)
    report()
    expect(gaps).toEqual([])
    desk.hears(UDN, { via: 'none' })
    clock.advance(60_000)
    desk.hears(UDN, EVENTS)
    report()
    expect(gaps).toMatchObject([{ reason: 'offline' }])
  })

  it('is noted for the time in which the program did not run', () => {
    lastAtMs = clock.now() - 3600_000
    desk.close()
    desk = makeDesk()
    desk.hears(UDN, EVENTS)
    report()
    expect(gaps).toEqual([{ fromMs: lastAtMs, toMs: clock.now(), reason: 'not-running' }])
    reports(3)
    expect(gaps).toHaveLength(1)
  })
})

describe('what is told', () => {
  it('comes at most ten times a second, with the devices that changed', () => {
    for (let n = 1; n <= 500; n += 1) {
      ours.add(udnOf(n))
      desk.hears(udnOf(n), EVENTS)
    }
    clock.advance(1_000)
    batches.length = 0
    for (let second = 0; second < 10; second += 1)
      for (let n = 1; n <= 500; n += 1) {
        report({}, udnOf(n))
        clock.advance(2)
      }
    clock.advance(100)
    expect(batches.length).toBeLessThanOrEqual(101)
    expect(batches.flat()).toHaveLength(5_000)
    expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(51)
  })

  it('touches a row only when it looks different', () => {
    reports(1)
    const standings: string[] = []
    desk.onStanding((udns) => void standings.push(...udns))
    reports(5)
    expect(standings).toEqual([])
    reports(2, { temperatureC: 90 })
    expect(standings).toEqual([UDN])
  })

  it('lists every device of the site, and answers for no other', () => {
    ours.add(udnOf(2))
    report()
    expect(desk.open().map(({ udn, feed }) => [udn, feed])).toEqual([
      [UDN, 'events'],
      [udnOf(2), 'none'],
    ])
    expect(desk.of(udnOf(3))).toBeUndefined()
  })
})
