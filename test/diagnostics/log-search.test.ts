/** Searching is held against a naive model: the same records, in the same order, in pages of any size. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogFilter, StoredRecord } from '../../electron/contract/device-log'
import { fold, searchText } from '../../electron/diagnostics/fold'
import { udnOf } from '../helpers/device-row'
import { EPOCH_MS, LOG_ID, recordOf, recordsOf } from './make'
import { everyPage, openStore } from './open'

const DEVICES = 4

/** Times repeat and jump, so that the order is decided by the position, too. */
const filled = (pieceRecords = 2000) => {
  const bench = openStore({ pieceRecords })
  const all: StoredRecord[] = []
  bench.store.logs.onStored((_, __, records) => all.push(...records))
  for (let device = 0; device < DEVICES; device += 1) {
    const records = recordsOf(1, 300, device).map((record, i) => ({
      ...record,
      time: new Date(EPOCH_MS + ((i * 7919) % 100) * 1000).toISOString(),
    }))
    bench.store.logs.add(udnOf(device), LOG_ID, records)
  }
  return { ...bench, all }
}

const model = (all: readonly StoredRecord[], filter: LogFilter): StoredRecord[] =>
  all
    .filter(({ udn }) => !filter.udns || filter.udns.includes(udn))
    .filter(({ severity }) => severity <= (filter.maxSeverity ?? 7))
    .filter(({ timeMs }) => timeMs >= (filter.fromMs ?? -Infinity) && timeMs <= (filter.toMs ?? Infinity))
    .filter((record) => searchText(record).includes(fold(filter.text ?? '')))
    .sort((a, b) => b.timeMs - a.timeMs || b.position - a.position)

const texts = ['', 'p', 'ÜBER', 'reading', 'Link is up', 'range', '%', '_', 'no such words', 'VALUE=17', '\\']

describe('a search', () => {
  it.each([
    ['in one piece', 2000],
    ['in many, by the texts where they are rare', 20],
  ])('finds what a naive one finds, %s', { timeout: 60_000 }, async (_, pieceRecords) => {
    const { store, all } = filled(pieceRecords)
    const time = fc.integer({ min: -5, max: 105 }).map((s) => EPOCH_MS + s * 1000)
    const filters = fc.record<LogFilter>(
      {
        udns: fc.uniqueArray(fc.integer({ min: 0, max: DEVICES }).map(udnOf), { minLength: 1 }),
        maxSeverity: fc.integer({ min: 0, max: 7 }),
        fromMs: time,
        toMs: time,
        text: fc.constantFrom(...texts),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 1, max: 500 }), async (filter, limit) => {
        const expected = model(all, filter)
        const { records, total } = await everyPage(store, filter, Math.max(limit, 20))
        expect(records).toEqual(expected)
        expect(total).toBe(expected.length)
      }),
      { numRuns: 40 },
    )
  })

  it('does not mind case, umlauts among it, nor how a letter is written', async () => {
    const { store } = openStore()
    const messages = ['Größe überschritten', 'GRÖSSE ÜBERSCHRITTEN', 'gro\u0308ße u\u0308berschritten', 'ΑΒΓ']
    store.logs.add(
      udnOf(1),
      LOG_ID,
      messages.map((message, i) => recordOf(i + 1, 0, { message })),
    )
    const count = async (text: string) => (await store.logs.query({ text, limit: 10 })).total
    expect(await count('ÜBERschritten')).toBe(3)
    expect(await count('u\u0308BER')).toBe(3)
    expect(await count('Ü')).toBe(3)
    expect(await count('αβ')).toBe(1)
  })

  it('goes on behind a NUL, which ends a text for SQLite', async () => {
    const { store } = openStore()
    const data = { raw: 'a\0b', state: 'needle' }
    store.logs.add(udnOf(1), LOG_ID, [recordOf(1, 0, { data }), recordOf(2, 0, { data: {} })])
    const { records } = await store.logs.query({ text: 'state=needle', limit: 10 })
    expect(records.map((record) => record.data)).toEqual([data])
    expect((await store.logs.query({ text: 'a\0b', limit: 10 })).total).toBe(1)
  })

  it('takes every letter literally, wildcards and words of queries too', async () => {
    const { store } = openStore()
    const messages = ['100 % done', 'a_b', 'a\\b', '"quoted" AND * NEAR', "it's", 'plain text of no note']
    store.logs.add(
      udnOf(1),
      LOG_ID,
      messages.map((message, i) => recordOf(i + 1, 0, { message, data: {} })),
    )
    for (const message of messages) {
      const { records } = await store.logs.query({ text: message.toUpperCase(), limit: 10 })
      expect(records.map((record) => record.message)).toEqual([message])
    }
    for (const text of ['%', '_b', '\\', '"', "'", '*', '1%', 'a%b', '100 %%'])
      expect((await store.logs.query({ text, limit: 10 })).records.map(({ message }) => message)).toEqual(
        messages.filter((message) => message.includes(text)),
      )
  })

  it('goes on behind a record while newer ones come', async () => {
    const { store } = openStore()
    store.logs.add(udnOf(1), LOG_ID, recordsOf(1, 100))
    const first = await store.logs.query({ limit: 40 })
    store.logs.add(udnOf(1), LOG_ID, recordsOf(101, 150))
    const last = first.records.at(-1)
    if (!last) throw new Error('no record')
    const next = await store.logs.query({
      limit: 100,
      before: { timeMs: last.timeMs, position: last.position },
    })
    expect(next.records.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 60 }, (_, i) => 60 - i))
    expect(next.more).toBe(false)
    expect(next.total).toBeUndefined()
  })
})

describe('a search that nobody waits for any more', () => {
  it('ends with CANCELLED, and the next one is answered', async () => {
    const { store } = filled()
    const own = new AbortController()
    const asked = store.logs.query({ text: 'reading', limit: 10 }, own.signal)
    own.abort()
    await expect(asked).rejects.toMatchObject({ code: 'CANCELLED' })
    expect((await store.logs.query({ limit: 10 })).records).toHaveLength(10)
    await expect(store.logs.query({ limit: 10 }, AbortSignal.abort())).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })

  it('ends with INTERRUPTED when the store is closed', async () => {
    const { store } = filled()
    const asked = store.logs.query({ text: 'reading', limit: 10 })
    await Promise.all([expect(asked).rejects.toMatchObject({ code: 'INTERRUPTED' }), store.close()])
    await expect(store.logs.query({ limit: 1 })).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })

  it('is refused with BUSY where too many wait', async () => {
    const { store } = filled()
    const asked = Array.from({ length: 100 }, () =>
      store.logs.query({ limit: 1 }).catch((error) => error.code),
    )
    const answers = await Promise.all(asked)
    expect(answers.filter((answer) => answer === 'BUSY')).toHaveLength(36)
    expect(answers.filter((answer) => answer.records?.length === 1)).toHaveLength(64)
  })
})
