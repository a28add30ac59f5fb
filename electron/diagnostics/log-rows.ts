/** Rows of `records` to records and back. */
import { z } from 'zod'
import type { LogRecord, StoredRecord } from '../contract/device-log'
import { fromRow, jsonColumn } from '../store/rows'
import type { Row } from './reader'

/** Which log a record is of. */
export interface LogName {
  readonly udn: string
  readonly logId: string
}

export const RECORD_COLUMNS = [
  'position',
  'log',
  'sequence',
  'time_ms',
  'severity',
  'boot',
  'synchronised',
  'time',
  'component',
  'code',
  'message',
  'data',
] as const

const rowSchema = z.object({
  position: z.number().int(),
  log: z.number().int(),
  sequence: z.number().int(),
  time_ms: z.number(),
  severity: z.number().int(),
  boot: z.number().int(),
  synchronised: z.number(),
  time: z.string().optional(),
  component: z.string(),
  code: z.string(),
  message: z.string(),
  data: jsonColumn(z.record(z.string(), z.string())).optional(),
})

/** Errors: DATA_DAMAGED. */
export const readRecord = (row: Row, nameOf: (log: number) => LogName | undefined): StoredRecord => {
  const named = Object.fromEntries(RECORD_COLUMNS.map((column, index) => [column, row[index] ?? null]))
  const { log, time_ms, synchronised, time, data, ...rest } = fromRow(rowSchema, 'records', named)
  const name = nameOf(log) ?? { udn: '', logId: '' }
  return {
    udn: name.udn,
    logId: name.logId,
    ...rest,
    time: time ?? new Date(time_ms).toISOString(),
    timeMs: time_ms,
    clockSynchronised: synchronised === 1,
    ...(data ? { data } : {}),
  }
}

/** SQLite ends a text at its first NUL; a sign that something was there takes its place. */
export const withoutNul = (record: LogRecord): LogRecord => {
  const { component, code, message } = record
  if (![component, code, message].some((text) => text.includes('\0'))) return record
  const clean = (text: string): string => text.replaceAll('\0', '\ufffd')
  return { ...record, component: clean(component), code: clean(code), message: clean(message) }
}

/** `timeMs`, and the device's own words where they are not its usual form. */
export const timeOf = (record: LogRecord): { readonly timeMs: number; readonly time: string | null } => {
  const timeMs = Date.parse(record.time)
  return { timeMs, time: new Date(timeMs).toISOString() === record.time ? null : record.time }
}
