/** Opens the pair of sockets of one place to listen: one on port 1900 for the group, one to search and be answered on. */
import { createSocket, type Socket } from 'node:dgram'
import type { NetworkInterface } from '../contract/discovery'
import { SSDP } from '../contract/names'
import { DISCOVERY_LIMITS } from '../contract/timings'
import { zoneOf } from '../net/interfaces'
import type { Family } from './ssdp-encode'

/** One own address on one interface. */
export interface Place {
  readonly iface: NetworkInterface
  readonly family: Family
  /** Without zone. */
  readonly address: string
}

export interface SocketPair {
  /** Hears NOTIFY and M-SEARCH; unset where port 1900 or the group could not be had, or another address of the interface hears. */
  readonly listen: Socket | undefined
  /** Bound to the own address and a port of the system's choice; sends everything. */
  readonly search: Socket
  /** Why `listen` is unset, in the operating system's word. */
  readonly problem: string | undefined
  close(): void
}

export const errorWord = (error: unknown): string => {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : 'EUNKNOWN'
}

/** Where to send to reach the group from a place. */
export const groupAddress = (place: Place): string =>
  place.family === 4 ? SSDP.group4 : `${SSDP.group6LinkLocal}%${zoneOf(place.iface)}`

/** Sets what every socket needs; each option that the system refuses is left as it is. */
export const tune = (socket: Socket, place: Place): void => {
  const attempt = (fn: () => void): void => {
    try {
      fn()
    } catch {
      // A smaller buffer or the system's default interface is still better than no socket; both are reported.
    }
  }
  attempt(() =>
    socket.setMulticastInterface(place.family === 4 ? place.address : `::%${zoneOf(place.iface)}`),
  )
  attempt(() => socket.setMulticastTTL(SSDP.ttl))
  attempt(() => socket.setMulticastLoopback(true))
  attempt(() => socket.setRecvBufferSize(DISCOVERY_LIMITS.receiveBufferBytes))
  socket.unref()
}

/** Bytes that the system really gives; Linux answers twice what it uses for data. */
export const receiveBufferOf = (socket: Socket): number => {
  try {
    const size = socket.getRecvBufferSize()
    return process.platform === 'linux' ? size / 2 : size
  } catch {
    return 0
  }
}

export const closeQuietly = (socket: Socket | undefined): void => {
  if (socket === undefined) return
  socket.removeAllListeners('message')
  socket.removeAllListeners('error')
  // An error of a socket that nobody uses any more must not end the program.
  socket.on('error', () => undefined)
  try {
    socket.close()
  } catch {
    // Closed already.
  }
}

const bound = (socket: Socket, port: number, address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind({ port, address, exclusive: false }, () => {
      socket.off('error', reject)
      resolve()
    })
  })

const openListen = async (place: Place): Promise<Socket> => {
  const v4 = place.family === 4
  const socket = createSocket({ type: v4 ? 'udp4' : 'udp6', reuseAddr: true, ipv6Only: !v4 })
  try {
    await bound(socket, SSDP.port, v4 ? '0.0.0.0' : '::')
    if (v4) socket.addMembership(SSDP.group4, place.address)
    else socket.addMembership(SSDP.group6LinkLocal, `::%${zoneOf(place.iface)}`)
    tune(socket, place)
    return socket
  } catch (error) {
    closeQuietly(socket)
    throw error
  }
}

/** The plain pair, for loopback and IPv6, where node-ssdp has none. Rejects only if there is no search socket. */
export const openPlainPair = async (place: Place, listening: boolean): Promise<SocketPair> => {
  const v4 = place.family === 4
  const search = createSocket({ type: v4 ? 'udp4' : 'udp6', ipv6Only: !v4 })
  try {
    await bound(search, 0, v4 ? place.address : `${place.address}%${zoneOf(place.iface)}`)
    tune(search, place)
  } catch (error) {
    closeQuietly(search)
    throw error
  }
  let listen: Socket | undefined
  let problem: string | undefined
  if (listening) {
    try {
      listen = await openListen(place)
    } catch (error) {
      problem = errorWord(error)
    }
  }
  return {
    listen,
    search,
    problem,
    close: () => {
      closeQuietly(search)
      closeQuietly(listen)
    },
  }
}
