/** What is stored of logs: each record once, how far it is complete, and what makes room. */
import { describe, expect, it } from 'vitest'
import { udnOf } from '../helpers/device-row'
import { LOG_ID, recordOf, recordsOf, seeded } from './make'
import { everyPage, openStore } from './open'

const A = udnOf(1)
const B = udnOf(2)
const NEXT_LOG = 'fedcba9876543210'

describe('a record', () => {
  it('is stored once, however often it is given', () => {
    const { logs } = openStore().store
    expect(logs.add(A, LOG_ID, recordsOf(1, 700))).toBe(700)
    expect(logs.add(A, LOG_ID, recordsOf(600, 800))).toBe(100)
    expect(logs.add(A, LOG_ID, recordsOf(1, 800))).toBe(0)
    expect(logs.stand(A)).toMatchObject({ stored: 800, through: 800, lost: 0 })
  })

  it('comes back as it was, after the store was closed and opened too', async () => {
    const bench = openStore()
    const odd = recordOf(1, 0, {
      time: '2026-03-01T10:00:00.123456Z',
      message: 'Ünïcode, "quotes"\nand a second line \u{1f321}',
      data: { '': 'nothing', ключ: '=1+1' },
    })
    const { data: _, ...bare } = recordOf(2)
    bench.store.logs.add(A, LOG_ID, [odd, bare])
    const store = await bench.again()
    const { records } = await store.logs.query({ limit: 10 })
    const [first, second] = records.sort((a, b) => a.sequence - b.sequence)
    const place = { udn: A, logId: LOG_ID }
    expect(first).toEqual({ ...odd, ...place, position: 1, timeMs: Date.parse(odd.time) })
    expect(second).toEqual({ ...bare, ...place, position: 2, timeMs: Date.parse(bare.time) })
    expect(store.logs.stand(A)).toMatchObject({ stored: 2, through: 2 })
  })

  it('keeps what stands behind a NUL, which a database would take for the end', async () => {
    const { logs } = openStore().store
    logs.add(A, LOG_ID, [recordOf(1, 0, { message: 'be\0hind', data: { a: 'b\0c' } })])
    const [record] = (await logs.query({ limit: 1, text: 'hind' })).records
    expect(record).toMatchObject({ message: 'be\ufffdhind', data: { a: 'b\0c' } })
  })

  it('is told to listeners when it is stored, and only then', () => {
    const { logs } = openStore().store
    const told: number[][] = []
    const off = logs.onStored((_, __, records) => told.push(records.map(({ sequence }) => sequence)))
    logs.add(A, LOG_ID, recordsOf(1, 3))
    logs.add(A, LOG_ID, recordsOf(2, 4))
    logs.add(A, LOG_ID, recordsOf(2, 4))
    off()
    logs.add(A, LOG_ID, recordsOf(5, 5))
    expect(told).toEqual([[1, 2, 3], [4]])
  })
})

describe('how far a log is complete', () => {
  it('stops before what is missing, and goes on when that comes or is known to be lost', () => {
    const { logs } = openStore().store
    logs.add(A, LOG_ID, [...recordsOf(1, 3), ...recordsOf(6, 8), ...recordsOf(11, 12)])
    expect(logs.stand(A)?.through).toBe(3)
    logs.add(A, LOG_ID, recordsOf(4, 5))
    expect(logs.stand(A)?.through).toBe(8)
    logs.noteLost(A, LOG_ID, 2, 10)
    expect(logs.stand(A)).toMatchObject({ through: 12, lost: 2, stored: 10 })
    logs.noteLost(A, LOG_ID, 2, 10)
    expect(logs.stand(A)).toMatchObject({ through: 12, lost: 2 })
  })

  it('in whatever order records come', () => {
    const random = seeded(7)
    for (let round = 0; round < 20; round += 1) {
      const { logs } = openStore().store
      const given = new Set<number>()
      for (let n = 0; n < 30; n += 1) {
        const from = 1 + Math.floor(random() * 60)
        const records = recordsOf(from, from + Math.floor(random() * 8))
        for (const { sequence } of records) given.add(sequence)
        logs.add(A, LOG_ID, records)
        let through = 0
        while (given.has(through + 1)) through += 1
        expect(logs.stand(A)).toMatchObject({ through, stored: given.size })
      }
    }
  })

  it('is kept for each log; the newest one is the stand of the device', async () => {
    const bench = openStore()
    const { logs } = bench.store
    logs.add(A, LOG_ID, recordsOf(1, 5))
    logs.noteCleared(A, LOG_ID, 4, 1000)
    logs.noteFetched(A, NEXT_LOG, 2000)
    logs.add(B, LOG_ID, recordsOf(1, 2))
    expect(logs.stand(A)).toMatchObject({ logId: NEXT_LOG, stored: 0, through: 0, fetchedAtMs: 2000 })
    expect(logs.stand(A, LOG_ID)).toMatchObject({ through: 5, clearedThrough: 4, fetchedAtMs: 1000 })
    const again = await bench.again()
    expect(again.logs.stands().map(({ udn, logId }) => [udn, logId])).toEqual([
      [A, NEXT_LOG],
      [B, LOG_ID],
    ])
  })
})

describe('a full store', () => {
  it('lets go of what was stored first, and counts it', async () => {
    const bench = openStore({ recordsMax: 1000 })
    const { logs } = bench.store
    logs.add(A, LOG_ID, recordsOf(1, 900))
    logs.add(B, LOG_ID, recordsOf(1, 900, 2))
    expect(logs.stand(A)).toMatchObject({ stored: 100, through: 900 })
    expect(logs.stand(B)).toMatchObject({ stored: 900, through: 900 })
    expect(bench.log.lines.at(-1)).toMatchObject({ level: 'warn', fields: { pruned: 400 } })
    const { records, total } = await everyPage(bench.store, {}, 300)
    expect(total).toBe(1000)
    expect(records).toHaveLength(1000)
    expect(Math.min(...records.filter(({ udn }) => udn === A).map(({ sequence }) => sequence))).toBe(801)
    const found = await everyPage(bench.store, { text: 'pass' }, 300)
    expect(found.total).toBe(1000)
    const after = await bench.again()
    expect(after.logs.stand(A)?.stored).toBe(100)
    after.logs.add(A, LOG_ID, recordsOf(901, 950))
    expect(after.logs.stand(A)?.stored).toBe(100)
  })
})
