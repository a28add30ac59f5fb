/** The four forms, each judged by rules that are not ours: JSON, the grammar of RFC 5424, the field names of OTLP, a CSV reader. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { LOG_FORMATS, type LogFormat, type LogRecord, SEVERITIES } from '../../electron/contract/device-log'
import type { DiagnosticsStore } from '../../electron/diagnostics/diagnostics-store'
import { udnOf } from '../helpers/device-row'
import { EPOCH_MS, LOG_ID, recordOf, recordsOf } from './make'
import { openStore } from './open'

const NASTY: Partial<LogRecord>[] = [
  { message: '', data: {} },
  { message: 'größer\nzweite Zeile\r\n\t\u0001\u007f', code: 'a b"c]d=e', component: 'ö' },
  { message: 'quote " backslash \\ bracket ] end', data: { 'k"]= ey': 'v"]\\ \n', k: 'größe' } },
  { message: '=HYPERLINK("http://example.com","x")', data: { f: '=1+1' } },
  { message: '+1', component: '-1' },
  { message: '@SUM(A1)', severity: 0, time: '1969-12-31T23:59:59.000Z', clockSynchronised: false },
  { message: '\ufeffmark, \u2028 and \u{1f321}', severity: 2, time: '2026-01-01T00:00:00.123456Z' },
  { code: 'x'.repeat(48), component: 'y'.repeat(32), message: 'z'.repeat(512), severity: 1 },
]

const filled = () => {
  const bench = openStore()
  const nasty = NASTY.map((more, i) => recordOf(i + 1, 0, more))
  bench.store.logs.add(udnOf(1), LOG_ID, [...nasty, ...recordsOf(NASTY.length + 1, 1100)])
  bench.store.logs.add(udnOf(2), LOG_ID, recordsOf(1, 200, 1))
  return bench
}
const COUNT = 1300

const written = async ({ logs }: DiagnosticsStore, format: LogFormat, filter = {}) => {
  const pieces: string[] = []
  const out = logs.export(filter, format)
  for await (const piece of out) pieces.push(piece)
  return { text: pieces.join(''), pieces, records: out.records }
}

describe.each(LOG_FORMATS)('%s', (format) => {
  it('comes in pieces, counted, and again from the start', async () => {
    const { store } = filled()
    const first = await written(store, format)
    expect(first.records).toBe(COUNT)
    expect(first.pieces.length).toBeGreaterThan(1)
    expect(Math.max(...first.pieces.map((piece) => piece.length))).toBeLessThan(2_000_000)
    expect((await written(store, format)).text).toBe(first.text)
  })

  it('of nothing is whole, too', async () => {
    const { store } = openStore()
    const { text, records } = await written(store, format)
    expect(records).toBe(0)
    if (format === 'otlp') expect(JSON.parse(text)).toEqual({ resourceLogs: [] })
    else expect(text.split('\n').length).toBeLessThan(3)
  })

  it('holds what the filter lets through', async () => {
    const { store } = filled()
    const filter = { udns: [udnOf(2)], maxSeverity: 4, fromMs: EPOCH_MS + 100_000, toMs: EPOCH_MS + 190_000 }
    const { records } = await written(store, format, filter)
    expect(records).toBe((await store.logs.query({ ...filter, limit: 500 })).total)
    expect(records).toBeGreaterThan(10)
  })

  it('breaks off when it is not wanted any more', async () => {
    const { store } = filled()
    const own = new AbortController()
    const pieces = store.logs.export({}, format, own.signal)[Symbol.asyncIterator]()
    await pieces.next()
    own.abort()
    await expect(
      (async () => {
        for (;;) if ((await pieces.next()).done) return
      })(),
    ).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('JSON Lines', () => {
  it('has a record a line, as it travelled, with its device and its log, oldest first', async () => {
    const { store } = filled()
    const { text } = await written(store, 'jsonl', { udns: [udnOf(1)] })
    const lines = text.split('\n')
    expect(lines.pop()).toBe('')
    const records = lines.map((line) => JSON.parse(line))
    const place = { udn: udnOf(1), logId: LOG_ID }
    const sent = [...NASTY.map((more, i) => recordOf(i + 1, 0, more)), ...recordsOf(NASTY.length + 1, 1100)]
    const bySequence = (a: LogRecord, b: LogRecord) => a.sequence - b.sequence
    expect([...records].sort(bySequence)).toEqual(sent.map((record) => ({ ...place, ...record })))
    const times = records.map(({ time }) => Date.parse(time))
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  it('is read by python', async () => {
    const bench = filled()
    const path = join(bench.folder, 'log.jsonl')
    writeFileSync(path, (await written(bench.store, 'jsonl')).text)
    execFileSync('python3', ['-m', 'json.tool', '--json-lines', path, join(bench.folder, 'read')])
  })
})

/** RFC 5424 §6, letter by letter. */
const PRINTUSASCII = '[\\x21-\\x7e]'
const SD_NAME = '[\\x21\\x23-\\x3c\\x3e-\\x5c\\x5e-\\x7e]{1,32}'
const PARAM = `${SD_NAME}="(?:[^"\\\\\\]]|\\\\["\\\\\\]])*"`
const SYSLOG = new RegExp(
  `^<(?<pri>\\d{1,3})>(?<version>[1-9]\\d{0,2}) ` +
    `(?<time>\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,6})?Z) ` +
    `(?<host>${PRINTUSASCII}{1,255}) (?<app>${PRINTUSASCII}{1,48}) ` +
    `(?<proc>${PRINTUSASCII}{1,128}) (?<id>${PRINTUSASCII}{1,32}) ` +
    `(?<sd>(?:\\[${SD_NAME}(?: ${PARAM})*\\])+)(?: (?<msg>\\ufeff?[^]*))?$`,
  'u',
)

describe('syslog', () => {
  it('keeps to the grammar of RFC 5424, one message a line', async () => {
    const { store } = filled()
    const { text } = await written(store, 'syslog')
    const lines = text.split('\n')
    expect(lines.pop()).toBe('')
    expect(lines).toHaveLength(COUNT)
    for (const line of lines) {
      const parts = SYSLOG.exec(line)?.groups
      if (!parts) throw new Error(`not a syslog message: ${line}`)
      const { pri, msg, sd = '' } = parts
      expect(Number(pri)).toBeGreaterThanOrEqual(128)
      expect(Number(pri)).toBeLessThanOrEqual(135)
      if (msg !== undefined) expect(msg.startsWith('\ufeff')).toBe(true)
      const ids = [...sd.matchAll(/\[([^ \]=]+)/g)].map((match) => match[1])
      expect(ids[0]).toBe('timeQuality')
      expect(new Set(ids).size).toBe(ids.length)
    }
  })

  it('says severity, time, device, place and cause where they belong, and escapes', async () => {
    const { store } = filled()
    const { text } = await written(store, 'syslog', { udns: [udnOf(1)], text: 'backslash' })
    expect(text).toBe(
      `<134>1 2026-01-01T00:00:03.000Z ${udnOf(1).slice(5)} storage 1 storage.range ` +
        '[timeQuality tzKnown="1" isSynced="1"][log@32473 id="0123456789abcdef" sequence="3" code="storage.range"]' +
        '[data@32473 k____ey="v\\"\\]\\\\ #012" k="größe"] \ufeffquote " backslash \\ bracket ] end\n',
    )
  })
})

describe('OTLP/JSON', () => {
  const keysOf = (value: object): string[] => Object.keys(value).sort()

  it('has the field names of opentelemetry-proto, numbers of 64 bits as texts', async () => {
    const { store } = filled()
    const { resourceLogs } = JSON.parse((await written(store, 'otlp')).text)
    let count = 0
    const shapes = new Set<string>()
    const shape = (...parts: readonly string[]) => shapes.add(parts.join(' '))
    for (const entry of resourceLogs) {
      shape('entry', ...keysOf(entry))
      shape('resource', ...keysOf(entry.resource))
      for (const scoped of entry.scopeLogs) {
        shape('scoped', ...keysOf(scoped))
        shape('scope', ...keysOf(scoped.scope))
        for (const record of scoped.logRecords) {
          count += 1
          shape('record', ...keysOf(record))
          shape('time', String(/^(0|[1-9]\d{17,18})$/.test(record.timeUnixNano)))
          for (const attribute of record.attributes) {
            shape('attribute', ...keysOf(attribute))
            for (const [kind, value] of Object.entries(attribute.value))
              shape(kind, kind === 'intValue' ? String(/^\d+$/.test(String(value))) : typeof value)
          }
        }
      }
    }
    expect([...shapes].sort()).toEqual([
      'attribute key value',
      'boolValue boolean',
      'entry resource scopeLogs',
      'intValue true',
      'record attributes body severityNumber severityText timeUnixNano',
      'resource attributes',
      'scope name version',
      'scoped logRecords scope',
      'stringValue string',
      'time true',
    ])
    expect(count).toBe(COUNT)
  })

  it('maps severities as the data model of OpenTelemetry says', async () => {
    const { store } = openStore()
    store.logs.add(
      udnOf(1),
      LOG_ID,
      SEVERITIES.map((_, severity) => recordOf(severity + 1, 0, { severity })),
    )
    const { resourceLogs } = JSON.parse((await written(store, 'otlp')).text)
    const records: { severityText: string; severityNumber: number }[] =
      resourceLogs[0].scopeLogs[0].logRecords
    expect(records.map((record) => [record.severityText, record.severityNumber])).toEqual([
      ['emergency', 21],
      ['alert', 19],
      ['critical', 18],
      ['error', 17],
      ['warning', 13],
      ['notice', 10],
      ['informational', 9],
      ['debug', 5],
    ])
  })
})

describe('CSV', () => {
  it('is read back by a reader of CSV, cell by cell', async () => {
    const { store } = filled()
    const rows = parse<Record<string, string>>((await written(store, 'csv')).text, { columns: true })
    expect(rows).toHaveLength(COUNT)
    const longest = rows.find(({ code }) => code?.startsWith('xxx'))
    expect(longest).toMatchObject({ severityName: 'alert', message: 'z'.repeat(512), udn: udnOf(1) })
    const odd = rows.find(({ message }) => message?.startsWith('größer'))
    expect(odd?.message).toBe(NASTY[1]?.message)
  })

  it('has no cell that a spreadsheet takes for a formula', async () => {
    const { store } = filled()
    const rows = parse<Record<string, string>>((await written(store, 'csv')).text, { columns: true })
    const cells = rows.flatMap((row) => Object.values(row))
    expect(cells.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([])
    expect(rows.map(({ message }) => message)).toContain('\'=HYPERLINK("http://example.com","x")')
  })
})
