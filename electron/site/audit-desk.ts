/** The audit of one site: lines in, pages out, and whether anybody has changed it. Its key and a mark lie in the vault. */
import { createHmac } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import type { AuditCheck, AuditLine, AuditPage, AuditQuery } from '../contract/access'
import { IotmcError } from '../contract/errors'
import type { Vault } from '../identity/vault'
import type { Clock, Random } from '../net/clock'
import { type AuditMark, ChainWalk } from '../store/audit-chain'
import type { AuditTable, NewAuditLine } from '../store/tables/audit'
import type { AccountActor } from './account-desk'

const SECRET = 'audit-chain'
const KEY_BYTES = 32
/** The mark follows the chain at this distance: each costs a flush of the disk. */
const MARK_AFTER_MS = 2_000

const stateSchema = z.object({
  version: z.literal(1),
  key: z.string().regex(/^[0-9a-f]{64}$/),
  mark: z.object({ id: z.number().int(), hash: z.string() }).optional(),
})
type State = z.infer<typeof stateSchema>

export interface AuditDeskOptions {
  readonly table: AuditTable
  readonly vault: Pick<Vault, 'get' | 'put'>
  readonly clock: Clock
  readonly random: Random
}

/** Opens the chain, or begins it over the lines there are. Errors: DATA_DAMAGED where its key can't be read. */
export const openAudit = (options: AuditDeskOptions): AuditDesk => {
  const { table, vault, random } = options
  const stored = readState(vault.get(SECRET))
  const state = stored ?? { version: 1, key: random.bytes(KEY_BYTES).toString('hex') }
  const key = Buffer.from(state.key, 'hex')
  const seal = (text: string) => createHmac('sha256', key).update(text).digest('hex')
  const isNew = !table.hasChain() && state.mark === undefined
  if (!stored) vault.put(SECRET, Buffer.from(JSON.stringify(state)))
  table.seal(seal, isNew ? 'begin' : 'go-on')
  const head = table.head()
  const behind = head !== undefined && head.id < (state.mark?.id ?? 0)
  // A head that is gone, false or from an earlier day is never taken up again as if nothing had been.
  if (!head || behind) table.seal(seal, 'distrust')
  return new AuditDesk(options, state)
}

export class AuditDesk {
  private cancelMark: (() => void) | undefined

  constructor(
    private readonly options: AuditDeskOptions,
    private state: State,
  ) {
    if (!state.mark) this.writeMark()
  }

  /** One line, durable against a kill on return. */
  add(by: AccountActor, action: string, subject?: string, detail?: string): void {
    const line: NewAuditLine = {
      atMs: this.options.clock.now(),
      actor: by.name,
      action,
      ...(by.role ? { role: by.role } : {}),
      ...(subject ? { subject } : {}),
      ...(detail ? { detail } : {}),
    }
    this.options.table.append(line)
    this.cancelMark ??= this.options.clock.setTimer(() => {
      this.cancelMark = undefined
      this.writeMark()
    }, MARK_AFTER_MS)
  }

  /** How many lines there are, and the hash of the last. */
  head(): { readonly lines: number; readonly head?: string } {
    const head = this.options.table.head()
    return head ? { lines: head.lines, head: head.hash } : { lines: 0 }
  }

  /** Newest first. */
  list(query: AuditQuery): AuditPage {
    const lines = this.options.table.list({ ...query, limit: query.limit + 1 })
    return { lines: lines.slice(0, query.limit), more: lines.length > query.limit }
  }

  /** Reads every line; lets other work go on in between. */
  async verify(): Promise<AuditCheck> {
    const walk = new ChainWalk(this.options.table.head(), this.state.mark)
    for (const part of this.options.table.parts()) {
      for (const line of part) walk.next(line)
      await setImmediate()
    }
    return walk.end()
  }

  /** JSON Lines, oldest first, each with its line break; some lines at a time. */
  *exportLines(): Iterable<string> {
    for (const part of this.options.table.parts()) yield part.map(jsonLine).join('')
  }

  /** Writes the mark; used no more afterwards. */
  close(): void {
    if (!this.cancelMark) return
    this.cancelMark()
    this.cancelMark = undefined
    this.writeMark()
  }

  private writeMark(): void {
    // On the disk before the mark is: after a power cut the mark must not be ahead of the records.
    const head = this.options.table.settledHead()
    if (!head || head.broken) return
    const mark: AuditMark = { id: head.id, hash: head.hash }
    this.state = { ...this.state, mark }
    this.options.vault.put(SECRET, Buffer.from(JSON.stringify(this.state)))
  }
}

const jsonLine = ({ id, atMs, ...rest }: AuditLine): string =>
  `${JSON.stringify({ id, at: new Date(atMs).toISOString(), ...rest })}\n`

const readState = (stored: Buffer | undefined): State | undefined => {
  if (!stored) return undefined
  try {
    return stateSchema.parse(JSON.parse(stored.toString()))
  } catch {
    // The cause is dropped: it could quote the key.
    throw new IotmcError('DATA_DAMAGED', { subject: SECRET, detail: 'the audit’s key can not be read' })
  }
}
