/** The chain over the audit's lines: what is hashed, and how a change of it is found. Pure. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { AuditCheck, AuditLine } from '../contract/access'

/** What stands before the first line. */
export const CHAIN_BEGIN = '0'.repeat(64)

/** Where the chain ends. Sealed by a key that is not in the database, so that nobody can write one for other lines. */
export const auditHeadSchema = z.object({
  /** Id of the first line with a hash of its own; the older ones are covered by the hash of it. */
  from: z.number().int(),
  /** Id of the last line; 0 = none. */
  id: z.number().int(),
  lines: z.number().int(),
  hash: z.string(),
  /** An earlier head was gone or false; nothing can make that good. */
  broken: z.boolean(),
})
export type AuditHead = z.infer<typeof auditHeadSchema>

/** A point that the chain has been at, kept where the database's owner can't reach it. */
export type AuditMark = Pick<AuditHead, 'id' | 'hash'>

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** SHA-256 in hex over the canonical JSON of a line and of the hash before it. */
export const lineHash = (previous: string, line: Omit<AuditLine, 'hash'>): string => {
  const { id, atMs, actor, role = null, action, subject = null, detail = null } = line
  return sha256(JSON.stringify([previous, id, atMs, actor, role, action, subject, detail]))
}

/** The text that a head's seal is made over. */
export const headText = ({ from, id, lines, hash, broken }: AuditHead): string =>
  JSON.stringify(['audit-head', from, id, lines, hash, broken])

type Wrong = Pick<AuditCheck, 'firstWrong' | 'reason'>

/** Follows the chain line by line, oldest first. */
export class ChainWalk {
  private hash = CHAIN_BEGIN
  private lastId = 0
  private lines = 0
  private from: number | undefined
  private wrong: Wrong | undefined

  /** `head` is undefined where there is none that can be believed. */
  constructor(
    private readonly head: AuditHead | undefined,
    private readonly mark: AuditMark | undefined,
  ) {
    this.from = head && !head.broken ? head.from : undefined
  }

  next(line: AuditLine): void {
    // Without a head the chain begins where the hashes do.
    if (this.from === undefined && line.hash !== undefined) this.from = line.id
    const chained = this.from !== undefined && line.id >= this.from
    const expected = lineHash(this.hash, line)
    if (chained && line.id !== this.lastId + 1 && this.lastId + 1 >= (this.from ?? 0))
      this.found('missing', line.id)
    else if (chained ? line.hash !== expected : line.hash !== undefined) this.found('changed', line.id)
    this.hash = expected
    this.lastId = line.id
    this.lines += 1
    if (this.mark?.id === line.id && this.mark.hash !== expected) this.found('changed', line.id)
  }

  /** The result, after the last line. */
  end(): AuditCheck {
    const { head, mark } = this
    if (this.lastId < Math.max(head?.id ?? 0, mark?.id ?? 0)) this.found('missing', this.lastId + 1)
    if (!head || head.broken) this.found('head-missing')
    else if (head.id !== this.lastId || head.hash !== this.hash || head.lines !== this.lines)
      this.found('changed')
    return {
      ok: this.wrong === undefined,
      lines: this.lines,
      ...(this.lines > 0 ? { head: this.hash } : {}),
      ...this.wrong,
    }
  }

  private found(reason: NonNullable<AuditCheck['reason']>, firstWrong?: number): void {
    this.wrong ??= { reason, ...(firstWrong === undefined ? {} : { firstWrong }) }
  }
}
