/** A transport without sockets: tests put packets in and read what would have left. */
import type { NetworkInterface } from '../../electron/contract/discovery'
import { Emitter } from '../../electron/discovery/emitter'
import { type Link, newLink, type PacketFrom } from '../../electron/discovery/link'
import type { Transport } from '../../electron/discovery/transport'

export const eth: NetworkInterface = {
  name: 'eth0',
  addresses4: [{ address: '10.77.0.1', netmask: '255.255.255.0', prefix: 24 }],
  addresses6LinkLocal: [],
  loopback: false,
}

interface Events {
  packet: [bytes: Buffer, from: PacketFrom, link: Link, listening: boolean]
  links: [change: { added: readonly Link[]; removed: readonly Link[] }]
  wake: [gapMs: number]
}

export class FakeTransport {
  private readonly emitter = new Emitter<Events>()
  readonly sent: { text: string; to: PacketFrom | undefined; link: Link }[] = []
  readonly on = this.emitter.on.bind(this.emitter) as Emitter<Events>['on']
  open: Link[] = [newLink({ iface: eth, family: 4, address: '10.77.0.1' })]
  users = 0

  acquire(): Promise<void> {
    this.users++
    return Promise.resolve()
  }
  release(): Promise<void> {
    this.users--
    return Promise.resolve()
  }
  links(): readonly Link[] {
    return this.open
  }
  interfaces(): readonly NetworkInterface[] {
    return this.open.map(({ iface }) => iface)
  }
  chosenNames(): readonly string[] {
    return []
  }
  setInterfaces(): Promise<void> {
    return Promise.resolve()
  }
  localPorts(): number[] {
    return []
  }
  reports() {
    return []
  }
  send(link: Link, bytes: Buffer, to?: PacketFrom): Promise<boolean> {
    this.sent.push({ text: bytes.toString(), to, link })
    return Promise.resolve(true)
  }

  /** A datagram comes in, by default on port 1900 of the first link. */
  receive(text: string, from: Partial<PacketFrom> = {}, listening = true): void {
    const [link] = this.open
    if (link === undefined) throw new Error('no link')
    this.emitter.emit(
      'packet',
      Buffer.from(text),
      { address: '10.77.0.2', port: 5000, ...from },
      link,
      listening,
    )
  }
  /** Links appear. */
  add(...links: Link[]): void {
    this.open = [...this.open, ...links]
    this.emitter.emit('links', { added: links, removed: [] })
  }
  wake(): void {
    this.emitter.emit('wake', 3_600_000)
  }
  /** What left since the last call. */
  take(): string[] {
    return this.sent.splice(0).map(({ text }) => text)
  }
  get asTransport(): Transport {
    return this as unknown as Transport
  }
}
