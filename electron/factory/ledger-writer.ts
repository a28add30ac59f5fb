/** The ledger's writing of one unit: entry and row together, inside a write of the chain. */
import { IotmcError } from '../contract/errors'
import type { NewRange, SerialRange, Unit } from '../contract/factory'
import { sha256Hex } from '../identity/pem'
import type { Random } from '../net/clock'
import { newCertificateSerial } from './ledger-certificate'
import type { LedgerChain } from './ledger-chain'
import type { EntryData, EntryEvent } from './ledger-entry'
import { isWithdrawn } from './ledger-machine'
import { invalidNumber, placeOf, refusal, said } from './ledger-rules'
import type { LedgerTables } from './ledger-tables'
import { applyEntry, toUnit, type UnitRecord } from './ledger-unit'
import { nextFree, numberIn, rangeOf, serialOf } from './serial-range'

/** A certificate as it was issued; `chainPem` is leaf first, without the root. */
export interface UnitCertificate {
  readonly pem: string
  readonly chainPem: string
  readonly fingerprint: string
}

export interface CertificateOrder {
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly publicKeySha256: string
  readonly csrDer: Buffer
  readonly authorityFingerprint: string
  /** Certificates that this authority may issue in all; absent = no limit. */
  readonly quota?: number | undefined
}

/** Sign with exactly this serial number (hex) and this moment as notBefore. */
export interface CertificatePromise {
  readonly certificateSerial: string
  readonly atMs: number
}

/** Writes entries and rows. Used inside `LedgerChain.write` only, but for what only reads. */
export class LedgerWriter {
  readonly #tables: LedgerTables
  readonly #chain: LedgerChain
  readonly #station: string
  readonly #random: Random

  constructor(tables: LedgerTables, chain: LedgerChain, station: string, random: Random) {
    this.#tables = tables
    this.#chain = chain
    this.#station = station
    this.#random = random
  }

  /** A unit to work on. Throws SERIAL_NUMBER_USED (withdrawn), DEFECT: whoever works on a unit has reserved it. */
  known(serialNumber: string): UnitRecord {
    const unit = this.#tables.unit(serialNumber)
    if (unit && isWithdrawn(unit.state))
      throw new IotmcError('SERIAL_NUMBER_USED', { subject: serialNumber, detail: placeOf(unit) })
    if (!unit)
      throw new IotmcError('DEFECT', { subject: serialNumber, detail: 'the number was not reserved' })
    return unit
  }

  /** Puts a number on record for the first time. */
  begin<E extends 'reserved' | 'burned'>(serialNumber: string, event: E, data: EntryData<E>): Unit {
    const ranges = this.#tables.ranges()
    const entry = this.#chain.append(event, serialNumber, '', data)
    const applied = applyEntry(undefined, entry, ranges)
    if (!('unit' in applied))
      throw new IotmcError('DEFECT', { subject: serialNumber, detail: 'damaged entry' })
    this.#tables.addUnit(applied.unit)
    const range = ranges.find(({ id }) => id === applied.unit.rangeId)
    if (range && serialOf(range, range.next) === serialNumber)
      this.#tables.moveRange(range.id, nextFree(range, range.next, this.#isOnRecord))
    return toUnit(applied.unit)
  }

  /** Appends an entry about a unit and moves its row; what is no news is not written. Throws what `refusal` says. */
  move<E extends EntryEvent>(unit: UnitRecord, event: E, step: string, data: EntryData<E>): UnitRecord {
    const draft = this.#chain.draft(event, unit.serialNumber, step, data)
    const applied = applyEntry(unit, draft, [])
    if ('unchanged' in applied) return unit
    if ('refused' in applied) throw refusal(unit, event, applied.refused)
    this.#chain.add(draft)
    this.#tables.moveUnit(unit, applied.unit)
    return applied.unit
  }

  /** Withdraws a released number that never had a device. Throws SERIAL_NUMBER_INVALID. */
  burnUnused(serialNumber: string, reason: string, by: string): Unit {
    const range = rangeOf(this.#tables.ranges(), serialNumber)
    if (!range) throw invalidNumber(serialNumber, 'it is neither on record nor released')
    const withdrawn = { udn: this.newUdn(), model: range.model, station: this.#station }
    return this.begin(serialNumber, 'burned', { ...said(reason, by), withdrawn })
  }

  /** Releases a range that was checked. */
  release(range: NewRange, by: string): SerialRange {
    const id = this.#tables.ranges().length + 1
    const entry = this.#chain.append('range', '', '', { id, ...range, by })
    const next = nextFree(range, range.first, this.#isOnRecord)
    const added: SerialRange = { id, ...range, next, addedBy: by, addedAtMs: entry.atMs }
    this.#tables.addRange(added, entry.seq)
    // Numbers that were on record before they were released belong to the range from now on.
    const low = serialOf(range, range.first)
    for (const unit of this.#tables.unitsBetween(low.length, low, serialOf(range, range.last)))
      if (numberIn(range, unit.serialNumber) !== undefined)
        this.#tables.moveUnit(unit, { ...unit, rangeId: id })
    return added
  }

  /** Promises a unit a certificate's serial number. Throws QUOTA_EXHAUSTED. */
  promise(unit: UnitRecord, o: CertificateOrder): CertificatePromise {
    const reserved = this.#tables.reservedBy(o.authorityFingerprint)
    if (o.quota !== undefined && reserved >= o.quota)
      throw new IotmcError('QUOTA_EXHAUSTED', { detail: `${reserved} of ${o.quota} certificates` })
    const certificateSerial = newCertificateSerial(this.#random)
    // First, since the unit's row refers to it.
    this.#tables.countAuthority(o.authorityFingerprint)
    const { certificateAtMs } = this.move(unit, 'signing', '', {
      publicKeySha256: o.publicKeySha256,
      requestSha256: sha256Hex(o.csrDer),
      certificateSerial,
      authority: o.authorityFingerprint,
    })
    return { certificateSerial, atMs: certificateAtMs ?? 0 }
  }

  /** The certificate of a unit as it is kept. Throws LEDGER_INVALID where a part of it is gone. */
  certificateOf({ serialNumber, fingerprint, chain }: UnitRecord): UnitCertificate | undefined {
    if (fingerprint === undefined) return undefined
    const pems = [fingerprint, ...(chain ?? [])].map((one) => this.#tables.certificate(one))
    const [pem] = pems
    if (pem === undefined || pems.includes(undefined))
      throw new IotmcError('LEDGER_INVALID', { subject: serialNumber, detail: 'a certificate is missing' })
    return { pem, chainPem: pems.join(''), fingerprint }
  }

  /** A random UDN (RFC 9562 §5.4). */
  newUdn(): string {
    const bytes = this.#random.bytes(16)
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    return `uuid:${bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}`
  }

  readonly #isOnRecord = (serialNumber: string): boolean => this.#tables.unit(serialNumber) !== undefined
}
