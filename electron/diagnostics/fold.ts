/** What a search compares: texts in one case and one normal form, and patterns in which no letter is a wildcard. */
import type { LogRecord } from '../contract/device-log'

/**
 * Case and the ways to write one letter do not matter: "Ü", "ü" and "u" with two dots after it are the same. SQLite ends a
 * text at its first NUL, so a sign that something was there takes its place.
 */
export const fold = (text: string): string =>
  text.normalize('NFC').toLowerCase().normalize('NFC').replaceAll('\0', '\ufffd')

/** Everything of a record that a search looks through, folded. */
export const searchText = ({ message, code, component, data }: LogRecord): string =>
  fold(
    [message, code, component, ...Object.entries(data ?? {}).map(([key, value]) => `${key}=${value}`)].join(
      '\n',
    ),
  )

/** For `LIKE ? ESCAPE '\'`: found anywhere, taken literally. */
export const likePattern = (text: string): string => `%${fold(text).replace(/[\\%_]/g, '\\$&')}%`
