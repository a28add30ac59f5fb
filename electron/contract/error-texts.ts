/** Every error in three plain sentences for a field technician, in both languages. Never a code, never a stack. */

import { GERMAN } from './error-texts-de'
import { ENGLISH } from './error-texts-en'
import { ERROR_CODES, type ErrorCode } from './errors'
import type { Language } from './language'

export interface ErrorText {
  /** What happened. */
  readonly what: string
  /** How the device or the program stands now. */
  readonly state: string
  /** What to do next. */
  readonly next: string
}

type Sentences = readonly [what: string, state: string, next: string]

const named = (texts: Readonly<Record<ErrorCode, Sentences>>): Readonly<Record<ErrorCode, ErrorText>> =>
  Object.fromEntries(
    ERROR_CODES.map((code) => {
      const [what, state, next] = texts[code]
      return [code, { what, state, next }]
    }),
  ) as Record<ErrorCode, ErrorText>

/** The texts with their placeholder `{subject}`; see `explain` for texts to show. */
export const ERROR_TEXTS: Readonly<Record<Language, Readonly<Record<ErrorCode, ErrorText>>>> = {
  en: named(ENGLISH),
  de: named(GERMAN),
}

// German nouns whose nominative and accusative are the same, so that they fit wherever {subject} stands.
const NOUNS: Readonly<Record<Language, { readonly device: string; readonly file: string }>> = {
  en: { device: 'the device', file: 'the file' },
  de: { device: 'das Gerät', file: 'die Datei' },
}

/**
 * The sentences to show for an error. Without a subject a neutral noun stands in its place, and a subject that only
 * ends a sentence (`…: {subject}.`) is left out.
 */
export const explain = (code: ErrorCode, language: Language, subject?: string): ErrorText => {
  const { what, state, next } = ERROR_TEXTS[language][code]
  const name = subject?.trim()
  const noun = NOUNS[language][code === 'FILE_INVALID' ? 'file' : 'device']
  const fill = (sentence: string): string =>
    name
      ? sentence.replaceAll('{subject}', () => name)
      : upperFirst(sentence.replace(': {subject}', '').replaceAll('{subject}', noun))
  return { what: fill(what), state: fill(state), next: fill(next) }
}

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
