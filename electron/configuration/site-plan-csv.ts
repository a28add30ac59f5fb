/** The site plan as CSV (docs/site-plan.md). What is written is read back as the same plan, cell by cell. */
import { CsvError, parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { parameterSchema } from '../contract/configuration'
import { type ExpectedDevice, expectedDeviceSchema } from '../contract/enrollment'
import { plainFingerprint } from '../contract/fingerprint'
import { readLabelText } from '../contract/label'
import { SITE_PLAN_LIMITS } from '../contract/timings'
import { shown } from './file-rules'
import { guardFormula, unguardFormula } from './formula'
import { type PlanLine, WrongLines, wrongFile } from './site-plan-rules'

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
/** Columns of which one is enough to name a device. */
const NAMING = ['serial', 'udn', 'identity'] as const
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
    throw wrongFile([{ reason: 'too-long', value: String(SITE_PLAN_LIMITS.fileMaxChars) }])
  const wrong = new WrongLines()
  const [head, ...rows] = records(text, wrong)
  if (!head) {
    wrong.check()
    throw wrongFile([{ reason: 'is-empty' }])
  }
  const header = readHeader(head, wrong)
  wrong.check()
  if (rows.length > SITE_PLAN_LIMITS.rowsMax)
    throw wrongFile([{ reason: 'too-many-devices', value: String(SITE_PLAN_LIMITS.rowsMax) }])
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
    wrong.add(lines.begin(), 'not-csv', { value: thrown.code })
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
  if (names.length > COLUMNS_MAX) wrong.add(line, 'too-many-columns', { value: String(COLUMNS_MAX) })
  for (const [index, name] of names.slice(0, COLUMNS_MAX).entries()) {
    if (names.indexOf(name) !== index) wrong.add(line, 'column-twice', { value: shown(name) })
    else if (readLabelText(name)) wrong.add(line, 'label')
    else if (!isColumn(name)) wrong.add(line, 'column-unknown', { value: shown(name) })
  }
  if (!NAMING.some((name) => names.includes(name))) wrong.add(line, 'no-device-column')
  return names
}

const isColumn = (name: string): boolean =>
  Object.hasOwn(COLUMNS, name) ||
  (name.startsWith(SET) && parameterSchema.shape.name.safeParse(name.slice(SET.length)).success)

const readRow = (row: CsvRecord, header: readonly string[], wrong: WrongLines): PlanLine | undefined => {
  const { line } = row
  if (row.record.length > header.length) {
    wrong.add(line, 'too-many-cells', { value: String(row.record.length) })
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
    wrong.add(line, 'label', { column: labelled[0] })
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
    const [issue] = parsed.error.issues
    const path = issue?.path ?? []
    const column = path[0] === 'values' ? `${SET}${String(path[1])}` : columnOf(String(path[0]))
    if (issue?.code === 'too_big') wrong.add(line, 'cell-too-long', { column, value: String(issue.maximum) })
    else wrong.add(line, 'cell-wrong', { column })
    return undefined
  }
  const entry = parsed.data
  if (NAMING.some((name) => entry[COLUMNS[name]])) return { line, entry }
  wrong.add(line, 'no-device')
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
  if (column === 'identity') return plainFingerprint(text)
  return column === 'serial' || column === 'firmware' || column === 'group' ? text.trim() : text
}
