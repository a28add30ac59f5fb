/** The same SQL on PostgreSQL: each statement that a busy ledger ran on SQLite, in its order, with its answer. */
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { StationAuthority } from '../../electron/factory/authority'
import { Ledger } from '../../electron/factory/ledger'
import { LEDGER_MIGRATIONS, LEDGER_SQL, type LedgerStatement } from '../../electron/factory/ledger-sql'
import { type Database, openDatabase } from '../../electron/store/database'
import { makeTempDir } from '../helpers/temp-dir'
import { VirtualClock } from '../helpers/virtual-clock'
import { makeStation, memoryHead, NOW, newBoard, requestOf, reserve, walk } from './ledger-make'
import { ledgerOps, play } from './ledger-ops'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

type Call =
  | { readonly exec: string }
  | { readonly name: LedgerStatement; readonly values: unknown[]; readonly rows?: unknown[] }

const NAMES = new Map(
  Object.entries(LEDGER_SQL).map(([name, sql]) => [sql.replace(/\$(\d+)/g, '?$1'), name as LedgerStatement]),
)
const plain = (row: unknown): unknown => ({ ...(row as object) })

/** A database that writes down what is asked of it. */
const listen = (database: Database, calls: Call[]): Database =>
  new Proxy(database, {
    get: (target, property) => {
      if (property === 'exec')
        return (sql: string) => {
          target.exec(sql)
          if (/^(BEGIN|COMMIT|ROLLBACK)/.test(sql)) calls.push({ exec: sql.replace(' IMMEDIATE', '') })
        }
      if (property === 'prepare')
        return (sql: string) => {
          const statement = target.prepare(sql)
          const name = NAMES.get(sql)
          if (!name) throw new Error(`not in ledger-sql: ${sql}`)
          return {
            run: (...values: never[]) => {
              calls.push({ name, values })
              return statement.run(...values)
            },
            get: (...values: never[]) => {
              const row: unknown = statement.get(...values)
              calls.push({ name, values, rows: row === undefined ? [] : [plain(row)] })
              return row
            },
            all: (...values: never[]) => {
              const rows: unknown[] = statement.all(...values)
              calls.push({ name, values, rows: rows.map(plain) })
              return rows
            },
          }
        }
      const value: unknown = Reflect.get(target, property, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

let temp: ReturnType<typeof makeTempDir>
let station: StationAuthority
let database: Database
let postgres: PGlite
const calls: Call[] = []

beforeAll(async () => {
  temp = makeTempDir()
  station = await makeStation(temp.path)
  database = openDatabase(join(temp.path, 'ledger.sqlite'), LEDGER_MIGRATIONS)
  const clock = new VirtualClock(NOW)
  const ledger = Ledger.over(listen(database, calls), {
    clock,
    station: 'Line 1',
    signer: () => station.signer,
    head: memoryHead(),
  })
  const [ops = []] = fc.sample(ledgerOps(160), { numRuns: 1, seed: 11 })
  await play(ledger, clock, station, ops)
  await everyOther(ledger)
  postgres = await PGlite.create()
})
afterAll(async () => {
  await postgres.close()
  database.close()
  temp.remove()
})

/** What chance may have left out. */
const everyOther = async (ledger: Ledger): Promise<void> => {
  const board = newBoard()
  const model = 'TH-20'
  reserve(ledger, 'Z05', board, { model })
  ledger.addRange({ model, prefix: 'Z', digits: 2, first: 1, last: 9_9 }, 'Lee')
  await walk(ledger, station, 'Z05', board)
  ledger.begin('Z05', 'complete')
  for (let i = 0; i < 3; i++) ledger.burn(ledger.nextSerialNumber(model) ?? '', 'torn', 'Lee')
  ledger.addRange({ model: 'Big', prefix: '', digits: 10, first: 9_999_999_990, last: 9_999_999_999 }, 'Lee')
  const keyed = newBoard()
  reserve(ledger, '9999999990', keyed, { model: 'Big' })
  await walk(ledger, station, '9999999990', keyed, 'keygen')
  const { publicKeySha256, der: csrDer } = await requestOf(ledger, '9999999990', keyed)
  for (const authorityFingerprint of [station.fingerprint, station.rootFingerprint])
    ledger.reserveCertificate('9999999990', { publicKeySha256, csrDer, authorityFingerprint })
  for (const search of ['', 'z0', "%'_!\\", 'complete']) ledger.units({ search, limit: 5 })
  ledger.summary()
  ledger.accounts()
  ledger.issuedBy(station.fingerprint)
  for (const format of ['csv', 'jsonl'] as const) expect([...ledger.export(format)].length).toBeGreaterThan(5)
  // Looked up only where a checkpoint came late.
  ledger.verify()
}

test('every statement gives on PostgreSQL what it gave on SQLite', async () => {
  for (const sql of LEDGER_MIGRATIONS) await postgres.exec(sql)
  const run = new Set<string>()
  for (const call of calls) {
    if ('exec' in call) {
      await postgres.exec(call.exec)
      continue
    }
    run.add(call.name)
    const { rows } = await postgres.query(LEDGER_SQL[call.name], call.values)
    if (call.rows) expect({ [call.name]: rows }).toEqual({ [call.name]: call.rows })
  }
  const hash = database.prepare('SELECT hash FROM entries WHERE seq = 3').all().map(plain)
  expect((await postgres.query(LEDGER_SQL.entryHash, [3])).rows).toEqual(hash)
  expect([...run, 'entryHash'].sort()).toEqual(Object.keys(LEDGER_SQL).sort())
  expect(calls.length).toBeGreaterThan(500)
})

test.each(['entries', 'units', 'ranges', 'certificates', 'authorities'])(
  'the table %s is the same in both',
  async (table) => {
    const sql = `SELECT * FROM ${table} ORDER BY 1`
    const { rows } = await postgres.query(sql)
    expect(rows).toEqual(database.prepare(sql).all().map(plain))
    expect(rows.length).toBeGreaterThan(0)
  },
)

test('both refuse a second row for a number, a UDN, a key, a certificate and a board', async () => {
  const [unit] = (
    await postgres.query<Record<string, unknown>>(
      'SELECT * FROM units WHERE public_key_sha256 IS NOT NULL AND withdrawn = 0 LIMIT 1',
    )
  ).rows
  const fresh = {
    ...unit,
    id: 1,
    serial_number: 'N',
    udn: 'N',
    public_key_sha256: 'N',
    certificate_serial: 'N',
    hardware_id: 'N',
  }
  for (const column of ['serial_number', 'udn', 'public_key_sha256', 'certificate_serial', 'hardware_id']) {
    const values = Object.values({ ...fresh, [column]: unit?.[column] })
    await expect(postgres.query(LEDGER_SQL.addUnit, values)).rejects.toThrow(/unique/)
    expect(() =>
      database.prepare(LEDGER_SQL.addUnit.replace(/\$(\d+)/g, '?$1')).run(...(values as never[])),
    ).toThrow(/UNIQUE/)
  }
})

test('no statement changes or deletes an entry, and none speaks the words of one database only', () => {
  const sql = [...LEDGER_MIGRATIONS, ...Object.values(LEDGER_SQL)].join('\n')
  expect(sql).not.toMatch(/(UPDATE|DELETE FROM)\s+entries/i)
  expect(sql).not.toMatch(/AUTOINCREMENT|STRICT|ROWID|INSERT OR|PRAGMA|\?|:\w/i)
  // PostgreSQL folds names to lower case.
  expect(sql).not.toMatch(/\b[a-z]+[A-Z]\w*/)
})
