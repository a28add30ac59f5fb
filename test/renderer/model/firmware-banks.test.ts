import { describe, expect, it } from 'vitest'
import type { BoardState } from '../../../electron/contract/firmware'
import {
  bankCells,
  confirmBlock,
  probationShare,
  revertBlock,
  serialCells,
  tableOf,
} from '../../../renderer/model/firmware-banks'
import { SERIAL, statusOf } from '../harness/sample-firmware'

const cells = (state: BoardState) => bankCells(statusOf(state, 0)).map(({ state: one }) => one)
const next = (state: BoardState) => bankCells(statusOf(state, 0)).find(({ startsNext }) => startsNext)?.name
const member = { managed: true, online: true, phase: 'operation' }

describe('the two banks as cells', () => {
  it.each([
    ['waiting', ['runs', 'empty'], 'A'],
    ['downloading', ['runs', 'writing'], 'A'],
    ['staged', ['runs', 'staged'], 'A'],
    ['switching', ['runs', 'staged'], 'B'],
    ['probation', ['standby', 'trial'], 'B'],
    ['confirmed', ['standby', 'runs'], 'B'],
    ['rolledBack', ['runs', 'invalid'], 'A'],
  ] as const)('while %s', (state, states, starts) => {
    expect(cells(state)).toEqual(states)
    expect(next(state)).toBe(starts)
  })

  it('names no version of an empty bank', () =>
    expect(bankCells(statusOf('waiting', 0))[1]?.version).toBeUndefined())

  it('is the table of the rules', () => {
    const table = tableOf(statusOf('probation', 0))
    expect(table.confirmed).toBe('A')
    expect(table.trial?.phase).toBe('running')
    expect(tableOf(statusOf('switching', 0)).trial?.phase).toBe('armed')
    expect(tableOf(statusOf('staged', 0)).trial).toBeUndefined()
  })

  it('goes back after three starts that failed', () => {
    const status = statusOf('switching', 0)
    const banks = status.banks.map((bank) => (bank.slot === 'B' ? { ...bank, bootAttempts: 3 } : bank))
    const found = bankCells({ ...status, banks }).find(({ startsNext }) => startsNext)
    expect(found?.name).toBe('A')
  })
})

describe('what can be done about the banks', () => {
  it('keeps only what is on trial', () => {
    expect(confirmBlock(member, statusOf('probation', 0))).toBeUndefined()
    expect(confirmBlock(member, statusOf('confirmed', 0))).toBe('no-trial')
    expect(confirmBlock(member, undefined)).toBe('unknown')
    expect(confirmBlock({ ...member, online: false }, statusOf('probation', 0))).toBe('offline')
    expect(confirmBlock({ ...member, phase: 'commissioning' }, undefined)).toBe('not-enrolled')
    expect(confirmBlock({ ...member, managed: false }, undefined)).toBe('not-managed')
  })

  it('goes back only to a bank that the rules would start', () => {
    expect(revertBlock(member, statusOf('probation', 0))).toBeUndefined()
    expect(revertBlock(member, statusOf('waiting', 0))).toBe('no-way-back')
    expect(revertBlock(member, statusOf('rolledBack', 0))).toBe('no-way-back')
    // The old image is below the floor that the confirmed one raised.
    const raised = { ...statusOf('confirmed', 0), securityVersion: 7 }
    expect(revertBlock(member, raised)).toBe('no-way-back')
    expect(bankCells(raised)[0]?.state).toBe('stored')
    expect(revertBlock(member, statusOf('confirmed', 0))).toBeUndefined()
  })

  it('knows how far a trial is', () => {
    expect(probationShare(statusOf('confirmed', 0))).toBe(1)
    expect(probationShare(statusOf('waiting', 0))).toBeUndefined()
  })
})

describe('slots at the end of a cable', () => {
  const swap = SERIAL['/dev/ttyUSB0']
  const overwrite = SERIAL['/dev/ttyUSB1']
  if (!swap || !overwrite) throw new Error('the sample lacks its cables')

  it('shows what lies there without calling it a way back', () =>
    expect(serialCells(swap).map(({ state }) => state)).toEqual(['runs', 'stored']))

  it('draws a second cell where the device has one slot', () =>
    expect(serialCells(overwrite).map(({ state }) => state)).toEqual(['runs', 'empty']))

  it('says that the next start leaves a trial', () => {
    const slots = swap.slots.map((slot) => ({ ...slot, confirmed: !slot.active }))
    const [first, second] = serialCells({ ...swap, slots })
    expect([first?.state, first?.startsNext]).toEqual(['trial', false])
    expect([second?.state, second?.startsNext]).toEqual(['standby', true])
  })

  it('says that the next start tries what is pending', () => {
    const slots = swap.slots.map((slot) => ({ ...slot, pending: !slot.active }))
    expect(serialCells({ ...swap, slots }).map(({ state, startsNext }) => [state, startsNext])).toEqual([
      ['runs', false],
      ['staged', true],
    ])
  })
})
