/** A decommissioning that can never be proven, ended by a person. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeTempDir } from '../helpers/temp-dir'
import { settle } from '../jobs/bench'
import { decommissionWorld, ORDER, UDN } from './decommission-world'

let temp: ReturnType<typeof makeTempDir>
let count = 0
beforeAll(() => {
  temp = makeTempDir()
})
afterAll(() => temp.remove())

const soon = async (): Promise<void> => {
  for (let i = 0; i < 12; i += 1) await settle()
}
const queued = async (mayReturn = true) => {
  count += 1
  const w = await decommissionWorld(`${temp.path}/${count}`)
  w.device.online = false
  const { desk, runner } = w.open({ mayReturn: () => mayReturn })
  const [id = ''] = desk.start(ORDER)
  await soon()
  return { w, desk, runner, id }
}
const CLOSE = { note: 'Crushed on 3 May', phrase: 'close sn-1' }

it.each(['revoked', 'queued', 'wiped'] as const)('closes one that is %s, and its job', async (state) => {
  const { w, desk, runner, id } = await queued()
  const [now] = w.records.decommissions.list()
  if (now) Reflect.get(desk, 'book').put({ ...now, state })
  expect(desk.closeUnproven({ id, ...CLOSE })).toMatchObject([
    { id, state: 'closed', closed: { by: 'Technician 17', note: CLOSE.note } },
  ])
  await soon()
  expect(runner.get(id)?.state).toBe('cancelled')
  expect(desk.isFrozen(UDN)).toBe(false)
  expect(desk.stateOf(UDN)).toBe('closed')
  expect(desk.mayEnroll(UDN, '')).toBe(true)
  expect(desk.list()[0]).not.toHaveProperty('certificate')
  expect(desk.list()[0]).not.toHaveProperty('error')
  expect(w.audit).toContain(`decommission-closed ${UDN}`)
  expect(() => desk.closeUnproven({ id, ...CLOSE })).toThrow(
    expect.objectContaining({ code: 'VALUE_INVALID' }),
  )
  // A retried job does not open it again.
  w.device.online = true
  runner.retry([id])
  await soon()
  expect(desk.stateOf(UDN)).toBe('closed')
  expect(w.device.wipes).toBe(0)
  const row = w.records.enrollments.byUdn(UDN)
  if (!row) throw new Error('no enrolment')
  const { rejectCode: _, ...fresh } = row
  w.records.enrollments.put({ ...fresh, state: 'pending', requestedAtMs: w.clock.now() })
  expect(desk.stateOf(UDN)).toBeUndefined()
})

it('is closed by the right words with a reason only', async () => {
  const { desk, id } = await queued()
  const refused = (order: Partial<typeof CLOSE>, code: string) =>
    expect(() => desk.closeUnproven({ id, ...CLOSE, ...order })).toThrow(expect.objectContaining({ code }))
  refused({ phrase: 'WIPE SN-1' }, 'PHRASE_WRONG')
  refused({ note: ' ' }, 'VALUE_INVALID')
  expect(desk.stateOf(UDN)).toBe('queued')
})

it.each(['ordered', 'frozen', 'proven', 'certified'] as const)('is never closed when %s', async (state) => {
  const { w, desk, id } = await queued()
  const [now] = w.records.decommissions.list()
  if (now) Reflect.get(desk, 'book').put({ ...now, state })
  expect(() => desk.closeUnproven({ id, ...CLOSE })).toThrow(
    expect.objectContaining({ code: 'VALUE_INVALID' }),
  )
})

it('comes back only where the policy lets it', async () => {
  const { desk, id } = await queued(false)
  desk.closeUnproven({ id, ...CLOSE })
  expect(desk.mayEnroll(UDN, '')).toBe(false)
})

it('is wiped after all, by a new order, when it turns up', async () => {
  const { w, desk, id } = await queued()
  desk.closeUnproven({ id, ...CLOSE })
  await soon()
  w.clock.advance(1_000)
  w.device.online = true
  expect((await desk.preview({ udns: [UDN], revokeIdevid: false })).rows[0]).not.toHaveProperty('problem')
  const [again = ''] = desk.start(ORDER)
  expect(again).not.toBe(id)
  await expect.poll(() => desk.stateOf(UDN)).toBe('certified')
  expect(w.device.wipes).toBe(1)
  const [closed, wiped] = w.records.decommissions.list()
  expect([closed, wiped]).toMatchObject([
    { id, state: 'closed' },
    { id: again, state: 'certified', revoked: [] },
  ])
  expect(wiped?.nonce).not.toBe(closed?.nonce)
})

it('a second order says what counts: its reason, its note, and whether the factory identity is kept out', async () => {
  const { w, desk, runner, id } = await queued()
  const [before] = w.records.decommissions.list()
  runner.cancel([id])
  await soon()
  expect([...w.blocked]).toEqual([])
  const [again = ''] = desk.start({ ...ORDER, reason: 'lost', note: 'Not on its pole', revokeIdevid: true })
  await soon()
  expect([...w.blocked]).toEqual([before?.idevid])
  const [record, ...others] = w.records.decommissions.list()
  expect(others).toEqual([])
  expect(record).toMatchObject({ id: again, nonce: before?.nonce, reason: 'lost', note: 'Not on its pole' })
  expect(record?.revoked.map(({ kind }) => kind)).toEqual(['LDevID', 'IDevID'])
  w.device.online = true
  w.wake()
  await expect.poll(() => desk.stateOf(UDN)).toBe('certified')
})
