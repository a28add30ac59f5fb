/** The two firmware banks as data. The rules that change them are one pure table; device, controller, preview and tests use it. */
import { z } from 'zod'
import { assertNever } from './assert-never'
import type { ErrorCode } from './errors'
import { FIRMWARE_LIMITS } from './timings'

export const SLOTS = ['A', 'B'] as const
export type Slot = (typeof SLOTS)[number]
export const otherSlot = (slot: Slot): Slot => (slot === 'A' ? 'B' : 'A')

/** valid = whole, and its signature and hash were checked; only a valid bank is ever started. */
export const BANK_STATES = ['empty', 'writing', 'valid', 'invalid'] as const

export const bankSchema = z.object({
  slot: z.enum(SLOTS),
  state: z.enum(BANK_STATES),
  version: z.string().max(31).optional(),
  sha256: z.string().max(64).optional(),
  securityVersion: z.number().int().min(0).optional(),
  /** Starts of this bank on trial that did not get as far as running. */
  bootAttempts: z.number().int().min(0).max(255),
})
export type Bank = z.infer<typeof bankSchema>

/** Why a device came back to its old bank by itself or was told to. */
export const ROLLBACK_REASONS = [
  'boot-failed',
  'image-invalid',
  'error-reported',
  'watchdog',
  'health-check',
  'not-confirmed',
  'ordered',
] as const
export type RollbackReason = (typeof ROLLBACK_REASONS)[number]

/** probation: confirms itself after `neededS` of uptime, however often it restarts. once: MCUboot's, the second start goes back. */
export const TRIAL_MANNERS = ['probation', 'once'] as const
export type TrialManner = (typeof TRIAL_MANNERS)[number]

const trialSchema = z
  .object({
    /** armed: the next start tries it. running: it has said at least once that it runs. */
    phase: z.enum(['armed', 'running']),
    manner: z.enum(TRIAL_MANNERS),
    /** Uptime on trial so far, and what it takes; seconds. */
    ranS: z.number().min(0),
    neededS: z.number().min(0),
  })
  .readonly()
/** A trial is always of the bank that is not confirmed. */
export type Trial = z.infer<typeof trialSchema>

/** All of `banks.json`. A table that breaks the first rules (a valid confirmed bank, trials of valid banks only) is refused. */
export const bankTableSchema = z
  .object({
    banks: z.object({ A: bankSchema.readonly(), B: bankSchema.readonly() }).readonly(),
    /** The bank that the device comes back to. */
    confirmed: z.enum(SLOTS),
    trial: trialSchema.optional(),
    /** The lowest security version that may be installed. */
    floor: z.number().int().min(0),
    /** How the last trial ended, and of which version. */
    last: z
      .object({
        outcome: z.enum(['confirmed', 'rolledBack']),
        version: z.string().max(31),
        reason: z.enum(ROLLBACK_REASONS).optional(),
      })
      .readonly()
      .optional(),
  })
  .readonly()
  .refine(({ banks }) => banks.A.slot === 'A' && banks.B.slot === 'B', 'a bank in the wrong slot')
  .refine(({ banks, confirmed }) => banks[confirmed].state === 'valid', 'the confirmed bank is not valid')
  .refine(
    ({ banks, confirmed, trial }) => trial === undefined || banks[otherSlot(confirmed)].state === 'valid',
    'a trial of a bank that is not valid',
  )
export type BankTable = z.infer<typeof bankTableSchema>

/** What a bank holds, as the signed manifest says. */
export interface BankContent {
  readonly version: string
  readonly sha256: string
  readonly securityVersion: number
}

/** What may happen to the banks; `faulted` is of an image that runs, one that never ran is simply started again. */
export type BankInput =
  | ({ readonly type: 'write-begun' } & BankContent)
  | { readonly type: 'write-verified' | 'write-rejected' | 'erased' }
  | { readonly type: 'armed'; readonly manner: TrialManner; readonly neededS: number }
  | { readonly type: 'disarmed' }
  | { readonly type: 'running' }
  | { readonly type: 'ran'; readonly seconds: number }
  | { readonly type: 'faulted'; readonly reason: RollbackReason }
  | { readonly type: 'confirmed' }
  /** `neededS`: uptime on trial for the older bank, where it has to be started; a day unless told. */
  | { readonly type: 'reverted'; readonly neededS?: number }
  /** An overwrite-only bootloader has replaced the old image: there is no way back. */
  | { readonly type: 'overwritten' }

/** `reboot`: the change takes effect with the next start, so the device has to restart for it. */
export type BankStep =
  | { readonly ok: true; readonly table: BankTable; readonly reboot: boolean }
  | {
      readonly ok: false
      readonly code: Extract<ErrorCode, 'NO_STANDBY_BANK' | 'BUSY' | 'SECURITY_VERSION_TOO_LOW'>
    }

const DAY_S = 24 * 3600

/** The only bank that may be written: never the confirmed one. */
export const standbySlot = (table: BankTable): Slot => otherSlot(table.confirmed)

/** Whether the bank on trial was started; until then the confirmed one runs. */
const wasStarted = (table: BankTable): boolean =>
  table.trial !== undefined &&
  (table.trial.phase === 'running' || table.banks[standbySlot(table)].bootAttempts > 0)

/** The bank that was started last. */
export const activeSlot = (table: BankTable): Slot =>
  wasStarted(table) ? standbySlot(table) : table.confirmed

/** A device as it leaves the factory: one image, in A, that needs no trial. */
export const freshTable = (content: BankContent): BankTable => ({
  banks: {
    A: { slot: 'A', state: 'valid', ...contentOf(content), bootAttempts: 0 },
    B: { slot: 'B', state: 'empty', bootAttempts: 0 },
  },
  confirmed: 'A',
  floor: content.securityVersion,
})

const contentOf = ({ version, sha256, securityVersion }: BankContent): BankContent => ({
  version,
  sha256,
  securityVersion,
})

const withBank = (table: BankTable, bank: Bank): BankTable => ({
  ...table,
  banks: { ...table.banks, [bank.slot]: bank },
})

const withTrial = ({ trial: _, ...table }: BankTable, trial?: Trial): BankTable =>
  trial === undefined ? table : { ...table, trial }

const isBelow = (bank: Bank, floor: number): boolean => (bank.securityVersion ?? 0) < floor

/** The old bank is back in force; the one on trial becomes invalid, so that nothing arms it again by itself. */
const rolledBack = (table: BankTable, reason: RollbackReason): BankTable => {
  const bank = table.banks[standbySlot(table)]
  const back = withTrial(withBank(table, { ...bank, state: 'invalid', bootAttempts: 0 }))
  return { ...back, last: { outcome: 'rolledBack', version: bank.version ?? '', reason } }
}

/** The standby bank becomes the confirmed one. A bank below the new floor may never be started again. */
const promoted = (table: BankTable, floor: number, oldStays: boolean): BankTable => {
  const next = table.banks[standbySlot(table)]
  const old = table.banks[table.confirmed]
  const stays = oldStays && !isBelow(old, floor)
  const banks = withBank(
    withBank(withTrial(table), { ...next, bootAttempts: 0 }),
    stays ? old : { ...old, state: 'invalid' },
  )
  return { ...banks, confirmed: next.slot, floor }
}

const done = (table: BankTable, reboot = false): BankStep => ({ ok: true, table, reboot })
const BUSY: BankStep = { ok: false, code: 'BUSY' }
const NO_STANDBY: BankStep = { ok: false, code: 'NO_STANDBY_BANK' }
const TOO_LOW: BankStep = { ok: false, code: 'SECURITY_VERSION_TOO_LOW' }

/** Why the standby bank may not be started; undefined when it may. */
const startRefusal = (table: BankTable): BankStep | undefined => {
  if (wasStarted(table)) return BUSY
  const bank = table.banks[standbySlot(table)]
  if (bank.state !== 'valid') return NO_STANDBY
  return isBelow(bank, table.floor) ? TOO_LOW : undefined
}

const write = (
  table: BankTable,
  input: Extract<BankInput, { type: `write-${string}` | 'erased' }>,
): BankStep => {
  if (table.trial !== undefined) return BUSY
  const slot = standbySlot(table)
  const bank = table.banks[slot]
  switch (input.type) {
    case 'write-begun':
      if (input.securityVersion < table.floor) return TOO_LOW
      return done(withBank(table, { slot, state: 'writing', ...contentOf(input), bootAttempts: 0 }))
    case 'write-verified':
      if (bank.state !== 'writing' && bank.state !== 'valid') return NO_STANDBY
      return isBelow(bank, table.floor) ? TOO_LOW : done(withBank(table, { ...bank, state: 'valid' }))
    case 'write-rejected':
      return done(bank.state === 'empty' ? table : withBank(table, { ...bank, state: 'invalid' }))
    case 'erased':
      return done(withBank(table, { slot, state: 'empty', bootAttempts: 0 }))
    default:
      return assertNever(input)
  }
}

const armed = (table: BankTable, manner: TrialManner, neededS: number): BankStep =>
  startRefusal(table) ?? done(withTrial(table, { phase: 'armed', manner, ranS: 0, neededS }), true)

/** Confirms what runs; with nothing on trial that is so already, and it may be said again. */
const confirmed = (table: BankTable): BankStep => {
  const runs = table.banks[activeSlot(table)]
  if (runs.bootAttempts > 0) return BUSY
  const floor = Math.max(table.floor, runs.securityVersion ?? 0)
  if (!wasStarted(table)) {
    const standby = table.banks[standbySlot(table)]
    const isLost = standby.state === 'valid' && isBelow(standby, floor)
    const kept = isLost ? withTrial(withBank(table, { ...standby, state: 'invalid' })) : table
    return done({ ...kept, floor })
  }
  const last = { outcome: 'confirmed', version: runs.version ?? '' } as const
  return done({ ...promoted(table, floor, true), last })
}

/** On trial: back at once. Only armed: not started after all. Confirmed: the older bank is started on trial, if there is one. */
const reverted = (table: BankTable, neededS: number): BankStep => {
  if (wasStarted(table)) return done(rolledBack(table, 'ordered'), true)
  if (table.trial !== undefined) return done(withTrial(table))
  return startRefusal(table) === undefined ? armed(table, 'probation', neededS) : NO_STANDBY
}

const overwritten = (table: BankTable): BankStep => {
  const refusal = startRefusal(table)
  if (refusal !== undefined) return refusal
  const version = table.banks[standbySlot(table)].version ?? ''
  return done({ ...promoted(table, table.floor, false), last: { outcome: 'confirmed', version } }, true)
}

/** A sign of life of the image; while the trial is only armed it is that of the confirmed one, and says nothing. */
const running = (table: BankTable): BankStep => {
  if (table.trial === undefined || !wasStarted(table)) return done(table)
  const bank = table.banks[standbySlot(table)]
  return done(withTrial(withBank(table, { ...bank, bootAttempts: 0 }), { ...table.trial, phase: 'running' }))
}

/** Uptime counts from the moment that the image said that it runs, and never backwards. */
const ran = (table: BankTable, seconds: number): BankStep => {
  const { trial } = table
  const counts = trial?.phase === 'running' && table.banks[standbySlot(table)].bootAttempts === 0
  if (trial === undefined || !counts || !(seconds > 0) || !Number.isFinite(seconds)) return done(table)
  return done(withTrial(table, { ...trial, ranS: trial.ranS + seconds }))
}

/** What happens to the banks, or why it may not (a step that is refused changes nothing). */
export const applyBank = (table: BankTable, input: BankInput): BankStep => {
  switch (input.type) {
    case 'write-begun':
    case 'write-verified':
    case 'write-rejected':
    case 'erased':
      return write(table, input)
    case 'armed':
      return armed(table, input.manner, input.neededS)
    case 'disarmed':
      return wasStarted(table) ? BUSY : done(withTrial(table))
    case 'running':
      return running(table)
    case 'ran':
      return ran(table, input.seconds)
    case 'faulted':
      return wasStarted(table) ? done(rolledBack(table, input.reason), true) : done(table)
    case 'confirmed':
      return confirmed(table)
    case 'reverted':
      return reverted(table, input.neededS ?? DAY_S)
    case 'overwritten':
      return overwritten(table)
    default:
      return assertNever(input)
  }
}

export interface BootChoice {
  /** To be stored before the image is started: it counts this attempt. */
  readonly table: BankTable
  /** Undefined only when no valid bank verifies; then the table is as it was. */
  readonly slot: Slot | undefined
  readonly rolledBack?: RollbackReason
}

/** Why the bank on trial may not be started once more; undefined when it may. */
const spent = (table: BankTable, trial: Trial): RollbackReason | undefined => {
  const { bootAttempts } = table.banks[standbySlot(table)]
  if (trial.manner === 'probation') {
    return bootAttempts < FIRMWARE_LIMITS.bootAttemptsMax ? undefined : 'boot-failed'
  }
  if (trial.phase === 'running') return 'not-confirmed'
  return bootAttempts === 0 ? undefined : 'boot-failed'
}

/** The confirmed bank is damaged: the other one takes its place. The floor stays, since nobody confirmed anything. */
const rescued = (table: BankTable): BootChoice => {
  const reason = 'image-invalid'
  const last = { outcome: 'rolledBack', version: table.banks[table.confirmed].version ?? '', reason } as const
  const next = { ...promoted(table, table.floor, false), last }
  return { table: next, slot: next.confirmed, rolledBack: reason }
}

/** The boot step's decision. `verifies(slot)` says whether signature and hash of what lies there are right. */
export const chooseBoot = (table: BankTable, verifies: (slot: Slot) => boolean): BootChoice => {
  const { confirmed: home, trial } = table
  const slot = standbySlot(table)
  const bank = table.banks[slot]
  if (trial === undefined) {
    if (verifies(home)) return { table, slot: home }
    const canRescue = bank.state === 'valid' && !isBelow(bank, table.floor) && verifies(slot)
    return canRescue ? rescued(table) : { table, slot: undefined }
  }
  const isWhole = verifies(slot)
  const reason = spent(table, trial) ?? (isWhole ? undefined : 'image-invalid')
  if (reason === undefined) {
    return { table: withBank(table, { ...bank, bootAttempts: bank.bootAttempts + 1 }), slot }
  }
  if (verifies(home)) return { table: rolledBack(table, reason), slot: home, rolledBack: reason }
  return isWhole ? rescued(table) : { table, slot: undefined }
}
