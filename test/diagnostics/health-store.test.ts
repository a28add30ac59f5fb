/** What the store of health says of the time before this run, and of what a full disk refused. */
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { HealthStore } from '../../electron/diagnostics/health-store'
import { DIAGNOSTICS_MIGRATIONS } from '../../electron/diagnostics/migrations'
import { Reader } from '../../electron/diagnostics/reader'
import { openDatabase } from '../../electron/store/database'
import { udnOf } from '../helpers/device-row'
import { keepingLog } from '../helpers/quiet-log'
import { makeTempDir } from '../helpers/temp-dir'
import { VirtualClock } from '../helpers/virtual-clock'
import { openStore } from './open'

test('the newest sample is known while it is buffered, and after the program was started again', async () => {
  const opened = openStore()
  const { health } = opened.store
  expect(health.lastAtMs(udnOf(1))).toBeUndefined()
  health.record(udnOf(1), 5_000, { temperature: 20 })
  health.record(udnOf(1), 9_000, { temperature: 21 })
  health.record(udnOf(2), 12_000, { temperature: 22 })
  expect(health.lastAtMs(udnOf(1))).toBe(9_000)
  const { health: again } = await opened.again()
  expect(again.lastAtMs(udnOf(1))).toBe(9_000)
  expect(again.lastAtMs(udnOf(3))).toBeUndefined()
})

/** A store whose file can be kept from growing, which SQLite takes for a full disk. */
const openFull = (bufferedMax?: number) => {
  const temp = makeTempDir('iotmc-health-')
  const database = openDatabase(join(temp.path, 'diagnostics.sqlite'), DIAGNOSTICS_MIGRATIONS)
  const reader = new Reader(join(temp.path, 'diagnostics.sqlite'))
  const clock = new VirtualClock()
  const log = keepingLog()
  const health = new HealthStore({ clock, log, database, reader, ...(bufferedMax ? { bufferedMax } : {}) })
  onTestFinished(async () => {
    health.close()
    await reader.close()
    database.close()
    temp.remove()
  })
  const startMs = clock.now()
  const pages = (most: number): void => database.exec(`PRAGMA max_page_count = ${most}`)
  const ask = (udn: string, toMs: number) =>
    health.series({ udns: [udn], metric: 'temperature', fromMs: startMs, toMs, points: 1_000 })
  return { health, clock, log, startMs, ask, fill: () => pages(1), empty: () => pages(1_000_000) }
}

/** Enough that their pages have to be new ones. */
const MANY = 400

test('what a full disk refuses waits and is written when there is room again', async () => {
  const { health, clock, log, startMs, ask, fill, empty } = openFull()
  fill()
  for (let n = 0; n < MANY; n += 1) {
    clock.advance(5_000)
    health.record(udnOf(n % 2), clock.now(), { temperature: n })
  }
  for (let n = 2; n < MANY; n += 1) health.gap(udnOf(n), startMs, startMs + 5_000, 'missed')
  expect(log.lines.length).toBeGreaterThan(0)
  empty()
  const { series } = await ask(udnOf(1), clock.now() + 1)
  expect(series[0]?.mean).toHaveLength(MANY / 2)
  expect((await ask(udnOf(MANY - 1), clock.now())).gaps).toMatchObject([{ fromMs: startMs }])
})

test('what a full disk refuses for too long becomes a gap', async () => {
  const { health, clock, ask, fill, empty } = openFull(MANY)
  fill()
  for (let n = 0; n < 3 * MANY; n += 1) {
    clock.advance(5_000)
    health.record(udnOf(1), clock.now(), { temperature: 20 })
  }
  empty()
  const { series, gaps } = await ask(udnOf(1), clock.now() + 1)
  const { fromMs = 0, toMs = 0, ...gap } = gaps[0] ?? {}
  expect([gaps.length, gap]).toEqual([1, { udn: udnOf(1), reason: 'missed' }])
  expect(toMs - fromMs).toBeGreaterThan(MANY * 5_000)
  const times = series[0]?.atMs ?? []
  expect(times.filter((atMs) => atMs >= fromMs && atMs < toMs)).toEqual([])
  // The few before it that still found room, and the newest ones: no sample is lost outside the gap.
  expect(times).toHaveLength(3 * MANY - (toMs - fromMs) / 5_000)
  expect(times).toContain(toMs)
})
