/** Identities that a device should not have, for the faults that are about certificates. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Authority } from '../identity/authority'
import { openPracticeFactory } from '../identity/practice-factory'
import type { TlsIdentity } from '../net/tls'
import type { FaultSwitch } from './fault-switch'
import type { RequestSubject } from './key-files'
import { makeIdentity } from './manufacture'

const HOUR_MS = 3600_000

/** The identity that a fault asks for, undefined where none does. Throws as the factory does. */
export const faultIdentity = async (
  faults: FaultSwitch,
  folder: string,
  subject: RequestSubject,
  openFactory: () => Promise<Authority>,
  nowMs: number,
): Promise<TlsIdentity | undefined> => {
  const now = new Date(nowMs)
  if (faults.has('wrong-udn')) {
    return makeIdentity(await openFactory(), { ...subject, udn: `uuid:${randomUUID()}` }, now)
  }
  if (faults.has('foreign-ca')) {
    return makeIdentity(await openPracticeFactory(join(folder, 'foreign-factory')), subject, now)
  }
  if (faults.has('expired-identity')) {
    const then = new Date(nowMs - 12 * HOUR_MS)
    return makeIdentity(await openFactory(), subject, then, { validityDays: 1 / 24 })
  }
  return undefined
}
