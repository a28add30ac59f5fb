import {
  activeSlot,
  type BankInput,
  type BankStep,
  type BankTable,
  bankTableSchema,
  otherSlot,
  type Slot,
  standbySlot,
} from '../../electron/contract/banks'
import { FIRMWARE_LIMITS } from '../../electron/contract/timings'
import { content } from './banks-make'

/** One input of each kind that makes a difference; uptime in one step, so that the states are finite. */
export const INPUTS: readonly BankInput[] = [
  { type: 'write-begun', ...content(2, 1) },
  { type: 'write-begun', ...content(3, 2) },
  { type: 'write-verified' },
  { type: 'write-rejected' },
  { type: 'erased' },
  { type: 'armed', manner: 'probation', neededS: 2 },
  { type: 'armed', manner: 'once', neededS: 0 },
  { type: 'disarmed' },
  { type: 'running' },
  { type: 'ran', seconds: 1 },
  { type: 'faulted', reason: 'watchdog' },
  { type: 'faulted', reason: 'health-check' },
  { type: 'confirmed' },
  { type: 'reverted', neededS: 2 },
  { type: 'overwritten' },
]

/** What must be true of every table; gives what is not. */
export const wrongOf = (table: BankTable): string[] => {
  const { banks, confirmed, trial, floor } = table
  const standby = banks[otherSlot(confirmed)]
  const rules: readonly (readonly [string, boolean])[] = [
    ['the schema takes it', bankTableSchema.safeParse(table).success],
    ['the confirmed bank is valid', banks[confirmed].state === 'valid'],
    ['the confirmed bank has no attempts', banks[confirmed].bootAttempts === 0],
    ['the standby bank is not the confirmed one', standbySlot(table) !== confirmed],
    ['a trial is of a valid bank', trial === undefined || standby.state === 'valid'],
    ['attempts belong to a trial', trial !== undefined || standby.bootAttempts === 0],
    ['attempts stay bounded', standby.bootAttempts <= FIRMWARE_LIMITS.bootAttemptsMax],
    ['once means once', trial?.manner !== 'once' || standby.bootAttempts <= 1],
    [
      'no valid bank is below the floor',
      standby.state !== 'valid' || (standby.securityVersion ?? 0) >= floor,
    ],
  ]
  return rules.filter(([, holds]) => !holds).map(([name]) => name)
}

/** What must be true of every step; gives what is not. */
export const wrongStep = (before: BankTable, input: BankInput, step: BankStep): string[] => {
  if (!step.ok) return []
  const { table } = step
  const isWrite = input.type.startsWith('write') || input.type === 'erased'
  const rules: readonly (readonly [string, boolean])[] = [
    [
      'writing leaves the bank that runs',
      !isWrite || table.banks[activeSlot(before)] === before.banks[activeSlot(before)],
    ],
    [
      'writing leaves the confirmed bank',
      !isWrite || table.banks[before.confirmed] === before.banks[before.confirmed],
    ],
    ['only confirming raises the floor', table.floor === before.floor || input.type === 'confirmed'],
    ['the floor never falls', table.floor >= before.floor],
    [
      'only confirming changes what is confirmed',
      table.confirmed === before.confirmed || input.type === 'confirmed' || input.type === 'overwritten',
    ],
  ]
  return rules.filter(([, holds]) => !holds).map(([name]) => name)
}

/** The right bank of a start, said a second time and in other words than the rules say it. */
export const rightBank = (table: BankTable, verifies: (slot: Slot) => boolean): Slot => {
  const { trial, confirmed } = table
  const other = otherSlot(confirmed)
  if (!trial || !verifies(other)) return confirmed
  const tries = table.banks[other].bootAttempts
  if (trial.manner === 'once') return trial.phase === 'armed' && tries === 0 ? other : confirmed
  return tries < 3 ? other : confirmed
}
