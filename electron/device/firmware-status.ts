/** What a device says of its banks and its update. Pure. */
import { activeSlot, type BankTable, standbySlot } from '../contract/banks'
import type { BankStatus, DeviceUpdate } from '../contract/firmware'
import type { UpdateRecord } from './update-file'

/** What neither the table nor the record knows. */
export interface Meanwhile {
  /** Bytes in the bank that is being written. */
  readonly received: () => number
  /** Uptime on trial that is not in the table yet. */
  readonly uncountedMs: number
}

/** All of GetBankStatus. */
export const bankStatusOf = (
  table: BankTable,
  record: UpdateRecord | undefined,
  meanwhile: Meanwhile,
): BankStatus => ({
  activeBank: activeSlot(table),
  banks: [table.banks.A, table.banks.B],
  securityVersion: table.floor,
  ...(record ? { update: updateOf(table, record, meanwhile) } : {}),
})

const updateOf = (table: BankTable, record: UpdateRecord, meanwhile: Meanwhile): DeviceUpdate => {
  const { updateId, version, state, code, rollback, startTime, activation, image } = record
  const probation = probationOf(table, record, meanwhile)
  return {
    updateId,
    version,
    state,
    ...(code ? { code } : {}),
    ...(rollback ? { rollback } : {}),
    ...(startTime ? { startTime } : {}),
    activation,
    receivedBytes: receivedOf(record, meanwhile),
    totalBytes: image?.bytes ?? 0,
    ...(probation ? { probation } : {}),
  }
}

const receivedOf = ({ state, image }: UpdateRecord, { received }: Meanwhile): number => {
  if (!image || state === 'scheduled' || state === 'idle' || state === 'failed') return 0
  if (state !== 'downloading' && state !== 'verifying') return image.bytes
  return Math.min(image.bytes, received())
}

const probationOf = (table: BankTable, record: UpdateRecord, { uncountedMs }: Meanwhile) => {
  const { trial } = table
  if (!trial || table.banks[standbySlot(table)].version !== record.version) return undefined
  return { ranS: Math.min(trial.neededS, trial.ranS + uncountedMs / 1000), neededS: trial.neededS }
}
