/** Who may do what at the station, as a table. */
import { IotmcError } from '../contract/errors'
import type { Person, StationRole } from '../contract/factory'

/** The least role for each act while station mode is on. Signing in, out and leaving are guarded by the PIN itself. */
export const STATION_ACTS = {
  scan: 'operator',
  start: 'operator',
  chooseLane: 'operator',
  label: 'operator',
  log: 'operator',
  unlockLane: 'supervisor',
  configure: 'supervisor',
  addPerson: 'supervisor',
  removePerson: 'supervisor',
  changeLedger: 'supervisor',
  changeAuthority: 'supervisor',
} as const satisfies Record<string, StationRole>
export type StationAct = keyof typeof STATION_ACTS

/** Outside station mode whoever opened the vault is a supervisor. Errors: NOT_AUTHORIZED. */
export const requireRole = (act: StationAct, active: boolean, signedIn: Person | undefined): void => {
  if (!active) return
  if (!signedIn) throw new IotmcError('NOT_AUTHORIZED', { subject: act, detail: 'nobody is signed in' })
  if (STATION_ACTS[act] === 'supervisor' && signedIn.role !== 'supervisor')
    throw new IotmcError('NOT_AUTHORIZED', { subject: act, detail: 'a supervisor may' })
}
