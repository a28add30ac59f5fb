/** Charts, held against a naive model that has every sample ever given, and what is kept. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HEALTH_KEPT } from '../../electron/contract/timings'
import { DIAGNOSTICS_MIGRATIONS } from '../../electron/diagnostics/migrations'
import { planSeries } from '../../electron/diagnostics/series'
import { openDatabase } from '../../electron/store/database'
import { udnOf } from '../helpers/device-row'
import { VirtualClock } from '../helpers/virtual-clock'
import { openStore } from './open'
import { expectColumns, type Given, isAsTheModel, NOW, SPANS, UDN } from './series-model'

const HOURS = 3600_000

describe('the columns of a chart', () => {
  it.each(SPANS)('are those of a naive model over %s', (_, spanMs) => isAsTheModel(spanMs, 2))

  it('of dense samples have the least and the greatest, and stay where they are while time goes on', async () => {
    const { store } = openStore({ clock: new VirtualClock(NOW) })
    const given: Given[] = Array.from({ length: 3_000 }, (_, i) => ({
      atMs: NOW - i * 1_000,
      values: { temperature: 40 + 10 * Math.sin(i / 50) },
    }))
    for (const { atMs, values } of given) store.health.record(UDN, atMs, values)
    const request = { udns: [UDN], metric: 'temperature' as const, points: 100 }
    const spanMs = 2_900_000
    await expectColumns(store, given, { ...request, fromMs: NOW - spanMs, toMs: NOW })
    const at = async (shiftMs: number) =>
      (await store.health.series({ ...request, fromMs: NOW - spanMs + shiftMs, toMs: NOW + shiftMs }))
        .series[0]?.atMs ?? []
    const [before, after] = [await at(-10_000), await at(0)]
    expect(after.slice(1, 50)).toEqual(before.slice(before.indexOf(after[1] ?? 0)).slice(0, 49))
  })

  it('lie within the times that there are, where whole numbers are still told apart', () => {
    for (const [fromMs, toMs] of [
      [2 ** 60, 2 ** 60 + 2 ** 13],
      [-1e300, 1e300],
      [1e300, -1e300],
    ] as const) {
      const plan = planSeries({ udns: [UDN], metric: 'supply', fromMs, toMs, points: 4000 }, NOW)
      expect(Number.isSafeInteger(plan.fromMs)).toBe(true)
      expect(Number.isSafeInteger(plan.toMs)).toBe(true)
      expect(Math.ceil((plan.toMs - plan.fromMs) / plan.widthMs)).toBeLessThanOrEqual(4000)
      expect(plan.fromMs + plan.widthMs).toBeGreaterThan(plan.fromMs)
    }
  })

  it('are never more than was asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 * 366 * 24 * HOURS }),
        fc.integer({ min: 0, max: 10 * 24 * HOURS }),
        fc.integer({ min: 10, max: 4000 }),
        (spanMs, backMs, points) => {
          const toMs = NOW - backMs
          const plan = planSeries({ udns: [UDN], metric: 'supply', fromMs: toMs - spanMs, toMs, points }, NOW)
          expect(plan.fromMs).toBeLessThanOrEqual(toMs - spanMs)
          expect(plan.toMs).toBeGreaterThanOrEqual(toMs)
          const first = Math.floor(plan.fromMs / plan.widthMs)
          const last = Math.ceil(plan.toMs / plan.widthMs)
          expect(last - first).toBeLessThanOrEqual(points)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('what is kept', () => {
  it('of samples goes after two days, of minutes after a quarter; hours stay for years', async () => {
    const clock = new VirtualClock(NOW)
    const bench = openStore({ clock })
    const { health } = bench.store
    const days = [0, 1, 3, 80, 100, 400]
    for (const day of days) health.record(UDN, NOW - day * 24 * HOURS, { temperature: day })
    health.flush()
    health.prune(NOW)
    const seen = async (fromMs: number, toMs: number, points: number) => {
      const answer = await health.series({ udns: [UDN], metric: 'temperature', fromMs, toMs, points })
      return [answer.from, ...(answer.series[0]?.max ?? [])]
    }
    expect(await seen(NOW - 40 * HOURS, NOW + 1, 4000)).toEqual(['samples', 1, 0])
    expect(await seen(NOW - 90 * 24 * HOURS, NOW + 1, 4000)).toEqual(['minutes', 80, 3, 1, 0])
    expect(await seen(NOW - 500 * 24 * HOURS, NOW + 1, 4000)).toEqual(['hours', 400, 100, 80, 3, 1, 0])
    health.prune(NOW + HEALTH_KEPT.hoursMs - 2 * 24 * HOURS)
    expect(await seen(NOW - 500 * 24 * HOURS, NOW + 1, 4000)).toEqual(['hours', 1, 0])
  })

  it('goes by itself, little by little, as samples come', async () => {
    const clock = new VirtualClock(NOW)
    const { store, path } = openStore({ clock })
    const left = () => {
      const database = openDatabase(path, DIAGNOSTICS_MIGRATIONS)
      const row = database.prepare('SELECT count(*) AS samples FROM samples').get()
      database.close()
      return row
    }
    for (let n = 0; n < 1_700; n += 1)
      store.health.record(UDN, NOW - HEALTH_KEPT.samplesMs - 60_000 - n, { supply: n })
    store.health.flush()
    expect(left()).toEqual({ samples: 1_700 })
    clock.advance(1_000)
    expect(left()).toEqual({ samples: 1_200 })
    for (let n = 0; n < 5; n += 1) {
      store.health.record(UDN, clock.now(), { supply: n })
      clock.advance(1_000)
    }
    expect(left()).toEqual({ samples: 5 })
  })

  it('is not asked of those who bring or want something while the disk refuses', async () => {
    const clock = new VirtualClock(NOW)
    const { store, path, log } = openStore({ clock })
    store.health.record(UDN, NOW, { supply: 12 })
    store.health.flush()
    const database = openDatabase(path, DIAGNOSTICS_MIGRATIONS)
    database.exec(
      "CREATE TRIGGER refuse BEFORE INSERT ON samples BEGIN SELECT RAISE(FAIL, 'disk is full'); END",
    )
    store.health.record(UDN, NOW + 1, { supply: 13 })
    expect(store.health.lastAtMs(UDN)).toBe(NOW + 1)
    for (let n = 2; n < 2_010; n += 1) store.health.record(UDN, NOW + n, { supply: n })
    const request = {
      udns: [UDN],
      metric: 'supply' as const,
      fromMs: NOW - 5,
      toMs: NOW + 9999,
      points: 4000,
    }
    expect((await store.health.series(request)).series[0]?.atMs).toEqual([NOW])
    expect(log.lines.length).toBeGreaterThan(0)
    database.exec('DROP TRIGGER refuse')
    database.close()
    store.health.record(UDN, NOW + 5_000, { supply: 14 })
    // What was refused is written now.
    const atMs = (await store.health.series(request)).series[0]?.atMs
    expect(atMs).toEqual([...Array.from({ length: 2_010 }, (_, n) => NOW + n), NOW + 5_000])
  })

  it('goes as fast as it comes, however many devices there are, and gaps go too', async () => {
    const clock = new VirtualClock(NOW)
    const { store, path } = openStore({ clock })
    const oldMs = NOW - HEALTH_KEPT.samplesMs - 60_000
    for (let n = 0; n < 1_900; n += 1) store.health.record(UDN, oldMs - n, { supply: n })
    store.health.flush()
    for (let n = 2; n <= 600; n += 1) store.health.gap(udnOf(n), NOW - 10, NOW, 'missed')
    store.health.gap(UDN, NOW - HEALTH_KEPT.hoursMs - 10, NOW - HEALTH_KEPT.hoursMs - 5, 'missed')
    clock.advance(1_000)
    const database = openDatabase(path, DIAGNOSTICS_MIGRATIONS)
    const count = (table: string) => database.prepare(`SELECT count(*) AS n FROM ${table}`).get()
    expect([count('samples'), count('gaps')]).toEqual([{ n: 700 }, { n: 599 }])
    database.close()
  })

  it('survives a close, with what was not written yet', async () => {
    const bench = openStore({ clock: new VirtualClock(NOW) })
    bench.store.health.record(UDN, NOW - 1000, { supply: 12 })
    const store = await bench.again()
    const request = {
      udns: [UDN, udnOf(9)],
      metric: 'supply' as const,
      fromMs: NOW - 5000,
      toMs: NOW,
      points: 10,
    }
    const { series } = await store.health.series(request)
    expect(series).toEqual([
      { udn: UDN, atMs: [NOW - 1000], min: [12], max: [12], mean: [12] },
      { udn: udnOf(9), atMs: [], min: [], max: [], mean: [] },
    ])
  })
})

describe('gaps', () => {
  it('come with the series that they lie in, prolonged ones once', async () => {
    const { store } = openStore({ clock: new VirtualClock(NOW) })
    const { health } = store
    health.gap(UDN, NOW - 9000, NOW - 8000, 'missed')
    health.gap(UDN, NOW - 5000, NOW - 4000, 'offline')
    health.gap(UDN, NOW - 5000, NOW - 2000, 'offline')
    health.gap(UDN, NOW - 5000, NOW - 3000, 'offline')
    health.gap(udnOf(2), NOW - 5000, NOW - 3000, 'asleep')
    health.gap(UDN, NOW - 1000, NOW - 1000, 'missed')
    const { gaps } = await health.series({
      udns: [UDN],
      metric: 'supply',
      fromMs: NOW - 8000,
      toMs: NOW,
      points: 10,
    })
    expect(gaps).toEqual([{ udn: UDN, fromMs: NOW - 5000, toMs: NOW - 2000, reason: 'offline' }])
  })
})
