/** Orders as they come over the wire, checked. Pure. */
import { IotmcError } from '../contract/errors'
import { activationSchema, firmwareVersionSchema } from '../contract/firmware'
import type { UpdateRecord } from './update-file'

/** Times are UTC, empty = at once; an activation may also be `hold` = when told. */
export interface UpdateOrder {
  readonly version: string
  readonly startTime: string
  readonly activationTime: string
}

const utcOf = (text: string, name: string): string => {
  if (activationSchema.safeParse(text).success && text !== 'hold' && text !== 'at-once') return text
  throw new IotmcError('VALUE_INVALID', { detail: `${name} is no time in UTC` })
}

/** What an ActivationTime means. VALUE_INVALID. */
export const activationOf = (text: string): UpdateRecord['activation'] =>
  text === '' ? 'at-once' : text === 'hold' ? 'hold' : utcOf(text, 'ActivationTime')

/** The record of a new order. VALUE_INVALID. */
export const recordOf = ({ version, startTime, activationTime }: UpdateOrder, id: string): UpdateRecord => {
  if (!firmwareVersionSchema.safeParse(version).success)
    throw new IotmcError('VALUE_INVALID', { detail: 'Version' })
  if (startTime !== '') utcOf(startTime, 'StartTime')
  const asked = activationOf(activationTime)
  return { format: 1, updateId: id, version, state: 'scheduled', startTime, asked, activation: asked }
}

/** Whether two records were ordered in the same words. */
export const isSameOrder = (a: UpdateRecord, b: UpdateRecord): boolean =>
  a.version === b.version && a.startTime === b.startTime && a.asked === b.asked
