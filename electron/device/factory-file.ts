/** What a device remembers before it is one: `factory.json`, from the blank board until its identity is locked in. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { udnSchema } from '../contract/device'
import { KEY_STORAGES, serialNumberSchema } from '../contract/factory'
import { SMP_LIMITS } from '../contract/smp'
import { writeFileAtomic } from './atomic-file'
import { parseDocument, readDocument } from './document-file'
import { MODEL_NAMES } from './models'
import { faultsFiredSchema, hardwareIdSchema } from './state'

const FILE = 'factory.json'
const BASE64_MAX = Math.ceil(SMP_LIMITS.chainMaxBytes / 3) * 4
const base64Schema = z.base64().max(BASE64_MAX)

export const factoryStateSchema = z.strictObject({
  format: z.literal(1),
  model: z.enum(MODEL_NAMES),
  hardwareRevision: z.string().min(1).max(31),
  firmwareVersion: z.string().min(1).max(31),
  /** The name that the device gets; absent = from model and serial number. */
  name: z.string().min(1).max(63).optional(),
  /** Identity of the chip, lower-case hex. */
  hardwareId: hardwareIdSchema,
  keyStorage: z.enum(KEY_STORAGES),
  /** Whom the key was made for, and the request that never varies. The key lies in the secure element before. */
  subject: z.strictObject({ serialNumber: serialNumberSchema, udn: udnSchema, csr: base64Schema }).optional(),
  /** A certificate that is being written: what has arrived of it. */
  upload: z
    .strictObject({
      length: z.number().int().min(1).max(SMP_LIMITS.chainMaxBytes),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      received: base64Schema,
    })
    .optional(),
  /** The installed chain: DER certificates one after another, leaf first, base64. */
  chain: base64Schema.optional(),
  faultsFired: faultsFiredSchema,
})
export type FactoryState = z.infer<typeof factoryStateSchema>

export class FactoryFile {
  readonly folder: string
  #state: FactoryState

  private constructor(folder: string, state: FactoryState) {
    this.folder = folder
    this.#state = state
  }

  /** The document in a folder, undefined where there is none; DATA_DAMAGED names the member that is wrong. */
  static open(folder: string): FactoryFile | undefined {
    const state = readDocument(join(folder, FILE), factoryStateSchema)
    return state && new FactoryFile(folder, state)
  }

  /** A board as it comes off the soldering line. */
  static create(folder: string, state: FactoryState): FactoryFile {
    const file = new FactoryFile(folder, state)
    file.update({})
    return file
  }

  /** Removes the document once the device's own state stands. */
  static remove(folder: string): void {
    rmSync(join(folder, FILE), { force: true })
  }

  get current(): FactoryState {
    return this.#state
  }

  /** Stores a changed document; when it returns, the change survives a power cut. Undefined removes a member. */
  update(change: Partial<FactoryState>): void {
    const path = join(this.folder, FILE)
    const text = `${JSON.stringify({ ...this.#state, ...change }, undefined, 2)}\n`
    const next = parseDocument(path, text, factoryStateSchema)
    writeFileAtomic(path, text)
    this.#state = next
  }
}
