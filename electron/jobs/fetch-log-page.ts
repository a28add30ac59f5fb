/** One page of a device's log: asked for behind what is stored, and stored before anything else is asked. */
import { z } from 'zod'
import { type LogRecord, type LogStand, logIdSchema, logRecordSchema } from '../contract/device-log'
import { IotmcError } from '../contract/errors'
import { LOG_LIMITS } from '../contract/timings'

/** What is needed of the store of this laptop; each write is durable when it returns. */
export interface LogShelf {
  /** Of the newest log, or of the one named. */
  stand(udn: string, logId?: string): LogStand | undefined
  add(udn: string, logId: string, records: readonly LogRecord[]): number
  noteLost(udn: string, logId: string, count: number, through: number): void
  noteCleared(udn: string, logId: string, through: number, atMs: number): void
  noteFetched(udn: string, logId: string, atMs: number): void
}

export interface PageTools {
  readonly store: LogShelf
  /** An action of Diagnostics:1. Errors: those of the link and of the device. */
  call(
    udn: string,
    action: string,
    args: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>>>
}

/** What a page has brought. */
export interface TakenPage {
  readonly logId: string
  /** Newly stored records. */
  readonly added: number
  /** Records that were gone from the device before they were fetched. */
  readonly lost: number
  readonly more: boolean
  /** What the device holds. */
  readonly oldest: number
  readonly newest: number
  /** Up to here everything is stored, or known to be lost. */
  readonly through: number
  /** The last record of the answer; where it has none, the one that was asked behind. */
  readonly last: number
}

interface Answer {
  readonly logId: string
  readonly records: readonly LogRecord[]
  readonly more: boolean
  readonly oldest: number
  readonly newest: number
}

const count = z.coerce.number().int().min(0).max(0xffff_ffff)
const answerSchema = z.object({
  LogId: logIdSchema,
  Records: z.string(),
  More: z.string(),
  OldestSequence: count,
  NewestSequence: count,
})
const recordsSchema = z.array(logRecordSchema)

/** A wipe while it is being asked may change the log once; a device that does so again and again is out of order. */
const TRIES = 3

/**
 * Takes the page behind what is stored of the device's present log; `after` begins further back. A log that is not the
 * one known (740, or another LogId) is begun at its beginning. Errors: BAD_ANSWER, those of the link and the device.
 */
export const takePage = async (
  tools: PageTools,
  udn: string,
  signal: AbortSignal,
  after?: number,
): Promise<TakenPage> => {
  let logId = tools.store.stand(udn)?.logId
  let from = after ?? throughOf(tools, udn, logId)
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = await askOrBegin(tools, udn, from, signal)
    const sameLog = answer !== undefined && (logId === undefined || answer.logId === logId)
    if (answer && (sameLog || from === throughOf(tools, udn, answer.logId)))
      return keep(tools.store, udn, answer, from)
    logId = answer?.logId
    from = throughOf(tools, udn, logId)
  }
  throw bad(udn, 'the log changes with every answer')
}

const throughOf = ({ store }: PageTools, udn: string, logId: string | undefined): number =>
  logId === undefined ? 0 : (store.stand(udn, logId)?.through ?? 0)

/** Undefined where the number belongs to another log. */
const askOrBegin = async (
  tools: PageTools,
  udn: string,
  after: number,
  signal: AbortSignal,
): Promise<Answer | undefined> => {
  try {
    return await ask(tools, udn, after, signal)
  } catch (thrown) {
    if (after > 0 && thrown instanceof IotmcError && thrown.code === 'LOG_RANGE_GONE') return undefined
    throw thrown
  }
}

/** Without any filter: only such a reading allows the device to clear what was read. */
const ask = async (tools: PageTools, udn: string, after: number, signal: AbortSignal): Promise<Answer> => {
  const args = {
    MinSeverity: '7',
    From: '',
    To: '',
    AfterSequence: String(after),
    Limit: String(LOG_LIMITS.recordsPerAnswer),
  }
  const parsed = answerSchema.safeParse(await tools.call(udn, 'GetDiagnosticsLog', args, signal))
  if (!parsed.success) throw bad(udn, 'GetDiagnosticsLog is not in its documented form')
  const { LogId, Records, More, OldestSequence, NewestSequence } = parsed.data
  const records = recordsSchema.safeParse(jsonOf(Records))
  if (!records.success) throw bad(udn, 'a log record is not in its documented form')
  const inOrder = records.data.every(({ sequence }, i, all) => sequence > (all[i - 1]?.sequence ?? after))
  if (!inOrder) throw bad(udn, 'log records are out of order')
  // What is noted as lost is never asked for again: a number that was never given must not be.
  if (OldestSequence > NewestSequence + 1 || (records.data.at(-1)?.sequence ?? 0) > NewestSequence)
    throw bad(udn, 'the log does not hold what it says')
  const more = More === '1' || More === 'true'
  return { logId: LogId, records: records.data, more, oldest: OldestSequence, newest: NewestSequence }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Stores run after run; what is missing before a run is gone from the device, and noted first. */
const keep = (store: LogShelf, udn: string, answer: Answer, after: number): TakenPage => {
  const { logId, records, more, oldest, newest } = answer
  let added = 0
  let lost = 0
  const through = () => store.stand(udn, logId)?.through ?? 0
  const miss = (upTo: number): void => {
    const missing = upTo - through()
    if (missing <= 0) return
    lost += missing
    store.noteLost(udn, logId, missing, upTo)
  }
  miss(Math.max(oldest, after + 1) - 1)
  for (const run of runsOf(records)) {
    miss((run[0]?.sequence ?? 1) - 1)
    added += store.add(udn, logId, run)
  }
  const last = records.at(-1)?.sequence ?? after
  return { logId, added, lost, more, oldest, newest, through: through(), last }
}

/** Records without a gap between them. */
const runsOf = (records: readonly LogRecord[]): LogRecord[][] => {
  const runs: LogRecord[][] = []
  for (const record of records) {
    const run = runs.at(-1)
    if (run && run.at(-1)?.sequence === record.sequence - 1) run.push(record)
    else runs.push([record])
  }
  return runs
}

const bad = (udn: string, detail: string): IotmcError =>
  new IotmcError('BAD_ANSWER', { subject: udn, detail })
