/** A serial port at the other end of a TCP connection, as serial servers offer it raw: bytes only, no commands to the port. */
import { connect, isIPv4, isIPv6, type Socket } from 'node:net'
import { IotmcError } from '../contract/errors'
import { systemClock } from '../net/clock'
import type { ByteLink } from './byte-link'

export interface TcpPlace {
  /** A name, an IPv4 address or an IPv6 address without its brackets. */
  readonly host: string
  readonly port: number
}

const SCHEME = 'tcp:'
const SHAPE = /^tcp:(?:\[([^[\]]+)\]|([^:[\]]+)):([1-9]\d{0,4})$/
const NAME_MAX = 253
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/
const PORT_MAX = 65_535
const CONNECT_WITHIN_MS = 3_000
/** A serial server that lost its power says nothing: the system asks after it when nothing was said for so long. */
const KEEP_ALIVE_MS = 10_000

/** Whether a port's path is meant to be one of these; it may be malformed. */
export const isTcpPath = (path: string): boolean => path.startsWith(SCHEME)

/** The place that `tcp:HOST:PORT` names; undefined where it is not exactly of that form. */
export const parseTcpPath = (path: string): TcpPlace | undefined => {
  const [, address, name = '', digits] = SHAPE.exec(path) ?? []
  const port = Number(digits)
  // Also where nothing has matched.
  if (!(port <= PORT_MAX)) return undefined
  if (address !== undefined) return isIPv6(address) ? { host: address, port } : undefined
  return isIPv4(name) || isHostName(name) ? { host: name, port } : undefined
}

/** What ends in a number is an address, and then a whole one: resolvers also take 127.1 and 2130706433. */
const isHostName = (text: string): boolean => {
  const labels = text.split('.')
  return (
    text.length <= NAME_MAX && labels.every((one) => LABEL.test(one)) && !/^\d+$/.test(labels.at(-1) ?? '')
  )
}

/**
 * Connects to `tcp:HOST:PORT` within 3 s. Errors: SERIAL_PORT_MISSING (malformed, unknown host, refused, no answer),
 * SERIAL_PORT_DENIED, CANCELLED.
 */
export const openTcpLink = async (
  path: string,
  { baudRate, signal }: { baudRate?: number; signal?: AbortSignal } = {},
): Promise<ByteLink> => {
  const place = parseTcpPath(path)
  if (!place)
    throw new IotmcError('SERIAL_PORT_MISSING', { subject: path, detail: 'tcp:HOST:PORT is expected' })
  return new TcpLink(await reach(place, path, signal), path, baudRate)
}

const reach = (place: TcpPlace, path: string, signal: AbortSignal | undefined): Promise<Socket> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new IotmcError('CANCELLED', { subject: path }))
    const socket = connect({ ...place, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS })
    const settle = () => {
      cancelTimer()
      signal?.removeEventListener('abort', onAbort)
      socket.off('error', onError)
    }
    const fail = (why: IotmcError) => {
      settle()
      // A connection that is given up may still fail.
      socket.on('error', () => {})
      socket.destroy()
      reject(why)
    }
    const onAbort = () => fail(new IotmcError('CANCELLED', { subject: path }))
    const onError = (thrown: Error) => fail(connectFailure(path, thrown))
    const cancelTimer = systemClock.setTimer(
      () => fail(connectFailure(path, Object.assign(new Error(), { code: 'ETIMEDOUT' }))),
      CONNECT_WITHIN_MS,
    )
    signal?.addEventListener('abort', onAbort, { once: true })
    socket.on('error', onError)
    socket.once('connect', () => {
      settle()
      resolve(socket)
    })
  })

const DETAILS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no host of this name is known',
  EAI_AGAIN: 'the name of the host can not be looked up now',
  ETIMEDOUT: 'no answer within 3 s',
  EHOSTUNREACH: 'the host can not be reached',
  ENETUNREACH: 'its network can not be reached',
}

const connectFailure = (path: string, thrown: Error): IotmcError => {
  const code = 'code' in thrown ? String(thrown.code) : ''
  const isDenied = code === 'EACCES' || code === 'EPERM'
  return new IotmcError(isDenied ? 'SERIAL_PORT_DENIED' : 'SERIAL_PORT_MISSING', {
    subject: path,
    detail: isDenied ? 'this computer does not allow the connection' : (DETAILS[code] ?? code.slice(0, 40)),
    cause: thrown,
  })
}

class TcpLink implements ByteLink {
  readonly gone: Promise<IotmcError>
  readonly baudRate?: number
  private readonly listeners = new Set<(bytes: Buffer) => void>()
  private readonly writing = new Set<(why: IotmcError) => void>()
  private end: (why: IotmcError) => void = () => {}
  private why: IotmcError | undefined

  constructor(
    private readonly socket: Socket,
    readonly path: string,
    baudRate: number | undefined,
  ) {
    if (baudRate !== undefined) this.baudRate = baudRate
    this.gone = new Promise((resolve) => {
      this.end = (why) => {
        if (this.why) return
        this.why = why
        for (const reject of this.writing) reject(why)
        this.writing.clear()
        socket.destroy()
        resolve(why)
      }
    })
    // Read from the beginning, also while nobody listens: only a socket that is read tells that it was closed.
    socket.on('data', (bytes: Buffer) => {
      for (const listener of [...this.listeners]) listener(bytes)
    })
    socket.on('end', () => this.lost('the other side closed the connection'))
    socket.on('error', (error: Error) => this.lost(error.message))
    socket.on('close', () => this.lost('the connection is closed'))
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.why) return reject(this.why)
      this.writing.add(reject)
      this.socket.write(Buffer.from(bytes), (error) => {
        this.writing.delete(reject)
        if (!error) return resolve()
        this.lost(error.message)
        reject(this.why)
      })
    })
  }

  onData(listener: (bytes: Buffer) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  close(): Promise<void> {
    this.end(new IotmcError('CANCELLED', { subject: this.path, detail: 'the port was closed' }))
    return new Promise((resolve) => {
      if (this.socket.closed) resolve()
      else this.socket.once('close', () => resolve())
    })
  }

  private lost(detail: string): void {
    this.end(new IotmcError('SERIAL_UNPLUGGED', { subject: this.path, detail: detail.slice(0, 200) }))
  }
}
