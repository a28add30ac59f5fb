/** One own address on one interface: its name, its counts, its report. Pure. */
import type { InterfaceReport, NetworkInterface } from '../contract/discovery'
import { DISCOVERY_LIMITS } from '../contract/timings'
import { onSubnet, splitZone, zoneOf } from '../net/interfaces'
import { type Place, receiveBufferOf, type SocketPair } from './sockets'

export type LinkCounters = Pick<
  InterfaceReport,
  'searchesSent' | 'sendErrors' | 'packetsHeard' | 'answersHeard' | 'notifiesHeard' | 'malformed'
>

export interface Link extends Omit<Place, 'iface'> {
  /** As of the last look. */
  iface: NetworkInterface
  /** `eth0|4|10.77.0.1`. */
  readonly id: string
  readonly counters: { -readonly [K in keyof LinkCounters]: number }
  lastHeardMs: number | undefined
}

/** A link with its open sockets. */
export interface OpenLink {
  readonly link: Link
  readonly pair: SocketPair
  /** The last error of a socket, in the operating system's word, until something is sent again. */
  problem: string | undefined
}

export interface PacketFrom {
  /** With its zone where IPv6 link-local. */
  readonly address: string
  readonly port: number
}

export const idOf = (place: Place): string => `${place.iface.name}|${place.family}|${place.address}`

/** Each own address of an interface that SSDP is spoken on. */
export const placesOf = (iface: NetworkInterface): Place[] => [
  ...iface.addresses4.map(({ address }): Place => ({ iface, family: 4, address })),
  ...iface.addresses6LinkLocal.map((address): Place => ({ iface, family: 6, address })),
]

export const newLink = (place: Place): Link => ({
  ...place,
  id: idOf(place),
  counters: {
    searchesSent: 0,
    sendErrors: 0,
    packetsHeard: 0,
    answersHeard: 0,
    notifiesHeard: 0,
    malformed: 0,
  },
  lastHeardMs: undefined,
})

/**
 * Which of the `links` a packet from `from`, heard by `link`, arrived on; undefined where another interface's socket
 * tells of it. Linux hands a group packet to every socket on port 1900, whichever interface it came in on. So it
 * counts only on the interface whose subnet its sender is on; a sender on no known subnet counts where it is heard.
 */
export const arrivedOn = (
  link: Link,
  from: string,
  links: readonly Link[],
  all: readonly NetworkInterface[],
): Link | undefined => {
  if (link.family === 6) {
    const { zone } = splitZone(from)
    return zone === undefined || zone === zoneOf(link.iface) || zone === link.iface.name ? link : undefined
  }
  if (!onSubnet(from, link.iface)) return all.some((iface) => onSubnet(from, iface)) ? undefined : link
  if (link.iface.addresses4.length < 2) return link
  // With several addresses on one interface: the one whose subnet the sender is on.
  const facing = links.find(({ iface, family, address }) => {
    if (iface.name !== link.iface.name || family !== 4) return false
    return onSubnet(from, { ...iface, addresses4: iface.addresses4.filter((own) => own.address === address) })
  })
  return facing ?? link
}

/** The row of an open link; `listening` also where another address of its interface listens for it. */
export const reportOpen = ({ link, pair, problem }: OpenLink, listening: boolean): InterfaceReport => {
  const word = problem ?? pair.problem
  const buffers = [pair.search, pair.listen].filter((socket) => socket !== undefined).map(receiveBufferOf)
  return {
    ...reportClosed(link, word),
    ...link.counters,
    listening,
    receiveBufferBytes: Math.min(...buffers),
    ...(link.lastHeardMs === undefined ? {} : { lastHeardMs: link.lastHeardMs }),
  }
}

/** The row of a place without sockets. */
export const reportClosed = (place: Place, problem: string | undefined): InterfaceReport => ({
  name: place.iface.name,
  family: place.family === 4 ? 'IPv4' : 'IPv6',
  address: place.address,
  listening: false,
  ...(problem === undefined ? {} : { problem }),
  searchesSent: 0,
  sendErrors: 0,
  packetsHeard: 0,
  answersHeard: 0,
  notifiesHeard: 0,
  malformed: 0,
  receiveBufferBytes: 0,
  receiveBufferAsked: DISCOVERY_LIMITS.receiveBufferBytes,
})

/** The row of a chosen interface that does not exist. */
export const reportAbsent = (name: string): InterfaceReport => {
  const iface = { name, addresses4: [], addresses6LinkLocal: [], loopback: false }
  return reportClosed({ iface, family: 4, address: '' }, 'ENODEV')
}
