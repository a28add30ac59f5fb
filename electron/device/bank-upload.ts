/**
 * An image on its way into the standby bank by cable: how much there is to come is kept beside the bytes, so that an
 * upload goes on where a power cut, a pulled cable or a closed program left it.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Random } from '../net/clock'
import { writeFileAtomic } from './atomic-file'
import type { BankStore } from './bank-store'
import type { BankWriter } from './bank-writer'
import { readDocument } from './document-file'

const planSchema = z.strictObject({
  length: z.number().int().min(1),
  /** What the bank was begun for: SHA-256 of the whole file, or chance where the sender did not say. Hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Whether the sender said it. */
  named: z.boolean(),
})
type Plan = z.infer<typeof planSchema>

/** What the first part of an upload says. */
export interface UploadHead {
  readonly length: number
  /** Of the whole file, hex. */
  readonly sha256: string | undefined
  readonly version: string
}

export class BankUpload {
  #writer: BankWriter | undefined

  constructor(
    private readonly banks: BankStore,
    private readonly random: Random,
  ) {}

  /** What is to come, where the bank's content came by cable; a plan of an earlier content is none. */
  private get plan(): Plan | undefined {
    const { state, sha256 } = this.banks.table.banks[this.banks.standby]
    if (state === 'empty') return undefined
    const plan = readDocument(this.planPath, planSchema)
    return plan?.sha256 === sha256 ? plan : undefined
  }

  /** Bytes that have arrived; 0 without an upload. */
  get received(): number {
    const { plan } = this
    if (!plan) return 0
    if (this.banks.table.banks[this.banks.standby].state !== 'writing') return plan.length
    return Math.min(this.writer.received, plan.length)
  }

  /** Whether all of an upload has arrived. */
  get complete(): boolean {
    const { plan } = this
    return plan !== undefined && this.received === plan.length
  }

  /**
   * Begins an upload, or finds the interrupted one of the same file. Gives where it goes on. Errors: those of the table's
   * rules.
   */
  begin({ length, sha256, version }: UploadHead): number {
    const { plan } = this
    const isSame = sha256 !== undefined && plan?.named && plan.sha256 === sha256 && plan.length === length
    const { state } = this.banks.table.banks[this.banks.standby]
    if (isSame && state !== 'invalid' && (!this.complete || this.isWhole())) return this.received
    this.close()
    const mark = sha256 ?? this.random.bytes(32).toString('hex')
    // What an image is worth is known when all of it is there; until then it may not look better than any.
    this.banks.apply({ type: 'write-begun', version, sha256: mark, securityVersion: this.banks.table.floor })
    this.writer.reset()
    writeFileAtomic(this.planPath, JSON.stringify({ length, sha256: mark, named: sha256 !== undefined }))
    return 0
  }

  /**
   * Adds bytes at the end; those that complete it are made durable. True or false then: whether all of it has the hash
   * that was announced. Errors: NO_SPACE, ACTION_FAILED.
   */
  append(bytes: Uint8Array): boolean | undefined {
    this.writer.append(bytes)
    if (!this.complete) return undefined
    this.writer.done()
    return this.plan?.named ? this.isWhole() : undefined
  }

  /** How many bytes are still to come. */
  get left(): number {
    return (this.plan?.length ?? 0) - this.received
  }

  /** Empties the standby bank. Errors: those of the table's rules. */
  erase(): void {
    this.close()
    this.banks.apply({ type: 'erased' })
  }

  /** Lets go of the file. */
  close(): void {
    this.#writer?.close()
    this.#writer = undefined
  }

  private isWhole(): boolean {
    const { image } = this.banks.paths(this.banks.standby)
    return createHash('sha256').update(readFileSync(image)).digest('hex') === this.plan?.sha256
  }

  private get writer(): BankWriter {
    this.#writer ??= this.banks.write()
    return this.#writer
  }

  private get planPath(): string {
    return join(this.banks.paths(this.banks.standby).folder, 'upload.json')
  }
}
