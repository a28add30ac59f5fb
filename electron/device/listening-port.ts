/** A serial side without a serial port: served over TCP, to programs of this machine only, one at a time. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { IotmcError } from '../contract/errors'
import type { ByteLink, openLink } from '../serial/link'

/** The rest of this machine, and nobody else. */
const HOST = '127.0.0.1'
/** What a client does not read beyond this is lost, as on a wire without flow control. */
const UNREAD_MAX_BYTES = 64 * 1024

export class ListeningPort {
  /** 0 = any that is free; the same one from then on. */
  constructor(private port: number) {}

  /** What a station opens; known in full once `open` has resolved. */
  get path(): string {
    return `tcp:${HOST}:${this.port}`
  }

  /** Begins to listen; unplugged (closed) it can be opened again. Errors: SERIAL_PORT_BUSY, SERIAL_PORT_DENIED. */
  readonly open: typeof openLink = async () => {
    const server = createServer({ noDelay: true })
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ host: HOST, port: this.port, exclusive: true }, resolve)
      })
    } catch (cause) {
      const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
      throw new IotmcError(isTaken ? 'SERIAL_PORT_BUSY' : 'SERIAL_PORT_DENIED', { subject: this.path, cause })
    }
    this.port = (server.address() as AddressInfo).port
    return new ListeningLink(server, this.path)
  }
}

/** Lives through any number of clients, as a board does through any number of programs at the other end of its cable. */
class ListeningLink implements ByteLink {
  readonly gone: Promise<IotmcError>
  private readonly listeners = new Set<(bytes: Buffer) => void>()
  private client: Socket | undefined
  private end: (why: IotmcError) => void = () => {}
  private why: IotmcError | undefined

  constructor(
    private readonly server: Server,
    readonly path: string,
  ) {
    this.gone = new Promise((resolve) => {
      this.end = (why) => {
        this.why ??= why
        resolve(this.why)
      }
    })
    server.on('error', (error) =>
      this.end(new IotmcError('SERIAL_UNPLUGGED', { subject: path, detail: error.message.slice(0, 200) })),
    )
    server.on('connection', (socket) => {
      socket.on('error', () => {})
      // A client that has just left may be heard of in the same round as the next one.
      setImmediate(() => this.take(socket))
    })
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.why) throw this.why
    const { client } = this
    if (client && client.writableLength <= UNREAD_MAX_BYTES) client.write(Buffer.from(bytes))
  }

  onData(listener: (bytes: Buffer) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  close(): Promise<void> {
    this.end(new IotmcError('CANCELLED', { subject: this.path, detail: 'the port was closed' }))
    return new Promise((resolve) => {
      this.server.close(() => resolve())
      this.client?.destroy()
    })
  }

  private take(socket: Socket): void {
    if (this.client || this.why) {
      socket.destroy()
      return
    }
    this.client = socket
    const leave = () => {
      if (this.client === socket) this.client = undefined
      socket.destroy()
    }
    socket.on('end', leave)
    socket.on('close', leave)
    socket.on('data', (bytes) => {
      for (const listener of [...this.listeners]) listener(bytes)
    })
  }
}
