/** The site plan as CSV (docs/site-plan.md). What is written is read back as the same plan, cell by cell. */
import { CsvError, parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { parameterSchema } from '../contract/configuration'
import { type ExpectedDevice, expectedDeviceSchema } from '../contract/enrollment'
import { IotmcError } from '../contract/errors'
import { readLabelText } from '../contract/label'
import { SITE_PLAN_LIMITS } from '../contract/timings'
import { shown } from './file-rules'
import { guardFormula, unguardFormula } from './formula'
import { type PlanLine, WrongLines } from './site-plan-rules'

/** Column → member of an entry. */
const COLUMNS = {
  serial: 'serialNumber',
  udn: 'udn',
  identity: 'identity',
  model: 'model',
  name: 'name',
  place: 'place',
  note: 'note',
  group: 'group',
  firmware: 'firmware',
} as const
type Column = keyof typeof COLUMNS
const NAMES = Object.keys(COLUMNS) as readonly Column[]
const SET = 'set:'
const COLUMNS_MAX = NAMES.length + SITE_PLAN_LIMITS.parametersMax

/** The text of the file, with CRLF as RFC 4180 has it; every column is there, those of parameters as far as used. */
export const writePlanCsv = (plan: readonly ExpectedDevice[]): string => {
  const parameters = [...new Set(plan.flatMap((entry) => Object.keys(entry.values ?? {})))].sort()
  const rows = plan.map((entry) => [
    ...NAMES.map((name) => {
      const cell = entry[COLUMNS[name]]
      return cell ? guardFormula(cell) : null
    }),
    ...parameters.map((name) => {
      const { values = {} } = entry
      return Object.hasOwn(values, name) ? guardFormula(values[name] ?? '') : null
    }),
  ])
  return stringify([[...NAMES, ...parameters.map((name) => SET + name)], ...rows], {
    record_delimiter: 'windows',
    cast: { string: (value) => (value === '' ? { value, quoted_empty: true } : value) },
  })
}

/** A cell, or undefined where it is empty and not quoted. */
type Cell = string | undefined
interface CsvRecord {
  readonly record: readonly Cell[]
  /** On which it begins: a quoted cell may go over several. */
  readonly line: number
}

/** Entries with their lines, in order. Errors: FILE_INVALID with every wrong line. */
export const readPlanCsv = (text: string): readonly PlanLine[] => {
  if (text.length > SITE_PLAN_LIMITS.fileMaxChars)
    throw new IotmcError('FILE_INVALID', {
      detail: `longer than ${SITE_PLAN_LIMITS.fileMaxChars} characters`,
    })
  const wrong = new WrongLines()
  const [head, ...rows] = records(text, wrong)
  if (!head) {
    wrong.check()
    throw new IotmcError('FILE_INVALID', { detail: 'it is empty' })
  }
  const header = readHeader(head, wrong)
  wrong.check()
  if (rows.length > SITE_PLAN_LIMITS.rowsMax)
    throw new IotmcError('FILE_INVALID', { detail: `more than ${SITE_PLAN_LIMITS.rowsMax} devices` })
  const lines = rows.flatMap((row) => readRow(row, header, wrong) ?? [])
  wrong.check()
  return lines
}

/** What can be told apart before the first character that can't; the rest is one wrong line. */
const records = (text: string, wrong: WrongLines): CsvRecord[] => {
  const all: CsvRecord[] = []
  const bytes = Buffer.from(text.replace(/^\ufeff/, ''))
  const lines = new LineCounter(bytes)
  try {
    parse(bytes, {
      delimiter: delimiterOf(text),
      max_record_size: COLUMNS_MAX * 1100,
      relax_column_count: true,
      skip_empty_lines: true,
      cast: (cell, context) => (cell === '' && !context.quoting ? undefined : cell),
      on_record: (record, info) => {
        const line = lines.begin()
        lines.end(info.bytes)
        // One more than allowed is enough to know.
        if (all.length <= SITE_PLAN_LIMITS.rowsMax + 1) all.push({ record, line })
        return null
      },
    })
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown
    wrong.add(lines.begin(), thrown.code)
  }
  return all
}

const [LF, CR] = [10, 13]

/** Lines as an editor counts them; the parser's own count takes a CRLF within quotes for two. */
class LineCounter {
  private at = 0
  private line = 1

  constructor(private readonly bytes: Buffer) {}

  /** The line of the next record, behind empty ones. */
  begin(): number {
    while (this.bytes[this.at] === LF || this.bytes[this.at] === CR) this.step()
    return this.line
  }

  /** A record has ended before this byte. */
  end(at: number): void {
    while (this.at < at) this.step()
  }

  private step(): void {
    const { bytes, at } = this
    if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] !== LF)) this.line += 1
    this.at += 1
  }
}

/** A spreadsheet set to German writes semicolons. No name of a column has either of them in it. */
const delimiterOf = (text: string): ',' | ';' => {
  const first = /[^\r\n]+/.exec(text.slice(0, 64 * 1024))?.[0] ?? ''
  return first.includes(';') ? ';' : ','
}

const readHeader = (head: CsvRecord, wrong: WrongLines): readonly string[] => {
  const { line } = head
  const names = head.record.map((cell) => (cell ?? '').trim())
  if (names.length > COLUMNS_MAX) wrong.add(line, `more than ${COLUMNS_MAX} columns`)
  for (const [index, name] of names.slice(0, COLUMNS_MAX).entries()) {
    if (names.indexOf(name) !== index) wrong.add(line, `the column ${shown(name)} stands there twice`)
    else if (readLabelText(name)) wrong.add(line, 'it is the text of a label, which is for the scanner')
    else if (!isColumn(name)) wrong.add(line, `${shown(name)} is no column`)
  }
  if (!names.includes('serial') && !names.includes('udn')) wrong.add(line, 'there is no column serial or udn')
  return names
}

const isColumn = (name: string): boolean =>
  Object.hasOwn(COLUMNS, name) ||
  (name.startsWith(SET) && parameterSchema.shape.name.safeParse(name.slice(SET.length)).success)

const readRow = (row: CsvRecord, header: readonly string[], wrong: WrongLines): PlanLine | undefined => {
  const { line } = row
  if (row.record.length > header.length) {
    wrong.add(line, `${row.record.length} cells in ${header.length} columns`)
    return undefined
  }
  const given = header.flatMap((name, index): [string, string][] => {
    const cell = row.record[index]
    return cell === undefined ? [] : [[name, unguardFormula(cell)]]
  })
  // A line of separators alone, as spreadsheets leave them behind.
  if (given.length === 0) return undefined
  // Its setup code is a secret: it neither gets into the plan nor into a message.
  const labelled = given.find(([, text]) => readLabelText(text))
  if (labelled) {
    wrong.add(line, `${labelled[0]}: the text of a label, which is for the scanner`)
    return undefined
  }
  const isValue = (name: string): boolean => name.startsWith(SET)
  const facts = given.filter(([name, text]) => !isValue(name) && text !== '')
  const values = given.filter(([name]) => isValue(name)).map(([name, text]) => [name.slice(SET.length), text])
  const parsed = expectedDeviceSchema.safeParse({
    ...Object.fromEntries(facts.map(([name, text]) => [COLUMNS[name as Column], plain(name, text)])),
    ...(values.length > 0 ? { values: Object.fromEntries(values) } : {}),
  })
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path ?? []
    const column = path[0] === 'values' ? `${SET}${String(path[1])}` : columnOf(String(path[0]))
    wrong.add(line, `${column}: ${parsed.error.issues[0]?.message ?? 'not allowed'}`)
    return undefined
  }
  const entry = parsed.data
  if (entry.serialNumber || entry.udn) return { line, entry }
  wrong.add(line, 'it names no device')
  return undefined
}

const columnOf = (member: string): string => NAMES.find((name) => COLUMNS[name] === member) ?? member

/** Identifiers as people and other programs write them. */
const plain = (column: string, text: string): string => {
  if (column === 'udn')
    return text
      .trim()
      .toLowerCase()
      .replace(/^(?!uuid:)/, 'uuid:')
  if (column === 'identity') return text.replace(/[\s:]/g, '').toLowerCase()
  return column === 'serial' || column === 'firmware' || column === 'group' ? text.trim() : text
}
