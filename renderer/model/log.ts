/** Rules of the log view: what matches, how new records join those shown, where records are missing. Pure. */
import type { LogFilter, LogPage, StoredRecord } from '../../electron/contract/device-log'
import type { Tone } from './device-facts'

/** A row of the view: a record, or a place where the device dropped some before they were fetched. */
export type LogRow =
  | { readonly kind: 'record'; readonly key: string; readonly record: StoredRecord }
  | { readonly kind: 'lost'; readonly key: string; readonly udn: string; readonly count: number }

const SEVERITY_TONES: readonly Tone[] = ['bad', 'bad', 'bad', 'bad', 'warn', 'info', 'neutral', 'neutral']
/** Tone of a severity 0–7. */
export const severityTone = (severity: number): Tone => SEVERITY_TONES[severity] ?? 'neutral'

/** Whether a record that has just come belongs into the view. */
export const matchesFilter = (record: StoredRecord, filter: LogFilter): boolean => {
  if (filter.udns && !filter.udns.includes(record.udn)) return false
  if (record.severity > (filter.maxSeverity ?? 7)) return false
  if (filter.fromMs !== undefined && record.timeMs < filter.fromMs) return false
  if (filter.toMs !== undefined && record.timeMs > filter.toMs) return false
  const text = filter.text?.trim().toLowerCase()
  if (!text) return true
  return [record.message, record.code, record.component, JSON.stringify(record.data ?? {})].some((part) =>
    part.toLowerCase().includes(text),
  )
}

const newer = (a: StoredRecord, b: StoredRecord): number => b.timeMs - a.timeMs || b.position - a.position

/** The records shown after new ones were stored: newest first, none twice, at most `most`. Answers how many joined, and whether older ones had to go. */
export const joinNew = (
  shown: readonly StoredRecord[],
  fresh: readonly StoredRecord[],
  filter: LogFilter,
  more: boolean,
  most = 20_000,
): { readonly records: readonly StoredRecord[]; readonly joined: number; readonly cut: boolean } => {
  const known = new Set(shown.map(({ position }) => position))
  const last = shown.at(-1)
  const wanted = fresh.filter((one) => !known.has(one.position) && matchesFilter(one, filter))
  // What lies behind the pages that were asked for comes with its own page.
  const joining = more && last ? wanted.filter((one) => newer(one, last) < 0) : wanted
  if (wanted.length === 0) return { records: shown, joined: 0, cut: false }
  const all = [...joining, ...shown].sort(newer)
  return { records: all.slice(0, most), joined: wanted.length, cut: all.length > most }
}

/** The records after one more page; a record that came meanwhile is not doubled. */
export const joinPage = (shown: readonly StoredRecord[], page: LogPage): readonly StoredRecord[] => {
  const known = new Set(shown.map(({ position }) => position))
  return [...shown, ...page.records.filter(({ position }) => !known.has(position))]
}

/**
 * Rows with the places where sequence numbers are missing. Only `exact` views (every severity, no text) can tell; there
 * a hole means that the device dropped records before they were fetched.
 */
export const rowsOf = (
  records: readonly StoredRecord[],
  exact: boolean,
  atEnd: boolean,
): readonly LogRow[] => {
  const rows: LogRow[] = []
  const lastOf = new Map<string, { readonly record: StoredRecord; readonly at: number }>()
  const shownBetween = sequencesOf(records)
  const holes = new Map<number, LogRow[]>()
  records.forEach((record, at) => {
    const log = logOf(record)
    const after = lastOf.get(log)
    const between = after ? after.record.sequence - record.sequence - 1 : 0
    // What a device wrote before its clock was set stands elsewhere in the list, not at its number's place.
    const count = exact && after && between > 0 ? between - shownBetween(log, record, after.record) : 0
    if (after && count > 0) {
      const hole: LogRow = { kind: 'lost', key: `lost-${after.record.position}`, udn: record.udn, count }
      holes.set(after.at, [...(holes.get(after.at) ?? []), hole])
    }
    if (!after || record.sequence < after.record.sequence) lastOf.set(log, { record, at })
  })
  records.forEach((record, at) => {
    rows.push({ kind: 'record', key: String(record.position), record })
    rows.push(...(holes.get(at) ?? []))
  })
  if (exact && atEnd)
    for (const { record } of lastOf.values())
      if (record.sequence > 1)
        rows.push({
          kind: 'lost',
          key: `lost-first-${record.udn}-${record.logId}`,
          udn: record.udn,
          count: record.sequence - 1,
        })
  return rows
}

const logOf = ({ udn, logId }: StoredRecord): string => `${udn} ${logId}`

/** How many records of a log are shown with numbers between those of two others. */
const sequencesOf = (records: readonly StoredRecord[]) => {
  const byLog = new Map<string, number[]>()
  for (const record of records) {
    const known = byLog.get(logOf(record))
    if (known) known.push(record.sequence)
    else byLog.set(logOf(record), [record.sequence])
  }
  for (const sequences of byLog.values()) sequences.sort((a, b) => a - b)
  const below = (sequences: readonly number[], limit: number): number => {
    let [low, high] = [0, sequences.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sequences[middle] ?? 0) < limit) low = middle + 1
      else high = middle
    }
    return low
  }
  return (log: string, lower: StoredRecord, upper: StoredRecord): number => {
    const sequences = byLog.get(log) ?? []
    return below(sequences, upper.sequence) - below(sequences, lower.sequence + 1)
  }
}

/** Whether holes in the sequence can be told from records that the filter hides. */
export const isExact = (filter: LogFilter): boolean =>
  (filter.maxSeverity ?? 7) === 7 &&
  !filter.text?.trim() &&
  filter.fromMs === undefined &&
  filter.toMs === undefined

/** One record as a line of JSON, as the export writes it. */
export const jsonLine = ({ position: _position, timeMs: _timeMs, ...record }: StoredRecord): string =>
  JSON.stringify(record)

export const LOG_SPANS = ['all', 'hour', 'day', 'week'] as const
export type LogSpan = (typeof LOG_SPANS)[number]
const SPAN_MS: Readonly<Record<LogSpan, number | undefined>> = {
  all: undefined,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
}
/** Where a span begins, milliseconds since 1970; undefined = from the first record. */
export const spanStart = (span: LogSpan, nowMs: number): number | undefined => {
  const ms = SPAN_MS[span]
  return ms === undefined ? undefined : nowMs - ms
}
