/** What is known of each log as a whole: its device, its name, how far it is stored. Kept in memory as on the disk. */
import type { LogStand } from '../contract/device-log'
import type { Database } from '../store/database'
import type { LogName } from './log-rows'

/** One row of `device_logs`. */
export interface Book {
  readonly id: number
  readonly device: number
  readonly udn: string
  readonly logId: string
  /** Orders the logs of a device. */
  readonly begun: number
  readonly stored: number
  readonly through: number
  readonly lost: number
  /** Records that were stored and have made room for newer ones. */
  readonly pruned: number
  readonly clearedThrough: number
  readonly fetchedAtMs: number | null
}

const SELECT = `SELECT l.id, l.device, d.udn, l.log_id AS logId, l.begun, l.stored, l.through, l.lost, l.pruned,
  l.cleared_through AS clearedThrough, l.fetched_at_ms AS fetchedAtMs
  FROM device_logs l JOIN devices d ON d.id = l.device ORDER BY l.begun`

/** The id of a device in this database; made where it has none. */
export const deviceId = (database: Database, udn: string): number => {
  database.prepare('INSERT INTO devices (udn) VALUES (?) ON CONFLICT (udn) DO NOTHING').run(udn)
  const row = database.prepare('SELECT id FROM devices WHERE udn = ?').get(udn) as { id: number }
  return row.id
}

export class LogBooks {
  private readonly byId = new Map<number, Book>()
  /** The newest log of each device. */
  private readonly newest = new Map<string, Book>()
  private readonly update

  constructor(private readonly database: Database) {
    this.update = database.prepare(`UPDATE device_logs SET stored = :stored, through = :through, lost = :lost,
      pruned = :pruned, cleared_through = :clearedThrough, fetched_at_ms = :fetchedAtMs WHERE id = :id`)
    for (const row of database.prepare(SELECT).all()) this.keep({ ...(row as unknown as Book) })
  }

  all(): Book[] {
    return [...this.byId.values()]
  }

  nameOf = (id: number): LogName | undefined => this.byId.get(id)

  newestOf(udn: string): Book | undefined {
    return this.newest.get(udn)
  }

  find(udn: string, logId: string): Book | undefined {
    const newest = this.newest.get(udn)
    if (newest?.logId === logId) return newest
    return this.all().find((book) => book.udn === udn && book.logId === logId)
  }

  /** To be called in a transaction; `settle` with what it gives when that is committed. */
  begin(udn: string, logId: string): Book {
    const device = deviceId(this.database, udn)
    const begun = Math.max(0, ...this.all().map((book) => book.begun)) + 1
    const { lastInsertRowid } = this.database
      .prepare('INSERT INTO device_logs (device, log_id, begun) VALUES (?, ?, ?)')
      .run(device, logId, begun)
    const zero = { stored: 0, through: 0, lost: 0, pruned: 0, clearedThrough: 0, fetchedAtMs: null }
    return { id: Number(lastInsertRowid), device, udn, logId, begun, ...zero }
  }

  /** Writes a row; in memory it stands when `settle` is called, after the commit. */
  write(book: Book): void {
    const { id, stored, through, lost, pruned, clearedThrough, fetchedAtMs } = book
    this.update.run({ id, stored, through, lost, pruned, clearedThrough, fetchedAtMs })
  }

  settle(books: readonly Book[]): void {
    for (const book of books) this.keep(book)
  }

  /** Ids of the devices that have a log here. */
  deviceIds(udns: readonly string[]): number[] {
    return udns.flatMap((udn) => this.newest.get(udn)?.device ?? [])
  }

  private keep(book: Book): void {
    this.byId.set(book.id, book)
    const newest = this.newest.get(book.udn)
    if (!newest || newest.begun <= book.begun) this.newest.set(book.udn, book)
  }
}

/** As people see it; whether it is followed is not known here. */
export const standOf = (book: Book): LogStand => ({
  udn: book.udn,
  logId: book.logId,
  stored: book.stored,
  through: book.through,
  lost: book.lost,
  clearedThrough: book.clearedThrough,
  ...(book.fetchedAtMs === null ? {} : { fetchedAtMs: book.fetchedAtMs }),
  tail: false,
})
