/** A record as it may travel: texts cut to the lengths of the profile. Pure. */
import type { LogRecord } from '../contract/device-log'

/** What somebody wants to have logged. */
export interface RecordDraft {
  readonly severity: number
  readonly component: string
  readonly code: string
  readonly message: string
  readonly data?: Readonly<Record<string, string>> | undefined
}

const LENGTHS = { component: 32, code: 48, message: 512, key: 48, value: 256 } as const
const DATA_MAX = 16

/** The first `max` UTF-16 units, never half a character. */
export const cutText = (text: string, max: number): string => {
  if (text.length <= max) return text
  const half = /[\ud800-\udbff]$/.test(text.slice(0, max))
  return text.slice(0, half ? max - 1 : max)
}

/** Whole, and of the lengths of the profile. */
export const trimmed = (
  draft: RecordDraft,
): Omit<LogRecord, 'boot' | 'sequence' | 'time' | 'clockSynchronised'> => {
  const { severity, component, code, message, data = {} } = draft
  const entries = Object.entries(data)
    .slice(0, DATA_MAX)
    .map(([key, value]) => [cutText(key, LENGTHS.key), cutText(value, LENGTHS.value)] as const)
  return {
    severity: Math.min(7, Math.max(0, Math.trunc(severity))),
    component: cutText(component, LENGTHS.component) || 'device',
    code: cutText(code, LENGTHS.code) || 'unknown',
    message: cutText(message, LENGTHS.message),
    ...(entries.length > 0 ? { data: Object.fromEntries(entries) } : {}),
  }
}
