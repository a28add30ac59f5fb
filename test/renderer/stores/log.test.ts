import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LogStand, StoredRecord } from '../../../electron/contract/device-log'
import {
  ALL_LOGS,
  filterOf,
  loadMore,
  openLog,
  searchLog,
  setSearch,
  takeStored,
  useLog,
} from '../../../renderer/stores/log'
import { udn } from '../harness/sample'

type Answer = (page: unknown) => void

const record = (position: number): StoredRecord => ({
  boot: 1,
  sequence: position,
  time: '2026-01-01T00:00:00.000Z',
  clockSynchronised: true,
  severity: 6,
  component: 'net',
  code: 'link.up',
  message: 'Link is up',
  udn: udn(1),
  logId: '00112233aabbccdd',
  position,
  timeMs: position * 1000,
})
const stand: LogStand = {
  udn: udn(1),
  logId: '00112233aabbccdd',
  stored: 1,
  through: 1,
  lost: 0,
  clearedThrough: 0,
  tail: false,
}
const page = (positions: readonly number[], more = false) => ({
  records: positions.map(record),
  more,
  total: positions.length,
  tookMs: 2,
})

let queries: { readonly request: Record<string, unknown>; readonly answer: Answer }[]

beforeEach(async () => {
  queries = []
  vi.useFakeTimers()
  vi.stubGlobal('window', {
    iotmc: {
      call: (name: string, request: Record<string, unknown>) =>
        name === 'log.query'
          ? new Promise((resolve) => {
              queries.push({ request, answer: (value) => resolve({ ok: true, value }) })
            })
          : Promise.resolve({ ok: true, value: [] }),
      on: () => () => undefined,
    },
  })
  await openLog()
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const shown = () => useLog.getState().records.map(({ position }) => position)

describe('the search of the log', () => {
  it('drops the answer to an older question', async () => {
    const first = searchLog()
    const second = searchLog()
    queries[1]?.answer(page([9]))
    await second
    queries[0]?.answer(page([1, 2, 3]))
    await first
    expect(shown()).toEqual([9])
  })

  it('waits for the last letter and asks once', async () => {
    for (const text of ['l', 'li', 'lin']) setSearch({ text })
    expect(queries).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(250)
    expect(queries.map(({ request }) => request.text)).toEqual(['lin'])
  })

  it('asks for the next page behind the last record, once at a time', async () => {
    const search = searchLog()
    queries[0]?.answer(page([9, 8], true))
    await search
    const more = loadMore()
    void loadMore()
    expect(queries).toHaveLength(2)
    expect(queries[1]?.request.before).toEqual({ timeMs: 8000, position: 8 })
    queries[1]?.answer(page([7]))
    await more
    expect(shown()).toEqual([9, 8, 7])
  })

  it('shows what was just stored without asking', async () => {
    const search = searchLog()
    queries[0]?.answer(page([9]))
    await search
    takeStored({ ...stand, stored: 2 }, [record(10)])
    expect(shown()).toEqual([10, 9])
    expect(useLog.getState().total).toBe(2)
    expect(useLog.getState().stands.get(udn(1))?.stored).toBe(2)
  })

  it('keeps what was stored after the question and before its answer', async () => {
    const first = searchLog()
    queries[0]?.answer(page([9]))
    await first
    const second = searchLog()
    takeStored({ ...stand, stored: 2 }, [record(10)])
    queries[1]?.answer(page([9]))
    await second
    expect(shown()).toEqual([10, 9])
  })

  it('knows that there is more when older records had to make room', async () => {
    const search = searchLog()
    queries[0]?.answer(page(Array.from({ length: 200 }, (_, n) => 200 - n)))
    await search
    takeStored(
      stand,
      Array.from({ length: 20_000 }, (_, n) => record(20_200 - n)),
    )
    expect(shown()).toHaveLength(20_000)
    expect(useLog.getState().more).toBe(true)
  })

  it('leaves empty conditions out of the question', () =>
    expect(filterOf({ ...ALL_LOGS, text: '  ', span: 'hour' }, 4_000_000)).toEqual({
      maxSeverity: 7,
      fromMs: 400_000,
    }))
})
