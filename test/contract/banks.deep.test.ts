import { expect, it } from 'vitest'
import { bankOutlook } from '../../electron/contract/bank-outlook'
import {
  applyBank,
  type BankTable,
  chooseBoot,
  otherSlot,
  type Slot,
  standbySlot,
} from '../../electron/contract/banks'
import { FIRMWARE_LIMITS } from '../../electron/contract/timings'
import { factory } from './banks-make'
import { INPUTS, rightBank, wrongOf, wrongStep } from './banks-world'

/** Uptime beyond what is needed makes no difference; everything else of a table is told apart. */
const keyOf = (table: BankTable): string =>
  JSON.stringify({
    ...table,
    trial: table.trial && { ...table.trial, ranS: Math.min(table.trial.ranS, table.trial.neededS) },
  })

const SLOT_SETS: readonly (readonly Slot[])[] = [[], ['A'], ['B'], ['A', 'B']]

interface Explored {
  readonly states: readonly BankTable[]
  readonly steps: number
  readonly wrong: readonly string[]
}

/** Breadth first from the factory, by every input and by every start, also with damaged banks where `damage` says so. */
const explore = (damage: boolean): Explored => {
  const seen = new Map<string, BankTable>()
  const wrong: string[] = []
  let steps = 0
  let frontier: BankTable[] = []
  const visit = (table: BankTable) => {
    const key = keyOf(table)
    if (seen.has(key)) return
    seen.set(key, table)
    for (const rule of wrongOf(table)) wrong.push(`${rule}: ${key}`)
    frontier.push(table)
  }
  visit(factory())
  while (frontier.length > 0) {
    const layer = frontier
    frontier = []
    for (const table of layer) {
      for (const input of INPUTS) {
        const step = applyBank(table, input)
        steps += 1
        for (const rule of wrongStep(table, input, step)) wrong.push(`${rule}: ${input.type} ${keyOf(table)}`)
        if (step.ok) visit(step.table)
      }
      for (const whole of SLOT_SETS) {
        if (!damage && !whole.includes(table.confirmed)) continue
        steps += 1
        visit(chooseBoot(table, (slot) => whole.includes(slot)).table)
      }
    }
  }
  return { states: [...seen.values()], steps, wrong }
}

const STARTS = FIRMWARE_LIMITS.bootAttemptsMax + 2

it('from every reachable state a power cut leads to the right bank, whatever of the other one still verifies', () => {
  const { states, steps, wrong } = explore(false)
  expect(wrong).toEqual([])
  let starts = 0
  const cuts = (table: BankTable, left: number, home: Slot): void => {
    if (left === 0) {
      // An image that never says that it runs can't keep the device: it ends at the confirmed bank and stays there.
      expect(chooseBoot(table, () => true)).toEqual({ table, slot: home })
      expect(table).toMatchObject({ confirmed: home })
      expect(table.trial).toBeUndefined()
      return
    }
    for (const isWhole of [true, false]) {
      const verifies = (slot: Slot) => slot === home || isWhole
      const choice = chooseBoot(table, verifies)
      starts += 1
      if (choice.slot !== rightBank(table, verifies)) throw new Error(`wrong bank: ${keyOf(table)}`)
      if (choice.table.banks[choice.slot].state !== 'valid') throw new Error(`not valid: ${keyOf(table)}`)
      if (choice.table.floor !== table.floor) throw new Error(`floor: ${keyOf(table)}`)
      cuts(choice.table, left - 1, home)
    }
  }
  for (const table of states) cuts(table, STARTS, table.confirmed)
  console.info(`banks: ${states.length} states, ${steps} steps, ${starts} starts after a power cut`)
  expect(states.length).toBeGreaterThan(500)
})

it('with damaged banks too, nothing is started that does not verify, and something is wherever a valid bank does', () => {
  const { states, steps, wrong } = explore(true)
  expect(wrong).toEqual([])
  for (const table of states)
    for (const whole of SLOT_SETS) {
      const { slot, table: next } = chooseBoot(table, (one) => whole.includes(one))
      const startable = whole.filter((one) => table.banks[one].state === 'valid')
      if ((slot === undefined) !== (startable.length === 0)) throw new Error(`${whole}: ${keyOf(table)}`)
      if (slot !== undefined && !startable.includes(slot)) throw new Error(`${slot}: ${keyOf(table)}`)
      if (slot === undefined) expect(next).toBe(table)
      if (next.floor !== table.floor) throw new Error(`floor: ${keyOf(table)}`)
    }
  console.info(`banks: ${states.length} states, ${steps} steps with damaged banks`)
})

it('the outlook promises what the rules do', () => {
  for (const table of explore(true).states) {
    const { next, onPowerCut, active, revert } = bankOutlook(table)
    expect(chooseBoot(table, () => true).slot).toBe(next)
    expect(onPowerCut === 'goes-back').toBe(table.trial !== undefined && next === table.confirmed)
    if (onPowerCut === 'stays' || onPowerCut === 'continues-trial') expect(next).toBe(active)
    if (onPowerCut === 'starts-trial') expect(next).toBe(otherSlot(active))
    const step = applyBank(table, { type: 'reverted' })
    expect(step.ok).toBe(revert !== 'nothing')
    if (step.ok && revert === 'starts-other') expect(bankOutlook(step.table).next).toBe(standbySlot(table))
    if (step.ok && revert === 'leaves-trial') expect(bankOutlook(step.table).next).toBe(table.confirmed)
  }
})
