/** Advertises one root device: alive, byebye and update sets, and answers to searches (UDA 2.0 §1.2–§1.3). */
import type { NetworkInterface } from '../contract/discovery'
import { type ServiceName, serviceType } from '../contract/names'
import { DISCOVERY_LIMITS } from '../contract/timings'
import type { Clock, Random } from '../net/clock'
import { onSubnet } from '../net/interfaces'
import type { Link, PacketFrom } from './link'
import type { DiscoveryLog } from './log'
import { encodeAlive, encodeByebye, encodeUpdate, type Family } from './ssdp-encode'
import type { SearchMessage } from './ssdp-message'
import { parseSsdp } from './ssdp-parse'
import { Transport } from './transport'

export interface AdvertiserOptions {
  readonly clock: Clock
  readonly random: Random
  /** Names of interfaces; empty = all but loopback. Not used where a `transport` is passed. */
  readonly interfaces: readonly string[]
  readonly list?: (() => NetworkInterface[]) | undefined
  /** Sockets shared with a Discovery; made here where there are none. */
  readonly transport?: Transport | undefined
  readonly udn: string
  readonly deviceType: string
  readonly services: readonly ServiceName[]
  /** The value in use now. */
  bootId(): number
  configId(): number
  /** Value of the management capability header, asked for each message. */
  readonly mgmt?: (() => string) | undefined
  /** Description URL on an own address. IPv6 addresses come without zone and brackets. */
  location(address: string, family: Family): string
  secureLocation(address: string, family: Family): string
  readonly maxAgeS?: number | undefined
  /**
   * Raises BOOTID for an interface that appeared while running: keeps the new value and returns it, so that `bootId`
   * answers it from then on. Without it a new interface is announced under the same BOOTID.
   */
  readonly raiseBootId?: (() => number) | undefined
  readonly log?: DiscoveryLog | undefined
}

/** A set is sent this often, because datagrams get lost (§1.2.2). */
const SET_REPEATS = 2
const FIRST_DELAY_MS = 100
const REPEAT_GAP_MS = 300
/** Answers under way; more is a flood. */
const ANSWERS_MAX = 512
const ANSWERS_PER_SOURCE_MAX = 64
const ANSWER_MARGIN_MS = 50
/** A set is refreshed at a random time between these shares of max-age. */
const REFRESH_FROM = 0.3
const REFRESH_TO = 0.48

export class Advertiser {
  private readonly transport: Transport
  private readonly targets: readonly string[]
  private readonly timers = new Set<() => void>()
  private readonly pending = new Map<string, number>()
  private pendingCount = 0
  private cancelRefresh: () => void = () => undefined
  private offs: (() => void)[] = []
  private running = false

  constructor(private readonly options: AdvertiserOptions) {
    this.transport = options.transport ?? new Transport(options)
    this.targets = [
      'upnp:rootdevice',
      options.udn,
      options.deviceType,
      ...new Set(options.services.map((name) => serviceType(name))),
    ]
  }

  /** Opens the sockets, announces, and answers searches from now on. */
  async start(): Promise<void> {
    if (this.offs.length > 0) return
    this.offs = [
      this.transport.on('packet', (bytes, from, link, listening) =>
        this.packet(bytes, from, link, listening),
      ),
      this.transport.on('links', ({ added }) => this.linksAdded(added)),
      this.transport.on('wake', () => this.announce()),
    ]
    await this.transport.acquire()
    this.running = true
    this.announce()
  }

  /** Says byebye on every link, resolves when the datagrams have left, then lets the sockets go. */
  async stop(): Promise<void> {
    if (this.offs.length === 0) return
    for (const off of this.offs) off()
    this.offs = []
    this.running = false
    this.cancelAll()
    const { udn } = this.options
    const ids = { bootId: this.options.bootId(), configId: this.options.configId() }
    for (let i = 0; i < SET_REPEATS; i++) {
      await this.sendSet(this.transport.links(), (target, link) =>
        encodeByebye({ udn, target, ...ids }, link.family),
      )
    }
    await this.transport.release()
  }

  /** Announces on all links now: after the start, when the header changed, after sleep. */
  announce(): void {
    if (!this.running) return
    this.announceOn(() => this.transport.links())
    this.scheduleRefresh()
  }

  /** Says that from the next announcement on BOOTID will be `nextBootId`. Resolves when the datagrams have left. */
  async update(nextBootId: number): Promise<void> {
    if (this.running) await this.sendUpdate(this.transport.links(), this.options.bootId(), nextBootId)
  }

  private async sendUpdate(links: readonly Link[], bootId: number, nextBootId: number): Promise<void> {
    const { udn } = this.options
    const configId = this.options.configId()
    await this.sendSet(links, (target, link) =>
      encodeUpdate({ udn, target, bootId, configId, nextBootId, ...this.urls(link) }, link.family),
    )
  }

  private announceOn(links: () => readonly Link[]): void {
    const firstMs = this.options.random.fraction() * FIRST_DELAY_MS
    for (let repeat = 0; repeat < SET_REPEATS; repeat++) {
      this.after(firstMs + repeat * REPEAT_GAP_MS, () => {
        void this.sendSet(links(), (target, link) => this.alive('alive', target, link))
      })
    }
  }

  private scheduleRefresh(): void {
    this.cancelRefresh()
    const share = REFRESH_FROM + this.options.random.fraction() * (REFRESH_TO - REFRESH_FROM)
    this.cancelRefresh = this.options.clock.setTimer(() => this.announce(), this.maxAgeS() * 1000 * share)
  }

  private linksAdded(added: readonly Link[]): void {
    if (!this.running || added.length === 0) return
    const { raiseBootId } = this.options
    const fresh = new Set(added.map(({ id }) => id))
    const others = this.transport.links().filter(({ id }) => !fresh.has(id))
    if (raiseBootId === undefined) {
      this.announceOn(() => this.transport.links().filter(({ id }) => fresh.has(id)))
      return
    }
    const bootId = this.options.bootId()
    const next = raiseBootId()
    void this.sendUpdate(others, bootId, next).then(() => this.announce())
  }

  private packet(bytes: Buffer, from: PacketFrom, link: Link, listening: boolean): void {
    // Only M-SEARCH is of interest: do not read the answers and announcements of a thousand others.
    if (!this.running || ((bytes[0] ?? 0) | 0x20) !== 0x6d) return
    const parsed = parseSsdp(bytes)
    if (!parsed.ok || parsed.message.kind !== 'search') return
    // An answer to an address beyond this network would let anyone aim us at a third party.
    if (!onSubnet(from.address, link.iface)) return
    this.answer(parsed.message, from, link, listening)
  }

  private answer(search: SearchMessage, from: PacketFrom, link: Link, listening: boolean): void {
    const targets = this.matching(search.target)
    // A search of the group without MX is dropped silently (§1.3.2); one to us alone is answered at once.
    if (targets.length === 0 || (listening && search.mxS === undefined)) return
    const windowMs = (search.mxS ?? 0) * 1000 - ANSWER_MARGIN_MS
    for (const target of targets) {
      const underWay = this.pending.get(from.address) ?? 0
      if (this.pendingCount >= ANSWERS_MAX || underWay >= ANSWERS_PER_SOURCE_MAX) return
      this.count(from.address, 1)
      this.after(Math.max(0, this.options.random.fraction() * windowMs), () => {
        this.count(from.address, -1)
        void this.transport.send(link, this.alive('answer', target, link), from)
      })
    }
  }

  private count(address: string, by: number): void {
    this.pendingCount += by
    const left = (this.pending.get(address) ?? 0) + by
    if (left > 0) this.pending.set(address, left)
    else this.pending.delete(address)
  }

  /** Targets are compared as text and never as a pattern: what is searched comes from anyone. */
  private matching(target: string): readonly string[] {
    if (target === 'ssdp:all') return this.targets
    const wanted = target.slice(0, 5).toLowerCase() === 'uuid:' ? target.toLowerCase() : target
    return this.targets.includes(wanted) ? [wanted] : []
  }

  private alive(kind: 'alive' | 'answer', target: string, link: Link): Buffer {
    const { udn, clock } = this.options
    const mgmt = this.options.mgmt?.()
    return encodeAlive(
      {
        kind,
        udn,
        target,
        bootId: this.options.bootId(),
        configId: this.options.configId(),
        maxAgeS: this.maxAgeS(),
        ...this.urls(link),
        ...(mgmt === undefined ? {} : { mgmt }),
      },
      link.family,
      clock.now(),
    )
  }

  private urls(link: Link): { location: string; secureLocation: string } {
    const { address, family } = link
    return {
      location: this.options.location(address, family),
      secureLocation: this.options.secureLocation(address, family),
    }
  }

  private async sendSet(
    links: readonly Link[],
    encode: (target: string, link: Link) => Buffer,
  ): Promise<void> {
    await Promise.all(
      links.flatMap((link) => this.targets.map((target) => this.transport.send(link, encode(target, link)))),
    )
  }

  private maxAgeS(): number {
    return this.options.maxAgeS ?? DISCOVERY_LIMITS.maxAgeDefaultS
  }

  private after(ms: number, fn: () => void): void {
    const cancel = this.options.clock.setTimer(() => {
      this.timers.delete(cancel)
      fn()
    }, ms)
    this.timers.add(cancel)
  }

  private cancelAll(): void {
    this.cancelRefresh()
    for (const cancel of this.timers) cancel()
    this.timers.clear()
    this.pending.clear()
    this.pendingCount = 0
  }
}
