/** A unit of the ledger as its entries make it: the one function by which writing and checking come to the same row. */
import type { SerialRange, Unit } from '../contract/factory'
import type { StepName } from '../contract/job'
import { type Entry, type EntryData, readData } from './ledger-entry'
import { type Followed, FRESH, follow, type Progress, type UnitEvent } from './ledger-machine'
import { rangeOf } from './serial-range'

/** A row of `units`. */
export interface UnitRecord extends Unit {
  /** seq of its first entry. */
  readonly id: number
  /** The moment that its certificate begins with. */
  readonly certificateAtMs?: number | undefined
  /** Fingerprint of the authority that the certificate's serial number was promised under. */
  readonly authority?: string | undefined
  /** Fingerprints of what stands above its certificate, without the root. */
  readonly chain?: readonly string[] | undefined
  /** seq of its last entry. */
  readonly lastSeq: number
  /** The range that its serial number is from. */
  readonly rangeId?: number | undefined
}

/** The unit after an entry, or why that entry may not follow. */
export type Applied =
  | { readonly unit: UnitRecord }
  | { readonly refused: string }
  | { readonly unchanged: true }

/** What an entry brings about, before it has its place in the chain. */
export type Draft = Pick<Entry, 'seq' | 'atMs' | 'serialNumber' | 'event' | 'step' | 'data'>

/** Applies an entry about a unit; `before` is the unit so far. */
export const applyEntry = (
  before: UnitRecord | undefined,
  entry: Draft,
  ranges: readonly SerialRange[],
): Applied => {
  if (entry.event === 'reserved' || (entry.event === 'burned' && !before)) {
    if (before) return { refused: 'the number is on record already' }
    const unit = entry.event === 'reserved' ? reserved(entry) : withdrawn(entry)
    if (!unit) return { refused: 'damaged data' }
    return { unit: { ...unit, rangeId: rangeOf(ranges, entry.serialNumber)?.id } }
  }
  if (!before) return { refused: 'the number is not on record' }
  const change = changeOf(entry)
  if (!change) return { refused: 'damaged data' }
  const followed: Followed = follow(progressOf(before), change.event)
  if ('refused' in followed) return followed
  // Another operator or lane is news, even where the device's way is as it was.
  if ('unchanged' in followed && entry.event !== 'resumed') return followed
  const next = 'next' in followed ? followed.next : progressOf(before)
  return {
    unit: {
      ...before,
      ...change.facts,
      state: next.state,
      openStep: next.openStep,
      attempts: next.attempts,
      lastErrorCode: next.lastErrorCode,
      updatedAtMs: entry.atMs,
      lastSeq: entry.seq,
    },
  }
}

/** How far a unit is, for the machine. */
export const progressOf = (unit: UnitRecord): Progress => ({
  state: unit.state,
  openStep: unit.openStep as StepName | undefined,
  attempts: unit.attempts,
  lastErrorCode: unit.lastErrorCode,
  certified: unit.fingerprint !== undefined,
})

/** A unit as others see it. */
export const toUnit = (record: UnitRecord): Unit => {
  const {
    id: _id,
    certificateAtMs: _at,
    authority: _by,
    chain: _chain,
    lastSeq: _last,
    rangeId: _range,
    ...unit
  } = record
  return Object.fromEntries(Object.entries(unit).filter(([, value]) => value !== undefined)) as Unit
}

interface Change {
  readonly event: UnitEvent
  readonly facts: Partial<UnitRecord>
}

const changeOf = (entry: Draft): Change | undefined => {
  const step = entry.step as StepName
  switch (entry.event) {
    case 'resumed': {
      const data = readData('resumed', entry.data)
      return data && { event: { type: 'resumed' }, facts: data }
    }
    case 'begun':
    case 'done':
      return readData(entry.event, entry.data) && { event: { type: entry.event, step }, facts: {} }
    case 'failed': {
      const data = readData('failed', entry.data)
      return data && { event: { type: 'failed', step, code: data.code }, facts: {} }
    }
    case 'signing': {
      const data = readData('signing', entry.data)
      if (!data) return undefined
      const { publicKeySha256, certificateSerial, authority } = data
      return {
        event: { type: 'signing' },
        facts: { publicKeySha256, certificateSerial, authority, certificateAtMs: entry.atMs },
      }
    }
    case 'issued': {
      const data = readData('issued', entry.data)
      return data && { event: { type: 'issued' }, facts: data }
    }
    case 'burned':
    case 'scrapped': {
      const data = readData(entry.event, entry.data)
      return data && { event: { type: entry.event }, facts: { reason: data.reason } }
    }
    default:
      return undefined
  }
}

const reserved = (entry: Draft): UnitRecord | undefined => {
  const data = readData('reserved', entry.data)
  return data && { ...firstFacts(entry), ...data, state: FRESH.state, attempts: FRESH.attempts }
}

const withdrawn = (entry: Draft): UnitRecord | undefined => {
  const data: EntryData<'burned'> | undefined = readData('burned', entry.data)
  if (!data?.withdrawn) return undefined
  const { reason, by } = data
  return {
    ...firstFacts(entry),
    ...data.withdrawn,
    state: 'burned',
    hardwareId: '',
    lane: '',
    operator: by,
    attempts: 0,
    reason,
  }
}

const firstFacts = ({ seq, atMs, serialNumber }: Draft) => ({
  id: seq,
  serialNumber,
  createdAtMs: atMs,
  updatedAtMs: atMs,
  lastSeq: seq,
})
