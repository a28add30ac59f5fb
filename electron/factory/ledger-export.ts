/** The ledger as text for others: public facts only, since it holds no others. */
import type { Unit } from '../contract/factory'
import { readData } from './ledger-entry'
import type { LedgerTables } from './ledger-tables'
import { toUnit } from './ledger-unit'

export type ExportFormat = 'csv' | 'jsonl'

/** Lines of the export, each with its line end; read as they are asked for. */
export const exportLedger = (tables: LedgerTables, format: ExportFormat): Iterable<string> =>
  format === 'csv' ? csv(tables) : jsonLines(tables)

const COLUMNS = [
  'serialNumber',
  'udn',
  'model',
  'state',
  'hardwareId',
  'keyStorage',
  'publicKeySha256',
  'certificateSerial',
  'fingerprint',
  'station',
  'lane',
  'operator',
  'attempts',
  'openStep',
  'lastErrorCode',
  'reason',
  'createdAt',
  'updatedAt',
] as const

/** One line per unit; RFC 4180. */
function* csv(tables: LedgerTables): Generator<string> {
  yield csvLine(COLUMNS)
  for (const { record } of unitsOf(tables)) {
    const unit = toUnit(record)
    const facts: Record<string, string | number | undefined> = {
      ...unit,
      createdAt: iso(unit.createdAtMs),
      updatedAt: iso(unit.updatedAtMs),
    }
    yield csvLine(COLUMNS.map((column) => String(facts[column] ?? '')))
  }
}

/** One line of CSV. Each field is quoted, and what a spreadsheet would take for a formula begins with an apostrophe. */
export const csvLine = (fields: readonly string[]): string =>
  `${fields.map((field) => `"${plain(field).replaceAll('"', '""')}"`).join(',')}\r\n`

// Full-width signs count as the plain ones in some spreadsheets.
const FORMULA = /^[\s\p{Cc}]*[=+\-@|%＝＋－＠]|^[\t\r\n]/u
const plain = (field: string): string => (FORMULA.test(field) ? `'${field}` : field)

/** One object per line, told apart by `type`: entries as they were hashed, ranges, units and all certificates. */
function* jsonLines(tables: LedgerTables): Generator<string> {
  yield line({ type: 'ledger', version: 1 })
  const certificates = new Set<string>()
  for (const entry of entriesOf(tables)) {
    yield line({ type: 'entry', ...(entry as object) })
    const { event, data } = entry as { event: string; data: string }
    const signer = event === 'checkpoint' ? readData('checkpoint', data)?.signer : undefined
    if (signer) certificates.add(signer)
  }
  for (const range of tables.ranges()) yield line({ type: 'range', ...range })
  for (const { record } of unitsOf(tables)) {
    for (const above of record.chain ?? []) certificates.add(above)
    const pem = record.fingerprint === undefined ? undefined : tables.certificate(record.fingerprint)
    yield line({ type: 'unit', ...toUnit(record), ...(pem ? { certificate: pem, chain: record.chain } : {}) })
  }
  for (const fingerprint of certificates)
    yield line({ type: 'certificate', fingerprint, pem: tables.certificate(fingerprint) })
}

const line = (value: object): string => `${JSON.stringify(value)}\n`
const iso = (ms: Unit['createdAtMs']): string => new Date(ms).toISOString()

function* unitsOf(tables: LedgerTables) {
  for (let id = 0; ; ) {
    const page = tables.unitsAfter(id)
    const last = page.at(-1)
    if (!last) return
    for (const record of page) yield { record }
    id = last.id
  }
}

function* entriesOf(tables: LedgerTables): Generator<unknown> {
  for (let seq = 0; ; ) {
    const page = tables.entriesAfter(seq)
    if (page.length === 0) return
    yield* page
    seq += page.length
  }
}
