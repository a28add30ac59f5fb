/** `banks.json`, the one truth about the two banks, and where the files of a bank lie. Device process and boot step use it. */
import { join } from 'node:path'
import { type BankTable, bankTableSchema, type Slot } from '../contract/banks'
import { writeFileAtomic } from './atomic-file'
import { parseDocument, readDocument } from './document-file'

const FILE = 'banks.json'

/** The files of one bank. Manifest and signature are missing where an image came by cable. */
export interface BankPaths {
  readonly folder: string
  readonly image: string
  readonly manifest: string
  readonly signature: string
  /** SHA-256 (hex) that the bytes in `image` are meant to have; another or none = they belong to an earlier write. */
  readonly mark: string
}

/** Where the files of a bank lie under a state folder. */
export const bankPaths = (folder: string, slot: Slot): BankPaths => {
  const bank = join(folder, `bank-${slot}`)
  return {
    folder: bank,
    image: join(bank, 'image.bin'),
    manifest: join(bank, 'manifest.json'),
    signature: join(bank, 'manifest.p7s'),
    mark: join(bank, 'written-for'),
  }
}

/** The table in a state folder, undefined where there is none. DATA_DAMAGED names the member that is wrong. */
export const readBanks = (folder: string): BankTable | undefined =>
  readDocument(join(folder, FILE), bankTableSchema)

/** Replaces the table; when it returns, it survives a power cut. Gives it as it is read after a restart. */
export const writeBanks = (folder: string, table: BankTable): BankTable => {
  const path = join(folder, FILE)
  const text = `${JSON.stringify(table, undefined, 2)}\n`
  const stored = parseDocument(path, text, bankTableSchema)
  writeFileAtomic(path, text)
  return stored
}
