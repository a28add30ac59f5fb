/** The part of node-ssdp 4 that `node-ssdp-sockets.ts` uses. */
declare module 'node-ssdp' {
  import type { Socket } from 'node:dgram'

  interface SsdpOptions {
    readonly interfaces?: readonly string[]
    readonly explicitSocketBind?: boolean
    readonly sourcePort?: number
    readonly reuseAddr?: boolean
    readonly ssdpTtl?: number
    readonly location?: string
    readonly customLogger?: (...args: unknown[]) => void
  }
  class Client {
    constructor(options: SsdpOptions)
    /** By own IPv4 address; null when stopped. Set as soon as `start` has returned. */
    readonly sockets: Record<string, Socket> | null
    start(): Promise<void>
    stop(): void
  }
  const ssdp: { Client: typeof Client }
  export default ssdp
}
