/** What GetDiagnosticsLog answers: as many records as are wanted and fit, oldest first. Pure. */
import type { LogRecord } from '../contract/device-log'
import { HTTP_LIMITS, LOG_LIMITS } from '../contract/timings'
import { escapeXml } from '../upnp/xml'

export interface LogQuestion {
  /** This severity and worse. */
  readonly maxSeverity: number
  /** Both ends are in it; undefined = open. Milliseconds since 1970, by the device's clock. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  /** Records with a higher sequence. */
  readonly after: number
  readonly limit: number
}

export interface LogAnswer {
  readonly logId: string
  readonly records: readonly LogRecord[]
  /** The records as the text that travels. */
  readonly text: string
  /** Whether there are further ones that fit the question. */
  readonly more: boolean
  readonly dropped: number
  readonly oldest: number
  readonly newest: number
}

/** Bytes of the text as it stands in an envelope: the receiver bounds the whole body. */
const BODY_BYTES = HTTP_LIMITS.bodyMaxBytes - 16 * 1024

const wanted = (record: LogRecord, { maxSeverity, fromMs, toMs }: LogQuestion): boolean => {
  if (record.severity > maxSeverity) return false
  if (fromMs === undefined && toMs === undefined) return true
  const atMs = Date.parse(record.time)
  return atMs >= (fromMs ?? -Infinity) && atMs <= (toMs ?? Infinity)
}

/** The first of `records`, which are oldest first and above `after`, that fit question, characters and bytes. */
export const answerWith = (
  records: readonly LogRecord[],
  question: LogQuestion,
): Pick<LogAnswer, 'records' | 'text' | 'more'> => {
  const taken: LogRecord[] = []
  const texts: string[] = []
  let [chars, bytes, more] = [1, 2, false]
  for (const record of records) {
    if (!wanted(record, question)) continue
    const text = JSON.stringify(record)
    chars += text.length + 1
    bytes += Buffer.byteLength(escapeXml(text)) + 1
    if (taken.length >= question.limit || chars > LOG_LIMITS.answerMaxChars || bytes > BODY_BYTES) {
      more = true
      break
    }
    taken.push(record)
    texts.push(text)
  }
  return { records: taken, text: `[${texts.join(',')}]`, more }
}
