/** The end of a device's life, whatever fails on the way and however often the program starts anew. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { JOB_STEPS } from '../../electron/contract/job'
import { generateKeyPem } from '../../electron/identity/keys'
import { makeTempDir } from '../helpers/temp-dir'
import { settle } from '../jobs/bench'
import { decommissionWorld, type Fault, ORDER, UDN } from './decommission-world'

let temp: ReturnType<typeof makeTempDir>
let count = 0
beforeAll(() => {
  temp = makeTempDir()
})
afterAll(() => temp.remove())
const world = (more?: Parameters<typeof decommissionWorld>[1]) => {
  count += 1
  return decommissionWorld(`${temp.path}/${count}`, more)
}
type World = Awaited<ReturnType<typeof world>>
type Open = ReturnType<World['open']>

const isOver = (state: string): boolean => ['done', 'failed', 'cancelled'].includes(state)

/** Until no more goes on by itself, however much time passes. */
const calm = async ({ clock }: World, { runner }: Open): Promise<void> => {
  for (let i = 0; i < 5_000 && !runner.list().every(({ state }) => isOver(state)); i += 1) {
    await settle()
    if (i % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 1))
    if (i % 3 === 2) clock.advance(31_000)
  }
}
const soon = async (): Promise<void> => {
  for (let i = 0; i < 12; i += 1) await settle()
}

describe('decommissioning', () => {
  it('goes all the way with a device that is there', async () => {
    const w = await world()
    const { desk, runner } = w.open()
    const preview = await desk.preview({ udns: [UDN], revokeIdevid: false })
    expect(preview).toMatchObject({ phrase: 'WIPE SN-1', rows: [{ udn: UDN, online: true, jobs: 0 }] })
    expect(preview.rows[0]?.ldevids).toHaveLength(1)
    const [id] = desk.start({ ...ORDER, revokeIdevid: true })
    expect(desk.isFrozen(UDN)).toBe(true)
    expect(() => desk.requireFree('configure', [UDN])).toThrow(expect.objectContaining({ code: 'FROZEN' }))
    await calm(w, { desk, runner })
    expect(runner.list()[0]).toMatchObject({ id, state: 'done' })
    expect(runner.list()[0]?.steps.map(({ name }) => name)).toEqual(JOB_STEPS.decommission)
    const [record] = desk.list()
    expect(record).toMatchObject({ id, state: 'certified', crlNumber: 7, orderedBy: 'Technician 17' })
    expect(record?.revoked.map(({ kind }) => kind)).toEqual(['LDevID', 'IDevID'])
    expect(record).not.toHaveProperty('answer')
    expect(w.blocked.size).toBe(1)
    expect(w.withdrawn).toEqual([UDN])
    expect(desk.isFrozen(UDN)).toBe(false)
    expect(desk.stateOf(UDN)).toBe('certified')
    expect((await desk.preview({ udns: [UDN], revokeIdevid: false })).rows[0]?.problem).toBe('DECOMMISSIONED')
    expect(w.records.enrollments.byUdn(UDN)).toMatchObject({
      state: 'rejected',
      rejectCode: 'DECOMMISSIONED',
    })
  })

  it('wants the phrase', async () => {
    const w = await world()
    const { desk, runner } = w.open()
    expect(() => desk.start({ ...ORDER, phrase: 'WIPE 1' })).toThrow(
      expect.objectContaining({ code: 'PHRASE_WRONG' }),
    )
    expect(() => desk.start({ ...ORDER, udns: [UDN.replace('1', '2')] })).toThrow(
      expect.objectContaining({ code: 'DEVICE_UNKNOWN' }),
    )
    expect(runner.list()).toEqual([])
    expect(w.device.nonces).toEqual([])
  })

  it('revokes a device that is away at once, and wipes it when it is back', async () => {
    const w = await world()
    w.device.online = false
    const opened = w.open()
    opened.desk.start(ORDER)
    await soon()
    expect(w.serials().size).toBe(1)
    expect(opened.desk.stateOf(UDN)).toBe('queued')
    expect(opened.desk.mayEnroll(UDN, '')).toBe(false)
    expect(opened.runner.list()[0]?.state).toBe('waiting')
    w.clock.advance(400 * 24 * 3600_000)
    w.device.online = true
    w.wake()
    await calm(w, opened)
    expect(opened.desk.stateOf(UDN)).toBe('certified')
    expect(opened.desk.mayEnroll(UDN, '')).toBe(true)
  })

  it('takes no proof by another key', async () => {
    const w = await world({ signerPem: generateKeyPem() })
    const opened = w.open()
    opened.desk.start(ORDER)
    await calm(w, opened)
    expect(opened.runner.list()[0]).toMatchObject({ state: 'failed', error: { code: 'PROOF_INVALID' } })
    expect(opened.desk.list()[0]).toMatchObject({ state: 'wiped' })
    expect(opened.desk.list()[0]).not.toHaveProperty('certificate')
    expect(opened.desk.mayEnroll(UDN, '')).toBe(false)
  })

  it('keeps out a device that came back where the policy says so', async () => {
    const w = await world()
    const opened = w.open({ mayReturn: () => false })
    opened.desk.start(ORDER)
    await calm(w, opened)
    expect(opened.desk.refuses(UDN, '')).toBe('DECOMMISSIONED')
  })

  it('tells at the order that the device is refused from now on', async () => {
    const w = await world()
    w.device.online = false
    const heard: unknown[] = []
    const opened = w.open({ refusesMore: () => heard.push(opened.desk.refuses(UDN, '')) })
    opened.desk.start(ORDER)
    expect(heard).toEqual(['DECOMMISSIONED'])
    await calm(w, opened)
  })

  it('forgets an order that was called off before anything was revoked', async () => {
    const w = await world()
    w.device.online = false
    w.troubles.push('NO_SPACE')
    const opened = w.open()
    opened.desk.start(ORDER)
    await calm(w, opened)
    expect(opened.runner.list()[0]).toMatchObject({ state: 'failed', error: { code: 'NO_SPACE' } })
    expect(w.serials().size).toBe(0)
    expect(opened.desk.isFrozen(UDN)).toBe(false)
    expect(opened.desk.mayEnroll(UDN, '')).toBe(true)
  })
})

type Event =
  | { readonly kind: 'online' | 'offline' | 'restart' | 'cancel' | 'again' | 'clear' | 'pass' }
  | { readonly kind: 'device'; readonly fault: Fault }
  | { readonly kind: 'controller' }

const events: fc.Arbitrary<Event[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom('online', 'offline', 'restart', 'cancel', 'again', 'clear', 'pass') }),
    fc.record({
      kind: fc.constant('device'),
      fault: fc.constantFrom<Fault[]>('unreachable', 'answer-lost', 'busy', 'garbled'),
    }),
    fc.record({ kind: fc.constant('controller') }),
  ),
  { maxLength: 14 },
)

/** Orders again what has ended without its end, as a person would. */
const orderAgain = ({ desk, runner }: Open): void => {
  if (desk.stateOf(UDN) === 'certified' || runner.list().some(({ state }) => !isOver(state))) return
  desk.start(ORDER)
}
describe('whatever fails', () => {
  it('ends certified, revoked once and for all, with one wipe and one nonce', async () => {
    await fc.assert(
      fc.asyncProperty(events, fc.boolean(), async (script, keepIdentity) => {
        const w = await world({ keepIdentity })
        w.device.online = false
        let opened = w.open()
        opened.desk.start(ORDER)
        let wasRevoked = false
        for (const event of script) {
          if (event.kind === 'online' || event.kind === 'offline') {
            w.device.online = event.kind === 'online'
            w.wake()
          } else if (event.kind === 'restart') {
            await opened.runner.stop()
            opened.desk.close()
            opened = w.open()
          } else if (event.kind === 'cancel') {
            opened.runner.cancel(
              opened.runner
                .list()
                .filter(({ state }) => !isOver(state))
                .map(({ id }) => id),
            )
          } else if (event.kind === 'again') orderAgain(opened)
          else if (event.kind === 'clear') opened.runner.clear()
          else if (event.kind === 'device') w.device.faults.push(event.fault)
          else if (event.kind === 'controller') w.troubles.push('NO_SPACE')
          else w.clock.advance(31_000)
          for (let i = 0; i < 4; i += 1) await settle()
          // What is revoked stays so.
          if (wasRevoked) expect(w.serials().size).toBe(1)
          wasRevoked ||= w.serials().size === 1
          if (w.device.nonces.length > 0) expect(wasRevoked).toBe(true)
        }
        w.troubles.length = 0
        w.device.online = true
        w.wake()
        for (let tries = 0; tries < 6 && opened.desk.stateOf(UDN) !== 'certified'; tries += 1) {
          orderAgain(opened)
          await calm(w, opened)
        }
        expect(opened.desk.stateOf(UDN)).toBe('certified')
        expect(w.serials().size).toBe(1)
        expect(w.device.wipes).toBe(1)
        expect(new Set(w.device.nonces).size).toBe(1)
        expect(opened.desk.list()).toHaveLength(1)
        expect(opened.desk.list()[0]?.certificate?.sequence).toBe(1)
        await opened.runner.stop()
        opened.desk.close()
        w.records.close()
      }),
      { numRuns: 10 },
    )
  })
})
