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
const PIECE = { first: 2_000, most: 64_000, count: 250_000 }

/** Pieces walked through (2,000, 4,000, … records) before a text counts as rare. */
const PIECES_BEFORE_TEXTS = 4
const RARE_MAX = 50_000

const COLUMNS = RECORD_COLUMNS.map((column) => `r.${column}`).join(', ')
const TIME_MAX = 8.64e15

/** A filter as SQL: one index to walk along, and what has to hold of each row on the way. */
interface Walk {
  readonly from: string
  readonly where: string
  readonly params: readonly Cell[]
  /** What has to hold besides the text. */
  readonly rest: string
  readonly restParams: readonly Cell[]
  readonly onlyDevices: readonly number[] | undefined
  readonly hasText: boolean
  readonly plain: boolean
  readonly pattern: string
  readonly fromMs: number
  readonly toMs: number
}

interface Found {
  readonly records: StoredRecord[]
  readonly total?: number
}
const NOTHING: Found = { records: [] }

export class LogSearch {
  constructor(
    private readonly reader: Reader,
    private readonly books: LogBooks,
    private readonly clock: Clock,
    private readonly firstPiece = PIECE.first,
  ) {}

  /** Errors: CANCELLED, INTERRUPTED, DATA_DAMAGED. */
  async page(query: LogQuery, signal?: AbortSignal): Promise<LogPage> {
    const startedMs = this.clock.now()
    const { limit, before } = query
    const walk = this.walk(query)
    const found = walk ? await this.find(walk, before ?? topOf(walk), limit + 1, signal) : NOTHING
    const more = found.records.length > limit
    const records = found.records.slice(0, limit)
    const known = more ? found.total : (found.total ?? records.length)
    const total = before ? undefined : (known ?? (walk && (await this.total(walk, records, signal))))
    const tookMs = this.clock.now() - startedMs
    return { records, more, ...(total === undefined ? {} : { total }), tookMs }
  }

  /** At most `limit` records below `top`; `total` where it is known by the way. */
  private async find(walk: Walk, top: Place, limit: number, signal?: AbortSignal): Promise<Found> {
    const records: StoredRecord[] = []
    let walked = 0
    for await (const [upper, lower] of this.pieces(walk, top, signal)) {
      records.push(...(await this.piece(walk, upper, lower, limit - records.length, signal)))
      if (records.length >= limit) break
      walked += 1
      if (walked !== PIECES_BEFORE_TEXTS || !walk.hasText || walk.onlyDevices?.length === 1) continue
      // Not a common text: to look at every text in the order it lies in is quicker than in the order of time.
      const rare = await this.findByText(walk, top, limit, signal)
      if (rare) return rare
    }
    return { records }
  }

  /** Undefined where the text is so common that walking finds a page of it sooner. */
  private async findByText(
    walk: Walk,
    top: Place,
    limit: number,
    signal?: AbortSignal,
  ): Promise<Found | undefined> {
    const positions: number[] = []
    for await (const cells of this.texts(walk, 'position', signal)) {
      for (const cell of cells) positions.push(cell)
      if (positions.length > RARE_MAX) return undefined
    }
    const bottom: Place = { timeMs: walk.fromMs, position: -1 }
    const from = `FROM json_each(?) j CROSS JOIN records r ON r.position = j.value WHERE ${BETWEEN} AND ${walk.rest}`
    const params = [JSON.stringify(positions), ...range(top, bottom), ...walk.restParams]
    const page = `SELECT ${COLUMNS} ${from} ORDER BY r.time_ms DESC, r.position DESC LIMIT ?`
    const rows = await this.reader.rows(page, [...params, limit], signal)
    const [count] = await this.reader.rows(`SELECT count(*) ${from}`, params, signal)
    return { records: rows.map((row) => readRecord(row, this.books.nameOf)), total: Number(count?.[0] ?? 0) }
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
    for await (const [count = 0] of this.texts(walk, 'count(*)', signal)) yield count
  }

  /** What matches in the texts, whatever else is asked for, piece by piece. */
  private async *texts(
    walk: Walk,
    what: 'position' | 'count(*)',
    signal?: AbortSignal,
  ): AsyncGenerator<Float64Array> {
    const [bounds] = await this.reader.rows('SELECT min(position), max(position) FROM texts', [], signal)
    const last = Number(bounds?.[1] ?? 0)
    const sql = `SELECT ${what} FROM texts WHERE position > ? AND position <= ? AND text LIKE ? ESCAPE '\\'`
    for (let at = Number(bounds?.[0] ?? 0) - 1; at < last; at += PIECE.most)
      yield await this.reader.numbers(sql, [at, Math.min(last, at + PIECE.most), walk.pattern], signal)
  }

  /** Ends of pieces from `top` downwards: [above, from on], each a little longer than the one before. */
  private async *pieces(
    walk: Walk,
    top: Place,
    signal?: AbortSignal,
    first: number = this.firstPiece,
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
    const [rest, restParams] = [terms.join(' AND '), [...params]]
    if (hasText) hold("t.text LIKE ? ESCAPE '\\'", pattern)
    const join = hasText ? ' CROSS JOIN texts t ON t.position = r.position' : ''
    return {
      from: indexOf(onlyDevices) + join,
      where: terms.join(' AND '),
      params,
      rest,
      restParams,
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
