import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { testResultSchema } from '../../electron/contract/self-test'
import type { FaultName } from '../../electron/device/faults'
import { testFlash } from '../../electron/device/test-flash'
import { testMemory } from '../../electron/device/test-memory'
import { measure, type TestOutcome } from '../../electron/device/test-outcome'
import { selfTest, together } from '../../electron/device/test-self'
import { testSensors } from '../../electron/device/test-sensor'
import { type Clock, systemRandom } from '../../electron/net/clock'
import { makeTempDir } from '../helpers/temp-dir'

/** Waits are over at once. */
const hastyClock: Clock = {
  now: () => Date.now(),
  setTimer: (fn) => {
    const handle = setImmediate(fn)
    return () => clearImmediate(handle)
  },
}
const live = () => new AbortController().signal
const value = ({ measures }: TestOutcome, name: string) =>
  measures.find((entry) => entry.name === name)?.value

const inFolder = async (work: (path: string) => Promise<void>): Promise<void> => {
  const folder = makeTempDir()
  try {
    await work(folder.path)
  } finally {
    folder.remove()
  }
}

describe('memory', () => {
  it('that works passes, with every word looked at', async () => {
    const outcome = await testMemory(live(), { bytes: 1024 * 1024 })
    expect(outcome.status).toBe('ok')
    expect(value(outcome, 'memory.wrongWords')).toBe(0)
    expect(value(outcome, 'memory.tested')).toBe(1024 * 1024)
    expect(value(outcome, 'memory.rate')).toBeGreaterThan(0)
  })

  it.each([
    ['a bit stuck at 0', (memory: Uint32Array) => memory.set([(memory[700] ?? 0) & ~0x10], 700)],
    ['a bit stuck at 1', (memory: Uint32Array) => memory.set([(memory[701] ?? 0) | 0x80000000], 701)],
    ['two addresses that are one', (memory: Uint32Array) => memory.set([memory[6] ?? 0], 5)],
  ])('with %s fails', async (_, meanwhile) => {
    const outcome = await testMemory(live(), { bytes: 64 * 1024, meanwhile })
    expect(outcome).toMatchObject({ status: 'failed', reason: 'memory-differs' })
    expect(value(outcome, 'memory.wrongWords')).toBeGreaterThan(0)
  })

  it('is left alone when nobody wants to know any more', async () => {
    await expect(testMemory(AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('flash', () => {
  it('that works passes with its rates, and nothing is left of it', () =>
    inFolder(async (folder) => {
      const outcome = await testFlash(live(), { folder, worn: false })
      expect(outcome.status).toBe('ok')
      expect(value(outcome, 'flash.wrongBlocks')).toBe(0)
      expect(value(outcome, 'flash.writeRate')).toBeGreaterThan(0.05)
      expect(value(outcome, 'flash.readRate')).toBeGreaterThan(0.2)
      expect(readdirSync(folder)).toEqual([])
    }))

  it('that is worn fails by what was read back', () =>
    inFolder(async (folder) => {
      const outcome = await testFlash(live(), { folder, worn: true })
      expect(outcome).toMatchObject({ status: 'failed', reason: 'flash-differs' })
      expect(value(outcome, 'flash.wrongBlocks')).toBe(1)
      expect(readdirSync(folder)).toEqual([])
    }))

  it('that is not there could not be measured', () =>
    inFolder(async (folder) => {
      const missing = join(folder, 'gone')
      const outcome = await testFlash(live(), { folder: missing, worn: false })
      expect(outcome).toMatchObject({ status: 'error', reason: 'io', detail: 'open: ENOENT' })
    }))

  it('has no file of the test while it runs, so that a kill leaves none', () =>
    inFolder(async (folder) => {
      const running = testFlash(live(), { folder, worn: false, bytes: 8 * 1024 * 1024 })
      expect(readdirSync(folder)).toEqual([])
      rmSync(folder, { recursive: true })
      expect((await running).status).toBe('ok')
    }))

  it('is closed when the test is called off', () =>
    inFolder(async (folder) => {
      const open = () => readdirSync('/proc/self/fd').length
      const before = open()
      const breaker = new AbortController()
      const running = testFlash(breaker.signal, { folder, worn: false, bytes: 8 * 1024 * 1024 })
      breaker.abort()
      await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
      expect(open()).toBe(before)
    }))
})

describe('sensors', () => {
  const look = (readings: object, stuck = false) =>
    testSensors(live(), { clock: hastyClock, random: systemRandom, sensors: () => readings, stuck })

  it('with plausible, living values pass', async () => {
    const outcome = await look({ temperatureC: 41.2, supplyV: 12.03 })
    expect(outcome.status).toBe('ok')
    expect(value(outcome, 'sensor.temperature')).toBeCloseTo(41.2, 0)
    expect(value(outcome, 'sensor.temperatureSpread')).toBeGreaterThan(0)
  })

  it('of which one stands still fail as stuck', async () => {
    const outcome = await look({ temperatureC: 41.2, supplyV: 12.03 }, true)
    expect(outcome).toMatchObject({ status: 'failed', reason: 'sensor-stuck' })
    expect(outcome.measures.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([
      'sensor.temperatureSpread',
    ])
  })

  it.each([
    ['at the end of its scale', { temperatureC: -40, supplyV: 12 }],
    ['of a supply that can not be', { temperatureC: 30, supplyV: 50 }],
  ])('with a value %s fail', async (_, readings) => {
    expect(await look(readings)).toMatchObject({ status: 'failed', reason: 'sensor-range' })
  })

  it('that are not there are not tested', async () => {
    expect(await look({})).toMatchObject({ status: 'error', reason: 'not-supported', measures: [] })
  })
})

describe('all parts', () => {
  const run = (folder: string, component: string, ...faults: FaultName[]) =>
    selfTest({
      clock: hastyClock,
      random: systemRandom,
      folder,
      faults: { has: (name) => faults.includes(name) },
      sensors: () => ({ temperatureC: 40, supplyV: 12 }),
    })({ Component: component }, live())

  it('come together in one result that fits the contract', () =>
    inFolder(async (folder) => {
      const outcome = await run(folder, 'All')
      expect(testResultSchema.parse({ ...outcome, durationMs: 1 }).status).toBe('ok')
      const parts = new Set(outcome.measures.map(({ name }) => name.split('.')[0]))
      expect([...parts]).toEqual(['memory', 'flash', 'sensor'])
    }))

  it('fail by the one that fails, and each fault fails its own part', () =>
    inFolder(async (folder) => {
      expect(await run(folder, 'All', 'flash-worn')).toMatchObject({
        status: 'failed',
        reason: 'flash-differs',
      })
      expect(await run(folder, 'Flash', 'sensor-stuck')).toMatchObject({ status: 'ok' })
      expect(await run(folder, 'Sensor', 'sensor-stuck')).toMatchObject({ reason: 'sensor-stuck' })
      expect(await run(folder, 'Memory', 'flash-worn', 'sensor-stuck')).toMatchObject({ status: 'ok' })
    }))

  it('are judged by the worst: broken before not measured before well', () => {
    const outcome = (status: TestOutcome['status'], reason?: string): TestOutcome => ({
      status,
      ...(reason ? { reason } : {}),
      measures: [measure(`m.${status}`, 1, '')],
    })
    const both = together([outcome('ok'), outcome('error', 'io'), outcome('failed', 'flash-differs')])
    expect(both).toMatchObject({ status: 'failed', reason: 'flash-differs' })
    expect(both.measures).toHaveLength(3)
    expect(together([outcome('ok'), outcome('error', 'io')])).toMatchObject({ status: 'error', reason: 'io' })
  })
})

it.each([
  [Number.NaN, 0, false],
  [Number.POSITIVE_INFINITY, 0, false],
  [1.23456789, 1.23457, true],
])('a measure of %f travels as %f', (given, carried, ok) => {
  expect(measure('m', given, 'ms')).toMatchObject({ value: carried, ok })
})
