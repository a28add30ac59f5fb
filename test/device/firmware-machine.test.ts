import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  applyBank,
  type BankInput,
  type BankTable,
  chooseBoot,
  freshTable,
} from '../../electron/contract/banks'
import { UPDATE_STATES } from '../../electron/contract/firmware'
import { downloadBackoffMs } from '../../electron/device/firmware-download'
import { isPending, nextUpdate, reconcileUpdate, waitUntil } from '../../electron/device/firmware-machine'
import { availableFor } from '../../electron/device/firmware-watch'
import type { UpdateRecord } from '../../electron/device/update-file'

const NEW = { version: '1.5.0', sha256: 'b'.repeat(64), securityVersion: 1 }
const record = (state: UpdateRecord['state']): UpdateRecord => ({
  format: 1,
  updateId: 'u',
  version: NEW.version,
  state,
  startTime: '',
  asked: 'at-once',
  activation: 'at-once',
  image: { sha256: NEW.sha256, bytes: 10, securityVersion: 1, probationS: 60 },
})
const old = freshTable({ version: '1.4.0', sha256: 'a'.repeat(64), securityVersion: 1 })
const tableAfter = (...inputs: BankInput[]): BankTable =>
  inputs.reduce((table, input) => {
    const step = applyBank(table, input)
    if (!step.ok) throw new Error(`${input.type}: ${step.code}`)
    return step.table
  }, old)
const staged = tableAfter({ type: 'write-begun', ...NEW }, { type: 'write-verified' })
const armed = tableAfter(
  { type: 'write-begun', ...NEW },
  { type: 'write-verified' },
  { type: 'armed', manner: 'probation', neededS: 60 },
)
const boot = (table: BankTable) => chooseBoot(table, () => true).table
const apply = (table: BankTable, input: BankInput): BankTable => {
  const step = applyBank(table, input)
  return step.ok ? step.table : table
}
const running = apply(boot(armed), { type: 'running' })

describe('an event', () => {
  it.each<[Parameters<typeof nextUpdate>[1], UpdateRecord['state'], UpdateRecord['state']]>([
    [{ type: 'due' }, 'scheduled', 'downloading'],
    [{ type: 'received' }, 'downloading', 'verifying'],
    [{ type: 'verified' }, 'verifying', 'staged'],
    [{ type: 'armed' }, 'staged', 'rebooting'],
    [{ type: 'running' }, 'rebooting', 'probation'],
    [{ type: 'confirmed' }, 'probation', 'confirmed'],
    [{ type: 'rolled-back', reason: 'watchdog' }, 'probation', 'rolledBack'],
    [{ type: 'refused', code: 'NO_SPACE' }, 'downloading', 'failed'],
    [{ type: 'cancelled' }, 'staged', 'idle'],
  ])('%j takes %s to %s', (input, from, to) => {
    expect(nextUpdate(record(from), input).state).toBe(to)
  })

  it('never wakes an update that has ended', () => {
    for (const state of UPDATE_STATES.filter((each) => !isPending(each))) {
      for (const type of [
        'due',
        'received',
        'verified',
        'armed',
        'running',
        'confirmed',
        'cancelled',
      ] as const)
        expect(nextUpdate(record(state), { type })).toEqual(record(state))
    }
  })
})

describe('after a start the bank table decides', () => {
  it.each<[string, UpdateRecord['state'], BankTable, string]>([
    ['nothing was written', 'scheduled', old, 'scheduled'],
    ['half was written', 'downloading', tableAfter({ type: 'write-begun', ...NEW }), 'downloading'],
    ['the check was cut short', 'verifying', tableAfter({ type: 'write-begun', ...NEW }), 'downloading'],
    ['the check was noted in the table only', 'verifying', staged, 'staged'],
    ['the image waits', 'staged', staged, 'staged'],
    [
      'the image was overwritten by another way',
      'staged',
      tableAfter({ type: 'write-begun', ...NEW }),
      'failed',
    ],
    ['the switch was noted in the table only', 'staged', armed, 'rebooting'],
    ['the switch is ahead', 'rebooting', armed, 'rebooting'],
    ['it runs on trial', 'probation', running, 'probation'],
    ['it failed', 'probation', apply(running, { type: 'faulted', reason: 'watchdog' }), 'rolledBack'],
    ['it was told to go back before it started', 'rebooting', staged, 'rolledBack'],
    ['it was confirmed', 'probation', apply(running, { type: 'confirmed' }), 'confirmed'],
    ['it did not start', 'rebooting', boot(boot(boot(boot(armed)))), 'rolledBack'],
  ])('where %s', (_case, state, table, expected) => {
    expect(reconcileUpdate(record(state), table).state).toBe(expected)
  })

  it('names the reason that the table has', () => {
    const failed = apply(running, { type: 'faulted', reason: 'health-check' })
    expect(reconcileUpdate(record('probation'), failed).rollback).toBe('health-check')
  })

  it('says the same when it is asked again, whatever happened to the banks', () => {
    const inputs: fc.Arbitrary<BankInput> = fc.constantFrom<BankInput[]>(
      { type: 'write-begun', ...NEW },
      { type: 'write-verified' },
      { type: 'write-rejected' },
      { type: 'erased' },
      { type: 'armed', manner: 'probation', neededS: 60 },
      { type: 'disarmed' },
      { type: 'running' },
      { type: 'faulted', reason: 'error-reported' },
      { type: 'confirmed' },
      { type: 'reverted' },
    )
    const steps = fc.array(fc.oneof(inputs, fc.constant('boot' as const)), { maxLength: 12 })
    fc.assert(
      fc.property(steps, fc.constantFrom(...UPDATE_STATES), (happened, state) => {
        let table = old
        for (const input of happened) table = input === 'boot' ? boot(table) : apply(table, input)
        const once = reconcileUpdate(record(state), table)
        expect(reconcileUpdate(once, table)).toEqual(once)
        if (!isPending(state)) expect(once).toEqual(record(state))
        // What is told to wait for its start is there to be started.
        if (once.state === 'staged')
          expect(table.banks[table.confirmed === 'A' ? 'B' : 'A'].state).toBe('valid')
      }),
    )
  })
})

it('waits for a moment, for a word, or not at all', () => {
  const nowMs = Date.parse('2026-01-01T00:00:00Z')
  expect(waitUntil('', nowMs)).toBe(0)
  expect(waitUntil('at-once', nowMs)).toBe(0)
  expect(waitUntil('hold', nowMs)).toBeUndefined()
  expect(waitUntil('2026-01-01T00:00:01Z', nowMs)).toBe(1000)
  expect(waitUntil('2025-12-31T23:59:59Z', nowMs)).toBe(0)
})

it('backs off to a minute, spread by a quarter', () => {
  expect([1, 2, 3, 4].map((n) => downloadBackoffMs(n, 0.5))).toEqual([1000, 2000, 4000, 8000])
  expect(downloadBackoffMs(20, 0)).toBe(45_000)
  expect(downloadBackoffMs(1000, 0.999)).toBeLessThan(75_000)
})

it('takes out of FirmwareAvailable what is for its own model', () => {
  const text = JSON.stringify([
    { model: 'PX-200', version: '1.6.0' },
    { model: 'TS-20', version: '9.0.0' },
    { model: 'PX-200', version: '1.5.0' },
  ])
  expect(availableFor('PX-200', text)).toEqual(['1.6.0', '1.5.0'])
  expect(availableFor('PX-200', '[]')).toEqual([])
  for (const wrong of ['', '{}', '[{"model":"PX-200"}]', '[{"model":"PX-200","version":"new"}]'])
    expect(availableFor('PX-200', wrong)).toBeUndefined()
})
