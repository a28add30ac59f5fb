import { describe, expect, it } from 'vitest'
import {
  activeSlot,
  applyBank,
  type BankInput,
  type BankTable,
  bankTableSchema,
  standbySlot,
} from '../../electron/contract/banks'
import { FIRMWARE_LIMITS } from '../../electron/contract/timings'
import { boot, content, factory, having, installed, ONCE, onTrial, PROBATION } from './banks-make'

const refusal = (table: BankTable, input: BankInput) => {
  const step = applyBank(table, input)
  return step.ok ? 'ok' : step.code
}
const CONFIRM = { type: 'confirmed' } as const
const begun = { type: 'write-begun', ...content(3) } as const

describe('a bank is written', () => {
  it('only where the confirmed one is not, whichever that is', () => {
    expect(standbySlot(factory())).toBe('B')
    const second = having(onTrial(), CONFIRM)
    expect(second.confirmed).toBe('B')
    const third = having(second, begun)
    expect(third.banks.B).toEqual(second.banks.B)
    expect(third.banks.A).toMatchObject({ state: 'writing', version: '3.0.0' })
  })

  it('and is valid only when all of it was checked', () => {
    const writing = having(factory(), begun)
    expect(writing.banks.B.state).toBe('writing')
    expect(refusal(writing, PROBATION)).toBe('NO_STANDBY_BANK')
    expect(having(writing, { type: 'write-verified' }).banks.B.state).toBe('valid')
    expect(having(writing, { type: 'write-rejected' }).banks.B.state).toBe('invalid')
    expect(having(writing, { type: 'erased' }).banks.B).toEqual({
      slot: 'B',
      state: 'empty',
      bootAttempts: 0,
    })
  })

  it.each(['empty', 'invalid'] as const)('and a bank that is %s does not become valid by a word', (state) => {
    const table = state === 'empty' ? factory() : having(factory(), begun, { type: 'write-rejected' })
    expect(table.banks.B.state).toBe(state)
    expect(refusal(table, { type: 'write-verified' })).toBe('NO_STANDBY_BANK')
  })

  it('but not while a trial is armed or runs', () => {
    const armed = having(installed(factory()), PROBATION)
    for (const table of [armed, onTrial()])
      for (const type of ['write-verified', 'write-rejected', 'erased'] as const) {
        expect(refusal(table, begun)).toBe('BUSY')
        expect(refusal(table, { type })).toBe('BUSY')
      }
  })

  it('and not below the floor', () => {
    const raised = having(onTrial(PROBATION, 5), CONFIRM)
    expect(raised.floor).toBe(5)
    expect(refusal(raised, { type: 'write-begun', ...content(3, 4) })).toBe('SECURITY_VERSION_TOO_LOW')
    expect(refusal(raised, { type: 'write-begun', ...content(3, 5) })).toBe('ok')
  })

  it('a check that is repeated after a cut says the same again', () => {
    const valid = installed(factory())
    expect(having(valid, { type: 'write-verified' })).toEqual(valid)
    expect(having(factory(), { type: 'write-rejected' })).toEqual(factory())
  })
})

describe('a trial', () => {
  it('begins with the start after it was armed, and the attempt is counted before', () => {
    const armed = having(installed(factory()), PROBATION)
    expect(activeSlot(armed)).toBe('A')
    const { table, slot } = boot(armed)
    expect(slot).toBe('B')
    expect(table.banks.B.bootAttempts).toBe(1)
    expect(activeSlot(table)).toBe('B')
  })

  it('can be called off until it was started', () => {
    const staged = installed(factory())
    const armed = having(staged, PROBATION)
    expect(having(armed, { type: 'disarmed' })).toEqual(staged)
    expect(having(armed, { type: 'reverted' })).toEqual(staged)
    expect(refusal(boot(armed).table, { type: 'disarmed' })).toBe('BUSY')
    expect(having(staged, { type: 'disarmed' })).toEqual(staged)
  })

  it('running resets the attempts, and only uptime from then on counts', () => {
    const started = boot(having(installed(factory()), PROBATION)).table
    expect(having(started, { type: 'ran', seconds: 9 }).trial?.ranS).toBe(0)
    const runs = having(
      started,
      { type: 'running' },
      { type: 'ran', seconds: 9 },
      { type: 'ran', seconds: 1.5 },
    )
    expect(runs.trial).toEqual({ phase: 'running', manner: 'probation', ranS: 10.5, neededS: 100 })
    expect(runs.banks.B.bootAttempts).toBe(0)
    const cut = boot(runs).table
    expect(having(cut, { type: 'ran', seconds: 9 }).trial?.ranS).toBe(10.5)
  })

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('uptime of %d counts as none', (seconds) => {
    expect(having(onTrial(), { type: 'ran', seconds }).trial?.ranS).toBe(0)
  })

  it('a sign of life of the confirmed image is none of the one that is armed', () => {
    const armed = having(installed(factory()), PROBATION)
    for (const input of [
      { type: 'running' },
      { type: 'ran', seconds: 5 },
      { type: 'faulted', reason: 'watchdog' },
    ] as const)
      expect(having(armed, input)).toEqual(armed)
  })

  it('in probation outlives any number of power cuts while it runs each time', () => {
    let table = onTrial()
    for (let cut = 0; cut < 20; cut += 1) {
      const start = boot(table)
      expect(start.slot).toBe('B')
      table = having(start.table, { type: 'running' }, { type: 'ran', seconds: 1 })
    }
    expect(table.trial?.ranS).toBe(20)
  })

  it(`goes back after ${FIRMWARE_LIMITS.bootAttemptsMax} starts that did not get as far as running`, () => {
    let table = having(installed(factory()), PROBATION)
    for (let start = 1; start <= FIRMWARE_LIMITS.bootAttemptsMax; start += 1) {
      const choice = boot(table)
      expect(choice.slot).toBe('B')
      table = choice.table
    }
    const back = boot(table)
    expect(back).toMatchObject({ slot: 'A', rolledBack: 'boot-failed' })
    expect(back.table.banks.B).toMatchObject({ state: 'invalid', bootAttempts: 0 })
    expect(back.table.last).toEqual({ outcome: 'rolledBack', version: '2.0.0', reason: 'boot-failed' })
    expect(refusal(back.table, PROBATION)).toBe('NO_STANDBY_BANK')
    expect(boot(back.table)).toEqual({ table: back.table, slot: 'A' })
  })

  it('of the manner `once` is over with the second start', () => {
    const ran = boot(onTrial(ONCE))
    expect(ran).toMatchObject({ slot: 'A', rolledBack: 'not-confirmed' })
    const silent = boot(boot(having(installed(factory()), ONCE)).table)
    expect(silent).toMatchObject({ slot: 'A', rolledBack: 'boot-failed' })
    expect(silent.table.banks.B.state).toBe('invalid')
  })

  it('of an image that does not verify is over before it began', () => {
    const back = boot(having(installed(factory()), PROBATION), 'B')
    expect(back).toMatchObject({ slot: 'A', rolledBack: 'image-invalid' })
    expect(back.table.banks.B.state).toBe('invalid')
  })

  it.each(['error-reported', 'watchdog', 'health-check'] as const)('is over at once by %s', (reason) => {
    const step = applyBank(onTrial(), { type: 'faulted', reason })
    expect(step).toMatchObject({ ok: true, reboot: true })
    if (!step.ok) throw new Error('refused')
    expect(step.table.last).toEqual({ outcome: 'rolledBack', version: '2.0.0', reason })
    expect(boot(step.table).slot).toBe('A')
  })
})

describe('confirming', () => {
  it('makes the bank on trial the one to come back to, and may be said again', () => {
    const table = having(onTrial(), CONFIRM)
    expect(table).toMatchObject({ confirmed: 'B', last: { outcome: 'confirmed', version: '2.0.0' } })
    expect(table.trial).toBeUndefined()
    expect(having(table, CONFIRM, CONFIRM)).toEqual(table)
    expect(boot(table)).toEqual({ table, slot: 'B' })
  })

  it('alone raises the floor, and makes a bank below it unusable', () => {
    const trial = onTrial(PROBATION, 7)
    expect(trial.floor).toBe(1)
    const table = having(trial, CONFIRM)
    expect(table.floor).toBe(7)
    expect(table.banks.A.state).toBe('invalid')
    expect(refusal(table, { type: 'reverted' })).toBe('NO_STANDBY_BANK')
  })

  it('does not confirm an image that is not running', () => {
    const armed = having(installed(factory()), PROBATION)
    expect(having(armed, CONFIRM)).toEqual(armed)
    expect(refusal(boot(armed).table, CONFIRM)).toBe('BUSY')
    expect(refusal(boot(onTrial()).table, CONFIRM)).toBe('BUSY')
  })

  it('that never arrives, and a report that never arrives, revert nothing', () => {
    const table = having(onTrial(), { type: 'ran', seconds: 1e9 })
    expect(boot(table).slot).toBe('B')
    expect(table.confirmed).toBe('A')
  })
})

describe('going back', () => {
  it('on trial is at once, and marks the image', () => {
    const table = having(onTrial(), { type: 'reverted' })
    expect(table.last).toEqual({ outcome: 'rolledBack', version: '2.0.0', reason: 'ordered' })
    expect(table.banks.B.state).toBe('invalid')
    expect(activeSlot(table)).toBe('A')
  })

  it('after confirm starts the older bank on trial', () => {
    const table = having(onTrial(), CONFIRM, { type: 'reverted', neededS: 50 })
    expect(table.trial).toEqual({ phase: 'armed', manner: 'probation', ranS: 0, neededS: 50 })
    expect(boot(table).slot).toBe('A')
    expect(having(boot(table).table, { type: 'running' }, CONFIRM).confirmed).toBe('A')
  })

  it('is impossible without a valid bank to go to', () => {
    expect(refusal(factory(), { type: 'reverted' })).toBe('NO_STANDBY_BANK')
    const back = having(onTrial(), { type: 'reverted' })
    expect(refusal(back, { type: 'reverted' })).toBe('NO_STANDBY_BANK')
  })
})

describe('without a way back', () => {
  it('an overwritten image is the confirmed one, and raises no floor before it is confirmed', () => {
    const table = having(installed(factory(), 2, 4), { type: 'overwritten' })
    expect(table).toMatchObject({ confirmed: 'B', floor: 1 })
    expect(table.banks.A.state).toBe('invalid')
    expect(having(table, CONFIRM).floor).toBe(4)
    expect(refusal(factory(), { type: 'overwritten' })).toBe('NO_STANDBY_BANK')
    expect(refusal(onTrial(), { type: 'overwritten' })).toBe('BUSY')
  })
})

describe('a confirmed bank that is damaged', () => {
  it('is replaced by the other one, where that is whole', () => {
    const rescue = boot(having(onTrial(), CONFIRM), 'B')
    expect(rescue).toMatchObject({ slot: 'A', rolledBack: 'image-invalid' })
    expect(rescue.table.confirmed).toBe('A')
    expect(rescue.table.banks.B.state).toBe('invalid')
  })

  it('leaves an image that is out of starts where it is: it is all there is', () => {
    const rescue = boot(onTrial(ONCE), 'A')
    expect(rescue.slot).toBe('B')
    expect(rescue.table).toMatchObject({ confirmed: 'B', floor: 1 })
  })

  it('starts nothing where nothing verifies, and concludes nothing from it', () => {
    for (const table of [factory(), onTrial(), onTrial(ONCE), having(installed(factory()), PROBATION)])
      expect(boot(table, 'A', 'B')).toEqual({ table, slot: undefined })
    expect(boot(factory(), 'A').slot).toBeUndefined()
    expect(boot(having(factory(), begun), 'A').slot).toBeUndefined()
  })
})

describe('banks.json', () => {
  it('holds any table', () => {
    for (const table of [factory(), onTrial(), boot(onTrial(ONCE)).table, having(onTrial(), CONFIRM)])
      expect(bankTableSchema.parse(JSON.parse(JSON.stringify(table)))).toEqual(table)
  })

  it('is refused where a table breaks the first rules', () => {
    const { A, B } = factory().banks
    const trial = { phase: 'armed', manner: 'once', ranS: 0, neededS: 0 }
    for (const wrong of [
      { ...factory(), confirmed: 'B' },
      { ...factory(), banks: { A: B, B: A } },
      { ...factory(), trial },
      { ...factory(), floor: -1 },
    ])
      expect(bankTableSchema.safeParse(wrong).success).toBe(false)
  })
})
