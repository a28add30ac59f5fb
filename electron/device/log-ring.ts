/** The device's log: a ring of records in one file, the oldest dropped and counted (docs/protocol.md §12). */
import { join } from 'node:path'
import { type LogRecord, SEVERITIES } from '../contract/device-log'
import { IotmcError } from '../contract/errors'
import { LOG_LIMITS } from '../contract/timings'
import type { Random } from '../net/clock'
import { type DeviceClock, isoTime } from './device-clock'
import { answerWith, type LogAnswer, type LogQuestion } from './log-answer'
import { LogFile } from './log-file'
import { type LogHeader, type LogLines, lineOf, readLines } from './log-lines'
import { type RecordDraft, trimmed } from './log-trim'

export type { LogAnswer, LogQuestion } from './log-answer'
export type { RecordDraft } from './log-trim'

export interface LogRingOptions {
  readonly clock: DeviceClock
  readonly random: Random
  /** It holds at least so many bytes of records as they travel; 64 KiB unless told. */
  readonly bytes?: number | undefined
}

export const LOG_FILE = 'log.jsonl'
const SEQUENCE_MAX = 0xffff_ffff

interface Held {
  readonly record: LogRecord
  readonly bytes: number
}

const bytesOf = (record: LogRecord): number => Buffer.byteLength(JSON.stringify(record)) + 1

type Change = Readonly<Partial<Omit<LogHeader, 'format'>>>

export class LogRing {
  private held: Held[] = []
  private heldBytes = 0
  private header: LogHeader
  private readonly capacity: number
  private readonly listeners = new Set<(record: LogRecord) => void>()
  /** Whether a log was found that could not be gone on with. */
  readonly damaged: boolean

  private constructor(
    private readonly file: LogFile,
    private readonly options: LogRingOptions,
  ) {
    this.capacity = options.bytes ?? LOG_LIMITS.ringBytes
    const found = file.read()
    const lines = found && readLines(found)
    this.damaged = found !== undefined && !lines
    this.header = lines?.header ?? this.freshHeader(0, 0)
    if (lines) this.replay(lines)
    this.header = { ...this.header, boot: this.header.boot + 1 }
    // Written whole where something has to go; else only noted, as at each start.
    if (!lines || lines.unreadable > 0) this.rewrite()
    else {
      file.resume(lines.bytes)
      this.note({ boot: this.header.boot })
    }
  }

  /** The log of a folder, begun where there is none; each opening is a new start. ACTION_FAILED where the disk refuses. */
  static open(folder: string, options: LogRingOptions): LogRing {
    return new LogRing(new LogFile(join(folder, LOG_FILE)), options)
  }

  get logId(): string {
    return this.header.logId
  }

  get wipes(): number {
    return this.header.wipes
  }

  /** Starts of this device so far, this one included. */
  get boot(): number {
    return this.header.boot
  }

  /** One above `newest` when it is empty; 0 before the first record. */
  get oldest(): number {
    return this.held[0]?.record.sequence ?? (this.newest === 0 ? 0 : this.newest + 1)
  }

  get newest(): number {
    return this.header.newest
  }

  /** Records of this log that had to go for newer ones; those that were cleared do not count. */
  get dropped(): number {
    return this.header.dropped
  }

  /** Through which record somebody has read everything there was. */
  get retrieved(): number {
    return this.header.retrieved
  }

  get count(): number {
    return this.held.length
  }

  /** Every record it holds, oldest first. */
  records(): readonly LogRecord[] {
    return this.held.map(({ record }) => record)
  }

  /** Counts a start that was no start of the process. */
  beginBoot(): void {
    this.header = { ...this.header, boot: this.header.boot + 1 }
    this.note({ boot: this.header.boot })
  }

  /** Tells of each record, once it is in the file; the returned function ends that. */
  onAppend(listener: (record: LogRecord) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Puts a record at the end; too long texts are cut. Undefined where the disk takes nothing: the record is not in the log. */
  append(draft: RecordDraft): LogRecord | undefined {
    if (this.newest >= SEQUENCE_MAX) this.beginAnew(this.wipes)
    const { clock } = this.options
    const record: LogRecord = {
      boot: this.boot,
      sequence: this.newest + 1,
      time: isoTime(clock.now()),
      clockSynchronised: clock.synchronised,
      ...trimmed(draft),
    }
    if (!this.file.append(lineOf(record))) return undefined
    this.take(record)
    this.compactSometimes()
    for (const listener of [...this.listeners]) listener(record)
    return record
  }

  /** LOG_RANGE_GONE where the question belongs to another log; ACTION_FAILED where the disk refuses. */
  read(question: LogQuestion): LogAnswer {
    const { after } = question
    if (after > this.newest) throw new IotmcError('LOG_RANGE_GONE', { detail: `newest is ${this.newest}` })
    // Nobody is given what a power cut could still take back: its number would be used again.
    this.file.sync()
    const above = this.held.slice(this.firstAfter(after)).map(({ record }) => record)
    const answer = answerWith(above, question)
    const { logId, oldest, newest, dropped } = this
    const last = answer.records.at(-1)?.sequence ?? 0
    const whole =
      question.maxSeverity >= SEVERITIES.length - 1 &&
      question.fromMs === undefined &&
      question.toMs === undefined
    const gapless = after <= Math.max(this.retrieved, this.oldest - 1)
    if (whole && gapless && last > this.retrieved) {
      this.header = { ...this.header, retrieved: last }
      this.note({ retrieved: last })
    }
    return { ...answer, logId, oldest, newest, dropped }
  }

  /**
   * Removes records up to `through` and gives their number. LOG_RANGE_GONE for another log, NOT_RETRIEVED where one of them
   * was never read in a gapless row, ACTION_FAILED where the disk refuses; then nothing is removed.
   */
  clear(logId: string, through: number): number {
    if (logId !== this.logId || through > this.newest)
      throw new IotmcError('LOG_RANGE_GONE', { detail: `log ${this.logId}, newest ${this.newest}` })
    if (through >= this.oldest && through > this.retrieved)
      throw new IotmcError('NOT_RETRIEVED', { detail: `retrieved through ${this.retrieved}` })
    const stays = this.held.slice(this.firstAfter(through))
    const removed = this.held.length - stays.length
    if (removed === 0) return 0
    this.rewrite({}, stays)
    return removed
  }

  /** Begins a new log after a wipe: nothing of the old one stays, nor do its bytes. ACTION_FAILED. */
  beginAnew(wipes: number): void {
    this.file.erase()
    this.rewrite(this.freshHeader(wipes, this.boot), [])
  }

  close(): void {
    this.file.close()
  }

  private freshHeader(wipes: number, boot: number): LogHeader {
    const logId = this.options.random.bytes(8).toString('hex')
    return { format: 1, logId, wipes, boot, oldest: 1, newest: 0, dropped: 0, retrieved: 0 }
  }

  /** Position of the first record above a sequence number. */
  private firstAfter(sequence: number): number {
    let [low, high] = [0, this.held.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.held[middle]?.record.sequence ?? 0) > sequence) high = middle
      else low = middle + 1
    }
    return low
  }

  private replay({ header, entries }: LogLines): void {
    const { newest } = header
    // From here on `newest` is what was met so far, so that what is missing in between shows.
    this.header = { ...header, newest: Math.max(0, header.oldest - 1) }
    for (const entry of entries) {
      if ('note' in entry) this.header = { ...this.header, ...entry.note }
      else if (entry.record.sequence > this.newest) {
        const missing = entry.record.sequence - this.newest - 1
        this.header = { ...this.header, dropped: this.dropped + missing }
        this.take(entry.record)
      }
    }
    // A number that somebody has seen is never given again; what had it is lost.
    const highest = Math.max(this.newest, newest, this.retrieved)
    this.header = { ...this.header, newest: highest, dropped: this.dropped + highest - this.newest }
  }

  private take(record: LogRecord): void {
    const bytes = bytesOf(record)
    this.held.push({ record, bytes })
    this.heldBytes += bytes
    let gone = 0
    for (let first = this.held[0]; first && this.heldBytes - first.bytes >= this.capacity; ) {
      this.heldBytes -= first.bytes
      gone += 1
      first = this.held[gone]
    }
    if (gone > 0) this.held.splice(0, gone)
    this.header = { ...this.header, newest: record.sequence, dropped: this.dropped + gone }
  }

  private note(note: { boot: number } | { retrieved: number }): void {
    this.file.append(lineOf(note))
    this.compactSometimes()
  }

  private compactSometimes(): void {
    if (this.file.bytes <= 2 * this.capacity + LOG_LIMITS.ringBytes) return
    try {
      this.rewrite()
    } catch {
      // The file goes on growing until the disk takes a shorter one.
    }
  }

  /** Replaces the file; what is in memory follows only when that is done. */
  private rewrite(change: Change = {}, held: readonly Held[] = this.held): void {
    const header = { ...this.header, ...change }
    const oldest = held[0]?.record.sequence ?? header.newest + 1
    const next = { ...header, oldest }
    this.file.replace([next, ...held.map(({ record }) => record)].map(lineOf).join(''))
    this.header = next
    this.held = [...held]
    this.heldBytes = held.reduce((sum, { bytes }) => sum + bytes, 0)
  }
}
