/** The update that a device has planned, runs or last ran, as one small document: stored before anybody is answered. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ROLLBACK_REASONS } from '../contract/banks'
import { ERROR_CODES } from '../contract/errors'
import { activationSchema, sha256Schema, UPDATE_STATES } from '../contract/firmware'
import { writeFileAtomic } from './atomic-file'
import { readDocument } from './document-file'

/** What is known of an image once its manifest is accepted. Bytes; seconds of uptime on trial. */
const imageSchema = z.strictObject({
  sha256: sha256Schema,
  bytes: z.number().int().min(1),
  securityVersion: z.number().int().min(0),
  probationS: z.number().positive(),
})

export const updateRecordSchema = z.strictObject({
  format: z.literal(1),
  updateId: z.string().min(1).max(63),
  version: z.string().max(31),
  state: z.enum(UPDATE_STATES),
  code: z.enum(ERROR_CODES).optional(),
  rollback: z.enum(ROLLBACK_REASONS).optional(),
  /** UTC; empty = at once. */
  startTime: z.string().max(32),
  /** As ordered with the update; `activation` is what holds now. */
  asked: activationSchema,
  activation: activationSchema,
  image: imageSchema.optional(),
})
export type UpdateRecord = z.infer<typeof updateRecordSchema>
export type UpdateImage = z.infer<typeof imageSchema>

export class UpdateFile {
  private readonly path: string
  #record: UpdateRecord | undefined

  /** A document that cannot be read is a lost plan, never a reason not to start; `onDamaged` is told. */
  constructor(folder: string, onDamaged: () => void = () => undefined) {
    this.path = join(folder, 'update.json')
    try {
      this.#record = readDocument(this.path, updateRecordSchema)
    } catch {
      onDamaged()
    }
  }

  get current(): UpdateRecord | undefined {
    return this.#record
  }

  /** Nothing was planned: the file has been removed by another way. */
  forget(): void {
    this.#record = undefined
  }

  /** When it returns, the record survives a power cut. Undefined forgets it. ACTION_FAILED where the disk refuses. */
  save(record: UpdateRecord | undefined): void {
    if (record) writeFileAtomic(this.path, `${JSON.stringify(record, undefined, 2)}\n`)
    else rmSync(this.path, { force: true })
    this.#record = record
  }
}
