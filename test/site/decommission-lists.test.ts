/** What lists of those that left carry, what is kept of them, and who at a cable counts as leaving. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DECOMMISSIONS_LISTED, decommissionViewSchema } from '../../electron/contract/decommission'
import { DecommissionBook } from '../../electron/site/decommission-book'
import { openDatabase } from '../../electron/store/database'
import { decommissionTable, type KeptDecommission } from '../../electron/store/tables/decommissions'
import { makeTempDir } from '../helpers/temp-dir'
import { VirtualClock } from '../helpers/virtual-clock'
import { settle } from '../jobs/bench'
import { decommissionWorld, ORDER, UDN } from './decommission-world'

let temp: ReturnType<typeof makeTempDir>
beforeAll(() => {
  temp = makeTempDir()
})
afterAll(() => temp.remove())

const soon = async (): Promise<void> => {
  for (let i = 0; i < 12; i += 1) await settle()
}
const udnOf = (index: number): string => `uuid:00000000-0000-4000-8000-${String(index).padStart(12, '0')}`
const items = [{ item: 'log' as const, bytes: 512 }]
const recordOf = (index: number): KeptDecommission => {
  const fixed = { format: 1, statement: 'wiped', udn: udnOf(index), serialNumber: 'S', model: 'M', wipes: 1 }
  const statement = JSON.stringify({ ...fixed, nonce: 'ab'.repeat(16), items })
  return {
    ...{ id: `d-${index}`, udn: udnOf(index), name: 'Pump', serialNumber: `SN-${index}` },
    ...{ orderedAtMs: index, orderedBy: 'Technician 17', reason: 'retired', note: '', revoked: [] },
    ...{ state: 'proven', nonce: 'ab'.repeat(16) },
    answer: { statement, signature: 'AAAA' },
    proof: { statement, signature: 'AAAA', chainPem: 'PEM', provenAtMs: 5 },
  }
}
const tableOf = (all: readonly KeptDecommission[]) => ({
  list: () => [...all],
  unreadable: () => [],
  putAll: () => undefined,
})

it('lists the newest without their proofs, and tells changes in parts', () => {
  const clock = new VirtualClock(0)
  const all = Array.from({ length: DECOMMISSIONS_LISTED + 10 }, (_, index) => recordOf(index))
  const book = new DecommissionBook(clock, tableOf(all))
  const listed = book.list()
  expect(listed).toHaveLength(DECOMMISSIONS_LISTED)
  expect(listed[0]?.id).toBe(all.at(-1)?.id)
  expect(listed[0]?.proof).toEqual({ provenAtMs: 5, items })
  expect(JSON.stringify(listed[0])).not.toContain('PEM')
  expect(listed[0]).not.toHaveProperty('answer')
  expect(decommissionViewSchema.parse(listed[0])).toEqual(listed[0])
  expect(book.records()).toHaveLength(all.length)
  const told: number[] = []
  book.onChange((records) => told.push(records.length))
  for (const record of all) book.put(record)
  clock.advance(1_000)
  expect(told).toEqual([DECOMMISSIONS_LISTED, 10])
})

it('keeps only what it can read again, and goes on without a row that it can not read', () => {
  const database = openDatabase(':memory:')
  const table = decommissionTable(database)
  const [one, two] = [recordOf(1), recordOf(2)]
  table.putAll([{ record: one }, { record: two }])
  const broken = { ...two, signature: 'x', answer: { statement: 'x'.repeat(5_000), signature: '' } }
  expect(() => table.putAll([{ record: { ...one, note: 'new' } }, { record: broken }])).toThrow(
    expect.objectContaining({ code: 'DEFECT' }),
  )
  expect(table.list()).toEqual([one, two])
  database.prepare("UPDATE decommissions SET content = '{' WHERE id = ?").run(two.id)
  expect(table.list()).toEqual([one])
  expect(table.unreadable()).toEqual([{ id: two.id, udn: two.udn, state: 'proven' }])
  const book = new DecommissionBook(new VirtualClock(0), table)
  // Nobody knows how far it was: it is not let in.
  expect([book.isLost(two.udn), book.isLost(one.udn)]).toEqual([true, false])
  database.close()
})

it('a device whose record can not be read stays frozen and out', async () => {
  const w = await decommissionWorld(`${temp.path}/lost`)
  const decommissions = {
    ...w.records.decommissions,
    unreadable: () => [{ id: 'x', udn: UDN, state: 'queued' }],
  }
  const { desk } = w.open({ records: { ...w.records, decommissions } })
  expect([desk.isFrozen(UDN), desk.mayEnroll(UDN, '')]).toEqual([true, false])
})

it('a leaving device is refused at a cable too, by its UDN or by its serial number', async () => {
  const w = await decommissionWorld(`${temp.path}/cable`)
  w.device.online = false
  const { desk } = w.open()
  expect(() => desk.requireFreeCable({ udn: UDN })).not.toThrow()
  desk.start(ORDER)
  await soon()
  const frozen = expect.objectContaining({ code: 'FROZEN', subject: UDN })
  expect(() => desk.requireFreeCable({ udn: UDN })).toThrow(frozen)
  expect(() => desk.requireFreeCable({ serialNumber: 'SN-1' })).toThrow(frozen)
  expect(() => desk.requireFreeCable({ serialNumber: 'SN-2' })).not.toThrow()
  expect(() => desk.requireFreeCable({})).not.toThrow()
})

it('a disk of the device that refuses is waited for', async () => {
  const w = await decommissionWorld(`${temp.path}/disk`)
  w.device.faults.push('disk')
  const { desk, runner } = w.open()
  const [id = ''] = desk.start(ORDER)
  await soon()
  expect(desk.list()[0]).toMatchObject({ state: 'queued', error: { code: 'ACTION_FAILED', detail: 'full' } })
  expect(runner.get(id)?.state).not.toBe('failed')
  for (let i = 0; i < 2_000 && desk.stateOf(UDN) !== 'certified'; i += 1) {
    await settle()
    if (i % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 1))
    if (i % 3 === 2) w.clock.advance(2_000)
  }
  expect(desk.stateOf(UDN)).toBe('certified')
  expect([w.device.wipes, new Set(w.device.nonces).size]).toEqual([1, 1])
})
