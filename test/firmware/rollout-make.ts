import type { BoardState, RolloutPlan } from '../../electron/contract/firmware'
import { decideRollout, type Member, type RolloutInput } from '../../electron/firmware/rollout'

export const NOW = Date.parse('2026-03-10T12:00:00Z')
export const MINUTE = 60_000

export const udnOf = (index: number): string =>
  `uuid:00000000-0000-4000-8000-${String(index).padStart(12, '0')}`

/** Waves of so many devices each. */
export const planOf = (sizes: readonly number[], change: Partial<RolloutPlan> = {}): RolloutPlan => {
  let next = 0
  return {
    bundleId: 'ab'.repeat(32),
    waves: sizes.map((size) => ({ udns: Array.from({ length: size }, () => udnOf(next++)) })),
    passPercent: 100,
    soakMinutes: 0,
    errorPercent: 20,
    minimumSample: 5,
    downloadAhead: false,
    confirm: 'device',
    ...change,
  }
}

/** One state a device, wave by wave. */
export const membersOf = (states: readonly (readonly BoardState[])[], changedAtMs = NOW): Member[] => {
  let next = 0
  return states.flatMap((wave, index) =>
    wave.map((state) => ({ udn: udnOf(next++), wave: index, state, changedAtMs })),
  )
}

export const decide = (
  states: readonly (readonly BoardState[])[],
  plan: Partial<RolloutPlan> = {},
  input: Partial<RolloutInput> = {},
) =>
  decideRollout({
    plan: planOf(
      states.map((wave) => wave.length),
      plan,
    ),
    nowMs: NOW,
    state: 'running',
    wave: 0,
    devices: membersOf(states),
    ...input,
  })

export const many = (count: number, state: BoardState): BoardState[] =>
  Array.from({ length: count }, () => state)
