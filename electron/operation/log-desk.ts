/** Logs of the site's devices: what is stored, what is fetched, which are followed, and what leaves as a file. */
import {
  exportTargetSchema,
  type LogFilter,
  type LogFormat,
  type LogPage,
  type LogQuery,
  type LogStand,
  type StoredRecord,
} from '../contract/device-log'
import { IotmcError } from '../contract/errors'
import type { Job } from '../contract/job'
import { HTTP_LIMITS } from '../contract/timings'
import type { LogExport, LogStore } from '../diagnostics/log-store'
import type { DeviceLink } from '../jobs/device-link'
import { fetchLogPlan, type PageTools } from '../jobs/fetch-log'
import type { JobRunner } from '../jobs/runner'
import type { StepPlan } from '../jobs/step'
import type { Clock } from '../net/clock'
import { LogTail } from './log-tail'

export interface LogDeskOptions {
  readonly clock: Clock
  readonly link: Pick<DeviceLink, 'call'>
  readonly runner: Pick<JobRunner, 'submit'>
  readonly store: LogStore
  readonly log: {
    info(facts: object, message: string): void
    warn(facts: object, message: string): void
  }
  readonly isOnline: (udn: string) => boolean
  /** Calls back when an event of this device has come, or its presence has changed. */
  readonly onWake: (udn: string, listener: () => void) => () => void
  readonly audit: (action: string, subject: string, detail?: string) => void
}

/** Records that were just stored, and how the device's log stands now. */
export interface LogStored {
  readonly stand: LogStand
  /** Newest first, at most 200; more of them are told in parts, the oldest first. */
  readonly records: StoredRecord[]
}

const TOLD_MAX = 200
const TAILS_MAX = 32

export class LogDesk {
  private readonly closing = new AbortController()
  private readonly tails = new Map<string, LogTail>()
  private readonly searches = new Map<string, AbortController>()
  private readonly listeners = new Set<(stored: LogStored) => void>()
  private readonly offStored: () => void

  constructor(private readonly options: LogDeskOptions) {
    this.offStored = options.store.onStored((udn, logId, records) => this.tell(udn, logId, records))
  }

  /**
   * Newest first. A new search of the same devices ends the one before, so that what is typed letter by letter does not
   * pile up; going on behind a record ends nothing. Errors: CANCELLED, BUSY, INTERRUPTED.
   */
  async query(q: LogQuery): Promise<LogPage> {
    if (q.before) return this.options.store.query(q, this.closing.signal)
    const key = q.udns?.join() ?? ''
    this.searches.get(key)?.abort(new IotmcError('CANCELLED'))
    const own = new AbortController()
    this.searches.set(key, own)
    try {
      return await this.options.store.query(q, AbortSignal.any([own.signal, this.closing.signal]))
    } finally {
      if (this.searches.get(key) === own) this.searches.delete(key)
    }
  }

  stand(): LogStand[] {
    return this.options.store.stands().map((stand) => ({ ...stand, tail: this.tails.has(stand.udn) }))
  }

  /** Starts a job each; their ids. A device whose log is being fetched keeps that job, whether it clears or not. */
  fetch(udns: readonly string[], clear: boolean): string[] {
    const jobs = this.options.runner.submit('fetch-log', [...new Set(udns)], { clear: String(clear) })
    for (const { subject, params } of jobs)
      if (clear && params.clear === 'true') this.options.audit('log.clear', subject)
    return jobs.map((job) => job.id)
  }

  /** Follows a device's log while it is on. Errors: BUSY (too many are followed). */
  tail(udn: string, on: boolean): void {
    const tail = this.tails.get(udn)
    if (!on) {
      tail?.end()
      this.tails.delete(udn)
      return
    }
    if (tail || this.closing.signal.aborted) return
    if (this.tails.size >= TAILS_MAX)
      throw new IotmcError('BUSY', { subject: udn, detail: `${TAILS_MAX} logs are followed` })
    const { clock, log } = this.options
    this.tails.set(udn, new LogTail({ ...this.pageTools(), clock, log }, udn))
  }

  /** Oldest first, in pieces to be written one after the other. Errors: CANCELLED, INTERRUPTED. */
  export(filter: LogFilter, format: LogFormat, signal?: AbortSignal): LogExport {
    const signals = [this.closing.signal, ...(signal ? [signal] : [])]
    return this.options.store.export(filter, format, AbortSignal.any(signals))
  }

  /** Errors: VALUE_INVALID (no name of a file), NO_EXTERNAL_STORAGE, NO_SPACE, BAD_ANSWER, those of the link. */
  async exportOnDevice(udn: string, target: string): Promise<{ file: string; written: number }> {
    if (!exportTargetSchema.safeParse(target).success)
      throw new IotmcError('VALUE_INVALID', { subject: target.slice(0, 64), detail: 'not a name of a file' })
    const signal = AbortSignal.any([this.closing.signal, AbortSignal.timeout(HTTP_LIMITS.requestTimeoutMs)])
    const answer = await this.pageTools().call(udn, 'ExportDiagnosticsLog', { Target: target }, signal)
    const written = Number(answer.Written)
    if (!answer.File || !Number.isInteger(written))
      throw new IotmcError('BAD_ANSWER', { subject: udn, detail: 'ExportDiagnosticsLog' })
    this.options.audit('log.exportedOnDevice', udn, `${answer.File}, ${written} records`)
    return { file: answer.File, written }
  }

  /** An event has told the newest sequence number of a device's log. */
  newSequence(udn: string, sequence: number): void {
    this.tails.get(udn)?.heard(sequence)
  }

  /** The steps of a job of the kind `fetch-log`. */
  plan(job: Job): readonly StepPlan[] {
    const { clock, isOnline, onWake, audit } = this.options
    const cleared = (udn: string, through: number) => audit('log.cleared', udn, `through ${through}`)
    return fetchLogPlan({ ...this.pageTools(), clock, isOnline, onWake, cleared }, job)
  }

  /** Hears of each batch that was stored; the result ends it. */
  onStored(listener: (stored: LogStored) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Ends every tail and every question; jobs are the runner's. */
  close(): void {
    this.closing.abort(new IotmcError('INTERRUPTED'))
    for (const tail of this.tails.values()) tail.end()
    this.tails.clear()
    this.offStored()
  }

  private pageTools(): PageTools {
    const { store, link } = this.options
    return { store, call: (udn, action, args, signal) => link.call(udn, 'Diagnostics', action, args, signal) }
  }

  private tell(udn: string, logId: string, records: readonly StoredRecord[]): void {
    const stand = this.options.store.stand(udn, logId)
    if (!stand || this.listeners.size === 0) return
    // All of them: who follows would take what is left out for lost.
    for (let at = 0; at < records.length; at += TOLD_MAX) {
      const stored: LogStored = {
        stand: { ...stand, tail: this.tails.has(udn) },
        records: records.slice(at, at + TOLD_MAX).reverse(),
      }
      for (const listener of this.listeners) listener(stored)
    }
  }
}
