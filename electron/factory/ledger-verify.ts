/** Checks a ledger against itself: its chain, its signatures, its end, and every row against what the entries make of it. */
import type { KeyObject } from 'node:crypto'
import { IotmcError } from '../contract/errors'
import type { LedgerCheck, SerialRange } from '../contract/factory'
import { certificateDer, toX509 } from '../identity/pem'
import { isKept } from './ledger-certificate'
import { type LedgerHead, readHead } from './ledger-chain'
import {
  checkpointText,
  type Entry,
  entryHash,
  entrySchema,
  FIRST_PREVIOUS_HASH,
  isSigned,
  readData,
} from './ledger-entry'
import { type LedgerTables, rangeRow, type SqlRow, unitRow } from './ledger-tables'
import { applyEntry, type UnitRecord } from './ledger-unit'
import { nextFree, numberIn } from './serial-range'

/** Gives what it found; the first problem only, since all after it may follow from that one. */
export const verifyLedger = (tables: LedgerTables, head: LedgerHead | undefined): LedgerCheck => {
  const parts = verifyInParts(tables, head)
  for (;;) {
    const { done, value } = parts.next()
    if (done) return value
  }
}

/** As verifyLedger, a page of rows at a time, for whoever has other work in between. */
export function* verifyInParts(
  tables: LedgerTables,
  head: LedgerHead | undefined,
): Generator<undefined, LedgerCheck> {
  const check = new LedgerRebuild(tables)
  let problem: string | undefined
  try {
    check.readHead(head)
    // The head may only be older than what is read after it.
    yield
    yield* check.walkEntries()
    check.checkHead()
    yield* check.compareUnits()
    check.compareOthers()
  } catch (thrown) {
    problem = problemOf(thrown)
  }
  return { ...check.counts(), ok: problem === undefined, ...(problem === undefined ? {} : { problem }) }
}

class Problem extends Error {}

const problemOf = (thrown: unknown): string => {
  if (thrown instanceof Problem) return thrown.message
  if (thrown instanceof IotmcError) return thrown.detail ?? thrown.code
  return `the file can not be read: ${thrown instanceof Error ? thrown.message.slice(0, 200) : 'unknown'}`
}

/** Everything but entries, made again from the entries. */
class LedgerRebuild {
  readonly #tables: LedgerTables
  readonly #units = new Map<string, UnitRecord>()
  readonly #ranges: SerialRange[] = []
  readonly #rangeSeqs: number[] = []
  readonly #authorities = new Map<string, number>()
  /** Fingerprints that entries name, with the entry that did first. */
  readonly #named = new Map<string, number>()
  /** Public keys of checkpoints' signers, by fingerprint. */
  readonly #signers = new Map<string, KeyObject>()
  #tip = { seq: 0, hash: FIRST_PREVIOUS_HASH }
  #head: { readonly seq: number; readonly hash: string } | undefined
  #hasHead = false
  /** Entries after which a head was written. */
  #ends = 0
  #checkpoints = 0
  #signedSeq = 0
  /** seq of entries that no checkpoint covers yet. */
  #unsigned: number[] = []

  constructor(tables: LedgerTables) {
    this.#tables = tables
  }

  counts(): Omit<LedgerCheck, 'ok' | 'problem'> {
    return {
      entries: this.#tip.seq,
      units: this.#units.size,
      checkpoints: this.#checkpoints,
      unsigned: this.#unsigned.length,
    }
  }

  readHead(head: LedgerHead | undefined): void {
    const text = head?.read()
    this.#hasHead = head !== undefined
    if (text === undefined) return
    this.#head = readHead(text)
    if (!this.#head) throw new Problem('the sealed head is damaged')
  }

  *walkEntries(): Generator<undefined, void> {
    for (;;) {
      const page = this.#tables.entriesAfter(this.#tip.seq)
      if (page.length === 0) return
      for (const row of page) this.#walk(row)
      yield
    }
  }

  /** The end of the chain that was sealed elsewhere must be in it. */
  checkHead(): void {
    const head = this.#head
    if (head && head.seq > this.#tip.seq)
      throw new Problem(`entry ${this.#tip.seq + 1} is missing: the sealed head is at entry ${head.seq}`)
    // One end may be on record without a head: the program was stopped between the two.
    if (this.#hasHead && !head && this.#ends > 1) throw new Problem('the sealed head is missing')
  }

  *compareUnits(): Generator<undefined, void> {
    let found = 0
    for (let id = 0; ; ) {
      const rows = this.#tables.unitRowsAfter(id)
      if (rows.length === 0) break
      for (const row of rows) {
        const serial = String(row.serial_number)
        const unit = this.#units.get(serial)
        if (!unit) throw new Problem(`unit ${serial} is in no entry`)
        compare(`unit ${serial}`, row, unitRow(unit))
        id = unit.id
        found++
      }
      yield
    }
    if (found === this.#units.size) return
    for (const serial of this.#units.keys())
      if (!this.#tables.unit(serial)) throw new Problem(`unit ${serial} is missing`)
  }

  compareOthers(): void {
    this.#compareRanges()
    this.#compareAuthorities()
    this.#compareCertificates()
  }

  #walk(row: unknown): void {
    const at = this.#tip.seq + 1
    const parsed = entrySchema.safeParse(row)
    const seq = (row as { seq?: unknown }).seq
    // Pages come after the last seq that was seen, so a lower one can't be met.
    if (seq !== at) throw new Problem(`entry ${at} is missing`)
    if (!parsed.success)
      throw new Problem(`entry ${at} is damaged: ${parsed.error.issues[0]?.path.join('.') ?? ''}`)
    const entry = parsed.data
    if (entry.previousHash !== this.#tip.hash)
      throw new Problem(`entry ${at} does not follow entry ${at - 1}`)
    if (entryHash(entry) !== entry.hash) throw new Problem(`entry ${at} was changed`)
    if (this.#head?.seq === at && this.#head.hash !== entry.hash)
      throw new Problem(`entry ${at} is not the one of the sealed head`)
    const wrong = this.#apply(entry)
    if (wrong !== undefined) throw new Problem(`entry ${at}: ${wrong}`)
    this.#tip = { seq: at, hash: entry.hash }
  }

  #apply(entry: Entry): string | undefined {
    if (entry.event === 'checkpoint') return this.#applyCheckpoint(entry)
    this.#unsigned.push(entry.seq)
    if (entry.event === 'range') return this.#applyRange(entry)
    const applied = applyEntry(this.#units.get(entry.serialNumber), entry, this.#ranges)
    if ('refused' in applied) return applied.refused
    if ('unchanged' in applied) return 'it says nothing new'
    const { unit } = applied
    this.#units.set(unit.serialNumber, unit)
    if (entry.event === 'signing' && unit.authority !== undefined)
      this.#authorities.set(unit.authority, (this.#authorities.get(unit.authority) ?? 0) + 1)
    if (entry.event === 'issued')
      for (const one of [unit.fingerprint ?? '', ...(unit.chain ?? [])]) this.#name(one, entry.seq)
    if (entry.event === 'burned' || entry.event === 'scrapped' || unit.state === 'complete') this.#ends++
    return undefined
  }

  #applyRange(entry: Entry): string | undefined {
    const data = readData('range', entry.data)
    if (!data) return 'damaged data'
    const { by, ...range } = data
    if (range.id !== this.#ranges.length + 1) return 'a range is missing'
    this.#ranges.push({ ...range, next: range.first, addedBy: by, addedAtMs: entry.atMs })
    this.#rangeSeqs.push(entry.seq)
    for (const [serial, unit] of this.#units)
      if (numberIn(range, serial) !== undefined) this.#units.set(serial, { ...unit, rangeId: range.id })
    this.#ends++
    return undefined
  }

  #applyCheckpoint(entry: Entry): string | undefined {
    const data = readData('checkpoint', entry.data)
    if (!data) return 'damaged data'
    const { seq, hash, station, signer, signature } = data
    if (seq >= entry.seq || this.#hashOf(seq) !== hash) return `it signs another entry ${seq}`
    this.#name(signer, entry.seq)
    const key = this.#keyOf(signer)
    if (!key) return `the certificate ${signer} of its signer is missing`
    const text = checkpointText({ station, seq, hash, atMs: entry.atMs })
    if (!isSigned(text, Buffer.from(signature, 'base64'), key)) return 'its signature is wrong'
    this.#checkpoints++
    this.#signedSeq = Math.max(this.#signedSeq, seq)
    this.#unsigned = this.#unsigned.filter((one) => one > this.#signedSeq)
    return undefined
  }

  #hashOf(seq: number): string | undefined {
    return seq === this.#tip.seq ? this.#tip.hash : this.#tables.hashOf(seq)
  }

  #keyOf(fingerprint: string): KeyObject | undefined {
    const known = this.#signers.get(fingerprint)
    if (known) return known
    const pem = this.#tables.certificate(fingerprint)
    if (pem === undefined || !isKept(fingerprint, pem)) return undefined
    const key = toX509(certificateDer(pem)).publicKey
    this.#signers.set(fingerprint, key)
    return key
  }

  #name(fingerprint: string, seq: number): void {
    if (!this.#named.has(fingerprint)) this.#named.set(fingerprint, seq)
  }

  #compareRanges(): void {
    const rows = this.#tables.rangeRows()
    for (const [i, range] of this.#ranges.entries()) {
      const next = nextFree(range, range.first, (serial) => this.#units.has(serial))
      const row = rows.find(({ id }) => id === range.id)
      if (!row) throw new Problem(`range ${range.id} is missing`)
      compare(`range ${range.id}`, row, rangeRow({ ...range, next }, this.#rangeSeqs[i] ?? 0))
    }
    const extra = rows[this.#ranges.length]
    if (extra) throw new Problem(`range ${extra.id} is in no entry`)
  }

  #compareAuthorities(): void {
    const rows = this.#tables.authorityRows()
    for (const row of rows) {
      const reserved = this.#authorities.get(String(row.fingerprint))
      if (reserved === undefined) throw new Problem(`authority ${row.fingerprint} is in no entry`)
      if (row.reserved !== reserved) throw new Problem(`authority ${row.fingerprint}: reserved was changed`)
    }
    if (rows.length !== this.#authorities.size) throw new Problem('an authority is missing')
  }

  #compareCertificates(): void {
    for (const [fingerprint, seq] of this.#named) {
      const pem = this.#tables.certificate(fingerprint)
      if (pem === undefined) throw new Problem(`certificate ${fingerprint} of entry ${seq} is missing`)
      if (!isKept(fingerprint, pem)) throw new Problem(`certificate ${fingerprint} was changed`)
    }
    if (this.#tables.certificateCount() !== this.#named.size)
      throw new Problem('a certificate is in no entry')
  }
}

const compare = (name: string, row: SqlRow, wanted: SqlRow): void => {
  for (const [column, value] of Object.entries(wanted))
    if (row[column] !== value) throw new Problem(`${name}: ${column} was changed`)
}
