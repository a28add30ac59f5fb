/** The network that a device is told to join: accepted, tried, and the interfaces it leaves the device on (§4). */

import type { NetworkInterface } from '../contract/discovery'
import { IotmcError } from '../contract/errors'
import { nextPhase, type Phase } from '../contract/phases'
import type { NetworkStatus } from '../contract/provision'
import { PROVISION_TIMINGS } from '../contract/timings'
import { type Clock, delay } from '../net/clock'
import { listInterfaces } from '../net/interfaces'
import type { DeviceLog } from './log'
import { checkAnchor } from './site-anchor'
import type { DeviceState } from './state'
import type { StateFile } from './state-file'

/** A network that plays a Wi-Fi in reach: its name, the interface it is entered by, its credential; empty = open. */
export interface NetworkInReach {
  readonly ssid: string
  readonly interfaceName: string
  readonly credential: string
}

/** Where a device can be: by names of interfaces; empty = all but loopback. */
export interface Surroundings {
  readonly interfaces: readonly string[]
  /** Its own small network before it has another; default: `interfaces`. */
  readonly setupInterfaces?: readonly string[] | undefined
  readonly networks?: readonly NetworkInReach[] | undefined
}

export interface NetworkRequest {
  readonly ssid: string
  readonly credential: string
  readonly anchorPem: string
}

/** Looking for a name, and asking with a wrong credential, take a radio a moment. */
const LOOK_MS = 1_500
const REFUSED_MS = 2_500
const ADDRESS_POLL_MS = 250
const SSID_MAX_BYTES = 32
const CREDENTIAL_MAX = 128

const phaseWithNetwork = (from: Phase): Phase => {
  const phase = nextPhase(from, 'network-and-anchor-known')
  if (!phase) throw new IotmcError('WRONG_PHASE', { detail: from })
  return phase
}

/**
 * Takes a network and the site's anchor, durably. A wired device, or one for which no networks are played, is in
 * commissioning at once; any other tries the network first and changes nothing else until that succeeds. The same
 * request again is accepted again. Errors: WRONG_PHASE, CERTIFICATE_INVALID, STRING_TOO_LONG, BUSY while another
 * network is being tried.
 */
export const acceptNetwork = (store: StateFile, request: NetworkRequest, nowMs: number): void => {
  const { ssid, credential } = request
  const anchorPem = checkAnchor(request.anchorPem, nowMs)
  if (Buffer.byteLength(ssid) > SSID_MAX_BYTES) throw new IotmcError('STRING_TOO_LONG', { detail: 'Ssid' })
  if (credential.length > CREDENTIAL_MAX) throw new IotmcError('STRING_TOO_LONG', { detail: 'Credential' })
  const { phase, joining, wireless, anchorPem: known } = store.current
  if (joining) {
    const same = joining.ssid === ssid && joining.credential === credential && joining.anchorPem === anchorPem
    if (same) return
    throw new IotmcError('BUSY', { detail: 'another network is being tried' })
  }
  if (phase === 'commissioning' && known === anchorPem) return
  const after = phaseWithNetwork(phase)
  if (wireless && ssid !== '') store.update({ joining: { ssid, credential, anchorPem } })
  else store.update({ anchorPem, network: { ssid, credential }, phase: after, networkStatus: 'joined' })
}

/** What `GetNetworkStatus` answers. */
export const networkStatusOf = ({ joining, networkStatus }: DeviceState): NetworkStatus =>
  joining ? 'joining' : (networkStatus ?? 'none')

/** Names of the interfaces that a device speaks on now; empty = all but loopback. */
export const interfacesNow = (
  { phase, network }: Pick<DeviceState, 'phase' | 'network'>,
  { interfaces, setupInterfaces = interfaces, networks = [] }: Surroundings,
): readonly string[] => {
  const joined = networks.find(
    ({ ssid, credential }) => ssid === network?.ssid && credential === network.credential,
  )
  if (joined) return [joined.interfaceName]
  return phase === 'manufacturing' || phase === 'provisioning' ? setupInterfaces : interfaces
}

export interface JoinTools {
  readonly clock: Clock
  readonly log: DeviceLog
  readonly signal: AbortSignal
  readonly networks: readonly NetworkInReach[]
  /** The interfaces of this machine. */
  readonly list?: () => readonly NetworkInterface[]
}

/**
 * Tries the network that was accepted, if there is one, and commits the end of it in one write: in commissioning with
 * anchor and network, or back in provisioning with neither. Rejects with CANCELLED on abort; then it is tried again at
 * the next start.
 */
export const joinNetwork = async (store: StateFile, tools: JoinTools): Promise<void> => {
  const { joining } = store.current
  if (!joining) return
  if (tools.networks.length === 0) return stayWired(store, tools.log)
  tools.log('network-trying', { ssid: joining.ssid })
  const failed = await tryNetwork(joining, tools)
  if (!failed) return enter(store, tools.log)
  store.update({ joining: undefined, networkStatus: failed })
  tools.log('network-failed', { ssid: joining.ssid, status: failed })
}

/** For a device that is started without networks: there is nothing to try, so it stays where it is, as a wired one does. */
export const stayWired = (store: StateFile, log: DeviceLog): void => {
  if (store.current.wireless) store.update({ wireless: undefined })
  enter(store, log)
}

const enter = (store: StateFile, log: DeviceLog): void => {
  const { joining, phase } = store.current
  if (!joining) return
  const { anchorPem, ...network } = joining
  const after = phaseWithNetwork(phase)
  store.update({ joining: undefined, networkStatus: 'joined', network, anchorPem, phase: after })
  log('network-joined', { ssid: network.ssid })
}

/** Why the network was not joined; undefined where it was. */
const tryNetwork = async (
  wanted: { readonly ssid: string; readonly credential: string },
  { clock, signal, networks, list = listInterfaces }: JoinTools,
): Promise<NetworkStatus | undefined> => {
  await delay(clock, LOOK_MS, signal)
  const ofName = networks.filter(({ ssid }) => ssid === wanted.ssid)
  if (ofName.length === 0) return 'failed:not-found'
  const open = ofName.find(({ credential }) => credential === wanted.credential)
  if (!open) {
    await delay(clock, REFUSED_MS, signal)
    return 'failed:refused'
  }
  const hasAddress = () => list().some(({ name }) => name === open.interfaceName)
  for (let leftMs: number = PROVISION_TIMINGS.joinWithinMs; !hasAddress(); leftMs -= ADDRESS_POLL_MS) {
    if (leftMs <= 0) return 'failed:no-address'
    await delay(clock, ADDRESS_POLL_MS, signal)
  }
  return undefined
}
