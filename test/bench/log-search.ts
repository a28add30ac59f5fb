/** The store of logs at 1,000,000 records: taking in, searching, counting; beside `sqlite3` and `grep` on the same data. */
import { execFileSync } from 'node:child_process'
import { createWriteStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { LogQuery } from '../../electron/contract/device-log'
import { DiagnosticsStore } from '../../electron/diagnostics/diagnostics-store'
import { systemClock } from '../../electron/net/clock'
import { LOG_ID, recordOf } from '../diagnostics/make'
import { udnOf } from '../helpers/device-row'
import { keepingLog } from '../helpers/quiet-log'
import { makeTempDir } from '../helpers/temp-dir'
import { RETRIEVED, retrieve } from './support/log-retrieval'
import { median, type Print } from './support/print'

const RECORDS = Number(process.env.IOTMC_BENCH_RECORDS ?? 1_000_000)
const DEVICES = 100
const PAGE = 500
const RUNS = 5

const COMMON = 'READING'
const RARE = 'Brown-Out'
const ABSENT = 'no such words'

const timed = async (work: () => unknown, runs = RUNS): Promise<number> => {
  const times: number[] = []
  for (let n = 0; n < runs; n += 1) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  return Number(median(times).toFixed(1))
}

export const run = async (print: Print): Promise<void> => {
  const temp = makeTempDir('iotmc-bench-log-')
  const path = join(temp.path, 'diagnostics.sqlite')
  const store = DiagnosticsStore.open(path, { clock: systemClock, log: keepingLog() })
  try {
    await fill(store, print)
    await search(store, print)
    await others(store, temp.path, print)
    await retrieval(store, temp.path, print)
  } finally {
    await store.close()
    temp.remove()
  }
}

const delays = () => {
  const monitor = monitorEventLoopDelay({ resolution: 1 })
  monitor.enable()
  return {
    maxMs: () => {
      monitor.disable()
      return Number((monitor.max / 1e6).toFixed(1))
    },
  }
}

/** As retrieval does it: pages of one device, then of the next. */
const fill = async (store: DiagnosticsStore, print: Print): Promise<void> => {
  const each = RECORDS / DEVICES
  let longestMs = 0
  let spentMs = 0
  for (let at = 1; at <= each; at += PAGE) {
    for (let device = 0; device < DEVICES; device += 1) {
      const page = Array.from({ length: Math.min(PAGE, each - at + 1) }, (_, i) => recordOf(at + i, device))
      const start = performance.now()
      store.logs.add(udnOf(device), LOG_ID, page)
      const tookMs = performance.now() - start
      spentMs += tookMs
      longestMs = Math.max(longestMs, tookMs)
      if (device % 10 === 0) await new Promise((done) => setImmediate(done))
    }
  }
  print('log-insert', Math.round((RECORDS / spentMs) * 1000), 'records/s')
  print('log-insert-longest-commit', Math.round(longestMs), `ms for ${PAGE} records`)
}

const search = async (store: DiagnosticsStore, print: Print): Promise<void> => {
  const page = (q: Omit<LogQuery, 'limit'>) => store.logs.query({ ...q, limit: 100 })
  await page({})
  const monitor = delays()
  const name = `log-${RECORDS}`
  print(`${name}-newest`, await timed(() => page({})), 'ms')
  const questions: Record<string, Omit<LogQuery, 'limit'>> = {
    'common-text': { text: COMMON },
    'rare-text': { text: RARE },
    'absent-text': { text: ABSENT },
    'two-letters': { text: 'üq' },
    severity: { maxSeverity: 3 },
    device: { udns: [udnOf(7)], text: RARE },
    'severity-and-text': { maxSeverity: 4, text: COMMON },
  }
  for (const [title, q] of Object.entries(questions)) {
    const first = await page(q)
    print(`${name}-${title}`, await timed(() => page(q)), `ms with the count of ${first.total}`)
    const last = first.records.at(-1)
    if (!first.more || !last) continue
    const before = { timeMs: last.timeMs, position: last.position }
    print(`${name}-${title}-next-page`, await timed(() => page({ ...q, before })), 'ms')
  }
  print('log-search-main-pause', monitor.maxMs(), 'ms at most')
}

const others = async (store: DiagnosticsStore, folder: string, print: Print): Promise<void> => {
  const jsonl = join(folder, 'log.jsonl')
  const startMs = performance.now()
  const monitor = delays()
  await pipeline(Readable.from(store.logs.export({}, 'jsonl')), createWriteStream(jsonl))
  const seconds = (performance.now() - startMs) / 1000
  print('log-export-jsonl', Math.round(RECORDS / seconds), 'records/s')
  print('log-export-main-pause', monitor.maxMs(), 'ms at most')
  const database = join(folder, 'diagnostics.sqlite')
  const columns = ['message', 'code', 'component', "coalesce(data, '')"]
  const like = (text: string): string => columns.map((column) => `${column} LIKE '%${text}%'`).join(' OR ')
  const sqlite = (sql: string) => execFileSync('sqlite3', [database, sql], { stdio: 'pipe' })
  const grep = (text: string): void => {
    try {
      execFileSync('grep', ['-c', '-i', '-F', text, jsonl], { stdio: 'pipe' })
    } catch {
      // 1 where nothing is found.
    }
  }
  for (const [title, text] of [
    ['common', COMMON],
    ['rare', RARE],
    ['absent', ABSENT],
  ] as const) {
    const count = `SELECT count(*) FROM records WHERE ${like(text)}`
    const first = `SELECT * FROM records WHERE ${like(text)} ORDER BY time_ms DESC, position DESC LIMIT 100`
    print(`log-sqlite3-${title}-count`, await timed(() => sqlite(count), 3), 'ms')
    print(`log-sqlite3-${title}-page`, await timed(() => sqlite(first), 3), 'ms')
    print(`log-grep-${title}-count`, await timed(() => grep(text), 3), 'ms')
  }
}

/** A device's log into the full store; beside it sqlite3, which puts as many records into a copy of the table, page by page. */
const retrieval = async (store: DiagnosticsStore, folder: string, print: Print): Promise<void> => {
  const { rate, pages } = await retrieve(store, DEVICES + 1)
  print(`log-${RECORDS}-retrieval`, rate, `records/s in ${pages} pages, each stored before the next`)
  const [peer, script] = [join(folder, 'peer.sqlite'), join(folder, 'peer.sql')]
  execFileSync('sqlite3', [join(folder, 'diagnostics.sqlite'), `.backup ${peer}`])
  const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`
  const columns =
    'log, device, sequence, time_ms, severity, boot, synchronised, component, code, message, data'
  const values = Array.from({ length: RETRIEVED }, (_, i) => {
    const { time, severity, boot, component, code, message, data } = recordOf(i + 1, DEVICES + 2)
    const texts = [component, code, message, JSON.stringify(data ?? {})].map(quoted)
    return `(1, ${DEVICES + 2}, ${RECORDS + i}, ${Date.parse(time)}, ${severity}, ${boot}, 1, ${texts.join(', ')})`
  })
  const each = Math.ceil(RETRIEVED / pages)
  const commits = Array.from(
    { length: pages },
    (_, i) =>
      `BEGIN;INSERT INTO records (${columns}) VALUES ${values.slice(i * each, (i + 1) * each).join(',')};COMMIT;`,
  )
  writeFileSync(script, ['PRAGMA synchronous = NORMAL;', ...commits, ''].join('\n'))
  const start = performance.now()
  execFileSync('sqlite3', ['-bail', peer, `.read ${script}`], { stdio: ['ignore', 'ignore', 'inherit'] })
  const peerRate = Math.round((RETRIEVED * 1000) / (performance.now() - start))
  print('log-sqlite3-insert', peerRate, 'records/s')
  print('log-retrieval-beside-sqlite3', Number((rate / peerRate).toFixed(2)), 'ratio')
}
