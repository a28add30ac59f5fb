/**
 * The two banks of a device. The table is changed by the rules of `contract/banks.ts` only and is stored before anything
 * follows from it. Images are written to the standby bank and nowhere else.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  activeSlot,
  applyBank,
  type BankInput,
  type BankTable,
  freshTable,
  type Slot,
  standbySlot,
} from '../contract/banks'
import { IotmcError } from '../contract/errors'
import { FIRMWARE_LIMITS } from '../contract/timings'
import { readFileBounded, removeLeftovers, writeFileAtomic } from './atomic-file'
import { BankWriter } from './bank-writer'
import { type BankPaths, bankPaths, readBanks, writeBanks } from './banks-file'

/** Room of each bank in bytes; `FIRMWARE_LIMITS.bankBytes` unless told. */
export interface BankOptions {
  readonly bankBytes?: number | undefined
}

/** What bank A of a new device holds. */
export interface FirstImage {
  readonly version: string
  /** Of the image file, hex. */
  readonly sha256: string
  readonly securityVersion: number
  readonly image: Uint8Array
  readonly manifest: Uint8Array
  readonly signature: Uint8Array
}

const MARK_MAX_BYTES = 128

export class BankStore {
  #table: BankTable
  #booting = false

  private constructor(
    readonly folder: string,
    readonly bankBytes: number,
    table: BankTable,
  ) {
    this.#table = table
    for (const slot of ['A', 'B'] as const) {
      mkdirSync(this.paths(slot).folder, { recursive: true, mode: 0o700 })
      removeLeftovers(this.paths(slot).folder)
    }
    this.clearForeign()
  }

  /** Whether a state folder has banks. */
  static exists(folder: string): boolean {
    return readBanks(folder) !== undefined
  }

  /** The banks of a state folder that has some. DATA_DAMAGED, also where there are none. */
  static open(folder: string, { bankBytes = FIRMWARE_LIMITS.bankBytes }: BankOptions = {}): BankStore {
    const table = readBanks(folder)
    if (!table)
      throw new IotmcError('DATA_DAMAGED', { subject: join(folder, 'banks.json'), detail: 'no banks' })
    return new BankStore(folder, bankBytes, table)
  }

  /** Puts the first image into bank A; the table is written last, so that a folder without it has no banks. */
  static create(folder: string, first: FirstImage, options: BankOptions = {}): BankStore {
    const paths = bankPaths(folder, 'A')
    for (const slot of ['A', 'B'] as const)
      rmSync(bankPaths(folder, slot).folder, { recursive: true, force: true })
    mkdirSync(paths.folder, { recursive: true, mode: 0o700 })
    writeFileAtomic(paths.image, first.image)
    writeFileAtomic(paths.manifest, first.manifest)
    writeFileAtomic(paths.signature, first.signature)
    const { version, sha256, securityVersion } = first
    writeBanks(folder, freshTable({ version, sha256, securityVersion }))
    return BankStore.open(folder, options)
  }

  /** As last stored, by this process or by the boot step. */
  get table(): BankTable {
    return this.#table
  }

  /** Whether the boot step has the table: nothing can be changed here. */
  get booting(): boolean {
    return this.#booting
  }

  /** The bank that runs, or would run after a restart. */
  get active(): Slot {
    return activeSlot(this.#table)
  }

  /** The only bank that may be written. */
  get standby(): Slot {
    return standbySlot(this.#table)
  }

  paths(slot: Slot): BankPaths {
    return bankPaths(this.folder, slot)
  }

  /**
   * Changes the table by its rules; durable on return. `write-begun` and `erased` also empty the standby bank. Throws the
   * rule's code (NO_STANDBY_BANK, BUSY, SECURITY_VERSION_TOO_LOW), BUSY while the boot step decides, ACTION_FAILED.
   */
  apply(input: BankInput): BankTable {
    return this.step(input).table
  }

  /** As `apply`, and says whether the device has to restart for it to take effect. */
  step(input: BankInput): { readonly table: BankTable; readonly reboot: boolean } {
    if (this.#booting) throw new IotmcError('BUSY', { detail: 'the device is starting' })
    const step = applyBank(this.#table, input)
    if (!step.ok) throw new IotmcError(step.code)
    const before = this.#table.banks[this.standby]
    // Only a write that was cut short is gone on with: what was judged already is never taken for a part of the next.
    if (input.type === 'write-begun' && before.state !== 'writing')
      rmSync(this.paths(this.standby).mark, { force: true })
    this.#table = writeBanks(this.folder, step.table)
    // Files follow the table: cut short here, the mark in the bank tells that they are from before.
    if (input.type === 'write-begun' || input.type === 'erased') this.clearForeign()
    return { table: this.#table, reboot: step.reboot }
  }

  /** Writes to the standby bank; NO_STANDBY_BANK unless its state is `writing`. One at a time. */
  write(): BankWriter {
    const bank = this.#table.banks[this.standby]
    if (bank.state !== 'writing') throw new IotmcError('NO_STANDBY_BANK', { detail: bank.state })
    return new BankWriter(this.paths(this.standby), this.bankBytes)
  }

  /** The boot step takes the table over: nothing is changed here until `taken`. */
  handOver(): void {
    this.#booting = true
  }

  /** The boot step has stored its decision, or has ended: reads the table anew. */
  taken(): void {
    this.#booting = false
    const table = readBanks(this.folder)
    if (table) this.#table = table
  }

  /** Removes files of the standby bank that belong to an earlier write, or to none. */
  private clearForeign(): void {
    const { state, sha256 = '' } = this.#table.banks[this.standby]
    const paths = this.paths(this.standby)
    if (state === 'valid' || state === 'invalid') return
    if (state === 'writing' && readFileBounded(paths.mark, MARK_MAX_BYTES) === sha256) return
    for (const path of [paths.mark, paths.image, paths.manifest, paths.signature])
      rmSync(path, { force: true })
    if (state === 'writing') writeFileAtomic(paths.mark, sha256)
  }
}
