import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { LedgerCheck } from '../../electron/contract/factory'
import type { StationAuthority } from '../../electron/factory/authority'
import { makeTempDir } from '../helpers/temp-dir'
import { makeStation, memoryHead, openLedger } from './ledger-make'
import { type LedgerOp, ledgerOps, play } from './ledger-ops'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const TABLES = ['entries', 'units', 'ranges', 'certificates', 'authorities'] as const
type Table = (typeof TABLES)[number]
/** A problem says where it is. */
const WHERE = /entry \d+|unit \S+|range \d+|authority|certificate|sealed head|column|table|NULL|constraint/i

interface Sample {
  readonly folder: string
  readonly head: string | undefined
}

let temp: ReturnType<typeof makeTempDir>
let station: StationAuthority
const samples: Sample[] = []
/** The first sample as it was half-way, whole and in itself right. */
let earlier: Sample

const FILE = 'ledger.sqlite'
const make = async (
  name: string,
  ops: readonly LedgerOp[],
  halfWay?: (folder: string, head?: string) => void,
): Promise<Sample> => {
  const folder = join(temp.path, name)
  mkdirSync(folder)
  const { ledger, clock, head } = openLedger(join(folder, FILE), { signer: () => station.signer })
  const boards = await play(ledger, clock, station, ops.slice(0, ops.length / 2))
  halfWay?.(folder, head.text)
  await play(ledger, clock, station, ops.slice(ops.length / 2), boards)
  ledger.close()
  return { folder, head: head.text }
}
const check = (folder: string, sealed: string | undefined): LedgerCheck => {
  const head = memoryHead()
  head.text = sealed
  try {
    const { ledger } = openLedger(join(folder, FILE), { head })
    const found = ledger.verify()
    ledger.close()
    return found
  } catch (thrown) {
    // SQLite's own check at opening may be the first to see it.
    return {
      ok: false,
      entries: 0,
      units: 0,
      checkpoints: 0,
      unsigned: 0,
      problem: (thrown as Error).message,
    }
  }
}
let copies = 0
const copyOf = (sample: Sample): string => {
  const folder = join(temp.path, `copy-${++copies}`)
  cpSync(sample.folder, folder, { recursive: true })
  return folder
}
/** Opens a file as somebody who knows SQLite would; false where SQLite itself refuses the change or it is none. */
const tamper = (folder: string, change: (database: DatabaseSyncInstance) => void): boolean => {
  const database = new DatabaseSync(join(folder, FILE), { enableForeignKeyConstraints: false })
  try {
    const before = dump(database)
    change(database)
    return dump(database) !== before
  } catch {
    return false
  } finally {
    database.close()
  }
}
const rowsOf = (database: DatabaseSyncInstance, table: Table): Record<string, string | number | null>[] =>
  database.prepare(`SELECT rowid AS at, * FROM ${table} ORDER BY rowid`).all() as Record<
    string,
    string | number | null
  >[]
const dump = (database: DatabaseSyncInstance): string =>
  JSON.stringify(TABLES.map((table) => rowsOf(database, table)))
const columnsOf = (database: DatabaseSyncInstance, table: Table): string[] =>
  (database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all() as { name: string }[]).map(
    ({ name }) => name,
  )
const pick = <T>(list: readonly T[], at: number): T => {
  const one = list[at % list.length]
  if (one === undefined) throw new Error('nothing to change')
  return one
}
const expectFound = (found: LedgerCheck): void => {
  expect(found.ok).toBe(false)
  expect(found.problem).toMatch(WHERE)
}

beforeAll(async () => {
  temp = makeTempDir()
  station = await makeStation(temp.path)
  const seeds = fc.sample(ledgerOps(140), { numRuns: 2, seed: 7 })
  for (const [i, ops] of seeds.entries())
    samples.push(
      await make(`sample-${i}`, ops, (folder, head) => {
        if (i === 0) {
          earlier = { folder: join(temp.path, 'earlier'), head }
          cpSync(folder, earlier.folder, { recursive: true })
        }
      }),
    )
})
afterAll(() => temp.remove())

test('a ledger that nobody touched verifies, whatever was done with it', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(ledgerOps(40), async (ops) => {
      const { folder, head } = await make(`fresh-${++run}`, ops)
      const found = check(folder, head)
      expect(found).toMatchObject({ ok: true })
      expect(found.unsigned).toBeLessThanOrEqual(found.entries)
    }),
    { numRuns: 15 },
  )
  for (const { folder, head } of samples) {
    const found = check(folder, head)
    expect(found.ok).toBe(true)
    // The samples are worth tampering with.
    expect(found.units).toBeGreaterThan(5)
    expect(found.checkpoints).toBeGreaterThan(3)
    expect(found.entries).toBeGreaterThan(60)
  }
})

test('every column of every table: a changed value is found', () => {
  const seen: string[] = []
  for (const sample of samples)
    for (const table of TABLES) {
      const probe = new DatabaseSync(join(sample.folder, FILE))
      const columns = columnsOf(probe, table)
      const rows = rowsOf(probe, table)
      probe.close()
      for (const [i, column] of columns.entries()) {
        const row = pick(rows, i * 7)
        const old = row[column]
        const value = typeof old === 'number' ? old + 1_000_003 : old === null ? 'x' : `${old}x`
        const folder = copyOf(sample)
        const done = tamper(folder, (database) => {
          database.exec('PRAGMA ignore_check_constraints = ON')
          database.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`).run(value, row.at ?? 0)
        })
        expect([table, column, done]).toEqual([table, column, true])
        expectFound(check(folder, sample.head))
        seen.push(`${table}.${column}`)
      }
    }
  expect(new Set(seen).size).toBe(seen.length / 2)
})

/** One way to lay hands on a ledger; `a`, `b`, `c` choose where. */
const WAYS: Record<string, (database: DatabaseSyncInstance, a: number, b: number, c: number) => void> = {
  'takes a value from another row': (database, a, b, c) => {
    const table = pick(TABLES, a)
    const column = pick(columnsOf(database, table), b)
    const rows = rowsOf(database, table)
    const [from, to] = [pick(rows, c), pick(rows, a + b)]
    database
      .prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`)
      .run(from[column] ?? null, to.at ?? 0)
  },
  'changes one character': (database, a, b, c) => {
    const table = pick(TABLES, a)
    const column = pick(columnsOf(database, table), b)
    const row = pick(rowsOf(database, table), c)
    const old = String(row[column] ?? '')
    const at = c % Math.max(1, old.length)
    const changed = old.slice(0, at) + (old[at] === '1' ? '2' : '1') + old.slice(at + 1)
    database.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`).run(changed, row.at ?? 0)
  },
  'removes a value': (database, a, b, c) => {
    const table = pick(TABLES, a)
    const column = pick(columnsOf(database, table), b)
    database
      .prepare(`UPDATE ${table} SET ${column} = NULL WHERE rowid = ?`)
      .run(pick(rowsOf(database, table), c).at ?? 0)
  },
  'turns text into bytes': (database, a, b, c) => {
    const table = pick(TABLES, a)
    const column = pick(columnsOf(database, table), b)
    const { at } = pick(rowsOf(database, table), c)
    database.prepare(`UPDATE ${table} SET ${column} = CAST(${column} AS BLOB) WHERE rowid = ?`).run(at ?? 0)
  },
  'deletes a row': (database, a, _b, c) => {
    const table = pick(TABLES, a)
    database.prepare(`DELETE FROM ${table} WHERE rowid = ?`).run(pick(rowsOf(database, table), c).at ?? 0)
  },
  'swaps two entries': (database, a, b) => {
    const rows = rowsOf(database, 'entries')
    const [one, two] = [pick(rows, a).at ?? 0, pick(rows, a + 1 + (b % (rows.length - 1))).at ?? 0]
    const move = database.prepare('UPDATE entries SET seq = ? WHERE seq = ?')
    for (const [from, to] of [
      [one, -1],
      [two, one],
      [-1, two],
    ] as const)
      move.run(to, from)
  },
  'swaps the names of two units': (database, a, b) => {
    const rows = rowsOf(database, 'units')
    const [one, two] = [pick(rows, a), pick(rows, a + 1 + (b % (rows.length - 1)))]
    const set = database.prepare('UPDATE units SET serial_number = ? WHERE id = ?')
    set.run('-', one.id ?? 0)
    set.run(one.serial_number ?? '', two.id ?? 0)
    set.run(two.serial_number ?? '', one.id ?? 0)
  },
  'forges a row': (database, a, b, c) => {
    const table = pick(TABLES, a)
    const columns = columnsOf(database, table)
    const row = pick(rowsOf(database, table), b)
    const forged = columns.map((column, i) => {
      const old = row[column] ?? null
      if (column === 'next_number' || column === 'last_number') return old
      return i < 3 || c % 2 ? (typeof old === 'number' ? old + 100_000 : old && `${old}0`) : old
    })
    database.prepare(`INSERT INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`).run(...forged)
  },
  'appends a copy of an entry': (database, a) => {
    const rows = rowsOf(database, 'entries')
    const { at: _at, ...row } = pick(rows, a)
    const last = rows.at(-1)
    const values = Object.values({ ...row, seq: rows.length + 1, previous_hash: last?.hash ?? '' })
    database.prepare(`INSERT INTO entries VALUES (${values.map(() => '?').join(', ')})`).run(...values)
  },
  'cuts off the tail of the chain': (database, a) => {
    const { length } = rowsOf(database, 'entries')
    database.prepare('DELETE FROM entries WHERE seq > ?').run(a % length)
  },
  'cuts off the head of the chain': (database, a) => {
    const { length } = rowsOf(database, 'entries')
    database.prepare('DELETE FROM entries WHERE seq <= ?').run(1 + (a % length))
  },
  'cuts out a part': (database, a, b) => {
    const { length } = rowsOf(database, 'entries')
    const from = a % length
    database.prepare('DELETE FROM entries WHERE seq > ? AND seq <= ?').run(from, from + 1 + (b % 5))
    database.prepare('UPDATE entries SET seq = seq - ? WHERE seq > ?').run(1 + (b % 5), from)
  },
  'empties a table': (database, a) => database.exec(`DELETE FROM ${pick(TABLES, a)}`),
}

test.each(Object.entries(WAYS))('whoever %s is found', (_name, way) => {
  let changed = 0
  fc.assert(
    fc.property(fc.constantFrom(0, 1), fc.nat(9999), fc.nat(9999), fc.nat(9999), (which, a, b, c) => {
      const sample = pick(samples, which)
      const folder = copyOf(sample)
      if (!tamper(folder, (database) => way(database, a, b, c))) return
      changed++
      expectFound(check(folder, sample.head))
    }),
    { numRuns: 25 },
  )
  expect(changed).toBeGreaterThan(0)
})

test('a whole earlier ledger in place of the present one is found by the head that was kept elsewhere', () => {
  const [sample] = samples
  expect(check(earlier.folder, earlier.head).ok).toBe(true)
  const found = check(earlier.folder, sample?.head)
  expect(found.problem).toMatch(/entry \d+ is missing: the sealed head is at entry \d+/)
})

test('a head that is gone, damaged or of another ledger is found', () => {
  const [first, second] = samples
  if (!first || !second) throw new Error('no samples')
  expect(check(first.folder, undefined).problem).toContain('head is missing')
  expect(check(first.folder, 'nonsense').problem).toContain('head is damaged')
  expectFound(check(first.folder, second.head))
})
