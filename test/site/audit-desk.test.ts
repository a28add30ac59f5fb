import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AuditCheck } from '../../electron/contract/access'
import { systemRandom } from '../../electron/net/clock'
import { type AuditDesk, openAudit } from '../../electron/site/audit-desk'
import { CHAIN_BEGIN, lineHash } from '../../electron/store/audit-chain'
import { type Database, openDatabase } from '../../electron/store/database'
import { MIGRATIONS } from '../../electron/store/migrations'
import { Records } from '../../electron/store/records'
import { udnOf } from '../helpers/device-row'
import { VirtualClock } from '../helpers/virtual-clock'
import { memoryVault, SUE, TIM } from './account-bench'

let folder: string
let path: string
let vault: ReturnType<typeof memoryVault>
let clock: VirtualClock
let records: Records
let desk: AuditDesk

const open = (): void => {
  records = Records.open(path)
  desk = openAudit({ table: records.audit, vault, clock, random: systemRandom })
}
const shut = (): void => {
  desk.close()
  records.close()
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'iotmc-audit-'))
  path = join(folder, 'records.sqlite')
  vault = memoryVault()
  clock = new VirtualClock()
})
afterEach(() => {
  records.close()
  rmSync(folder, { recursive: true, force: true })
})

/** What somebody with the file and no key can do. */
const tamper = (work: (database: Database) => void): void => {
  const database = openDatabase(path)
  database.exec('DROP TRIGGER auditKeeps; DROP TRIGGER auditStands;')
  work(database)
  database.close()
}

/** Three lines older than the chain, then seven of it. */
const written = (): void => {
  const old = openDatabase(path, MIGRATIONS.slice(0, 2))
  for (const n of [1, 2, 3])
    old.exec(`INSERT INTO audit (atMs, actor, action, subject) VALUES (${n}, 'Ada', 'approve', 'old ${n}')`)
  old.close()
  open()
  for (let n = 4; n <= 10; n++) {
    clock.advance(1000)
    desk.add(n % 2 ? SUE : { name: 'Ada' }, 'group-saved', udnOf(n), `version ${n}`)
  }
}

const verifyAnew = async (): Promise<AuditCheck> => {
  open()
  return desk.verify()
}

describe('the audit', () => {
  it('is whole over a restart, lines older than the chain included', async () => {
    written()
    expect(await desk.verify()).toMatchObject({ ok: true, lines: 10 })
    shut()
    expect(await verifyAnew()).toMatchObject({ ok: true, lines: 10 })
    desk.add(TIM, 'sign-in', 'Tim')
    expect(await desk.verify()).toMatchObject({ ok: true, lines: 11 })
  })

  it('is whole after a kill before the mark was written', async () => {
    written()
    records.close()
    expect(await verifyAnew()).toMatchObject({ ok: true, lines: 10 })
  })

  it('of a new site is whole with nothing in it', async () => {
    open()
    expect(await desk.verify()).toEqual({ ok: true, lines: 0 })
    shut()
    expect(await verifyAnew()).toEqual({ ok: true, lines: 0 })
  })

  it('loses nothing of a transaction that is undone', async () => {
    open()
    desk.add(SUE, 'a')
    const undone = () =>
      records.transaction(() => {
        desk.add(SUE, 'b')
        throw new Error('stop')
      })
    expect(undone).toThrow('stop')
    desk.add(SUE, 'c')
    expect(desk.list({ limit: 9 }).lines.map(({ id, action }) => [id, action])).toEqual([
      [2, 'c'],
      [1, 'a'],
    ])
    expect(await desk.verify()).toMatchObject({ ok: true, lines: 2 })
  })

  it('takes any text and still fits', async () => {
    open()
    for (const text of [
      '\ud800 half',
      'nul \0 byte',
      '“ä” 日本 🔧',
      '',
      'a\nb',
      '"],[',
      "'); DROP TABLE audit;--",
    ])
      desk.add({ name: `x${text}` }, 'note', text, text)
    expect(await desk.verify()).toMatchObject({ ok: true, lines: 7 })
    shut()
    expect(await verifyAnew()).toMatchObject({ ok: true, lines: 7 })
  })

  it('is read in pages, newest first, by who, what and which device', () => {
    written()
    const page = desk.list({ limit: 4 })
    expect(page).toMatchObject({ more: true })
    expect(page.lines.map(({ id }) => id)).toEqual([10, 9, 8, 7])
    expect(desk.list({ limit: 9, beforeId: 7 })).toMatchObject({ more: false })
    expect(desk.list({ limit: 9, actor: 'sU' }).lines.map(({ id }) => id)).toEqual([9, 7, 5])
    expect(desk.list({ limit: 9, subject: udnOf(6).slice(-4) }).lines.map(({ id }) => id)).toEqual([6])
    expect(desk.list({ limit: 9, action: 'approve' }).lines).toHaveLength(3)
    expect(desk.list({ limit: 9, action: '%' }).lines).toHaveLength(0)
  })

  it('can be followed by anybody with SHA-256', () => {
    open()
    desk.add(SUE, 'first', 'x')
    desk.add({ name: 'Ada' }, 'second')
    const lines = [...desk.exportLines()].join('').trim().split('\n')
    let hash = CHAIN_BEGIN
    for (const text of lines) {
      const {
        at,
        hash: kept,
        ...rest
      } = JSON.parse(text) as {
        at: string
        hash: string
        id: number
        actor: string
        action: string
      }
      hash = lineHash(hash, { ...rest, atMs: Date.parse(at) })
      expect(kept).toBe(hash)
    }
    expect(lines).toHaveLength(2)
  })

  it('says nothing of its key', () => {
    written()
    const { key } = JSON.parse(String(vault.sealed.get('audit-chain'))) as { key: string }
    const database = openDatabase(path)
    const facts = database.prepare('SELECT value FROM facts').all()
    database.close()
    expect(JSON.stringify([facts, [...desk.exportLines()]])).not.toContain(key)
  })
})

const COLUMNS = { atMs: '77', actor: `'Eve'`, role: `'viewer'`, action: `'x'`, subject: `'x'`, detail: `'x'` }
const nulls = ['role', 'subject', 'detail'] as const
const changes: [string, string, number | undefined][] = [
  ...Object.entries(COLUMNS).flatMap(([column, value]) =>
    [4, 7, 10].map((id): [string, string, number] => [
      `${column} of line ${id} changed`,
      `UPDATE audit SET ${column} = ${value} WHERE id = ${id}`,
      id,
    ]),
  ),
  ...nulls.map((column): [string, string, number] => [
    `${column} of line 9 taken away`,
    `UPDATE audit SET ${column} = NULL WHERE id = 9`,
    9,
  ]),
  ...Object.entries(COLUMNS).map(([column, value]): [string, string, number] => [
    `${column} of an older line changed`,
    `UPDATE audit SET ${column} = ${value} WHERE id = 2`,
    4,
  ]),
  ['hash of line 7 changed', `UPDATE audit SET hash = '${'a'.repeat(64)}' WHERE id = 7`, 7],
  ['hash of line 7 taken away', 'UPDATE audit SET hash = NULL WHERE id = 7', 7],
  ['hash of the last line taken away', 'UPDATE audit SET hash = NULL WHERE id = 10', 10],
  ['a hash given to an older line', `UPDATE audit SET hash = '${'a'.repeat(64)}' WHERE id = 2`, 2],
  ['all hashes taken away', 'UPDATE audit SET hash = NULL', 4],
  ['number of the last line changed', 'UPDATE audit SET id = 12 WHERE id = 10', 12],
  ['number of an older line changed', 'UPDATE audit SET id = -5 WHERE id = 1', 4],
  ['a line in the middle removed', 'DELETE FROM audit WHERE id = 7', 8],
  ['the first line of the chain removed', 'DELETE FROM audit WHERE id = 4', 5],
  ['an older line removed', 'DELETE FROM audit WHERE id = 2', 4],
  ['all older lines removed', 'DELETE FROM audit WHERE id < 4', 4],
  ['the last line removed', 'DELETE FROM audit WHERE id = 10', 10],
  ['the tail removed', 'DELETE FROM audit WHERE id > 5', 6],
  ['the whole chain removed', 'DELETE FROM audit WHERE id > 3', 4],
  ['every line removed', 'DELETE FROM audit', 1],
  [
    'a line in the middle removed and the rest moved up',
    `DELETE FROM audit WHERE id = 7; UPDATE audit SET id = id - 1 WHERE id > 7`,
    7,
  ],
  [
    'two lines in another order',
    `UPDATE audit SET id = 99 WHERE id = 6; UPDATE audit SET id = 6 WHERE id = 7; UPDATE audit SET id = 7 WHERE id = 99`,
    6,
  ],
  [
    'two older lines in another order',
    `UPDATE audit SET id = 99 WHERE id = 1; UPDATE audit SET id = 1 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 99`,
    4,
  ],
  ['a line added at the end', `INSERT INTO audit (atMs, actor, action) VALUES (1, 'Eve', 'x')`, 11],
  ['the head removed', `DELETE FROM facts WHERE name = 'auditHead'`, undefined],
  ['the head overwritten', `UPDATE facts SET value = '{}' WHERE name = 'auditHead'`, undefined],
]

describe('somebody with the file and no key is found out', () => {
  it.each(changes)('%s', async (_what, sql, firstWrong) => {
    written()
    shut()
    tamper((database) => database.exec(sql))
    const check = await verifyAnew()
    expect(check.ok).toBe(false)
    expect(check.firstWrong).toBe(firstWrong)
    // What is written afterwards must not cover it up.
    desk.add(SUE, 'later')
    desk.add(SUE, 'later still')
    shut()
    expect((await verifyAnew()).ok).toBe(false)
  })

  it('while the program runs too', async () => {
    written()
    tamper((database) => database.exec('DELETE FROM audit WHERE id > 8'))
    desk.add(SUE, 'later')
    expect(await desk.verify()).toMatchObject({ ok: false, reason: 'missing' })
  })

  /** The chain computed anew from line 1 on, as its rule is public. */
  const rechain = (database: Database): string => {
    let hash = CHAIN_BEGIN
    for (const row of database.prepare('SELECT * FROM audit ORDER BY id').all() as Record<
      string,
      unknown
    >[]) {
      const present = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
      hash = lineHash(hash, present as Parameters<typeof lineHash>[1])
      if (row.hash !== null)
        database.prepare('UPDATE audit SET hash = ? WHERE id = ?').run(hash, Number(row.id))
    }
    return hash
  }

  it('who computes the chain anew', async () => {
    written()
    shut()
    tamper((database) => {
      database.exec(`UPDATE audit SET actor = 'Eve' WHERE id = 7`)
      rechain(database)
    })
    expect(await verifyAnew()).toMatchObject({ ok: false, reason: 'changed' })
  })

  it('who computes the chain anew, and the head with it', async () => {
    written()
    shut()
    tamper((database) => {
      database.exec(`DELETE FROM audit WHERE id = 10`)
      const hash = rechain(database)
      const row = database.prepare(`SELECT value FROM facts WHERE name = 'auditHead'`).get() as {
        value: string
      }
      const stored = JSON.parse(row.value) as { head: object; seal: string }
      const forged = { ...stored, head: { ...stored.head, id: 9, lines: 9, hash } }
      database.prepare(`UPDATE facts SET value = ? WHERE name = 'auditHead'`).run(JSON.stringify(forged))
    })
    expect((await verifyAnew()).ok).toBe(false)
    desk.add(SUE, 'later')
    expect(await desk.verify()).toMatchObject({ ok: false, reason: 'changed', firstWrong: 10 })
  })

  it('who puts an earlier head back with the tail cut off', async () => {
    written()
    const database = openDatabase(path)
    const { value } = database.prepare(`SELECT value FROM facts WHERE name = 'auditHead'`).get() as {
      value: string
    }
    database.close()
    desk.add(TIM, 'what shall be forgotten')
    shut()
    tamper((cut) => {
      cut.exec('DELETE FROM audit WHERE id = 11')
      cut.prepare(`UPDATE facts SET value = ? WHERE name = 'auditHead'`).run(value)
      cut.exec(`UPDATE sqlite_sequence SET seq = 10 WHERE name = 'audit'`)
    })
    expect(await verifyAnew()).toMatchObject({ ok: false, reason: 'missing', firstWrong: 11 })
    desk.add(SUE, 'later')
    shut()
    expect((await verifyAnew()).ok).toBe(false)
  })

  it('who takes the key away', async () => {
    written()
    shut()
    vault.sealed.delete('audit-chain')
    expect(await verifyAnew()).toMatchObject({ ok: false, reason: 'head-missing' })
    desk.add(SUE, 'later')
    shut()
    expect(await verifyAnew()).toMatchObject({ ok: false, reason: 'head-missing' })
  })

  it('who makes the chain look as if it had never begun', async () => {
    written()
    shut()
    tamper((database) => {
      database.exec(`UPDATE audit SET hash = NULL; DELETE FROM audit WHERE id > 7`)
      database.exec(`DELETE FROM facts WHERE name = 'auditHead'`)
    })
    expect((await verifyAnew()).ok).toBe(false)
  })
})
