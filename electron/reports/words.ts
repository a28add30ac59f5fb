/** The words of a report in its language; a word that is not known stands as it is. */
import { explain } from '../contract/error-texts'
import { ERROR_CODES, type ErrorCode } from '../contract/errors'
import type { ReportContent } from '../contract/report'
import { GERMAN_WORDS } from './words-de'
import { ENGLISH_WORDS, type ReportWords } from './words-en'

export const wordsOf = (language: ReportContent['language']): ReportWords =>
  language === 'de' ? GERMAN_WORDS : ENGLISH_WORDS

/** The word for a key that came from outside, such as an alarm of a newer program. */
export const wordFor = (words: Readonly<Record<string, string>>, key: string): string =>
  Object.hasOwn(words, key) ? (words[key] ?? key) : key

/** `{n}` and the like filled in. */
export const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, key: string) => (key in values ? String(values[key]) : whole))

/** The detail of an open item in words. */
export const openDetail = (
  { what, code }: ReportContent['open'][number],
  language: ReportContent['language'],
): string => {
  const words = wordsOf(language)
  if (code === undefined) return ''
  if (what.startsWith('job-')) return jobDetail(code, language)
  if (what === 'alarm') return wordFor(words.alarm, code)
  if (what === 'check') return wordFor({ ...words.verdict, ...words.finding }, code)
  if (what === 'waiting' || what === 'attention') return wordFor(words.state, code)
  if (what === 'not-commissioned') return code === 'unknown' ? words.text.unknown : wordFor(words.phase, code)
  if (what === 'bank-invalid') return fill(words.text.bank, { slot: code })
  return code
}

const isErrorCode = (code: string): code is ErrorCode => ERROR_CODES.some((one) => one === code)

/** `kind: CODE`, `kind` or `CODE` → kind and what went wrong, with the code for whoever is asked for help. */
const jobDetail = (text: string, language: ReportContent['language']): string => {
  const words = wordsOf(language)
  const parts = text.split(': ')
  const code = parts.find(isErrorCode)
  const kind = parts.find((part) => !isErrorCode(part))
  return [
    ...(kind ? [wordFor(words.job, kind)] : []),
    ...(code ? [`${explain(code, language).what} (${code})`] : []),
  ].join(': ')
}
