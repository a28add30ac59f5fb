/** The four forms a log leaves in; each writes pages of records, so that nothing has to be held whole. */
import { stringify } from 'csv-stringify/sync'
import { type LogFormat, SEVERITIES, type StoredRecord } from '../contract/device-log'
import { otlpResource } from './log-otlp'
import { syslogLine } from './log-syslog'

export interface LogWriter {
  readonly head: string
  /** Whether the records of a device have to come together. */
  readonly byDevice: boolean
  /** Never called with an empty page. */
  records(page: readonly StoredRecord[]): string
  tail(): string
}

/** What travels, with its device and log in front; what only this laptop counts is left out. */
const jsonLine = ({ position: _, timeMs: __, udn, logId, ...record }: StoredRecord): string =>
  `${JSON.stringify({ udn, logId, ...record })}\n`

const lines = (line: (record: StoredRecord) => string) => (): LogWriter => ({
  head: '',
  byDevice: false,
  records: (page) => page.map(line).join(''),
  tail: () => '',
})

const otlp = (): LogWriter => {
  let written = false
  return {
    head: '{"resourceLogs":[',
    byDevice: true,
    records: (page) => {
      const resources = runsOf(page).map((run) => JSON.stringify(otlpResource(run)))
      const text = `${written ? ',\n' : '\n'}${resources.join(',\n')}`
      written = true
      return text
    },
    tail: () => '\n]}\n',
  }
}

/** Neighbours of one log. */
const runsOf = (page: readonly StoredRecord[]): StoredRecord[][] => {
  const runs: StoredRecord[][] = []
  for (const record of page) {
    const run = runs.at(-1)
    if (run?.[0]?.udn === record.udn && run[0].logId === record.logId) run.push(record)
    else runs.push([record])
  }
  return runs
}

const CSV_COLUMNS = [
  'time',
  'clockSynchronised',
  'udn',
  'logId',
  'boot',
  'sequence',
  'severity',
  'severityName',
  'component',
  'code',
  'message',
  'data',
] as const

const csvRow = (record: StoredRecord): Record<(typeof CSV_COLUMNS)[number], string | number> => ({
  time: record.time,
  clockSynchronised: String(record.clockSynchronised),
  udn: record.udn,
  logId: record.logId,
  boot: record.boot,
  sequence: record.sequence,
  severity: record.severity,
  severityName: SEVERITIES[record.severity] ?? '',
  component: record.component,
  code: record.code,
  message: record.message,
  data: record.data ? JSON.stringify(record.data) : '',
})

const csv = (): LogWriter => ({
  head: `${CSV_COLUMNS.join(',')}\r\n`,
  byDevice: false,
  // A text that a spreadsheet would take for a formula gets an apostrophe in front: devices choose their words.
  records: (page) =>
    stringify(page.map(csvRow), {
      columns: [...CSV_COLUMNS],
      record_delimiter: 'windows',
      escape_formulas: true,
    }),
  tail: () => '',
})

export const LOG_WRITERS: Readonly<Record<LogFormat, () => LogWriter>> = {
  jsonl: lines(jsonLine),
  syslog: lines(syslogLine),
  otlp,
  csv,
}
