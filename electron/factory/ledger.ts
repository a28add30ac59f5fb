/**
 * What became of every serial number: an append-only chain of entries, signed at every end, and the units that follow
 * from it. What a call has answered is on the disk.
 */
import type { ErrorCode } from '../contract/errors'
import { IotmcError } from '../contract/errors'
import type { KeyStorage, LedgerCheck, LedgerSummary, NewRange, SerialRange, Unit } from '../contract/factory'
import { newRangeSchema } from '../contract/factory'
import type { StepName } from '../contract/job'
import type { Clock, Random } from '../net/clock'
import { systemRandom } from '../net/clock'
import { type Database, openDatabase } from '../store/database'
import type { CertifiedSigner } from './authority'
import { readIssued } from './ledger-certificate'
import { LedgerChain, type LedgerHead } from './ledger-chain'
import type { UnitFacts } from './ledger-entry'
import { type ExportFormat, exportLedger } from './ledger-export'
import { isUnfinished } from './ledger-machine'
import {
  checkForm,
  checkReleased,
  checkSame,
  invalidNumber,
  otherBoard,
  placeOf,
  rangeProblem,
  said,
} from './ledger-rules'
import { LEDGER_MIGRATIONS } from './ledger-sql'
import { LedgerTables } from './ledger-tables'
import { toUnit } from './ledger-unit'
import { verifyLedger } from './ledger-verify'
import { verifyAside } from './ledger-verify-aside'
import {
  type CertificateOrder,
  type CertificatePromise,
  LedgerWriter,
  type UnitCertificate,
} from './ledger-writer'
import { accountsOf, countStates, nextFree, type RangeAccount, serialOf } from './serial-range'

export type { LedgerHead } from './ledger-chain'
export type { UnitFacts } from './ledger-entry'
export type { CertificateOrder, CertificatePromise, UnitCertificate } from './ledger-writer'

export interface LedgerOptions {
  readonly clock: Clock
  /** Name of this station, on record with each unit. */
  readonly station: string
  /** Signs checkpoints, where there is one now. */
  readonly signer: () => CertifiedSigner | undefined
  /** Where the end of the chain is kept beside the file, so that cutting off the tail is found. */
  readonly head?: LedgerHead
  readonly random?: Random
}

export interface Reservation {
  readonly serialNumber: string
  readonly model: string
  /** Identity of the chip, lower-case hex. */
  readonly hardwareId: string
  readonly keyStorage: KeyStorage
  readonly operator: string
  readonly lane: string
}

const UNITS_MAX = 100_000

/** The ledger of one station: one writer, own file. Every write is one durable transaction. */
export class Ledger {
  readonly #database: Database
  readonly #tables: LedgerTables
  readonly #chain: LedgerChain
  readonly #writer: LedgerWriter
  readonly #o: LedgerOptions

  private constructor(
    database: Database,
    o: LedgerOptions,
    private readonly path?: string,
  ) {
    this.#database = database
    this.#o = o
    this.#tables = new LedgerTables(database)
    this.#chain = new LedgerChain(database, this.#tables, o)
    this.#writer = new LedgerWriter(this.#tables, this.#chain, o.station, o.random ?? systemRandom)
  }

  /** Opens or makes the ledger at `path`. Errors: DATA_DAMAGED, DATA_IN_USE. It is not verified yet: see `verify`. */
  static open(path: string, o: LedgerOptions): Ledger {
    return new Ledger(openDatabase(path, LEDGER_MIGRATIONS), o, path)
  }

  /** A ledger over an open database that has its tables. */
  static over(database: Database, o: LedgerOptions): Ledger {
    return new Ledger(database, o)
  }

  /** Ends use; a second call does nothing. */
  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }

  /** PEM of a certificate that stands in this ledger, by its fingerprint. */
  certificate(fingerprint: string): string | undefined {
    return this.#tables.certificate(fingerprint)
  }

  /** Waits for signatures of a slow signer that are still to come; they never fail what was asked. */
  settled(): Promise<void> {
    return this.#chain.settled()
  }

  /**
   * Makes the row of a serial number, or finds it when it is the same board's unfinished one. Errors:
   * SERIAL_NUMBER_USED, SERIAL_NUMBER_INVALID (its form, or not released for this model), OTHER_DEVICE (begun with
   * another board, or this board under another number). The detail says which, where and when.
   */
  reserve(o: Reservation): Unit {
    const { serialNumber, lane, operator } = o
    checkForm(serialNumber)
    return this.#chain.write(() => {
      const found = this.#tables.unit(serialNumber)
      if (found) {
        checkSame(found, o)
        const same = found.lane === lane && found.operator === operator && found.station === this.#o.station
        const calm = found.openStep === undefined && found.lastErrorCode === undefined
        if (same && calm) return toUnit(found)
        return toUnit(this.#writer.move(found, 'resumed', '', { station: this.#o.station, lane, operator }))
      }
      const other = this.#tables.unitOfBoard(o.hardwareId)
      if (other) throw otherBoard(serialNumber, other)
      checkReleased(this.#tables.ranges(), serialNumber, o.model)
      return this.#writer.begin(serialNumber, 'reserved', {
        udn: this.#writer.newUdn(),
        model: o.model,
        hardwareId: o.hardwareId,
        keyStorage: o.keyStorage,
        station: this.#o.station,
        lane,
        operator,
      })
    })
  }

  /** Journals a step before its side effect. Errors: SERIAL_NUMBER_USED (withdrawn), DEFECT (a step was skipped). */
  begin(serialNumber: string, step: StepName): void {
    this.#chain.write(() => {
      this.#writer.move(this.#writer.known(serialNumber), 'begun', step, {})
    })
  }

  /** Journals its end and gives the unit in its new state; the same end again changes nothing. Errors: as `begin`. */
  done(serialNumber: string, step: StepName, facts: UnitFacts = {}): Unit {
    return this.#chain.write(() => {
      const unit = this.#writer.move(this.#writer.known(serialNumber), 'done', step, facts)
      if (step === 'complete') this.#chain.seal()
      return toUnit(unit)
    })
  }

  /** Journals that a step failed. A number that is not on record, or has its end, is left as it is. */
  failed(serialNumber: string, step: StepName, code: ErrorCode): void {
    this.#chain.write(() => {
      const unit = this.#tables.unit(serialNumber)
      if (unit && isUnfinished(unit.state)) this.#writer.move(unit, 'failed', step, { code })
    })
  }

  /**
   * Before signing: the unit gets its certificate's serial number and moment, the same ones whenever it is asked again;
   * or the certificate that it has. Errors: KEY_REUSED (another unit has this key; the detail says which), OTHER_DEVICE
   * (this unit was begun with another key), QUOTA_EXHAUSTED, and those of `begin`.
   */
  reserveCertificate(serialNumber: string, o: CertificateOrder): CertificatePromise | UnitCertificate {
    return this.#chain.write(() => {
      const unit = this.#writer.known(serialNumber)
      const owner = this.#tables.unitOfKey(o.publicKeySha256)
      if (owner && owner.id !== unit.id)
        throw new IotmcError('KEY_REUSED', {
          subject: serialNumber,
          detail: `this key belongs to ${placeOf(owner)}`,
        })
      if (unit.publicKeySha256 !== undefined && unit.publicKeySha256 !== o.publicKeySha256)
        throw new IotmcError('OTHER_DEVICE', {
          subject: serialNumber,
          detail: 'the device made another key since it was begun; burn this number',
        })
      const issued = this.#writer.certificateOf(unit)
      if (issued) return issued
      const { certificateSerial, certificateAtMs, authority } = unit
      if (certificateSerial && certificateAtMs !== undefined && authority === o.authorityFingerprint)
        return { certificateSerial, atMs: certificateAtMs }
      return this.#writer.promise(unit, o)
    })
  }

  /** Keeps a signed certificate; where there is one already, that one stands and is given. Errors: DEFECT, as `begin`. */
  issued(serialNumber: string, certificate: UnitCertificate): UnitCertificate {
    return this.#chain.write(() => {
      const unit = this.#writer.known(serialNumber)
      const kept = this.#writer.certificateOf(unit)
      if (kept) return kept
      const facts = readIssued(unit, certificate)
      for (const { fingerprint, pem } of facts.all) this.#tables.addCertificate(fingerprint, pem)
      const [leaf, ...above] = facts.all.map(({ fingerprint }) => fingerprint)
      this.#writer.move(unit, 'issued', '', { fingerprint: leaf ?? '', chain: above })
      return facts.certificate
    })
  }

  unit(serialNumber: string): Unit | undefined {
    const found = this.#tables.unit(serialNumber)
    return found && toUnit(found)
  }

  certificateOf(serialNumber: string): UnitCertificate | undefined {
    const found = this.#tables.unit(serialNumber)
    return found && this.#writer.certificateOf(found)
  }

  /** The unfinished unit of a board. */
  openUnitOf(hardwareId: string): Unit | undefined {
    const found = this.#tables.unitOfBoard(hardwareId)
    return found && isUnfinished(found.state) ? toUnit(found) : undefined
  }

  /** Newest first; `search` looks in serial number, UDN, model, state, board and operator. */
  units(o: { readonly search: string; readonly limit: number }): Unit[] {
    const limit = Math.max(0, Math.min(o.limit, UNITS_MAX))
    return this.#tables.search(o.search.trim(), limit).map(toUnit)
  }

  summary(): LedgerSummary {
    const tallies = this.#tables.tallies()
    const accounts = this.accounts()
    const held = tallies.filter(({ state, keyStorage }) => state === 'complete' && keyStorage === 'flash')
    return {
      ...countStates(tallies),
      softwareHeld: held.reduce((sum, { count }) => sum + count, 0),
      entries: this.#chain.length,
      ranges: this.#tables.ranges().map((range) => ({ ...range, free: accounts.get(range.id)?.free ?? 0 })),
    }
  }

  /** What became of the numbers of each range, by its id. */
  accounts(): ReadonlyMap<number, RangeAccount> {
    const tallies = this.#tables
      .tallies()
      .map(({ rangeId, ...rest }) => ({ ...rest, rangeId: rangeId || undefined }))
    return accountsOf(this.#tables.ranges(), tallies)
  }

  /** Certificates promised so far under an authority; each counts against its quota. */
  issuedBy(authorityFingerprint: string): number {
    return this.#tables.reservedBy(authorityFingerprint)
  }

  /** Releases serial numbers. Errors: VALUE_INVALID (its form, or some of them are released already). */
  addRange(wanted: NewRange, by: string): SerialRange {
    const parsed = newRangeSchema.safeParse(wanted)
    const detail = parsed.success ? rangeProblem(parsed.data, this.#tables.ranges()) : 'not a range'
    if (!parsed.success || detail !== undefined)
      throw new IotmcError('VALUE_INVALID', { subject: 'range', detail: detail ?? '' })
    return this.#chain.write(() => {
      const added = this.#writer.release(parsed.data, by)
      this.#chain.seal()
      return added
    })
  }

  /**
   * The next released number of a model, in the order of release; what is on record or in `taken` is passed over.
   * undefined = none left, or none released.
   */
  nextSerialNumber(model: string, taken: ReadonlySet<string> = new Set()): string | undefined {
    const isUsed = (serial: string) => taken.has(serial) || this.#tables.unit(serial) !== undefined
    for (const range of this.#tables.ranges()) {
      if (range.model !== model) continue
      const number = nextFree(range, range.next, isUsed)
      if (number <= range.last) return serialOf(range, number)
    }
    return undefined
  }

  /**
   * Withdraws a number whose device was never completed, or that was released and never used. Burned again: the same
   * unit. Errors: REQUEST_REFUSED (complete or scrapped), SERIAL_NUMBER_INVALID (neither on record nor released).
   */
  burn(serialNumber: string, reason: string, by: string): Unit {
    return this.#chain.write(() => {
      const found = this.#tables.unit(serialNumber)
      if (found?.state === 'burned') return toUnit(found)
      const unit = found
        ? toUnit(this.#writer.move(found, 'burned', '', said(reason, by)))
        : this.#writer.burnUnused(serialNumber, reason, by)
      this.#chain.seal()
      return unit
    })
  }

  /** Records that a complete device was destroyed; its board may be begun anew. Errors: REQUEST_REFUSED, SERIAL_NUMBER_INVALID. */
  scrap(serialNumber: string, reason: string, by: string): Unit {
    return this.#chain.write(() => {
      const found = this.#tables.unit(serialNumber)
      if (!found) throw invalidNumber(serialNumber, 'it is not on record')
      if (found.state === 'scrapped') return toUnit(found)
      const unit = this.#writer.move(found, 'scrapped', '', said(reason, by))
      this.#chain.seal()
      return toUnit(unit)
    })
  }

  /** Checks chain, signatures, head, and every row against the entries. Never throws for what it finds. */
  verify(): LedgerCheck {
    return verifyLedger(this.#tables, this.#o.head)
  }

  /**
   * As `verify`, of the ledger as it is now, without holding up other work: writes may go on meanwhile. For a ledger of
   * years. Errors: CANCELLED, DATA_DAMAGED.
   */
  verifyAside(signal?: AbortSignal): Promise<LedgerCheck> {
    if (this.path === undefined) return Promise.resolve(this.verify())
    return verifyAside(this.path, this.#o.head, signal)
  }

  /** The whole ledger, public data only; `jsonl` with entries and certificates, `csv` one line per unit. */
  export(format: ExportFormat): Iterable<string> {
    return exportLedger(this.#tables, format)
  }
}
