/** Datagrams that Linux dropped because the receive buffer was full: counted for our own sockets, else for the machine. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** One row of /proc/net/udp or /proc/net/udp6. */
export interface UdpRow {
  readonly port: number
  readonly inode: string
  readonly drops: number
}

/** Reads the table; rows that are not understood are left out. Pure. */
export const parseUdpTable = (text: string): UdpRow[] =>
  text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .map((cells) => ({
      port: Number.parseInt(cells[1]?.split(':')[1] ?? '', 16),
      inode: cells[9] ?? '',
      drops: Number(cells[12] ?? Number.NaN),
    }))
    .filter((row) => Number.isInteger(row.port) && Number.isInteger(row.drops) && row.inode !== '')

/** RcvbufErrors of the `Udp:` pair of lines in /proc/net/snmp. Pure. */
export const parseSnmpDrops = (text: string): number | undefined => {
  const [names, values] = text.split('\n').filter((line) => line.startsWith('Udp:'))
  const at = names?.split(/\s+/).indexOf('RcvbufErrors') ?? -1
  const drops = Number(values?.split(/\s+/)[at])
  return at >= 0 && Number.isInteger(drops) ? drops : undefined
}

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

const ownInodes = (): Set<string> => {
  const inodes = new Set<string>()
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1]
      if (inode !== undefined) inodes.add(inode)
    } catch {
      // Closed since the folder was read.
    }
  }
  return inodes
}

export interface KernelView {
  /** Drops at our own sockets; undefined where the system does not tell. */
  readonly drops: number | undefined
  /** Whether another program has port 1900 open too. */
  readonly portShared: boolean
}

/** Looks at the kernel's tables for the sockets with these local ports. */
export const kernelView = (ports: readonly number[], ssdpPort: number): KernelView => {
  if (process.platform !== 'linux') return { drops: undefined, portShared: false }
  const tables = [read('/proc/net/udp'), read('/proc/net/udp6')].filter((text) => text !== undefined)
  if (tables.length === 0) {
    return { drops: parseSnmpDrops(read('/proc/net/snmp') ?? ''), portShared: false }
  }
  const rows = tables.flatMap(parseUdpTable)
  let own: Set<string>
  try {
    own = ownInodes()
  } catch {
    own = new Set(rows.map((row) => row.inode))
  }
  const mine = rows.filter((row) => own.has(row.inode) && ports.includes(row.port))
  return {
    drops: mine.reduce((sum, row) => sum + row.drops, 0),
    portShared: rows.some((row) => row.port === ssdpPort && !own.has(row.inode)),
  }
}
