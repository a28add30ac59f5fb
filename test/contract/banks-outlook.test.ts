import { expect, it } from 'vitest'
import { bankOutlook } from '../../electron/contract/bank-outlook'
import type { BankTable } from '../../electron/contract/banks'
import { boot, factory, having, installed, ONCE, onTrial, PROBATION } from './banks-make'

const armed = having(installed(factory()), PROBATION)
const armedOnce = having(installed(factory()), ONCE)
const thrice = boot(boot(boot(armed).table).table).table
const confirmed = having(onTrial(), { type: 'confirmed' })

const CASES: readonly (readonly [string, BankTable, object])[] = [
  ['new', factory(), { active: 'A', next: 'A', onPowerCut: 'stays', revert: 'nothing' }],
  ['staged', installed(factory()), { active: 'A', next: 'A', onPowerCut: 'stays', revert: 'starts-other' }],
  ['armed', armed, { active: 'A', next: 'B', onPowerCut: 'starts-trial', revert: 'leaves-trial' }],
  ['armed once', armedOnce, { active: 'A', next: 'B', onPowerCut: 'starts-trial' }],
  ['in its first start', boot(armed).table, { active: 'B', next: 'B', onPowerCut: 'continues-trial' }],
  ['in its last start', thrice, { active: 'B', next: 'A', onPowerCut: 'goes-back' }],
  ['starting once', boot(armedOnce).table, { active: 'B', next: 'A', onPowerCut: 'goes-back' }],
  ['on probation', onTrial(), { active: 'B', next: 'B', onPowerCut: 'continues-trial' }],
  ['on trial once', onTrial(ONCE), { active: 'B', next: 'A', onPowerCut: 'goes-back' }],
  ['confirmed', confirmed, { active: 'B', next: 'B', onPowerCut: 'stays', revert: 'starts-other' }],
  ['rolled back', having(onTrial(), { type: 'reverted' }), { active: 'A', next: 'A', revert: 'nothing' }],
]

it.each(CASES)('%s: what a power cut does, and what starts next', (_, table, expected) => {
  expect(bankOutlook(table)).toMatchObject(expected)
})

it('says how many starts and how much uptime are left', () => {
  expect(bankOutlook(armed).trial).toEqual({
    slot: 'B',
    backTo: 'A',
    manner: 'probation',
    isStarted: false,
    startsLeft: 3,
    leftS: 100,
  })
  expect(bankOutlook(boot(armed).table).trial?.startsLeft).toBe(2)
  expect(bankOutlook(thrice).trial?.startsLeft).toBe(0)
  expect(bankOutlook(onTrial(ONCE)).trial).toMatchObject({ startsLeft: 0, isStarted: true })
  expect(bankOutlook(onTrial(ONCE)).trial).not.toHaveProperty('leftS')
  expect(bankOutlook(having(onTrial(), { type: 'ran', seconds: 130 })).trial?.leftS).toBe(0)
})
