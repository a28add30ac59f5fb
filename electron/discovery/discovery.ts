/** Finds devices: searches and listens on every chosen interface, keeps the registry, fetches descriptions. */
import { isIPv6 } from 'node:net'
import type { MissingReport, NetworkInterface } from '../contract/discovery'
import { DEVICE_TYPE, SSDP } from '../contract/names'
import { DISCOVERY_LIMITS, IPC_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'
import { isLinkLocal6, onSubnet, splitZone } from '../net/interfaces'
import type { BootEvent } from './boot-state'
import {
  DescriptionQueue,
  type DescriptionResult,
  type DescriptionSource,
  type ReadDescription,
} from './description-queue'
import { Emitter } from './emitter'
import { type HeardMessage, Intake } from './intake'
import { kernelView } from './kernel-drops'
import type { Link } from './link'
import type { DiscoveryLog } from './log'
import { hintsFor } from './missing-report'
import { Refusals } from './refusals'
import { type DiscoveredDevice, Registry } from './registry'
import { SearchRounds } from './search-rounds'
import { encodeSearch } from './ssdp-encode'
import { Transport } from './transport'

export interface DiscoveryOptions {
  readonly clock: Clock
  /** Names of interfaces; empty = all but loopback. Not used where a `transport` is passed. */
  readonly interfaces: readonly string[]
  readonly list?: (() => NetworkInterface[]) | undefined
  /** Sockets shared with an Advertiser; made here where there are none. */
  readonly transport?: Transport | undefined
  /** Default: whether a loopback interface is chosen by name. */
  readonly allowLoopback?: boolean | undefined
  readonly allowOffSubnet: boolean
  /** Seconds, 1–5. */
  readonly mxS: number
  readonly readDescription: ReadDescription
  /** Default: managed devices, and root devices once so that unmanaged ones are listed too. */
  readonly searchTargets?: readonly string[] | undefined
  /** Own UDNs: heard like all others, never listed. */
  readonly ownUdns?: readonly string[] | undefined
  /** CPFN of the searches. */
  readonly friendlyName?: string | undefined
  readonly log?: DiscoveryLog | undefined
}

interface DiscoveryEvents {
  /** UDNs whose entry is new, changed or (then `get` answers undefined) dropped; at most 10 times a second. */
  changed: [udns: string[]]
  /** Every readable message, as it comes. */
  heard: [heard: HeardMessage]
}

const SWEEP_MS = 1_000
/** For so long after sleep nobody counts as gone: the network has to come up, a search has to be answered. */
const WOKE_GRACE_MS = 20_000
/** Before devices expire they are asked once more: multicast over Wi-Fi is lost often. */
const EXPIRY_NEAR_MS = 45_000
const DEFAULT_TARGETS: readonly string[] = [DEVICE_TYPE.managed, 'upnp:rootdevice']
/** What makes a new description necessary, or reachable. */
const DESCRIBE_ON: ReadonlySet<BootEvent['kind']> = new Set([
  'appeared',
  'rebooted',
  'config-changed',
  'address-added',
  'address-dropped',
  'location-changed',
])

export class Discovery {
  private readonly emitter: Emitter<DiscoveryEvents>
  private readonly transport: Transport
  private readonly registry: Registry
  private readonly refusals = new Refusals()
  private readonly intake: Intake
  private readonly rounds: SearchRounds
  private readonly targets: readonly string[]
  private readonly dirty = new Set<string>()
  private descriptions: DescriptionQueue
  private cancelFlush: (() => void) | undefined
  private cancelSweep: () => void = () => undefined
  private offs: (() => void)[] = []
  private ownAddresses: ReadonlySet<string> = new Set()
  private running = false
  private ownPackets = 0
  private searchedMs = 0
  private sweptMs = 0
  private dropsAtStart = 0

  constructor(private readonly options: DiscoveryOptions) {
    const { clock } = options
    this.emitter = new Emitter((error) =>
      options.log?.warn({ error: String(error) }, 'discovery listener failed'),
    )
    this.transport = options.transport ?? new Transport(options)
    this.targets = options.searchTargets ?? DEFAULT_TARGETS
    this.registry = new Registry({
      targets: this.targets,
      onChange: (udn, events) => this.changed(udn, events),
    })
    this.descriptions = this.newQueue()
    this.intake = new Intake({
      clock,
      registry: this.registry,
      refusals: this.refusals,
      targets: this.targets,
      ownUdns: options.ownUdns ?? [],
      allowOffSubnet: () => options.allowOffSubnet,
      allowLoopback: () => this.allowLoopback(),
      heard: () => (this.emitter.has('heard') ? (heard) => this.emitter.emit('heard', heard) : undefined),
    })
    this.rounds = new SearchRounds({
      clock,
      targets: this.targets,
      mxS: Math.min(Math.max(options.mxS, 1), DISCOVERY_LIMITS.mxMaxS),
      send: (target, mxS) => this.sendSearch(this.transport.links(), target, mxS),
      count: () => this.registry.size,
      drops: () => kernelView(this.transport.localPorts(), SSDP.port).drops ?? 0,
    })
  }

  readonly on: Emitter<DiscoveryEvents>['on'] = (name, listener) => this.emitter.on(name, listener)

  /** Opens the sockets and searches. Interfaces that fail are reported and tried again, they never reject. */
  async start(): Promise<void> {
    if (this.offs.length > 0) return
    this.descriptions = this.newQueue()
    this.offs = [
      this.transport.on('packet', (bytes, from, link) => {
        if (this.ownAddresses.has(splitZone(from.address).address)) this.ownPackets++
        this.intake.take(bytes, from, link)
      }),
      this.transport.on('links', ({ added }) => this.linksChanged(added)),
      this.transport.on('wake', () => this.search()),
    ]
    await this.transport.acquire()
    this.running = true
    this.ownAddresses = new Set(this.transport.links().map((link) => link.address))
    this.dropsAtStart = kernelView(this.transport.localPorts(), SSDP.port).drops ?? 0
    this.sweptMs = this.options.clock.now()
    this.sweep()
    this.search()
  }

  /** Closes everything; entries stay readable as they were. */
  async stop(): Promise<void> {
    if (this.offs.length === 0) return
    for (const off of this.offs) off()
    this.offs = []
    this.running = false
    this.rounds.stop()
    this.cancelSweep()
    this.cancelFlush?.()
    this.cancelFlush = undefined
    this.descriptions.close()
    await this.transport.release()
  }

  /** Searches on all links, in rounds until no new device appears; asks again for descriptions that failed. */
  search(): void {
    if (!this.running) return
    this.searchedMs = this.options.clock.now()
    this.rounds.start()
    for (const udn of this.descriptions.retryFailed()) this.describe(udn)
  }

  get searching(): boolean {
    return this.rounds.searching
  }

  /** Other interfaces from now on. */
  async setInterfaces(names: readonly string[]): Promise<void> {
    await this.transport.setInterfaces(names)
  }

  /** All devices to show; O(n). */
  entries(): readonly DiscoveredDevice[] {
    return this.registry.entries()
  }

  get(udn: string): DiscoveredDevice | undefined {
    return this.registry.get(udn)
  }

  /** Counted facts of each interface and who was refused, with hints. */
  report(): MissingReport {
    const interfaces = this.transport.reports()
    const all = this.transport.interfaces()
    const kernel = kernelView(this.transport.localPorts(), SSDP.port)
    const refused = this.refusals.list()
    const devicesListed = this.registry.entries().length
    const kernelDrops = kernel.drops === undefined ? undefined : Math.max(0, kernel.drops - this.dropsAtStart)
    const used = new Set(interfaces.map((row) => row.name))
    return {
      takenAtMs: this.options.clock.now(),
      interfaces,
      unused: all.filter((iface) => !used.has(iface.name)),
      ...(kernelDrops === undefined ? {} : { kernelDrops }),
      devicesListed,
      refused,
      hints: hintsFor({
        interfaces,
        all,
        kernelDrops,
        portShared: kernel.portShared,
        refused,
        devicesListed,
        platform: process.platform,
        ownPackets: this.ownPackets,
      }),
    }
  }

  private newQueue(): DescriptionQueue {
    return new DescriptionQueue({
      clock: this.options.clock,
      read: this.options.readDescription,
      onResult: (udn, result) => this.described(udn, result),
    })
  }

  private sendSearch(links: readonly Link[], target: string, mxS: number): void {
    for (const link of links) {
      const bytes = encodeSearch({ target, mxS, friendlyName: this.options.friendlyName }, link.family)
      void this.transport.send(link, bytes).then((sent) => {
        if (sent) link.counters.searchesSent++
      })
    }
  }

  private linksChanged(added: readonly Link[]): void {
    const { clock, allowOffSubnet } = this.options
    const links = this.transport.links()
    this.ownAddresses = new Set(links.map((link) => link.address))
    this.registry.keepAddresses(
      ({ address, interfaceName }) =>
        links.some(
          ({ iface }) =>
            iface.name === interfaceName &&
            (allowOffSubnet || onSubnet(address, iface) || (isIPv6(address) && !isLinkLocal6(address))),
        ),
      clock.now(),
    )
    if (added.length > 0) this.search()
  }

  private sweep(): void {
    const nowMs = this.options.clock.now()
    // After sleep this timer may come before the one that notices it.
    const lateMs = nowMs - this.sweptMs - SWEEP_MS
    if (Math.abs(lateMs) > DISCOVERY_LIMITS.sleepGapMs) this.registry.woke(WOKE_GRACE_MS, nowMs)
    this.sweptMs = nowMs
    const soonestMs = this.registry.tick(nowMs)
    // A clock that was set back must not stop searches for the time it was set back by.
    const sinceMs = Math.abs(nowMs - this.searchedMs)
    if (soonestMs - nowMs < EXPIRY_NEAR_MS && sinceMs > EXPIRY_NEAR_MS && !this.rounds.searching)
      this.search()
    this.cancelSweep = this.options.clock.setTimer(() => this.sweep(), SWEEP_MS)
  }

  private allowLoopback(): boolean {
    if (this.options.allowLoopback !== undefined) return this.options.allowLoopback
    const chosen = this.transport.chosenNames()
    return this.transport.interfaces().some((iface) => iface.loopback && chosen.includes(iface.name))
  }

  private changed(udn: string, events: readonly BootEvent[]): void {
    this.dirty.add(udn)
    if (events.some((event) => DESCRIBE_ON.has(event.kind))) this.describe(udn)
    if (!this.registry.has(udn)) this.descriptions.forget(udn)
    this.cancelFlush ??= this.options.clock.setTimer(() => this.flush(), IPC_LIMITS.deltaIntervalMs)
  }

  private flush(): void {
    this.cancelFlush = undefined
    const udns = [...this.dirty]
    this.dirty.clear()
    if (udns.length > 0) this.emitter.emit('changed', udns)
  }

  private describe(udn: string): void {
    const device = this.registry.peek(udn)
    if (device === undefined || !device.online) return
    const sources: DescriptionSource[] = device.addresses
      .map(({ location, interfaceName }) => ({ location, interfaceName }))
      // IPv4 first: its URLs need no zone.
      .sort((a, b) => Number(a.location.includes('[')) - Number(b.location.includes('[')))
    const key = device.configId === undefined ? `boot:${device.bootId}` : `config:${device.configId}`
    this.descriptions.want(udn, key, sources)
  }

  private described(udn: string, result: DescriptionResult): void {
    const nowMs = this.options.clock.now()
    const { addresses } = this.registry.peek(udn) ?? { addresses: [] }
    const from = addresses[0]?.address ?? ''
    const interfaceName = addresses[0]?.interfaceName ?? ''
    if (result.ok) {
      if (this.registry.describe(udn, result.description) === 'ok') {
        this.refusals.clear(udn)
        return
      }
      this.refusals.add(
        { from, interfaceName, usn: udn, reason: 'udn-mismatch', detail: result.description.udn },
        nowMs,
      )
      return
    }
    const { location } = result.source
    const { reason, detail } = result
    this.refusals.add({ from, interfaceName, usn: udn, location, reason, detail }, nowMs)
    this.registry.refuse(udn, reason)
  }
}
