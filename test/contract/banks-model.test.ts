import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  applyBank,
  type BankInput,
  type BankTable,
  chooseBoot,
  type RollbackReason,
  type Slot,
  standbySlot,
} from '../../electron/contract/banks'
import { content, factory } from './banks-make'
import { rightBank, wrongOf, wrongStep } from './banks-world'

/** A device with real memory: what lies in a bank, and whether all of it is there. Every table is stored before its effect. */
class Board {
  table: BankTable = factory()
  readonly flash: Record<Slot, { version: string; whole: boolean }> = {
    A: { version: '1.0.0', whole: true },
    B: { version: '', whole: false },
  }
  /** Version that a person or the probation kept last. */
  kept = '1.0.0'
  floor = 1
  confirms = 0
  rollbacks = 0
  trials = 0

  verifies = (slot: Slot): boolean =>
    this.flash[slot].whole && this.flash[slot].version === this.table.banks[slot].version

  apply(input: BankInput): boolean {
    const before = this.table
    const step = applyBank(before, input)
    expect(wrongStep(before, input, step)).toEqual([])
    if (!step.ok) return false
    this.table = step.table
    expect(wrongOf(this.table)).toEqual([])
    this.count(before, this.table)
    return true
  }

  /** `upTo`: how far the write got before the next thing happened. */
  write(major: number, securityVersion: number, upTo: 'begun' | 'received' | 'verified'): void {
    if (!this.apply({ type: 'write-begun', ...content(major, securityVersion) })) return
    const slot = standbySlot(this.table)
    this.flash[slot] = { version: `${major}.0.0`, whole: false }
    if (upTo === 'begun') return
    this.flash[slot].whole = true
    if (upTo === 'verified') this.apply({ type: 'write-verified' })
  }

  /** Power off and on; `comesUp`: whether the image gets as far as running. */
  cut(comesUp: boolean): void {
    const right = rightBank(this.table, this.verifies)
    const { table, slot, rolledBack } = chooseBoot(this.table, this.verifies)
    expect(slot).toBe(right)
    expect(this.verifies(right)).toBe(true)
    expect(rolledBack === undefined).toBe(table.last === this.table.last)
    this.count(this.table, table)
    this.table = table
    if (comesUp) this.apply({ type: 'running' })
  }

  private count(before: BankTable, after: BankTable): void {
    if (!before.trial && after.trial) this.trials += 1
    if (before.trial && !after.trial) {
      if (after.confirmed !== before.confirmed) this.confirms += 1
      else this.rollbacks += 1
    }
    if (after.floor !== before.floor) this.floor = after.banks[after.confirmed].securityVersion ?? -1
    if (after.confirmed !== before.confirmed) this.kept = after.banks[after.confirmed].version ?? ''
  }
}

const REASONS: readonly RollbackReason[] = ['error-reported', 'watchdog', 'health-check']
const happening = fc.oneof(
  fc.record({
    do: fc.constant('write' as const),
    major: fc.integer({ min: 2, max: 6 }),
    security: fc.integer({ min: 1, max: 4 }),
    upTo: fc.constantFrom('begun' as const, 'received' as const, 'verified' as const, 'verified' as const),
  }),
  fc.record({ do: fc.constant('cut' as const), comesUp: fc.boolean() }),
  fc.record({
    do: fc.constant('input' as const),
    input: fc.oneof(
      fc.constantFrom<BankInput>(
        { type: 'armed', manner: 'probation', neededS: 5 },
        { type: 'armed', manner: 'once', neededS: 0 },
        { type: 'disarmed' },
        { type: 'confirmed' },
        { type: 'reverted' },
        { type: 'write-verified' },
        { type: 'write-rejected' },
        { type: 'erased' },
      ),
      fc.constantFrom(...REASONS).map((reason): BankInput => ({ type: 'faulted', reason })),
      fc.double({ min: 0, max: 10, noNaN: true }).map((seconds): BankInput => ({ type: 'ran', seconds })),
    ),
  }),
)

it('whatever happens and whenever the power goes: a whole, checked bank starts, and it is the right one', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (story) => {
      const board = new Board()
      for (const happens of story) {
        if (happens.do === 'write') board.write(happens.major, happens.security, happens.upTo)
        else if (happens.do === 'cut') board.cut(happens.comesUp)
        // Only what is whole is ever called verified.
        else if (happens.input.type !== 'write-verified' || board.verifies(standbySlot(board.table)))
          board.apply(happens.input)
        expect(board.verifies(board.table.confirmed)).toBe(true)
      }
      expect(board.table.banks[board.table.confirmed].version).toBe(board.kept)
      expect(board.table.floor).toBe(board.floor)
      expect(board.confirms + board.rollbacks + (board.table.trial ? 1 : 0)).toBe(board.trials)
    }),
    { numRuns: 1500 },
  )
})

it('refused or not, an input never makes a table that breaks the rules, and never changes the one it was given', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), (story) => {
      const board = new Board()
      for (const happens of story) {
        const before = JSON.stringify(board.table)
        const held = board.table
        if (happens.do === 'input' && happens.input.type !== 'write-verified') board.apply(happens.input)
        if (happens.do === 'write') board.write(happens.major, happens.security, happens.upTo)
        if (happens.do === 'cut') board.cut(happens.comesUp)
        expect(JSON.stringify(held)).toBe(before)
      }
    }),
    { numRuns: 300 },
  )
})
