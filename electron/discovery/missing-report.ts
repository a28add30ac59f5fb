/** "Why is my device missing": what the counted facts hint at. Pure. */
import type { Hint, InterfaceReport, NetworkInterface, RefusedDevice } from '../contract/discovery'

export interface ReportFacts {
  readonly interfaces: readonly InterfaceReport[]
  readonly all: readonly NetworkInterface[]
  readonly kernelDrops: number | undefined
  readonly portShared: boolean
  readonly refused: readonly RefusedDevice[]
  readonly devicesListed: number
  readonly platform: NodeJS.Platform
  /** Packets that came from an address of this machine. */
  readonly ownPackets: number
}

/** Below this a burst of answers from some hundred devices overflows the buffer. */
const BUFFER_SMALL_BYTES = 1024 * 1024
const VPN_NAME = /^(tun|tap|wg|ppp|utun|ipsec|tailscale|zt|nordlynx|proton|vpn)/i

const FIREWALL: Partial<Record<NodeJS.Platform, Hint>> = {
  linux: 'firewall-linux',
  win32: 'firewall-windows',
  darwin: 'firewall-macos',
}

/** Hints, the most telling first; `all-fine` alone where there are none. */
export const hintsFor = (facts: ReportFacts): Hint[] => {
  const hints: Hint[] = []
  const working = facts.interfaces.filter((row) => row.receiveBufferBytes > 0)
  const heard = working.reduce((sum, row) => sum + row.packetsHeard, 0)
  const sent = working.reduce((sum, row) => sum + row.searchesSent, 0)
  if (working.length === 0) hints.push('no-interface')
  else if (sent > 0 && heard === 0) hints.push('nothing-heard')
  else if (heard > 0 && heard === facts.ownPackets && facts.devicesListed === 0)
    hints.push('only-own-packets')
  const silent = hints.includes('nothing-heard') || hints.includes('only-own-packets')
  const firewall = FIREWALL[facts.platform]
  if (silent && firewall !== undefined) hints.push(firewall)
  if (silent && facts.all.some((iface) => VPN_NAME.test(iface.name))) hints.push('vpn-active')
  if ((facts.kernelDrops ?? 0) > 0) hints.push('packets-dropped')
  if (working.some((row) => row.receiveBufferBytes < BUFFER_SMALL_BYTES)) hints.push('buffer-small')
  if (working.some((row) => !row.listening) && facts.portShared) hints.push('port-1900-shared')
  if (facts.refused.some((row) => row.reason !== 'malformed-packet')) hints.push('devices-refused')
  return hints.length === 0 ? ['all-fine'] : hints
}
