/** What the two banks mean for a person: what starts next, and what pulling the plug does now. Keys and facts, no text. */
import { activeSlot, type BankTable, chooseBoot, type Slot, standbySlot, type TrialManner } from './banks'
import { FIRMWARE_LIMITS } from './timings'

/** stays: the bank that runs starts again. starts-trial: the new one is tried. continues-trial: it goes on. goes-back: the old one. */
export const POWER_CUTS = ['stays', 'starts-trial', 'continues-trial', 'goes-back'] as const
export type PowerCut = (typeof POWER_CUTS)[number]

export interface BankOutlook {
  readonly active: Slot
  /** The bank of the next start, whatever causes it. */
  readonly next: Slot
  readonly onPowerCut: PowerCut
  readonly trial?: {
    readonly slot: Slot
    /** Where it comes back to. */
    readonly backTo: Slot
    readonly manner: TrialManner
    /** Whether it was started already. */
    readonly isStarted: boolean
    /** Failed starts that it may still have. */
    readonly startsLeft: number
    /** Uptime until it confirms itself, seconds; absent where only a person confirms it. */
    readonly leftS?: number
  }
  /** What an order to go back would do now. */
  readonly revert: 'leaves-trial' | 'starts-other' | 'nothing'
}

/** Read from the rules themselves, so that it can't promise anything else than they do. */
export const bankOutlook = (table: BankTable): BankOutlook => {
  const active = activeSlot(table)
  const slot = standbySlot(table)
  const bank = table.banks[slot]
  const next = chooseBoot(table, () => true).slot ?? table.confirmed
  const { trial } = table
  if (trial === undefined) {
    const canRevert = bank.state === 'valid' && (bank.securityVersion ?? 0) >= table.floor
    return { active, next, onPowerCut: 'stays', revert: canRevert ? 'starts-other' : 'nothing' }
  }
  const isStarted = active === slot
  const goesOn = isStarted ? 'continues-trial' : 'starts-trial'
  const starts = trial.manner === 'probation' ? FIRMWARE_LIMITS.bootAttemptsMax : 1
  return {
    active,
    next,
    onPowerCut: next === table.confirmed ? 'goes-back' : goesOn,
    trial: {
      slot,
      backTo: table.confirmed,
      manner: trial.manner,
      isStarted,
      startsLeft: next === slot ? Math.max(0, starts - bank.bootAttempts) : 0,
      ...(trial.manner === 'probation' && { leftS: Math.max(0, trial.neededS - trial.ranS) }),
    },
    revert: 'leaves-trial',
  }
}
