/** The text of the log's file: a line that says what the log is, then records and notes as they came. Pure. */
import { z } from 'zod'
import { type LogRecord, logIdSchema, logRecordSchema } from '../contract/device-log'

const countSchema = z.number().int().min(0).max(0xffff_ffff)

/** First line: what cannot be seen from the records that follow. */
const headerSchema = z.strictObject({
  format: z.literal(1),
  logId: logIdSchema,
  /** How often the device was wiped before this log began. */
  wipes: countSchema,
  boot: countSchema,
  /** Sequence numbers of the oldest record that follows, and of the last one that was ever given. */
  oldest: countSchema,
  newest: countSchema,
  dropped: z.number().int().min(0),
  retrieved: countSchema,
})
export type LogHeader = z.infer<typeof headerSchema>

/** A later change of the first line. */
const noteSchema = z.strictObject({ boot: countSchema.optional(), retrieved: countSchema.optional() })
export type LogNote = z.infer<typeof noteSchema>

export interface LogLines {
  readonly header: LogHeader
  /** In the order of the file. */
  readonly entries: readonly ({ readonly record: LogRecord } | { readonly note: LogNote })[]
  /** Bytes of what could be read, up to the end of its last line; less than the file has after a cut-short write. */
  readonly bytes: number
  /** Lines in between that could not be read. */
  readonly unreadable: number
}

/** One line with its end. */
export const lineOf = (content: LogHeader | LogRecord | LogNote): string => `${JSON.stringify(content)}\n`

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const entryOf = (line: string): LogLines['entries'][number] | undefined => {
  const content = parse(line)
  const record = logRecordSchema.safeParse(content)
  if (record.success) return { record: record.data }
  const note = noteSchema.safeParse(content)
  return note.success ? { note: note.data } : undefined
}

/** The log in a file's bytes; undefined where its first line cannot be read, as nothing else then says what it is. */
export const readLines = (file: Buffer): LogLines | undefined => {
  const entries: LogLines['entries'][number][] = []
  let header: LogHeader | undefined
  let [at, bytes, unreadable, pending] = [0, 0, 0, 0]
  for (let end = file.indexOf(10); end >= 0; end = file.indexOf(10, at)) {
    const line = file.toString('utf8', at, end)
    at = end + 1
    if (!header) {
      header = headerSchema.safeParse(parse(line)).data
      if (!header) return undefined
      bytes = at
      continue
    }
    const entry = entryOf(line)
    if (!entry) {
      pending += 1
      continue
    }
    entries.push(entry)
    bytes = at
    // Unreadable lines at the very end are a torn tail, and only cut off.
    unreadable += pending
    pending = 0
  }
  return header && { header, entries, bytes, unreadable }
}
