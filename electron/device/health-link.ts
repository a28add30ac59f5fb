/** How the network interface of the device does, from the counters of the system where it has them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listInterfaces } from '../net/interfaces'

export interface LinkState {
  readonly name: string
  readonly up: boolean
  readonly speedMbps?: number
  /** Frames received or sent with an error, as the system has counted them. */
  readonly errors?: number
}

/** Linux; elsewhere there is no such folder, and only name and state are known. */
const SYSTEM = '/sys/class/net'

const textIn = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

const countIn = (path: string): number | undefined => {
  const text = textIn(path)
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** The interface as it is now; `folder` is another one in tests. */
export const linkState = (name: string, folder = SYSTEM): LinkState => {
  const state = textIn(join(folder, name, 'operstate'))
  const listed = listInterfaces().some((each) => each.name === name)
  // Loopback and tunnels say "unknown", and are up when they have an address.
  const up = state === 'up' || (state !== 'down' && listed)
  const speedMbps = countIn(join(folder, name, 'speed'))
  const counted = ['rx_errors', 'tx_errors'].map((each) => countIn(join(folder, name, 'statistics', each)))
  const errors = counted.every((count) => count !== undefined)
    ? counted.reduce<number>((sum, count = 0) => sum + count, 0)
    : undefined
  return {
    name: name.slice(0, 31),
    up,
    ...(speedMbps ? { speedMbps } : {}),
    ...(errors === undefined ? {} : { errors }),
  }
}
