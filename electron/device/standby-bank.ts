/** The bank that an image is uploaded to. What lies in it was received, nothing more: only a bootloader verifies. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from './atomic-file'
import { readDocument } from './document-file'

export const BANK_BYTES = 4 * 1024 * 1024

const planSchema = z.strictObject({
  length: z.number().int().min(1).max(BANK_BYTES),
  /** Of the whole file, hex; what an interrupted upload is known by. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
})
export type BankPlan = z.infer<typeof planSchema>

export class StandbyBank {
  private readonly planPath: string
  private readonly dataPath: string
  #plan: BankPlan | undefined

  constructor(folder: string) {
    this.planPath = join(folder, 'bank.json')
    this.dataPath = join(folder, 'bank.bin')
    this.#plan = readDocument(this.planPath, planSchema)
  }

  /** What is being or was received; undefined for an empty bank. */
  get plan(): BankPlan | undefined {
    return this.#plan
  }

  /** Bytes that have arrived. */
  get received(): number {
    if (!this.#plan || !existsSync(this.dataPath)) return 0
    return Math.min(statSync(this.dataPath).size, this.#plan.length)
  }

  get complete(): boolean {
    return this.#plan !== undefined && this.received === this.#plan.length
  }

  /** Empties the bank. The plan goes first: data without a plan is nothing. */
  erase(): void {
    this.#plan = undefined
    rmSync(this.planPath, { force: true })
    rmSync(this.dataPath, { force: true })
  }

  /** Empties the bank and begins an upload. ACTION_FAILED where the disk refuses. */
  begin(plan: BankPlan): void {
    this.erase()
    writeFileAtomic(this.planPath, JSON.stringify(plan))
    this.#plan = plan
  }

  /** Adds bytes at the end; the last ones are flushed. */
  append(bytes: Uint8Array): void {
    const at = this.received
    if (existsSync(this.dataPath)) truncateSync(this.dataPath, at)
    const file = openSync(this.dataPath, 'a', 0o600)
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
      if (at + bytes.length === this.#plan?.length) fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }

  /** The whole content; empty while the bank is not complete. */
  content(): Buffer {
    return this.complete ? readFileSync(this.dataPath) : Buffer.alloc(0)
  }
}
