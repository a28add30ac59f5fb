/** The two banks, or the slots at the end of a cable, as cells to be drawn. Pure. */
import { bankOutlook } from '../../electron/contract/bank-outlook'
import { type Bank, type BankTable, otherSlot, type Slot } from '../../electron/contract/banks'
import type { BankStatus, SerialFirmware, UpdateState } from '../../electron/contract/firmware'

/** runs = confirmed and running; trial = running on trial; standby = the way back; stored = lies there, to be overwritten. */
export type CellState = 'runs' | 'trial' | 'standby' | 'stored' | 'staged' | 'writing' | 'invalid' | 'empty'

export interface BankCell {
  /** "A", "B", or the number of a slot. */
  readonly name: string
  readonly state: CellState
  readonly version?: string | undefined
  /** The bank that the next start takes. */
  readonly startsNext: boolean
}

/** The bank on trial, if one is. */
export const trialSlot = (status: BankStatus): Slot | undefined =>
  status.update?.state === 'probation' ? status.activeBank : undefined

/** What a device tells of its banks as the table of the rules, so that the window promises nothing else than they do. */
export const tableOf = (status: BankStatus): BankTable => {
  const { activeBank: active, banks, securityVersion, update } = status
  const isOnTrial = trialSlot(status) !== undefined
  const isArmed = update?.state === 'rebooting'
  const bankOf = (slot: Slot): Bank =>
    banks.find((bank) => bank.slot === slot) ?? { slot, state: 'empty', bootAttempts: 0 }
  return {
    banks: { A: bankOf('A'), B: bankOf('B') },
    confirmed: isOnTrial ? otherSlot(active) : active,
    floor: securityVersion,
    ...(isOnTrial || isArmed
      ? {
          trial: {
            phase: isOnTrial ? ('running' as const) : ('armed' as const),
            manner: 'probation' as const,
            ranS: update?.probation?.ranS ?? 0,
            neededS: update?.probation?.neededS ?? 0,
          },
        }
      : {}),
  }
}

/** Whether the rules would start the bank that does not run. */
export const hasWayBack = (status: BankStatus): boolean => bankOutlook(tableOf(status)).revert !== 'nothing'

/** States in which the standby bank holds the new image, checked and ready. */
const READY: ReadonlySet<UpdateState> = new Set(['staged', 'rebooting'])

const cellState = (bank: Bank, status: BankStatus): CellState => {
  if (bank.slot === status.activeBank) return trialSlot(status) === bank.slot ? 'trial' : 'runs'
  if (bank.state !== 'valid') return bank.state
  if (READY.has(status.update?.state ?? 'idle')) return 'staged'
  // An image below the floor is whole, but no way back any more.
  return hasWayBack(status) ? 'standby' : 'stored'
}

/** Both banks of a device, A first. */
export const bankCells = (status: BankStatus): readonly BankCell[] => {
  const { next } = bankOutlook(tableOf(status))
  return [...status.banks]
    .sort((a, b) => (a.slot < b.slot ? -1 : 1))
    .map((bank) => ({
      name: bank.slot,
      state: cellState(bank, status),
      version: bank.state === 'empty' ? undefined : bank.version,
      startsNext: next === bank.slot,
    }))
}

type SerialSlot = SerialFirmware['slots'][number]

const slotState = (slot: SerialSlot, onTrial: boolean): CellState => {
  if (slot.active) return slot.confirmed ? 'runs' : 'trial'
  if (slot.pending) return 'staged'
  // What was uploaded is never called checked: only the bootloader judges it.
  if (!slot.bootable) return 'invalid'
  return onTrial ? 'standby' : 'stored'
}

/** The slots at the end of a cable. An image on trial there is gone with the next start: the old one comes back. */
export const serialCells = (found: SerialFirmware): readonly BankCell[] => {
  const slots = [...found.slots].sort((a, b) => a.slot - b.slot)
  const onTrial = found.rollback && slots.some((slot) => slot.active && !slot.confirmed)
  const pending = slots.some((slot) => slot.pending)
  const cells = slots.map((slot): BankCell => {
    const otherStarts = onTrial || pending
    return {
      name: String(slot.slot),
      state: slotState(slot, onTrial),
      version: slot.version,
      startsNext: otherStarts ? !slot.active : slot.active,
    }
  })
  return cells.length === 1
    ? [...cells, { name: cells[0]?.name === '0' ? '1' : '0', state: 'empty', startsNext: false }]
    : cells
}

/** The bank that does not run. */
export const standbyBank = (status: BankStatus): Bank | undefined =>
  status.banks.find((bank) => bank.slot !== status.activeBank)
export const activeBank = (status: BankStatus): Bank | undefined =>
  status.banks.find((bank) => bank.slot === status.activeBank)

/** 0…1 of the probation, undefined while there is none. */
export const probationShare = (status: BankStatus | undefined): number | undefined => {
  const probation = status?.update?.probation
  return probation && probation.neededS > 0 ? Math.min(1, probation.ranS / probation.neededS) : undefined
}

export type KeepBlock = 'not-managed' | 'not-enrolled' | 'offline' | 'no-trial' | 'no-way-back' | 'unknown'

interface Reachable {
  readonly managed: boolean
  readonly online: boolean
  readonly phase?: string | undefined
}

const reachBlock = (device: Reachable): KeepBlock | undefined => {
  if (!device.managed) return 'not-managed'
  if (device.phase !== 'operation' && device.phase !== 'maintenance') return 'not-enrolled'
  return device.online ? undefined : 'offline'
}

/** Why an image on trial cannot be kept for good now. */
export const confirmBlock = (device: Reachable, status: BankStatus | undefined): KeepBlock | undefined =>
  reachBlock(device) ?? (!status ? 'unknown' : trialSlot(status) ? undefined : 'no-trial')

/** Why a device cannot go back to its other bank now. */
export const revertBlock = (device: Reachable, status: BankStatus | undefined): KeepBlock | undefined =>
  reachBlock(device) ?? (!status ? 'unknown' : hasWayBack(status) ? undefined : 'no-way-back')
