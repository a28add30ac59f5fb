/** Entries of the ledger: what each event says, the chain of hashes over them, and the statement that signs it. */
import { createHash, type KeyObject, verify } from 'node:crypto'
import { z } from 'zod'
import { KEY_STORAGES, newRangeSchema } from '../contract/factory'

const text = z.string().max(200)
const hex64 = z.string().regex(/^[0-9a-f]{64}$/)
const fingerprint = z.string().regex(/^[0-9A-F]{2}(:[0-9A-F]{2}){31}$/)
const empty = z.strictObject({})

/** What a finished step may leave on record; public facts only. */
export const unitFactsSchema = z.strictObject({
  hardwareRevision: text.optional(),
  firmwareVersion: text.optional(),
  /** SHA-256 of the installed certificate, as the device said it, lower-case hex. */
  readBackSha256: hex64.optional(),
  note: text.optional(),
})
export type UnitFacts = z.infer<typeof unitFactsSchema>

/** Data of each event. Strict, so that nothing gets on record that was not meant to. */
export const ENTRY_DATA = {
  reserved: z.strictObject({
    udn: text,
    model: text,
    hardwareId: text,
    keyStorage: z.enum(KEY_STORAGES),
    station: text,
    lane: text,
    operator: text,
  }),
  resumed: z.strictObject({ station: text, lane: text, operator: text }),
  begun: empty,
  done: unitFactsSchema,
  failed: z.strictObject({ code: text }),
  /** A certificate's serial number is promised to a key. */
  signing: z.strictObject({
    publicKeySha256: hex64,
    requestSha256: hex64,
    certificateSerial: z.string().regex(/^[0-9A-F]{32,40}$/),
    authority: fingerprint,
  }),
  /** `chain`: fingerprints of what stands above the leaf, without the root. */
  issued: z.strictObject({ fingerprint, chain: z.array(fingerprint).max(4) }),
  /** `withdrawn` where the number never had a device. */
  burned: z.strictObject({
    reason: text,
    by: text,
    withdrawn: z.strictObject({ udn: text, model: text, station: text }).optional(),
  }),
  scrapped: z.strictObject({ reason: text, by: text }),
  range: z.strictObject({ id: z.number().int(), ...newRangeSchema.shape, by: text }),
  /** Signs entry `seq` and so all before it; `signer` is the fingerprint of the certificate for `signature`. */
  checkpoint: z.strictObject({
    seq: z.number().int(),
    hash: hex64,
    station: text,
    signer: fingerprint,
    signature: z.base64().max(200),
  }),
} as const
export type EntryEvent = keyof typeof ENTRY_DATA
export type EntryData<E extends EntryEvent> = z.infer<(typeof ENTRY_DATA)[E]>

const EVENTS = Object.keys(ENTRY_DATA) as EntryEvent[] as [EntryEvent, ...EntryEvent[]]

/** One line of the ledger as it lies on disk. `serialNumber` and `step` are empty where the event has none. */
export const entrySchema = z.strictObject({
  seq: z.number().int(),
  atMs: z.number().int(),
  serialNumber: z.string(),
  event: z.enum(EVENTS),
  step: z.string(),
  /** JSON of one line. */
  data: z.string(),
  previousHash: z.string(),
  hash: z.string(),
})
export type Entry = z.infer<typeof entrySchema>

/** `previousHash` of the first entry. */
export const FIRST_PREVIOUS_HASH = '0'.repeat(64)

/**
 * The hash of an entry, lower-case hex: SHA-256 of these eight values, each followed by one line feed (0x0A), UTF-8:
 * the text `iotmc-ledger-entry-1`, seq and atMs in decimal, serialNumber, event, step, data as stored, previousHash.
 * No value of an entry holds a line feed, and a hash over one that does would have more lines: no two entries are
 * written alike.
 */
export const entryHash = (entry: Omit<Entry, 'hash'>): string =>
  createHash('sha256')
    .update(
      `iotmc-ledger-entry-1\n${entry.seq}\n${entry.atMs}\n${entry.serialNumber}\n${entry.event}\n${entry.step}\n` +
        `${entry.data}\n${entry.previousHash}\n`,
    )
    .digest('hex')

/** The event's data, read strictly; undefined where it is not what the event says. */
export const readData = <E extends EntryEvent>(event: E, json: string): EntryData<E> | undefined => {
  try {
    const parsed = ENTRY_DATA[event].safeParse(JSON.parse(json))
    return parsed.success ? (parsed.data as EntryData<E>) : undefined
  } catch {
    return undefined
  }
}

/**
 * What a checkpoint signs (ECDSA, SHA-256): these five values, each followed by one line feed, UTF-8: the text
 * `iotmc-ledger-checkpoint-1`, the station's name, seq and hash of the signed entry, the moment in milliseconds. It can
 * be no certificate, request or list, which all begin with 0x30.
 */
export const checkpointText = (c: { station: string; seq: number; hash: string; atMs: number }): Buffer =>
  Buffer.from(`iotmc-ledger-checkpoint-1\n${c.station}\n${c.seq}\n${c.hash}\n${c.atMs}\n`)

/** Whether the key made the signature (DER) of a checkpoint. */
export const isSigned = (text: Buffer, signature: Buffer, publicKey: KeyObject): boolean => {
  try {
    return verify('sha256', text, publicKey, signature)
  } catch {
    return false
  }
}
