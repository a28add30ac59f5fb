/** How many errors a device has logged in the last day, by its own clock. */
import { z } from 'zod'
import { logRecordSchema } from '../contract/device-log'
import { IotmcError } from '../contract/errors'
import { LOG_LIMITS } from '../contract/timings'
import type { CheckTools } from './check-tools'

const DAY_MS = 24 * 3600_000
/** Severities 0–2 are critical, 3 is an error. */
const ERROR = 3
/** Answers that are read at the most: a storm of errors is one finding, however long it is. */
const PAGES_MAX = 5

const answerSchema = z.object({
  Records: z
    .string()
    .max(LOG_LIMITS.answerMaxChars)
    .transform((text) => JSON.parse(text || '[]') as unknown)
    .pipe(z.array(logRecordSchema.pick({ sequence: true, severity: true })).max(LOG_LIMITS.recordsPerAnswer)),
  More: z.enum(['0', '1', 'true', 'false']).transform((text) => text === '1' || text === 'true'),
  DeviceTime: z.iso.datetime(),
})

/** Counts; `more` = there are further ones. Errors: those of the link and of the device, BAD_ANSWER. */
export const countErrors = async (
  { link }: Pick<CheckTools, 'link'>,
  udn: string,
  signal: AbortSignal,
): Promise<{ critical: number; error: number; more: boolean }> => {
  const read = async (from: string, after: number, limit: number) => {
    const args = {
      MinSeverity: String(ERROR),
      From: from,
      To: '',
      AfterSequence: String(after),
      Limit: String(limit),
    }
    const answer = await link.call(udn, 'Diagnostics', 'GetDiagnosticsLog', args, signal)
    try {
      return answerSchema.parse(answer)
    } catch (cause) {
      throw new IotmcError('BAD_ANSWER', { subject: udn, detail: 'GetDiagnosticsLog', cause })
    }
  }
  // The device's clock may be wrong, and its records with it: its own day counts.
  const { DeviceTime } = await read('', 0, 1)
  const from = new Date(Date.parse(DeviceTime) - DAY_MS).toISOString()
  const counts = { critical: 0, error: 0, more: false }
  for (let page = 0, after = 0; page < PAGES_MAX; page++) {
    const { Records: records, More: more } = await read(from, after, LOG_LIMITS.recordsPerAnswer)
    for (const { severity } of records) {
      if (severity < ERROR) counts.critical += 1
      else if (severity === ERROR) counts.error += 1
    }
    counts.more = more
    const last = records.at(-1)?.sequence
    if (!more || last === undefined || last <= after) break
    after = last
  }
  return counts
}
