/** Looking through the records, newest or oldest first, in short pieces between which others have their turn. */
import {
  type LogFilter,
  type LogPage,
  type LogQuery,
  logFilterSchema,
  type StoredRecord,
} from '../contract/device-log'
import { LOG_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'
import { likePattern } from './fold'
import type { LogBooks } from './log-books'
import { RECORD_COLUMNS, readRecord } from './log-rows'
import type { Cell, Reader } from './reader'

/** A place in the order of time; the two together are unique. */
export interface Place {
  readonly timeMs: number
  readonly position: number
}

/** Rows that one statement goes over, so that it takes some ten milliseconds. */
const PIECE = { first: 2_000, most: 64_000, count: 250_000 } as const

const COLUMNS = RECORD_COLUMNS.map((column) => `r.${column}`).join(', ')
const TIME_MAX = 8.64e15

/** A filter as SQL: one index to walk along, and what has to hold of each row on the way. */
interface Walk {
  readonly from: string
  readonly where: string
  readonly params: readonly Cell[]
  readonly onlyDevices: readonly number[] | undefined
  readonly hasText: boolean
  readonly plain: boolean
  readonly pattern: string
  readonly fromMs: number
  readonly toMs: number
}

export class LogSearch {
  constructor(
    private readonly reader: Reader,
    private readonly books: LogBooks,
    private readonly clock: Clock,
  ) {}

  /** Errors: CANCELLED, INTERRUPTED, DATA_DAMAGED. */
  async page(query: LogQuery, signal?: AbortSignal): Promise<LogPage> {
    const startedMs = this.clock.now()
    const { limit, before } = query
    const walk = this.walk(query)
    const records: StoredRecord[] = []
    if (walk) {
      const top = before ?? topOf(walk)
      for await (const [upper, lower] of this.pieces(walk, top, signal)) {
        records.push(...(await this.piece(walk, upper, lower, limit + 1 - records.length, signal)))
        if (records.length > limit) break
      }
    }
    const more = records.length > limit
    const shown = records.slice(0, limit)
    const total = before ? undefined : walk && more ? await this.total(walk, shown, signal) : shown.length
    const tookMs = this.clock.now() - startedMs
    return { records: shown, more, ...(total === undefined ? {} : { total }), tookMs }
  }

  /** Pages of matching records, oldest first, up to the position that is the newest when it begins. */
  async *oldestFirst(filter: LogFilter, limit: number, signal?: AbortSignal): AsyncGenerator<StoredRecord[]> {
    const walk = this.walk(filter)
    if (!walk) return
    const [newest] = await this.reader.rows('SELECT max(position) FROM records', [], signal)
    const last = Number(newest?.[0] ?? 0)
    let place: Place = { timeMs: walk.fromMs, position: -1 }
    for (;;) {
      const sql = `SELECT ${COLUMNS} FROM ${walk.from} WHERE (r.time_ms, r.position) > (?, ?) AND r.time_ms <= ?
        AND r.position <= ? AND ${walk.where} ORDER BY r.time_ms, r.position LIMIT ?`
      const params = [place.timeMs, place.position, walk.toMs, last, ...walk.params, limit]
      const rows = await this.reader.rows(sql, params, signal)
      const records = rows.map((row) => readRecord(row, this.books.nameOf))
      const end = records.at(-1)
      if (!end) return
      yield records
      place = { timeMs: end.timeMs, position: end.position }
    }
  }

  private async total(walk: Walk, shown: readonly StoredRecord[], signal?: AbortSignal): Promise<number> {
    if (walk.plain && !walk.hasText) return Math.min(LOG_LIMITS.countMax, this.stored(walk))
    let total = 0
    const counts =
      walk.plain && !walk.onlyDevices ? this.countTexts(walk, signal) : this.countRest(walk, shown, signal)
    for await (const count of counts) {
      total += count
      if (total >= LOG_LIMITS.countMax) return LOG_LIMITS.countMax
    }
    return total
  }

  private stored(walk: Walk): number {
    const { onlyDevices } = walk
    const books = this.books.all().filter(({ device }) => !onlyDevices || onlyDevices.includes(device))
    return books.reduce((sum, book) => sum + book.stored, 0)
  }

  /** What is shown, then what lies behind it. */
  private async *countRest(
    walk: Walk,
    shown: readonly StoredRecord[],
    signal?: AbortSignal,
  ): AsyncGenerator<number> {
    yield shown.length
    const end = shown.at(-1) ?? topOf(walk)
    for await (const [upper, lower] of this.pieces(
      walk,
      end,
      signal,
      walk.hasText ? PIECE.most : PIECE.count,
    )) {
      const sql = `SELECT count(*) FROM ${walk.from} WHERE ${BETWEEN} AND ${walk.where}`
      const [row] = await this.reader.rows(sql, [...range(upper, lower), ...walk.params], signal)
      yield Number(row?.[0] ?? 0)
    }
  }

  /** Nothing but a text is asked for: its table alone, from one end to the other, is quickest. */
  private async *countTexts(walk: Walk, signal?: AbortSignal): AsyncGenerator<number> {
    const sql = 'SELECT min(position), max(position) FROM texts'
    const [bounds] = await this.reader.rows(sql, [], signal)
    const last = Number(bounds?.[1] ?? 0)
    for (let at = Number(bounds?.[0] ?? 0) - 1; at < last; at += PIECE.most) {
      const count =
        "SELECT count(*) FROM texts WHERE position > ? AND position <= ? AND text LIKE ? ESCAPE '\\'"
      const [row] = await this.reader.rows(count, [at, Math.min(last, at + PIECE.most), walk.pattern], signal)
      yield Number(row?.[0] ?? 0)
    }
  }

  /** Ends of pieces from `top` downwards: [above, from on], each a little longer than the one before. */
  private async *pieces(
    walk: Walk,
    top: Place,
    signal?: AbortSignal,
    first: number = PIECE.first,
  ): AsyncGenerator<readonly [Place, Place]> {
    const bottom: Place = { timeMs: walk.fromMs, position: -1 }
    const device = walk.onlyDevices?.length === 1 ? 'r.device = ? AND' : ''
    const sql = `SELECT r.time_ms, r.position FROM ${indexOf(walk.onlyDevices)}
      WHERE ${device} ${BETWEEN} ORDER BY r.time_ms DESC, r.position DESC LIMIT 1 OFFSET ?`
    let upper = top
    for (let size = first; ; size = Math.min(2 * size, Math.max(first, PIECE.most))) {
      const ids = device ? (walk.onlyDevices ?? []) : []
      const [row] = await this.reader.rows(sql, [...ids, ...range(upper, bottom), size - 1], signal)
      const lower = row ? { timeMs: Number(row[0]), position: Number(row[1]) } : bottom
      yield [upper, lower]
      if (!row) return
      upper = lower
    }
  }

  private async piece(
    walk: Walk,
    upper: Place,
    lower: Place,
    limit: number,
    signal?: AbortSignal,
  ): Promise<StoredRecord[]> {
    const sql = `SELECT ${COLUMNS} FROM ${walk.from} WHERE ${BETWEEN} AND ${walk.where}
      ORDER BY r.time_ms DESC, r.position DESC LIMIT ?`
    const rows = await this.reader.rows(sql, [...range(upper, lower), ...walk.params, limit], signal)
    return rows.map((row) => readRecord(row, this.books.nameOf))
  }

  /** Undefined where no device that is asked for has a log here. */
  private walk(filter: LogFilter): Walk | undefined {
    const { udns, maxSeverity, fromMs, toMs, text } = logFilterSchema.parse({ ...filter })
    const onlyDevices = udns && this.books.deviceIds(udns)
    if (onlyDevices?.length === 0) return undefined
    const terms = ['true']
    const params: Cell[] = []
    const hold = (term: string, value: Cell): void => {
      terms.push(term)
      params.push(value)
    }
    if (onlyDevices?.length === 1) hold('r.device = ?', onlyDevices[0] ?? 0)
    else if (onlyDevices) hold('r.device IN (SELECT value FROM json_each(?))', JSON.stringify(onlyDevices))
    if (maxSeverity < 7) hold('r.severity <= ?', maxSeverity)
    const hasText = text !== undefined && text !== ''
    const pattern = likePattern(text ?? '')
    if (hasText) hold("t.text LIKE ? ESCAPE '\\'", pattern)
    const join = hasText ? ' CROSS JOIN texts t ON t.position = r.position' : ''
    return {
      from: indexOf(onlyDevices) + join,
      where: terms.join(' AND '),
      params,
      onlyDevices,
      hasText,
      plain: maxSeverity === 7 && fromMs === undefined && toMs === undefined,
      pattern,
      fromMs: fromMs ?? -TIME_MAX,
      toMs: toMs ?? TIME_MAX,
    }
  }
}

const indexOf = (devices: readonly number[] | undefined): string =>
  `records r INDEXED BY ${devices?.length === 1 ? 'records_by_device' : 'records_by_time'}`

const BETWEEN = '(r.time_ms, r.position) < (?, ?) AND (r.time_ms, r.position) >= (?, ?)'
const range = (upper: Place, lower: Place): Cell[] => [
  upper.timeMs,
  upper.position,
  lower.timeMs,
  lower.position,
]

/** Above everything up to and with the last moment that is asked for. */
const topOf = ({ toMs }: Walk): Place => ({ timeMs: toMs + 1, position: -1 })
