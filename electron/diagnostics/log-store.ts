/** Logs of devices on this laptop: each record once, searchable by its text. */
import type {
  LogFilter,
  LogFormat,
  LogPage,
  LogQuery,
  LogRecord,
  LogStand,
  StoredRecord,
} from '../contract/device-log'
import { LOG_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'
import { type Database, durableTransaction } from '../store/database'
import { searchText } from './fold'
import { Gate } from './gate'
import { type Book, LogBooks, standOf } from './log-books'
import { exportLog, type LogExport } from './log-export'
import { timeOf, withoutNul } from './log-rows'
import { LogSearch } from './log-search'
import type { Reader } from './reader'

export type { LogExport } from './log-export'

/** A log that takes facts first and a sentence second, as pino does. */
export interface StoreLog {
  warn(facts: Readonly<Record<string, unknown>>, message: string): void
}

export interface LogStoreOptions {
  readonly clock: Clock
  readonly log: StoreLog
  readonly database: Database
  readonly reader: Reader
  /** Records kept in all; the ones stored first go first. */
  readonly recordsMax?: number
  /** Records that a search looks at first; small in tests, so that few records take every way. */
  readonly pieceRecords?: number
}

/** Records that were just stored, in the order of their positions. */
export type StoredListener = (udn: string, logId: string, records: readonly StoredRecord[]) => void

const RECORDS_MAX = 2_000_000
/** Searches that go on at once, taking turns, and how many more may wait. */
const SEARCHES = 4
const SEARCHES_WAITING = 60

export class LogStore {
  private readonly books: LogBooks
  private readonly search: LogSearch
  private readonly gate = new Gate(SEARCHES, SEARCHES_WAITING)
  private readonly listeners = new Set<StoredListener>()
  private readonly sql
  private kept: number

  constructor(private readonly options: LogStoreOptions) {
    const { database, reader, clock, pieceRecords } = options
    this.books = new LogBooks(database)
    this.kept = this.books.all().reduce((sum, book) => sum + book.stored, 0)
    this.search = new LogSearch(reader, this.books, clock, pieceRecords)
    this.sql = {
      record: database.prepare(`INSERT INTO records
        (log, device, sequence, time_ms, severity, boot, synchronised, time, component, code, message, data)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (log, sequence) DO NOTHING`),
      text: database.prepare('INSERT INTO texts (position, text) VALUES (?, ?)'),
      beyond: database.prepare(
        'SELECT sequence FROM records WHERE log = ? AND sequence > ? ORDER BY sequence',
      ),
      oldest: database.prepare('SELECT position, log FROM records ORDER BY position LIMIT ?'),
      dropRecords: database.prepare('DELETE FROM records WHERE position <= ?'),
      dropTexts: database.prepare('DELETE FROM texts WHERE position <= ?'),
    }
  }

  /**
   * Keeps what is new, each part of at most LOG_LIMITS.commitRecords durable before the next; says how many that were.
   * `through` moves on over what is contiguous. A log that is not known yet becomes the device's newest.
   */
  add(udn: string, logId: string, records: readonly LogRecord[]): number {
    let added = 0
    for (let at = 0; at < records.length; at += LOG_LIMITS.commitRecords)
      added += this.addPart(udn, logId, records.slice(at, at + LOG_LIMITS.commitRecords))
    return added
  }

  /** `count` records up to `through` were dropped by the device before they were fetched. Repeatable. */
  noteLost(udn: string, logId: string, count: number, through: number): void {
    this.change(udn, logId, (book) => {
      if (through <= book.through) return book
      return { ...book, lost: book.lost + count, through: this.contiguous(book.id, through) }
    })
  }

  /** The device has cleared its log up to `through`. */
  noteCleared(udn: string, logId: string, through: number, atMs: number): void {
    this.change(udn, logId, (book) => ({
      ...book,
      clearedThrough: Math.max(book.clearedThrough, through),
      fetchedAtMs: Math.max(book.fetchedAtMs ?? 0, atMs),
    }))
  }

  /** The log was read to its end; one without a record is known from then on, too. */
  noteFetched(udn: string, logId: string, atMs: number): void {
    this.change(udn, logId, (book) => ({ ...book, fetchedAtMs: Math.max(book.fetchedAtMs ?? 0, atMs) }))
  }

  /** How much of the device's newest log is stored, or of the one named. `tail` is false: a desk knows. */
  stand(udn: string, logId?: string): LogStand | undefined {
    const book = logId === undefined ? this.books.newestOf(udn) : this.books.find(udn, logId)
    return book && standOf(book)
  }

  /** The newest log of every device. */
  stands(): LogStand[] {
    return this.books
      .all()
      .filter((book) => this.books.newestOf(book.udn) === book)
      .map(standOf)
  }

  /** Newest first. Errors: CANCELLED, BUSY, INTERRUPTED (the store closes). */
  query(q: LogQuery, signal?: AbortSignal): Promise<LogPage> {
    return this.gate.pass(() => this.search.page(q, signal), signal)
  }

  /** Oldest first, as it is when the first piece is asked for. Errors: CANCELLED, INTERRUPTED. */
  export(filter: LogFilter, format: LogFormat, signal?: AbortSignal): LogExport {
    return exportLog(this.search, this.books, filter, format, signal)
  }

  /** Hears of what was stored; the result ends it. */
  onStored(listener: StoredListener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private addPart(udn: string, logId: string, records: readonly LogRecord[]): number {
    const stored: StoredRecord[] = []
    const { books, pruned } = durableTransaction(this.options.database, () => {
      const book = this.books.find(udn, logId) ?? this.books.begin(udn, logId)
      for (const record of records.map(withoutNul)) {
        const position = this.insert(book, record)
        if (position === undefined) continue
        stored.push({ ...record, udn, logId, position, timeMs: timeOf(record).timeMs })
      }
      const changed = {
        ...book,
        stored: book.stored + stored.length,
        through: this.contiguous(book.id, book.through),
      }
      this.books.write(changed)
      return this.prune(changed, this.kept + stored.length)
    })
    this.books.settle(books)
    this.kept += stored.length - pruned
    if (pruned > 0) this.options.log.warn({ pruned }, 'old log records have made room for new ones')
    if (stored.length > 0) for (const listener of this.listeners) listener(udn, logId, stored)
    return stored.length
  }

  /** The position of a record that was not there yet. */
  private insert(book: Book, record: LogRecord): number | undefined {
    const { timeMs, time } = timeOf(record)
    const { changes, lastInsertRowid } = this.sql.record.run(
      book.id,
      book.device,
      record.sequence,
      timeMs,
      record.severity,
      record.boot,
      record.clockSynchronised ? 1 : 0,
      time,
      record.component,
      record.code,
      record.message,
      record.data ? JSON.stringify(record.data) : null,
    )
    if (Number(changes) === 0) return undefined
    const position = Number(lastInsertRowid)
    this.sql.text.run(position, searchText(record))
    return position
  }

  /** The last sequence number from `through` on behind which one is missing. */
  private contiguous(log: number, through: number): number {
    let last = through
    for (const row of this.sql.beyond.iterate(log, through)) {
      const { sequence } = row as { sequence: number }
      if (sequence !== last + 1) break
      last = sequence
    }
    return last
  }

  /** Makes room; in one go no more than twice what came, so that no commit is long. */
  private prune(book: Book, kept: number): { readonly books: readonly Book[]; readonly pruned: number } {
    const surplus = kept - (this.options.recordsMax ?? RECORDS_MAX)
    const changed = new Map([[book.id, book]])
    if (surplus <= 0) return { books: [book], pruned: 0 }
    const rows = this.sql.oldest.all(Math.min(surplus, 2 * LOG_LIMITS.commitRecords)) as unknown as {
      readonly position: number
      readonly log: number
    }[]
    const last = rows.at(-1)?.position ?? 0
    this.sql.dropRecords.run(last)
    this.sql.dropTexts.run(last)
    const byId = new Map(this.books.all().map((other) => [other.id, other]))
    for (const { log } of rows) {
      const before = changed.get(log) ?? byId.get(log)
      if (before) changed.set(log, { ...before, stored: before.stored - 1, pruned: before.pruned + 1 })
    }
    for (const after of changed.values()) this.books.write(after)
    return { books: [...changed.values()], pruned: rows.length }
  }

  private change(udn: string, logId: string, work: (book: Book) => Book): void {
    const book = durableTransaction(this.options.database, () => {
      const changed = work(this.books.find(udn, logId) ?? this.books.begin(udn, logId))
      this.books.write(changed)
      return changed
    })
    this.books.settle([book])
  }
}
