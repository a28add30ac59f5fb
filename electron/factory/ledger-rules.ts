/** What the ledger refuses, and the words it says it with. */
import { IotmcError } from '../contract/errors'
import type { NewRange, SerialRange, Unit } from '../contract/factory'
import { serialNumberSchema } from '../contract/factory'
import type { EntryEvent } from './ledger-entry'
import { isUnfinished } from './ledger-machine'
import { overlap, rangeOf, serialOf } from './serial-range'

/** Throws SERIAL_NUMBER_INVALID unless a text can be a serial number. */
export const checkForm = (serialNumber: string): void => {
  const parsed = serialNumberSchema.safeParse(serialNumber)
  if (!parsed.success)
    throw invalidNumber(serialNumber.slice(0, 60), 'letters, digits, dots and dashes, at most 40')
}

/** Throws unless the number's unit is unfinished and the same board's. */
export const checkSame = (
  found: Unit,
  wanted: { readonly serialNumber: string; readonly hardwareId: string; readonly model: string },
): void => {
  const subject = wanted.serialNumber
  if (!isUnfinished(found.state))
    throw new IotmcError('SERIAL_NUMBER_USED', { subject, detail: placeOf(found) })
  if (found.hardwareId !== wanted.hardwareId)
    throw new IotmcError('OTHER_DEVICE', { subject, detail: `begun with another board: ${placeOf(found)}` })
  if (found.model !== wanted.model)
    throw new IotmcError('SERIAL_NUMBER_USED', { subject, detail: placeOf(found) })
}

/** Throws SERIAL_NUMBER_INVALID unless the number is released for the model, where anything is released for it. */
export const checkReleased = (ranges: readonly SerialRange[], serialNumber: string, model: string): void => {
  const own = rangeOf(ranges, serialNumber)
  if (own && own.model !== model) throw invalidNumber(serialNumber, `it is released for ${own.model}`)
  if (!own && ranges.some((range) => range.model === model))
    throw invalidNumber(serialNumber, `it is in no range released for ${model}`)
}

/** The error for a board that is on record under another number. */
export const otherBoard = (serialNumber: string, other: Unit): IotmcError =>
  new IotmcError('OTHER_DEVICE', { subject: serialNumber, detail: `this board is ${placeOf(other)}` })

/** The error for a number that may not be used. */
export const invalidNumber = (subject: string, detail: string): IotmcError =>
  new IotmcError('SERIAL_NUMBER_INVALID', { subject, detail })

/** Who a number belongs to, for people: `SN-7, PX-200, complete, Line 1 lane 2, 2027-01-15T12:00:00Z, uuid:…`. */
export const placeOf = (unit: Unit): string => {
  const lane = unit.lane === '' ? '' : ` lane ${unit.lane}`
  const at = new Date(unit.updatedAtMs).toISOString().replace(/\.\d+/, '')
  return `${unit.serialNumber}, ${unit.model}, ${unit.state}, ${unit.station}${lane}, ${at}, ${unit.udn}`
}

/** The error for an event that may not follow. */
export const refusal = (unit: Unit, event: EntryEvent, why: string): IotmcError => {
  const subject = unit.serialNumber
  if (event === 'burned' || event === 'scrapped')
    return new IotmcError('REQUEST_REFUSED', { subject, detail: why })
  return new IotmcError('DEFECT', { subject, detail: why })
}

/** Why a range can't be released; undefined if it can. */
export const rangeProblem = (range: NewRange, ranges: readonly SerialRange[]): string | undefined => {
  if (!serialNumberSchema.safeParse(serialOf(range, range.first)).success)
    return 'prefix: letters, digits, dots and dashes'
  const other = ranges.find((one) => overlap(one, range))
  if (!other) return undefined
  return `${serialOf(other, other.first)} to ${serialOf(other, other.last)} is released for ${other.model} already`
}

const SAID_MAX = 200

/** A reason and a name as they go on record. */
export const said = (reason: string, by: string): { reason: string; by: string } => ({
  reason: reason.slice(0, SAID_MAX),
  by: by.slice(0, SAID_MAX),
})
