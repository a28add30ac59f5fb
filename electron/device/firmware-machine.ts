/** The states of an update on the device, pure: what each event makes of the record, and what a restart makes of it. */
import type { BankTable, RollbackReason } from '../contract/banks'
import { otherSlot } from '../contract/banks'
import type { ErrorCode } from '../contract/errors'
import type { UpdateState } from '../contract/firmware'
import type { UpdateImage, UpdateRecord } from './update-file'

export type UpdateInput =
  | { readonly type: 'due' }
  | { readonly type: 'accepted'; readonly image: UpdateImage }
  | { readonly type: 'received' }
  | { readonly type: 'verified' }
  | { readonly type: 'activation'; readonly activation: UpdateRecord['activation'] }
  | { readonly type: 'armed' }
  | { readonly type: 'running' }
  | { readonly type: 'confirmed' }
  | { readonly type: 'rolled-back'; readonly reason: RollbackReason }
  | { readonly type: 'refused'; readonly code: ErrorCode }
  | { readonly type: 'cancelled' }

/** From which states each event counts. */
const FROM: Readonly<Record<UpdateInput['type'], readonly UpdateState[]>> = {
  due: ['scheduled'],
  accepted: ['downloading'],
  received: ['downloading'],
  verified: ['downloading', 'verifying'],
  activation: ['scheduled', 'downloading', 'verifying', 'staged'],
  armed: ['staged'],
  running: ['rebooting', 'probation'],
  confirmed: ['rebooting', 'probation'],
  'rolled-back': ['rebooting', 'probation'],
  refused: ['scheduled', 'downloading', 'verifying', 'staged'],
  cancelled: ['scheduled', 'downloading', 'verifying', 'staged'],
}
const TO: Readonly<Partial<Record<UpdateInput['type'], UpdateState>>> = {
  due: 'downloading',
  received: 'verifying',
  verified: 'staged',
  armed: 'rebooting',
  running: 'probation',
  confirmed: 'confirmed',
  'rolled-back': 'rolledBack',
  refused: 'failed',
  cancelled: 'idle',
}

/** The record after an event; the same record where the event says nothing in that state. */
export const nextUpdate = (record: UpdateRecord, input: UpdateInput): UpdateRecord => {
  if (!FROM[input.type].includes(record.state)) return record
  const next = { ...record, state: TO[input.type] ?? record.state }
  switch (input.type) {
    case 'accepted':
      return { ...next, image: input.image }
    case 'activation':
      return { ...next, activation: input.activation }
    case 'rolled-back':
      return { ...next, rollback: input.reason }
    case 'refused':
      return { ...next, code: input.code }
    default:
      return next
  }
}

/** Not begun or under way: what may still be cancelled. */
export const isBefore = (state: UpdateState): boolean => FROM.cancelled.includes(state)
/** Waiting, under way or on trial: another update has to wait. */
export const isPending = (state: UpdateState): boolean =>
  isBefore(state) || state === 'rebooting' || state === 'probation'

/**
 * What the record is after a start: the bank table is the truth, for it is written first. Called before the boot step,
 * so that a trial which ends in it is seen as what it was.
 */
export const reconcileUpdate = (record: UpdateRecord, table: BankTable): UpdateRecord => {
  const { trial, last } = table
  const standby = table.banks[otherSlot(table.confirmed)]
  const { version, state } = record
  if (trial) {
    // Where there is a trial, `otherSlot(confirmed)` is what runs or is about to.
    if (standby.version !== version) return record
    if (state === 'staged') return nextUpdate(record, { type: 'armed' })
    return record
  }
  if (state === 'rebooting' || state === 'probation') {
    if (table.banks[table.confirmed].version === version) return nextUpdate(record, { type: 'confirmed' })
    const reason = last?.version === version ? last.reason : undefined
    return nextUpdate(record, { type: 'rolled-back', reason: reason ?? 'ordered' })
  }
  const whole = standby.state === 'valid' && standby.sha256 === record.image?.sha256
  // Verified, and cut short before that was noted.
  if (whole && (state === 'downloading' || state === 'verifying'))
    return nextUpdate(record, { type: 'verified' })
  // Half verified: what lies there is read again from the start of the check.
  if (state === 'verifying') return { ...record, state: 'downloading' }
  if (state === 'staged' && !whole) return nextUpdate(record, { type: 'refused', code: 'NO_STANDBY_BANK' })
  return record
}

/** Milliseconds until a moment in UTC, 0 where it has passed or none is named; undefined = until told. */
export const waitUntil = (when: string, nowMs: number): number | undefined => {
  if (when === 'hold') return undefined
  if (when === '' || when === 'at-once') return 0
  return Math.max(0, Date.parse(when) - nowMs)
}
