/** What is wrong with a file that people have written, line by line, with its words in both languages. */
import { z } from 'zod'
import type { Language } from './language'

/** Each reason with its English and its German words; `{value}` is what the file has, or what is allowed. */
const REASONS = {
  'too-long': ['longer than {value} characters', 'länger als {value} Zeichen'],
  'is-empty': ['it is empty', 'sie ist leer'],
  'too-many-devices': ['more than {value} devices', 'mehr als {value} Geräte'],
  'more-lines': ['and {value} more', 'und {value} weitere'],
  'not-csv': ['it is no CSV from here on ({value})', 'ab hier ist es kein CSV ({value})'],
  'too-many-columns': ['more than {value} columns', 'mehr als {value} Spalten'],
  'column-twice': ['the column {value} stands there twice', 'die Spalte {value} steht zweimal da'],
  'column-unknown': ['{value} is no column', '{value} ist keine Spalte'],
  'no-device-column': [
    'there is no column serial, udn or identity',
    'es gibt keine Spalte serial, udn oder identity',
  ],
  'too-many-cells': [
    '{value} cells are more than there are columns',
    '{value} Zellen sind mehr als es Spalten gibt',
  ],
  label: [
    'the text of a label, which is for the scanner',
    'der Text eines Etiketts, der für den Scanner ist',
  ],
  'cell-too-long': ['more than {value} characters', 'mehr als {value} Zeichen'],
  'cell-wrong': ['not in the form that this column has', 'nicht in der Form, die diese Spalte hat'],
  'no-device': ['it names no device', 'sie nennt kein Gerät'],
  'same-device': ['it names the device of line {value}', 'sie nennt das Gerät von Zeile {value}'],
  'no-group': ['there is no group {value}', 'es gibt keine Gruppe {value}'],
  'two-devices': [
    'the plan has what it names as two devices',
    'der Plan hat das, was sie nennt, als zwei Geräte',
  ],
  'not-a-label': ['neither a label nor a serial number', 'weder ein Etikett noch eine Seriennummer'],
  'setup-code': [
    'it looks like the setup code of a label; scan its QR code or its serial number',
    'das sieht aus wie der Einrichtungscode eines Etiketts; dessen QR-Code oder die Seriennummer scannen',
  ],
} as const satisfies Record<string, readonly [en: string, de: string]>

export type WrongReason = keyof typeof REASONS
/** All reasons there are. */
export const WRONG_REASONS = Object.keys(REASONS) as [WrongReason, ...WrongReason[]]

/** Without a line it is about the whole file. Never a secret: no setup code, no value of a cell. */
export const wrongLineSchema = z.object({
  line: z.number().int().optional(),
  column: z.string().max(80).optional(),
  reason: z.enum(WRONG_REASONS),
  value: z.string().max(80).optional(),
})
export type WrongLine = z.infer<typeof wrongLineSchema>

/** One wrong line in words: `line 3, udn: …`. */
export const wrongLineText = ({ line, column, reason, value }: WrongLine, language: Language): string => {
  const [en, de] = REASONS[reason]
  const words = (language === 'de' ? de : en).replace('{value}', () => value ?? '')
  const where = [line === undefined ? '' : `${language === 'de' ? 'Zeile' : 'line'} ${line}`, column ?? '']
  return [...where, words].filter(Boolean).join(': ')
}

/** All of them as one phrase. */
export const wrongLinesText = (lines: readonly WrongLine[], language: Language): string =>
  lines.map((one) => wrongLineText(one, language)).join('; ')
