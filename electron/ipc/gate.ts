/** The gate that every call and every pushed event goes through: station, sign-in, role. */
import { CALL_ROLES, OPEN_SETTINGS, PASSIVE_CALLS, SIGNED_OUT_CALLS } from '../contract/call-roles'
import { IotmcError } from '../contract/errors'
import type { CallName, EventName } from '../contract/ipc'
import type { AccountDesk } from '../site/account-desk'
import type { ControllerApi } from './controller-api'
import type { SendEvent } from './events'

/** What decides whether a call is answered. */
export interface Gate {
  /** Whether the factory station is locked on: it has people and rules of its own then. */
  readonly stationLocked: () => boolean
  /** The accounts of the open site; undefined while none is open (first run, vault locked). */
  readonly accounts: () =>
    | Pick<AccountDesk, 'stage' | 'require' | 'touch' | 'signOut' | 'current'>
    | undefined
}

/** The gate of a controller. */
export const gateOf = (controller: Pick<ControllerApi, 'stationActive' | 'accountsIfOpen'>): Gate => ({
  stationLocked: () => controller.stationActive(),
  accounts: () => controller.accountsIfOpen(),
})

/** Before there is a controller, and in tests: all calls reach their handlers. */
export const OPEN_GATE: Gate = { stationLocked: () => false, accounts: () => undefined }

/** What is answered while the station is locked: the station itself, and the program's own stage. */
const OPEN_IN_STATION: readonly CallName[] = [
  'app.status',
  'app.quitAnswer',
  'settings.get',
  'network.interfaces',
]

/** Whether a change of settings is of this person's window only: language and theme. */
const isOwnLook = (name: CallName, request: unknown): boolean =>
  name === 'settings.set' &&
  typeof request === 'object' &&
  request !== null &&
  Object.keys(request).length > 0 &&
  Object.keys(request).every((key) => OPEN_SETTINGS.includes(key))

/** Lets a call through or throws NOT_AUTHORIZED, SIGN_IN_NEEDED or ROLE_TOO_LOW (subject: the needed role). */
export const requireAllowed = (gate: Gate, name: CallName, request: unknown): void => {
  const accounts = gate.accounts()
  if (gate.stationLocked()) {
    if (!name.startsWith('station.') && !OPEN_IN_STATION.includes(name))
      throw new IotmcError('NOT_AUTHORIZED', { subject: name, detail: 'the station is locked' })
    // The laptop is with the operators now; whoever had signed in does so again after it.
    if (accounts?.current()) accounts.signOut()
    return
  }
  if (!accounts) return
  if (accounts.stage() === 'sign-in') {
    if (SIGNED_OUT_CALLS.includes(name) || isOwnLook(name, request)) return
    throw new IotmcError('SIGN_IN_NEEDED')
  }
  accounts.require(isOwnLook(name, request) ? 'viewer' : CALL_ROLES[name])
  if (!PASSIVE_CALLS.includes(name)) accounts.touch()
}

/** Their answers hold nothing of the site, or the station's last view of itself. */
const ANSWERED_ALWAYS = /^(?:accounts|settings|station|practice)\./

/** Before an answer goes out: whoever asked may be signed out by now, and somebody else before the window. */
export const requireStillAllowed = (gate: Gate, name: CallName): void => {
  if (gate.stationLocked() || gate.accounts()?.stage() !== 'sign-in') return
  if (!SIGNED_OUT_CALLS.includes(name) && !ANSWERED_ALWAYS.test(name)) throw new IotmcError('SIGN_IN_NEEDED')
}

/** What may be pushed to a window where nobody is signed in: nothing of the site. */
const SIGNED_OUT_EVENTS: readonly EventName[] = [
  'app.status',
  'settings.changed',
  'accounts.changed',
  'app.quitAsked',
]

/** Whether an event may go to the window now. A site that is still being opened may have accounts, so it waits. */
export const mayPush = (gate: Gate, name: EventName): boolean => {
  if (gate.accounts()?.stage() === 'ready' || SIGNED_OUT_EVENTS.includes(name)) return true
  return gate.stationLocked() && name === 'station.changed'
}

/** Sends only what may be seen. */
export const gatedSend =
  (gate: Gate, send: SendEvent): SendEvent =>
  (name, payload) =>
    mayPush(gate, name) && send(name, payload)
