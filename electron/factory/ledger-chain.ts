/** The writing end of the ledger: each write is one durable transaction, chained to the one before, signed at its ends. */
import { IotmcError } from '../contract/errors'
import { certificateDer, fingerprintOf, toPem } from '../identity/pem'
import type { Clock } from '../net/clock'
import { type Database, durableTransaction, sqliteCode } from '../store/database'
import type { CertifiedSigner } from './authority'
import {
  checkpointText,
  ENTRY_DATA,
  type Entry,
  type EntryData,
  type EntryEvent,
  entryHash,
  FIRST_PREVIOUS_HASH,
} from './ledger-entry'
import type { LedgerTables } from './ledger-tables'
import type { Draft } from './ledger-unit'

/** A sealed place beside the ledger's file, such as the vault, for the text that names the end of its chain. */
export interface LedgerHead {
  read(): string | undefined
  write(text: string): void
}

export interface ChainOptions {
  readonly clock: Clock
  readonly station: string
  readonly signer: () => CertifiedSigner | undefined
  readonly head?: LedgerHead
}

const BUSY = 5

/** Appends entries. All methods but `write` and `settled` are used inside `write` only. */
export class LedgerChain {
  readonly #database: Database
  readonly #tables: LedgerTables
  readonly #o: ChainOptions
  #tip: { readonly seq: number; readonly hash: string }
  #sealing = false
  readonly #slow = new Set<Promise<void>>()

  constructor(database: Database, tables: LedgerTables, o: ChainOptions) {
    this.#database = database
    this.#tables = tables
    this.#o = o
    this.#tip = tables.lastEntry() ?? { seq: 0, hash: FIRST_PREVIOUS_HASH }
  }

  /** How many entries there are. */
  get length(): number {
    return this.#tip.seq
  }

  /** Runs synchronous work; all that it appends is on the disk on return, or nothing of it. Errors: DATA_DAMAGED, DATA_IN_USE. */
  write<T>(work: () => T): T {
    const before = this.#tip
    let sealed = false
    let result: T
    try {
      result = durableTransaction(this.#database, () => {
        this.#sealing = false
        const made = work()
        // A write that said nothing new needs no signature.
        sealed = this.#sealing && this.#tip !== before
        if (sealed) this.#checkpoint()
        return made
      })
    } catch (thrown) {
      this.#tip = before
      throw ledgerError(thrown)
    }
    if (sealed) this.#o.head?.write(headText(this.#tip))
    return result
  }

  /** An entry that could come next; its data is checked. */
  draft<E extends EntryEvent>(event: E, serialNumber: string, step: string, data: EntryData<E>): Draft {
    const parsed = ENTRY_DATA[event].safeParse(data)
    if (!parsed.success)
      throw new IotmcError('DEFECT', {
        subject: serialNumber,
        detail: `${event}: ${parsed.error.issues[0]?.path.join('.') ?? ''}`,
        cause: parsed.error,
      })
    return {
      seq: this.#tip.seq + 1,
      atMs: Math.trunc(this.#o.clock.now()),
      serialNumber,
      event,
      step,
      data: JSON.stringify(parsed.data),
    }
  }

  /** Gives a draft its place in the chain. */
  add(draft: Draft): Entry {
    const unhashed = { ...draft, seq: this.#tip.seq + 1, previousHash: this.#tip.hash }
    const entry = { ...unhashed, hash: entryHash(unhashed) }
    this.#tables.addEntry(entry)
    this.#tip = { seq: entry.seq, hash: entry.hash }
    return entry
  }

  append<E extends EntryEvent>(event: E, serialNumber: string, step: string, data: EntryData<E>): Entry {
    return this.add(this.draft(event, serialNumber, step, data))
  }

  /** Asks for a checkpoint at the end of this write. */
  seal(): void {
    this.#sealing = true
  }

  /** Waits for the signatures of a slow signer. */
  async settled(): Promise<void> {
    while (this.#slow.size > 0) await Promise.allSettled([...this.#slow])
  }

  // A signer that fails leaves the entries chained and unsigned; the next checkpoint signs them too.
  #checkpoint(): void {
    const signer = this.#o.signer()
    if (!signer) return
    const { seq, hash } = this.#tip
    const atMs = Math.trunc(this.#o.clock.now())
    const { station } = this.#o
    let signature: Buffer | Promise<Buffer>
    try {
      signature = signer.sign(checkpointText({ station, seq, hash, atMs }))
    } catch {
      return
    }
    const keep = (made: Buffer) => this.#keepCheckpoint(signer, { seq, hash, station, atMs, signature: made })
    if (Buffer.isBuffer(signature)) {
      keep(signature)
      return
    }
    const later = signature
      .then((made) => {
        if (!this.#database.isOpen) return
        this.write(() => keep(made))
        this.#o.head?.write(headText(this.#tip))
      })
      .catch(() => undefined)
      .finally(() => this.#slow.delete(later))
    this.#slow.add(later)
  }

  #keepCheckpoint(
    signer: CertifiedSigner,
    c: { seq: number; hash: string; station: string; atMs: number; signature: Buffer },
  ): void {
    const der = certificateDer(signer.certificatePem)
    const fingerprint = fingerprintOf(der)
    this.#tables.addCertificate(fingerprint, toPem('CERTIFICATE', der))
    const { seq, hash, station, atMs, signature } = c
    const data = { seq, hash, station, signer: fingerprint, signature: signature.toString('base64') }
    this.add({ ...this.draft('checkpoint', '', '', data), atMs })
  }
}

/** What a head holds: seq and hash of the last entry. */
export const headText = ({ seq, hash }: { seq: number; hash: string }): string => `${seq} ${hash}`

/** Reads a head; undefined if it is none. */
export const readHead = (text: string): { seq: number; hash: string } | undefined => {
  const [, seq, hash] = /^(\d{1,15}) ([0-9a-f]{64})$/.exec(text) ?? []
  return seq && hash ? { seq: Number(seq), hash } : undefined
}

const ledgerError = (thrown: unknown): unknown => {
  const code = sqliteCode(thrown)
  if (thrown instanceof IotmcError || code === undefined) return thrown
  const detail = thrown instanceof Error ? thrown.message.slice(0, 200) : 'can not be written'
  return new IotmcError(code === BUSY ? 'DATA_IN_USE' : 'DATA_DAMAGED', {
    subject: 'ledger',
    detail,
    cause: thrown,
  })
}
