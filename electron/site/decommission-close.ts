/** The end of a decommissioning that can never be proven: closed by a person, who says why. */
import { closePhrase, isPhrase } from '../contract/decommission'
import type { DecommissionState } from '../contract/decommission-states'
import { IotmcError } from '../contract/errors'
import type { KeptDecommission } from '../store/tables/decommissions'

export interface CloseOrder {
  readonly id: string
  readonly note: string
  readonly phrase: string
}

/** Revoked, and no proof on record. */
const CLOSABLE: ReadonlySet<DecommissionState> = new Set(['revoked', 'queued', 'wiped'])

/** Nothing more comes: proven and certified, or closed without. */
export const isOver = ({ state }: { readonly state: DecommissionState }): boolean =>
  state === 'certified' || state === 'closed'

/** When it was over; 0 before. */
export const overAtMs = ({ certificate, closed }: KeptDecommission): number =>
  closed?.atMs ?? certificate?.madeAtMs ?? 0

/** Throws where a person has closed it: a job that still runs ends with that. Errors: CANCELLED. */
export const requireOpen = (record: KeptDecommission): KeptDecommission => {
  if (record.state === 'closed')
    throw new IotmcError('CANCELLED', { subject: record.udn, detail: 'closed without proof' })
  return record
}

/** The record as closed. Errors: VALUE_INVALID (no such record, not revoked yet, or over; no note), PHRASE_WRONG. */
export const closedRecord = (
  record: KeptDecommission | undefined,
  { id, note, phrase }: CloseOrder,
  by: string,
  atMs: number,
): KeptDecommission => {
  if (!record || !CLOSABLE.has(record.state))
    throw new IotmcError('VALUE_INVALID', { subject: id, detail: record?.state ?? 'no such record' })
  const said = note.trim()
  if (said === '' || said.length > 400) throw new IotmcError('VALUE_INVALID', { subject: id, detail: 'note' })
  const wanted = closePhrase(record)
  if (!isPhrase(phrase, wanted)) throw new IotmcError('PHRASE_WRONG', { detail: wanted })
  const { error: _, ...rest } = record
  return { ...rest, state: 'closed', closed: { atMs, by, note: said } }
}
