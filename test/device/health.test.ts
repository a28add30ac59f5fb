/** The health that the reference device reports: plausible, bent by its faults, as often as promised. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { type HealthReport, healthReportSchema } from '../../electron/contract/health'
import { deviceClock } from '../../electron/device/device-clock'
import type { FaultName } from '../../electron/device/faults'
import { playedValues } from '../../electron/device/health-curve'
import { HealthFeed, QUIET_AFTER } from '../../electron/device/health-feed'
import { linkState } from '../../electron/device/health-link'
import { HealthNotes } from '../../electron/device/health-notes'
import { HealthSource } from '../../electron/device/health-report'
import { makeTempDir } from '../helpers/temp-dir'
import { VirtualClock } from '../helpers/virtual-clock'

const SEED = 'uuid:00000000-0000-4000-8000-000000000001'
const GIB = 1024 ** 3

let clock: VirtualClock
let startMs = 0
beforeEach(() => {
  clock = new VirtualClock()
  startMs = clock.now()
})

const source = (
  faults: readonly FaultName[] = [],
  over: Partial<ConstructorParameters<typeof HealthSource>[0]> = {},
) =>
  new HealthSource({
    clock: deviceClock(clock, faults),
    faults: { has: (name) => faults.includes(name) },
    seed: SEED,
    boot: () => 3,
    uptimeMs: () => clock.now() - startMs,
    counts: () => ({ critical: 0, error: 1, warning: 2 }),
    intervalS: () => 5,
    interfaceName: () => 'eth0',
    wireless: () => false,
    memory: () => ({ free: 3 * GIB, total: 8 * GIB }),
    link: (name) => ({ name, up: true, speedMbps: 1000, errors: 17 }),
    ...over,
  })
/** The report after so many seconds. */
const later = (seconds: number, faults: readonly FaultName[] = []): HealthReport => {
  startMs = clock.now()
  const from = source(faults)
  clock.advance(seconds * 1000)
  return from.report()
}

describe('played values', () => {
  it('are the same for the same seed and time, lie where they can, and make no jumps', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 }),
        fc.integer({ min: 0, max: 10_000_000 }),
        (seed, atMs, uptimeS) => {
          const now = playedValues(seed, atMs, uptimeS)
          expect(playedValues(seed, atMs, uptimeS)).toEqual(now)
          expect(now.temperatureC).toBeGreaterThan(15)
          expect(now.temperatureC).toBeLessThan(60)
          expect(now.supplyV).toBeGreaterThan(11.5)
          expect(now.supplyV).toBeLessThan(12.6)
          expect(now.signalDbm).toBeGreaterThan(-72)
          expect(now.signalDbm).toBeLessThan(-40)
          const next = playedValues(seed, atMs + 1000, uptimeS + 1)
          expect(Math.abs(next.temperatureC - now.temperatureC)).toBeLessThan(1)
          expect(Math.abs(next.supplyV - now.supplyV)).toBeLessThan(0.15)
        },
      ),
    )
  })

  it('differ from device to device and are never still for long', () => {
    const at = (seed: string, ms: number) => playedValues(seed, ms, 1000).temperatureC
    const day = [...Array(60).keys()].map((n) => at(SEED, startMs + n * 1000))
    expect(new Set(day).size).toBeGreaterThan(5)
    expect(at('a', startMs)).not.toBe(at('b', startMs))
  })
})

describe('a report', () => {
  it('has the form of the contract, within the characters that may be evented', () => {
    const report = later(10)
    expect(healthReportSchema.parse(report)).toEqual(report)
    expect(JSON.stringify(report).length).toBeLessThan(4096)
    expect(report).toMatchObject({
      time: new Date(startMs + 10_000).toISOString(),
      clockSynchronised: true,
      boot: 3,
      uptimeS: 10,
      intervalS: 5,
      memoryFreeBytes: 3 * GIB,
      memoryTotalBytes: 8 * GIB,
      link: { name: 'eth0', up: true, speedMbps: 1000, errors: 0 },
      counts: { critical: 0, error: 1, warning: 2 },
    })
    expect(report.link).not.toHaveProperty('signalDbm')
    expect(source([], { wireless: () => true }).report().link?.signalDbm).toBeLessThan(-40)
    expect(source([], { interfaceName: () => undefined }).report()).not.toHaveProperty('link')
  })

  it('measures the memory of this machine and the interface that there is', () => {
    const { memory, link, ...rest } = { memory: undefined, link: undefined, interfaceName: () => 'lo' }
    const report = source([], { ...rest, memory, link }).report()
    expect(healthReportSchema.parse(report)).toEqual(report)
    expect(report.memoryTotalBytes).toBeGreaterThan(report.memoryFreeBytes ?? Infinity)
    expect(report.link).toMatchObject({ name: 'lo', up: true })
  })

  it('counts link errors since the start, also when the system counts anew', () => {
    let errors = 40
    const from = source([], { link: (name) => ({ name, up: true, errors }) })
    errors = 43
    expect(from.report().link?.errors).toBe(3)
    errors = 2
    expect(from.report().link?.errors).toBe(0)
    errors = 4
    expect(from.report().link?.errors).toBe(2)
  })

  it('is bent by each fault beyond the limit that watches for it', () => {
    expect(later(60, ['overheat']).temperatureC).toBeGreaterThan(85)
    expect(later(3, ['overheat']).temperatureC).toBeLessThan(70)
    expect(later(60, ['low-supply']).supplyV).toBeLessThan(10)
    const leaking = later(120, ['memory-leak'])
    expect((leaking.memoryFreeBytes ?? 0) / 8 / GIB).toBeCloseTo(0.02)
    expect(later(1, ['sensor-stuck']).temperatureC).toBe(-40)
    expect(later(100, ['sensor-stuck']).temperatureC).toBe(-40)
    const behind = later(0, ['clock-behind'])
    expect(behind.clockSynchronised).toBe(false)
    expect(clock.now() - Date.parse(behind.time)).toBe(600_000)
  })
})

describe('an interface', () => {
  it('is read from the counters of the system, and left out of what it does not say', () => {
    const { path, remove } = makeTempDir('iotmc-net-')
    try {
      const make = (name: string, files: Record<string, string>) => {
        mkdirSync(join(path, name, 'statistics'), { recursive: true })
        for (const [file, text] of Object.entries(files)) writeFileSync(join(path, name, file), `${text}\n`)
      }
      make('eth9', {
        operstate: 'up',
        speed: '100',
        'statistics/rx_errors': '2',
        'statistics/tx_errors': '3',
      })
      make('wlan9', { operstate: 'down', speed: '-1', 'statistics/rx_errors': '2' })
      expect(linkState('eth9', path)).toEqual({ name: 'eth9', up: true, speedMbps: 100, errors: 5 })
      expect(linkState('wlan9', path)).toEqual({ name: 'wlan9', up: false })
      expect(linkState('gone', path)).toEqual({ name: 'gone', up: false })
      expect(linkState('lo', path)).toEqual({ name: 'lo', up: true })
    } finally {
      remove()
    }
  })
})

describe('reports', () => {
  const feed = (faults: readonly FaultName[], interval = { s: 5 }) => {
    const told: HealthReport[] = []
    const from = source([], { intervalS: () => interval.s })
    const made = new HealthFeed({
      clock,
      faults: { has: (name) => faults.includes(name) },
      report: () => from.report(),
      publish: (text) => told.push(JSON.parse(text)),
    })
    return { made, told, interval }
  }

  it('come at once and then as often as promised, until they are stopped', () => {
    const { made, told } = feed([])
    made.start()
    clock.advance(25_000)
    expect(told.map(({ uptimeS }) => uptimeS)).toEqual([0, 5, 10, 15, 20, 25])
    expect(JSON.parse(made.text ?? '')).toEqual(told.at(-1))
    made.stop()
    clock.advance(60_000)
    expect(told).toHaveLength(6)
    expect(clock.pending).toBe(0)
    made.again()
    expect(told).toHaveLength(6)
  })

  it('tell a new interval before they keep to it', () => {
    const { made, told, interval } = feed([])
    made.start()
    clock.advance(2_000)
    interval.s = 60
    made.again()
    clock.advance(60_000)
    expect(told.map(({ uptimeS, intervalS }) => [uptimeS, intervalS])).toEqual([
      [0, 5],
      [2, 60],
      [62, 60],
    ])
  })

  it('end with the fault quiet, which starts anew with the device', () => {
    const { made, told } = feed(['quiet'])
    made.start()
    clock.advance(60_000)
    expect(told).toHaveLength(QUIET_AFTER)
    expect(made.silent).toBe(true)
    made.start()
    expect(made.silent).toBe(false)
  })
})

it('a value that leaves its range is noted once, and again only after it was back', () => {
  const noted: string[] = []
  const notes = new HealthNotes((event, facts) => noted.push(`${event} ${facts?.value}`))
  const base = source().report()
  const look = (change: Partial<HealthReport>) => notes.look({ ...base, ...change })
  for (const temperatureC of [84, 86, 90, 82, 86, 79, 86]) look({ temperatureC })
  for (const supplyV of [11, 10.7, 10.9, 10.7, 11.3, 10.7]) look({ supplyV })
  look({ temperatureC: -40 })
  look({ temperatureC: undefined, memoryFreeBytes: 0 })
  expect(noted).toEqual([
    'temperature-high 86 °C',
    'temperature-high 86 °C',
    'supply-low 10.7 V',
    'supply-low 10.7 V',
    'sensor-range -40 °C',
    'memory-low 0 %',
  ])
})
