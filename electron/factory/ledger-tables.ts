/** The ledger's tables: its statements prepared once, rows turned into records and back. */
import type { SerialRange, UnitState } from '../contract/factory'
import type { Database } from '../store/database'
import type { Entry } from './ledger-entry'
import { isWithdrawn } from './ledger-machine'
import { LEDGER_SQL, type LedgerStatement } from './ledger-sql'
import type { UnitRecord } from './ledger-unit'

export type SqlValue = string | number | null
export type SqlRow = Readonly<Record<string, SqlValue>>

/** Rows of a check are read in parts, so that a long ledger needs little memory. */
export const PAGE = 500

type Statements = Record<LedgerStatement, ReturnType<Database['prepare']>>

/** Typed reading and writing; no rules here, and no transactions. */
export class LedgerTables {
  readonly #statements: Statements

  constructor(database: Database) {
    const prepared = Object.entries(LEDGER_SQL).map(([name, sql]) => [
      name,
      // SQLite takes $1 for a name and ?1 for a position; both are numbered alike.
      database.prepare(sql.replace(/\$(\d+)/g, '?$1')),
    ])
    this.#statements = Object.fromEntries(prepared)
  }

  lastEntry(): { seq: number; hash: string } | undefined {
    return this.#get('lastEntry') as { seq: number; hash: string } | undefined
  }

  addEntry(entry: Entry): void {
    const { seq, atMs, serialNumber, event, step, data, previousHash, hash } = entry
    this.#run('addEntry', seq, atMs, serialNumber, event, step, data, previousHash, hash)
  }

  /** Entries after `seq`, at most PAGE, as they lie there. */
  entriesAfter(seq: number): unknown[] {
    return this.#all('entriesAfter', seq, PAGE).map(entryOf)
  }

  /** The hash of one entry. */
  hashOf(seq: number): string | undefined {
    return this.#get('entryHash', seq)?.hash as string | undefined
  }

  addUnit(unit: UnitRecord): void {
    const row = unitRow(unit)
    this.#run('addUnit', ...UNIT_COLUMNS.map((column) => row[column] ?? null))
  }

  /** Writes what changed from `before` to `unit`; the indexed columns only where they did. */
  moveUnit(before: UnitRecord, unit: UnitRecord): void {
    const row = unitRow(unit)
    this.#run('moveUnit', unit.id, ...MOVED.map((column) => row[column] ?? null))
    const keys = REKEYED.map((column) => row[column] ?? null)
    const old = unitRow(before)
    if (REKEYED.some((column, i) => (old[column] ?? null) !== keys[i]))
      this.#run('rekeyUnit', unit.id, ...keys)
  }

  unit(serialNumber: string): UnitRecord | undefined {
    return unitOf(this.#get('unit', serialNumber))
  }

  unitOfBoard(hardwareId: string): UnitRecord | undefined {
    return unitOf(this.#get('unitOfBoard', hardwareId))
  }

  unitOfKey(publicKeySha256: string): UnitRecord | undefined {
    return unitOf(this.#get('unitOfKey', publicKeySha256))
  }

  /** Rows of units after `id`, at most PAGE, as they lie there. */
  unitRowsAfter(id: number): SqlRow[] {
    return this.#all('unitsAfter', id, PAGE)
  }

  /** Units after `id`, at most PAGE. */
  unitsAfter(id: number): UnitRecord[] {
    return this.unitRowsAfter(id).flatMap((row) => unitOf(row) ?? [])
  }

  /** Units whose serial number has this length and lies between two others. */
  unitsBetween(length: number, low: string, high: string): UnitRecord[] {
    return this.#all('unitsBetween', length, low, high).flatMap((row) => unitOf(row) ?? [])
  }

  /** Newest first. */
  search(text: string, limit: number): UnitRecord[] {
    const like = `%${text.toLowerCase().replace(/[!%_]/g, '!$&')}%`
    const rows = text === '' ? this.#all('newestUnits', limit) : this.#all('searchUnits', like, limit)
    return rows.flatMap((row) => unitOf(row) ?? [])
  }

  /** Units counted by range (0 = none), state and key storage. */
  tallies(): { rangeId: number; state: UnitState; keyStorage: string; count: number }[] {
    return this.#all('tallies').map((row) => ({
      rangeId: Number(row.range_id),
      state: String(row.state) as UnitState,
      keyStorage: String(row.key_storage),
      count: Number(row.count),
    }))
  }

  addRange(range: SerialRange, seq: number): void {
    this.#run('addRange', ...Object.values(rangeRow(range, seq)))
  }

  moveRange(id: number, next: number): void {
    this.#run('moveRange', id, next)
  }

  ranges(): SerialRange[] {
    return this.rangeRows().map((row) => ({
      id: Number(row.id),
      model: String(row.model),
      prefix: String(row.prefix),
      digits: Number(row.digits),
      first: Number(row.first_number),
      last: Number(row.last_number),
      next: Number(row.next_number),
      addedBy: String(row.added_by),
      addedAtMs: Number(row.added_at_ms),
    }))
  }

  rangeRows(): SqlRow[] {
    return this.#all('ranges')
  }

  /** Certificates promised under an authority. */
  reservedBy(authority: string): number {
    return Number(this.#get('authority', authority)?.reserved ?? 0)
  }

  countAuthority(authority: string): void {
    this.#run('countAuthority', authority)
  }

  authorityRows(): SqlRow[] {
    return this.#all('authorities')
  }

  addCertificate(fingerprint: string, pem: string): void {
    this.#run('addCertificate', fingerprint, pem)
  }

  certificate(fingerprint: string): string | undefined {
    const pem = this.#get('certificate', fingerprint)?.pem
    return typeof pem === 'string' ? pem : undefined
  }

  certificateCount(): number {
    return Number(this.#get('certificateCount')?.count ?? 0)
  }

  #run(name: LedgerStatement, ...values: SqlValue[]): void {
    this.#statements[name].run(...values)
  }

  #get(name: LedgerStatement, ...values: SqlValue[]): SqlRow | undefined {
    return this.#statements[name].get(...values) as SqlRow | undefined
  }

  #all(name: LedgerStatement, ...values: SqlValue[]): SqlRow[] {
    return this.#statements[name].all(...values) as SqlRow[]
  }
}

/** A unit's row as it is to lie in the table. */
export const unitRow = (unit: UnitRecord): SqlRow => ({
  id: unit.id,
  serial_number: unit.serialNumber,
  udn: unit.udn,
  model: unit.model,
  state: unit.state,
  withdrawn: isWithdrawn(unit.state) ? 1 : 0,
  open_step: unit.openStep ?? null,
  hardware_id: unit.hardwareId,
  key_storage: unit.keyStorage ?? null,
  public_key_sha256: unit.publicKeySha256 ?? null,
  certificate_serial: unit.certificateSerial ?? null,
  certificate_at_ms: unit.certificateAtMs ?? null,
  authority: unit.authority ?? null,
  fingerprint: unit.fingerprint ?? null,
  chain: unit.chain ? unit.chain.join(' ') : null,
  station: unit.station,
  lane: unit.lane,
  operator: unit.operator,
  attempts: unit.attempts,
  last_error_code: unit.lastErrorCode ?? null,
  reason: unit.reason ?? null,
  created_at_ms: unit.createdAtMs,
  updated_at_ms: unit.updatedAtMs,
  last_seq: unit.lastSeq,
  range_id: unit.rangeId ?? null,
})

/** A range's row as it is to lie in the table, in the order of `addRange`. */
export const rangeRow = (range: SerialRange, seq: number): SqlRow => ({
  id: range.id,
  seq,
  model: range.model,
  prefix: range.prefix,
  digits: range.digits,
  first_number: range.first,
  last_number: range.last,
  next_number: range.next,
  added_by: range.addedBy,
  added_at_ms: range.addedAtMs,
})

/** In the order of `addUnit`. */
const UNIT_COLUMNS = (
  'id serial_number udn model state withdrawn open_step hardware_id key_storage public_key_sha256 ' +
  'certificate_serial certificate_at_ms authority fingerprint chain station lane operator attempts ' +
  'last_error_code reason created_at_ms updated_at_ms last_seq range_id'
).split(' ')
/** In the order of `moveUnit`, after the id. */
const MOVED = (
  'state open_step certificate_at_ms authority fingerprint chain station lane operator attempts ' +
  'last_error_code reason updated_at_ms last_seq'
).split(' ')
/** In the order of `rekeyUnit`, after the id. */
const REKEYED = ['withdrawn', 'public_key_sha256', 'certificate_serial', 'range_id']

const unitOf = (row: SqlRow | undefined): UnitRecord | undefined => {
  if (!row) return undefined
  const text = (column: string): string | undefined => (row[column] as string | null) ?? undefined
  const number = (column: string): number | undefined => (row[column] as number | null) ?? undefined
  return {
    id: Number(row.id),
    serialNumber: String(row.serial_number),
    udn: String(row.udn),
    model: String(row.model),
    state: String(row.state) as UnitState,
    openStep: text('open_step'),
    hardwareId: String(row.hardware_id),
    keyStorage: text('key_storage') as UnitRecord['keyStorage'],
    publicKeySha256: text('public_key_sha256'),
    certificateSerial: text('certificate_serial'),
    certificateAtMs: number('certificate_at_ms'),
    authority: text('authority'),
    fingerprint: text('fingerprint'),
    chain: text('chain')?.split(' ').filter(Boolean),
    station: String(row.station),
    lane: String(row.lane),
    operator: String(row.operator),
    attempts: Number(row.attempts),
    lastErrorCode: text('last_error_code'),
    reason: text('reason'),
    createdAtMs: Number(row.created_at_ms),
    updatedAtMs: Number(row.updated_at_ms),
    lastSeq: Number(row.last_seq),
    rangeId: number('range_id'),
  }
}

const entryOf = (row: SqlRow): unknown => ({
  seq: row.seq,
  atMs: row.at_ms,
  serialNumber: row.serial_number,
  event: row.event,
  step: row.step,
  data: row.data,
  previousHash: row.previous_hash,
  hash: row.hash,
})
