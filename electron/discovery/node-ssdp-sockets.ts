/// <reference path="./node-ssdp.d.ts" />
/**
 * The pair of sockets of an IPv4 address out of node-ssdp: one instance bound to the address for searching, one on
 * port 1900 for listening. The library's own reader is taken off (it drops LF-only packets and `ssdp:update`, and
 * doubles the work); what it leaves unset is set here, and what would crash it is caught.
 */
import type { Socket } from 'node:dgram'
import ssdp from 'node-ssdp'
import { SSDP } from '../contract/names'
import { closeQuietly, errorWord, type Place, type SocketPair, tune } from './sockets'

type Client = InstanceType<typeof ssdp.Client>

/** Starts one instance and keeps only the socket of `place`. Rejects with the system's error. */
const startClient = async (place: Place, sourcePort: number): Promise<{ client: Client; socket: Socket }> => {
  const client = new ssdp.Client({
    interfaces: [place.iface.name],
    explicitSocketBind: sourcePort === 0,
    sourcePort,
    reuseAddr: sourcePort !== 0,
    ssdpTtl: SSDP.ttl,
    // Else the library looks up an address of its own choice.
    location: 'http://0.0.0.0/',
    customLogger: () => undefined,
  })
  const started = client.start()
  const sockets = client.sockets ?? {}
  const failed = new Promise<never>((_, reject) => {
    for (const [address, socket] of Object.entries(sockets)) {
      const join = socket.addMembership.bind(socket)
      // The library answers a failed join with a retry whose failure nobody can catch.
      socket.addMembership = (group, iface) => {
        try {
          join(group, iface)
        } catch (error) {
          if (address === place.address && sourcePort !== 0) reject(error)
        }
      }
      socket.on('error', (error) => {
        if (address === place.address) reject(error)
      })
    }
  })
  try {
    await Promise.race([started, failed])
    const socket = client.sockets?.[place.address]
    if (socket === undefined) throw Object.assign(new Error('address gone'), { code: 'EADDRNOTAVAIL' })
    // A further address of the same interface has a pair of its own.
    for (const [address, other] of Object.entries(client.sockets ?? {})) {
      if (address !== place.address) closeQuietly(other)
    }
    socket.removeAllListeners('message')
    socket.removeAllListeners('error')
    socket.on('error', () => undefined)
    tune(socket, place)
    return { client, socket }
  } catch (error) {
    started.catch(() => undefined)
    for (const socket of Object.values(sockets)) closeQuietly(socket)
    throw error
  } finally {
    failed.catch(() => undefined)
  }
}

/** The pair for a non-loopback IPv4 place. Rejects only if there is no search socket. */
export const openNodeSsdpPair = async (place: Place, listening: boolean): Promise<SocketPair> => {
  const search = await startClient(place, 0)
  let listen: Socket | undefined
  let problem: string | undefined
  if (listening) {
    try {
      listen = (await startClient(place, SSDP.port)).socket
    } catch (error) {
      problem = errorWord(error)
    }
  }
  return {
    listen,
    search: search.socket,
    problem,
    close: () => {
      closeQuietly(search.socket)
      closeQuietly(listen)
    },
  }
}
