/**
 * All SSDP sockets of this process: one link for each own address on each chosen interface. Follows interfaces that
 * appear, vanish or change address, opens everything anew after sleep. Discovery and Advertiser may share one.
 */
import type { Socket } from 'node:dgram'
import type { InterfaceReport, NetworkInterface } from '../contract/discovery'
import { SSDP } from '../contract/names'
import { DISCOVERY_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'
import { type InterfaceWatch, watchInterfaces } from '../net/interface-watch'
import { chooseInterfaces, listInterfaces } from '../net/interfaces'
import { Emitter } from './emitter'
import {
  arrivedOn,
  idOf,
  type Link,
  newLink,
  type OpenLink,
  type PacketFrom,
  placesOf,
  reportAbsent,
  reportClosed,
  reportOpen,
} from './link'
import type { DiscoveryLog } from './log'
import { openNodeSsdpPair } from './node-ssdp-sockets'
import { closeQuietly, errorWord, groupAddress, openPlainPair, type Place } from './sockets'

interface TransportEvents {
  /** `listening`: came to port 1900, so most likely to the group. */
  packet: [bytes: Buffer, from: PacketFrom, link: Link, listening: boolean]
  links: [change: { added: readonly Link[]; removed: readonly Link[] }]
  wake: [gapMs: number]
}

export interface TransportOptions {
  readonly clock: Clock
  /** Names of interfaces; empty = all but loopback. */
  readonly interfaces: readonly string[]
  readonly list?: (() => NetworkInterface[]) | undefined
  readonly log?: DiscoveryLog | undefined
}

/** How often a port 1900 that another program holds is asked for again. */
const RETRY_LISTEN_MS = 20_000

export class Transport {
  private readonly emitter: Emitter<TransportEvents>
  private readonly open = new Map<string, OpenLink>()
  /** Places that could not be opened, tried again at each look. */
  private readonly failed = new Map<string, { place: Place; problem: string }>()
  /** Counts survive a socket that had to be opened anew. */
  private readonly known = new Map<string, Link>()
  private all: NetworkInterface[] = []
  private watch: InterfaceWatch | undefined
  private users = 0
  private chosen: readonly string[]
  /** Openings and closings one after the other. */
  private chain: Promise<void> = Promise.resolve()
  private cancelRetry: () => void = () => undefined

  constructor(private readonly options: TransportOptions) {
    this.chosen = options.interfaces
    this.emitter = new Emitter((error) =>
      options.log?.warn({ error: String(error) }, 'discovery listener failed'),
    )
  }

  readonly on: Emitter<TransportEvents>['on'] = (name, listener) => this.emitter.on(name, listener)

  /** Opens the sockets for the first user; each further one only counts. */
  async acquire(): Promise<void> {
    this.users++
    if (this.users === 1) {
      this.look()
      this.watch = watchInterfaces({
        clock: this.options.clock,
        list: () => this.list(),
        onChange: () => this.reconcile(false),
        onWake: (gapMs) => {
          this.reconcile(true)
          void this.chain.then(() => this.emitter.emit('wake', gapMs))
        },
      })
      this.reconcile(false)
    }
    await this.chain
  }

  /** Closes the sockets when the last user leaves. */
  async release(): Promise<void> {
    if (this.users === 0) return
    this.users--
    if (this.users > 0) return
    this.watch?.close()
    this.watch = undefined
    this.cancelRetry()
    this.chain = this.chain.then(() => {
      for (const id of [...this.open.keys()]) this.close(id)
      this.failed.clear()
    })
    await this.chain
  }

  get running(): boolean {
    return this.users > 0
  }

  links(): readonly Link[] {
    return [...this.open.values()].map(({ link }) => link)
  }

  /** Every interface there is, chosen or not, as of the last look. */
  interfaces(): readonly NetworkInterface[] {
    return this.all
  }

  chosenNames(): readonly string[] {
    return this.chosen
  }

  /** Listens on other interfaces from now on. Resolves when the sockets are open. */
  async setInterfaces(names: readonly string[]): Promise<void> {
    this.chosen = names
    if (this.users > 0) this.reconcile(false)
    await this.chain
  }

  /** Sends to the group of the link, or to one address. Resolves false where the system refuses. */
  send(link: Link, bytes: Buffer, to?: PacketFrom): Promise<boolean> {
    const open = this.open.get(link.id)
    if (open === undefined) return Promise.resolve(false)
    const port = to?.port ?? SSDP.port
    const address = to?.address ?? groupAddress(link)
    return new Promise((resolve) => {
      const done = (error: unknown): void => {
        if (error) {
          link.counters.sendErrors++
          open.problem = errorWord(error)
          this.watch?.poke()
        } else if (open.problem !== undefined) open.problem = undefined
        resolve(!error)
      }
      try {
        open.pair.search.send(bytes, port, address, (error) => done(error))
      } catch (error) {
        done(error)
      }
    })
  }

  /** Local ports of the open sockets, to find them in the kernel's tables. */
  localPorts(): number[] {
    return [...this.open.values()]
      .flatMap(({ pair }) => [pair.search, pair.listen].map(portOf))
      .filter((port) => port > 0)
  }

  /** What each interface counted, open or failed, chosen ones that do not exist included. */
  reports(): InterfaceReport[] {
    const open = [...this.open.values()]
    const failed = [...this.failed.values()]
    const rows = [
      ...open.map((each) => reportOpen(each, this.listenerOf(each.link) !== undefined)),
      ...failed.map(({ place, problem }) => reportClosed(place, problem)),
      ...this.chosen.filter((name) => this.all.every((iface) => iface.name !== name)).map(reportAbsent),
    ]
    const key = (row: InterfaceReport): string => `${row.name} ${row.family} ${row.address}`
    return rows.sort((a, b) => (key(a) < key(b) ? -1 : 1))
  }

  private list(): NetworkInterface[] {
    return (this.options.list ?? listInterfaces)()
  }

  private look(): void {
    try {
      this.all = this.list()
    } catch {
      // Keep the last list: the next look may succeed.
    }
  }

  private reconcile(anew: boolean): void {
    this.chain = this.chain
      .then(() => this.apply(anew))
      .catch((error: unknown) => {
        this.options.log?.warn({ error: String(error) }, 'discovery sockets failed')
      })
  }

  private async apply(anew: boolean): Promise<void> {
    if (this.users === 0) return
    this.look()
    this.cancelRetry()
    const wanted = new Map(
      chooseInterfaces(this.all, this.chosen)
        .flatMap(placesOf)
        .map((place) => [idOf(place), place]),
    )
    const before = new Set<string>()
    const removed: Link[] = []
    for (const [id, open] of [...this.open]) {
      const place = wanted.get(id)
      // One link listens for all of its interface and family: any change there opens them all anew.
      const same = place !== undefined && sameAddresses(place.iface, open.link.iface, place.family)
      if (same) before.add(id)
      else removed.push(open.link)
      if (same) open.link.iface = place.iface
      if (same && !anew && open.pair.problem === undefined) continue
      this.close(id)
    }
    this.failed.clear()
    const added: Link[] = []
    for (const [id, place] of wanted) {
      if (this.open.has(id)) continue
      const link = await this.openLink(id, place)
      if (link !== undefined && !before.has(id)) added.push(link)
    }
    if (added.length > 0 || removed.length > 0) this.emitter.emit('links', { added, removed })
    if (this.failed.size > 0) this.retryLater(DISCOVERY_LIMITS.interfacePollMs)
    else if ([...this.open.values()].some(({ pair }) => pair.problem !== undefined))
      this.retryLater(RETRY_LISTEN_MS)
  }

  private retryLater(ms: number): void {
    this.cancelRetry()
    this.cancelRetry = this.options.clock.setTimer(() => this.reconcile(false), ms)
  }

  private async openLink(id: string, place: Place): Promise<Link | undefined> {
    const plain = place.family === 6 || place.iface.loopback
    try {
      const listening = this.listenerOf(place) === undefined
      const pair = await (plain ? openPlainPair(place, listening) : openNodeSsdpPair(place, listening))
      const link: Link = this.known.get(id) ?? newLink(place)
      link.iface = place.iface
      this.known.set(id, link)
      const open: OpenLink = { link, pair, problem: undefined }
      this.open.set(id, open)
      this.attach(open, pair.search, false)
      if (pair.listen !== undefined) this.attach(open, pair.listen, true)
      return link
    } catch (error) {
      const problem = errorWord(error)
      this.failed.set(id, { place, problem })
      this.options.log?.info(
        { interface: place.iface.name, address: place.address, problem },
        'cannot search here',
      )
      return undefined
    }
  }

  /** Only one socket on port 1900 for each interface and family: more would hear each packet again. */
  private listenerOf(place: Place): OpenLink | undefined {
    for (const open of this.open.values()) {
      const { link } = open
      if (
        link.iface.name === place.iface.name &&
        link.family === place.family &&
        open.pair.listen !== undefined
      )
        return open
    }
    return undefined
  }

  private attach(open: OpenLink, socket: Socket, listening: boolean): void {
    socket.on('error', (error) => {
      open.problem = errorWord(error)
      if (this.open.get(open.link.id) !== open) return
      closeQuietly(socket)
      this.close(open.link.id)
      this.failed.set(open.link.id, { place: open.link, problem: errorWord(error) })
      this.emitter.emit('links', { added: [], removed: [open.link] })
      this.retryLater(DISCOVERY_LIMITS.interfacePollMs)
    })
    socket.on('message', (bytes, from) => {
      const link = listening ? arrivedOn(open.link, from.address, this.links(), this.all) : open.link
      if (link === undefined) return
      link.counters.packetsHeard++
      link.lastHeardMs = this.options.clock.now()
      this.emitter.emit('packet', bytes, from, link, listening)
    })
  }

  private close(id: string): void {
    this.open.get(id)?.pair.close()
    this.open.delete(id)
  }
}

const portOf = (socket: Socket | undefined): number => {
  try {
    return socket?.address().port ?? 0
  } catch {
    return 0
  }
}

/** Whether an interface still has just the addresses of one family that it had. */
const sameAddresses = (a: NetworkInterface, b: NetworkInterface, family: Place['family']): boolean => {
  const own = (iface: NetworkInterface): string =>
    JSON.stringify(family === 4 ? iface.addresses4 : [iface.addresses6LinkLocal, iface.scopeId])
  return own(a) === own(b)
}
