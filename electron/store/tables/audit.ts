/** Who did what and when, each line chained to the one before. The database itself refuses to change or delete a line. */
import { z } from 'zod'
import { type AuditLine, type AuditQuery, auditLineSchema } from '../../contract/access'
import { type AuditHead, auditHeadSchema, CHAIN_BEGIN, headText, lineHash } from '../audit-chain'
import { type Database, durableTransaction, transaction } from '../database'
import { fromRow, toRow } from '../rows'
import { factTable } from './facts'

const HEAD = 'auditHead'
const PART = 2000

const sealedHeadSchema = z.object({ head: auditHeadSchema, seal: z.string() })

/** Makes the seal of a head, by a key that is not in the database. */
export type SealHead = (text: string) => string

/** A line to be written. `actor` is an account, the technician or the UDN of a device. No secrets in `detail`. */
export type NewAuditLine = Omit<AuditLine, 'id' | 'hash'>

export interface AuditTable {
  append(line: NewAuditLine): void
  /** Newest first; `beforeId` pages on. `action` is a whole one; actor and subject are looked for anywhere, in any case. */
  list(query: AuditQuery): AuditLine[]
  /** Those that there are now, oldest first, a part at a time. */
  parts(): Iterable<AuditLine[]>
  /** From here on each head is sealed. `begin` starts the chain over the lines there are; `distrust` gives up what there is. */
  seal(seal: SealHead, how: 'begin' | 'go-on' | 'distrust'): void
  /** The end of the chain; undefined where there is none, or a false one. */
  head(): AuditHead | undefined
  /** Whether there is any trace of a chain. */
  hasChain(): boolean
  /** The head, with everything up to it on the disk. */
  settledHead(): AuditHead | undefined
}

const COLUMNS = ['id', 'atMs', 'actor', 'role', 'action', 'subject', 'detail', 'hash'] as const

const LIST = `SELECT ${COLUMNS.join(', ')} FROM audit
  WHERE id < :beforeId
    AND (:actor IS NULL OR instr(lower(actor), lower(:actor)) > 0)
    AND (:action IS NULL OR action = :action)
    AND (:subject IS NULL OR instr(lower(subject), lower(:subject)) > 0)
  ORDER BY id DESC LIMIT :limit`

/** The `audit` table, and the fact that its chain ends at. */
export const auditTable = (database: Database): AuditTable => {
  const facts = factTable(database)
  const insert = database.prepare(
    `INSERT INTO audit (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map((name) => `:${name}`).join(', ')})`,
  )
  const list = database.prepare(LIST)
  const after = database.prepare(
    `SELECT ${COLUMNS.join(', ')} FROM audit WHERE id > :id AND id <= :through ORDER BY id LIMIT ${PART}`,
  )
  const last = database.prepare('SELECT max(id) AS id FROM audit')
  const hashed = database.prepare('SELECT 1 FROM audit WHERE hash IS NOT NULL LIMIT 1')
  let sealOf: SealHead = () => ''
  const lineOf = (row: unknown): AuditLine => fromRow(auditLineSchema, 'audit', row)

  const storedHead = (): AuditHead | undefined => {
    const found = readHead(facts.get(HEAD))
    return found && found.seal === sealOf(headText(found.head)) ? found.head : undefined
  }
  const saveHead = (head: AuditHead): void =>
    facts.set(HEAD, JSON.stringify({ head, seal: sealOf(headText(head)) }))
  const lastId = (): number => (last.get() as { id: number | null }).id ?? 0

  function* partsThrough(through: number): Iterable<AuditLine[]> {
    let id = 0
    for (;;) {
      const part = after.all({ id, through }).map(lineOf)
      if (part.length > 0) yield part
      if (part.length < PART) return
      id = part.at(-1)?.id ?? id
    }
  }
  const parts = (): Iterable<AuditLine[]> => partsThrough(lastId())

  const begin = (): AuditHead => {
    const head = { from: lastId() + 1, id: 0, lines: 0, hash: CHAIN_BEGIN, broken: false }
    for (const part of parts())
      for (const line of part) {
        head.hash = lineHash(head.hash, line)
        head.id = line.id
        head.lines += 1
      }
    return head
  }

  return {
    append: (line) =>
      transaction(database, () => {
        const stored = storedHead()
        const isNew = stored === undefined && facts.get(HEAD) === undefined && hashed.get() === undefined
        const head = stored ?? { ...begin(), broken: !isNew }
        // The head goes before the lines: what was cut from the end must stay visible as a gap.
        const id = Math.max(head.id, lastId()) + 1
        const text = wellFormed({ ...line, id })
        const hash = lineHash(head.hash, text)
        insert.run(toRow(COLUMNS, { ...text, hash }))
        saveHead({ ...head, id, lines: head.lines + 1, hash })
      }),
    list: ({ beforeId = Number.MAX_SAFE_INTEGER, limit, actor, action, subject }) =>
      list
        .all({
          beforeId,
          limit,
          actor: actor || null,
          action: action || null,
          subject: subject || null,
        })
        .map(lineOf),
    parts,
    seal: (seal, how) => {
      sealOf = seal
      if (how === 'begin') transaction(database, () => saveHead(begin()))
      if (how === 'distrust') transaction(database, () => saveHead({ ...begin(), broken: true }))
    },
    head: storedHead,
    hasChain: () => facts.get(HEAD) !== undefined || hashed.get() !== undefined,
    settledHead: () =>
      durableTransaction(database, () => {
        const text = facts.get(HEAD)
        // Written anew, so that there is something to flush.
        if (text !== undefined) facts.set(HEAD, text)
        return storedHead()
      }),
  }
}

const readHead = (text: string | undefined): z.infer<typeof sealedHeadSchema> | undefined => {
  if (text === undefined) return undefined
  try {
    return sealedHeadSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** Text as SQLite gives it back: a half surrogate or a NUL would make the line look changed. */
const wellFormed = <L extends NewAuditLine & { id: number }>(line: L): L => {
  const clean: Record<string, unknown> = { ...line }
  for (const [name, value] of Object.entries(clean))
    if (typeof value === 'string') clean[name] = Buffer.from(value).toString().replaceAll('\0', '')
  return clean as L
}
