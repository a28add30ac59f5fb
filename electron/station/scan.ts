/** What a scan means: which number, for which lane, and why not. Pure. */
import { IotmcError } from '../contract/errors'
import { type LaneState, type SerialRange, serialNumberSchema, type Unit } from '../contract/factory'
import { readLabelText } from '../contract/label'
import { isUnfinished } from '../factory/ledger-machine'
import { rangeOf } from '../factory/serial-range'

/** A lane as far as a scan needs it. */
export interface ScanLane {
  readonly number: number
  readonly state: LaneState
  /** The number that the lane is working with, or will. */
  readonly serialNumber?: string | undefined
}

/** Scanners may wrap what they type in control characters (STX, GS, CR). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken away
const WRAPPING = /^[\s\u0000-\u001f\u007f\ufeff]+|[\s\u0000-\u001f\u007f\ufeff]+$/g

/** The scanned serial number, plain or in a label's text; undefined = count up. Errors: SERIAL_NUMBER_INVALID. */
export const readScan = (text: string): string | undefined => {
  const trimmed = text.replace(WRAPPING, '')
  if (trimmed === '') return undefined
  const serialNumber = readLabelText(trimmed)?.serialNumber ?? trimmed
  if (serialNumberSchema.safeParse(serialNumber).success) return serialNumber
  throw new IotmcError('SERIAL_NUMBER_INVALID', { subject: printable(serialNumber) })
}

/** The lane that the next scan goes to: the chosen one while it can take it, else the lowest that is ready. */
export const nextLane = (lanes: readonly ScanLane[], chosen: number | undefined): number | undefined => {
  const wanted = lanes.find((lane) => lane.number === chosen)
  if (wanted && (wanted.state === 'ready' || wanted.state === 'assigned')) return wanted.number
  return lanes.find((lane) => lane.state === 'ready')?.number
}

/**
 * As `nextLane`. Errors: REQUEST_REFUSED (no lanes, or all are at work), LANE_LOCKED (each lane that has a device is
 * locked), SERIAL_SILENT (lanes wait for a device).
 */
export const laneForScan = (lanes: readonly ScanLane[], chosen: number | undefined): number => {
  const found = nextLane(lanes, chosen)
  if (found !== undefined) return found
  if (lanes.length === 0) throw new IotmcError('REQUEST_REFUSED', { detail: 'this line has no lanes' })
  const named = (states: readonly LaneState[]): string =>
    lanes
      .filter((lane) => states.includes(lane.state))
      .map((lane) => `lane ${lane.number}`)
      .join(', ')
  const empty = named(['listening', 'no-port'])
  if (empty) throw new IotmcError('SERIAL_SILENT', { subject: empty, detail: 'no lane is ready' })
  const locked = named(['locked'])
  if (locked) throw new IotmcError('LANE_LOCKED', { subject: locked })
  throw new IotmcError('REQUEST_REFUSED', { detail: 'no lane is ready: take finished devices out first' })
}

/** Why a number is not released for a model; undefined where it is, or where nothing is released for the model. */
export const notReleased = (
  ranges: readonly SerialRange[],
  model: string,
  serialNumber: string,
): string | undefined => {
  const own = rangeOf(ranges, serialNumber)
  if (own) return own.model === model ? undefined : `it is released for ${own.model}`
  return ranges.some((range) => range.model === model) ? `it is not released for ${model}` : undefined
}

export interface NumberCheck {
  readonly model: string
  readonly ranges: readonly SerialRange[]
  /** What the ledger has under this number. */
  readonly unit: Unit | undefined
  readonly lanes: readonly ScanLane[]
  /** Where the number would go. */
  readonly lane: number
}

/**
 * Before a number is given to a lane, so that a refusal leaves it as it is. Errors: SERIAL_NUMBER_USED (detail says
 * where), OTHER_DEVICE (begun with another board), SERIAL_NUMBER_INVALID (not released).
 */
export const checkNumber = (serialNumber: string, check: NumberCheck): void => {
  const { model, ranges, unit, lanes, lane } = check
  const holder = lanes.find((other) => other.number !== lane && other.serialNumber === serialNumber)
  if (holder)
    throw new IotmcError('SERIAL_NUMBER_USED', {
      subject: serialNumber,
      detail: `lane ${holder.number} has it now`,
    })
  if (unit) {
    throw new IotmcError(isUnfinished(unit.state) ? 'OTHER_DEVICE' : 'SERIAL_NUMBER_USED', {
      subject: serialNumber,
      detail: whereUsed(unit),
    })
  }
  const detail = notReleased(ranges, model, serialNumber)
  if (detail !== undefined) throw new IotmcError('SERIAL_NUMBER_INVALID', { subject: serialNumber, detail })
}

/** `PX-200, complete, Line 1 lane 3, 2025-11-22 09:14Z, uuid:…`. */
export const whereUsed = ({ model, state, station, lane, updatedAtMs, udn }: Unit): string =>
  [
    model,
    state,
    lane === '' ? station : `${station} lane ${lane}`,
    `${new Date(updatedAtMs).toISOString().slice(0, 16).replace('T', ' ')}Z`,
    udn,
  ].join(', ')

// What was scanned may be anything: a link, another maker's code, bytes of a broken reader.
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 60)
