/** Every device heard, by UDN. One packet costs O(1); who listens is told in batches by `Discovery`. No I/O. */
import type { DeviceDescription } from '../contract/description'
import type { Refusal } from '../contract/discovery'
import { DISCOVERY_LIMITS } from '../contract/timings'
import { type BootEvent, type BootInput, LATE_PACKET_MS, reduceBoot, type SeenAddress } from './boot-state'
import {
  type DiscoveredDevice,
  type Entry,
  isShown,
  learnClaim,
  newEntry,
  sharesLocation,
  snapshot,
  warn,
} from './entry'
import { type AliveMessage, type DeviceMessage, deviceTypeOf } from './ssdp-message'

export type { DiscoveredDevice } from './entry'

export interface Heard {
  readonly message: DeviceMessage
  readonly seen: Pick<SeenAddress, 'address' | 'interfaceName'>
  /** LOCATION and SECURELOCATION as judged; unset on byebye and update. */
  readonly location?: string | undefined
  readonly secureLocation?: string | undefined
  readonly warnings: readonly string[]
}

export interface RegistryOptions {
  /** Targets that make a device one to list, e.g. `upnp:rootdevice`. */
  readonly targets: readonly string[]
  readonly onChange: (udn: string, events: readonly BootEvent[]) => void
}

/** A row whose only news is "seen again" is sent again after this long. */
const SEEN_AGAIN_MS = 30_000
/** An offline managed device stays listed for a day, so that a technician sees what is missing. */
const FORGET_OFFLINE_MS = DISCOVERY_LIMITS.maxAgeMaxS * 1000

const clampMaxAgeMs = (maxAgeS: number | undefined): number => {
  const asked = maxAgeS ?? DISCOVERY_LIMITS.maxAgeDefaultS
  return Math.min(Math.max(asked, DISCOVERY_LIMITS.maxAgeMinS), DISCOVERY_LIMITS.maxAgeMaxS) * 1000
}

export class Registry {
  private readonly devices = new Map<string, Entry>()
  /** Offline ones, longest offline first: the first to go when the list is full. */
  private readonly offline = new Set<string>()
  /** UDN of an embedded device → UDN of its root. */
  private readonly roots = new Map<string, string>()

  constructor(private readonly options: RegistryOptions) {}

  get size(): number {
    return this.devices.size
  }

  /** Whether this UDN was heard at just this place already, so that its URLs need no second judgement. */
  knows(message: AliveMessage, seen: Heard['seen']): boolean {
    const entry = this.devices.get(message.udn)
    if (entry === undefined || !entry.boot.online) return false
    return entry.boot.addresses.some(
      (known) =>
        known.location === message.location &&
        known.secureLocation === message.secureLocation &&
        known.address === seen.address &&
        known.interfaceName === seen.interfaceName,
    )
  }

  has(udn: string): boolean {
    return this.devices.has(udn)
  }

  /** Takes one judged packet in; `list-full` where there is no room for one more device. */
  hear(heard: Heard, nowMs: number): 'ok' | 'list-full' {
    const { message } = heard
    const udn = this.rootOf(message.udn, heard.location)
    const entry = this.devices.get(udn)
    if (message.kind === 'byebye' || message.kind === 'update') {
      if (entry !== undefined) this.step(entry, message, nowMs)
      return 'ok'
    }
    if (heard.location === undefined) return 'ok'
    const input: BootInput = {
      kind: 'alive',
      bootId: message.bootId,
      configId: message.configId,
      answer: message.kind === 'answer',
      seen: { ...heard.seen, location: heard.location, secureLocation: heard.secureLocation },
      maxAgeMs: clampMaxAgeMs(message.maxAgeS),
    }
    if (entry !== undefined) {
      const events = this.step(entry, input, nowMs)
      const renewed = events.some((event) => event.kind === 'rebooted' || event.kind === 'appeared')
      if (this.learn(entry, heard, message, renewed, udn === message.udn)) this.touch(entry, [])
      else if (nowMs - entry.shownSeenMs > SEEN_AGAIN_MS) this.touch(entry, [])
      return 'ok'
    }
    if (this.devices.size >= DISCOVERY_LIMITS.devicesMax && !this.evict()) return 'list-full'
    const { state, events } = reduceBoot(undefined, input, nowMs)
    if (state === undefined) return 'ok'
    const made = newEntry(udn, state)
    this.devices.set(udn, made)
    this.learn(made, heard, message, true, udn === message.udn)
    this.touch(made, events)
    return 'ok'
  }

  /** Attaches a description, or says that its UDN contradicts the packets. */
  describe(udn: string, description: DeviceDescription): 'ok' | 'udn-mismatch' {
    const entry = this.devices.get(udn)
    if (entry === undefined) return 'ok'
    if (description.udn !== udn && !description.embedded.includes(udn)) {
      this.refuse(udn, 'udn-mismatch')
      return 'udn-mismatch'
    }
    if (description.udn !== udn && entry.claim === undefined) {
      if (this.mergeIntoRoot(entry, description)) return 'ok'
      this.refuse(udn, 'udn-mismatch')
      return 'udn-mismatch'
    }
    if (entry.description === description && entry.refusedReason === undefined) return 'ok'
    entry.description = description
    entry.refusedReason = undefined
    entry.deviceType = description.udn === udn ? description.deviceType : entry.deviceType
    entry.listed ||= this.options.targets.includes('upnp:rootdevice')
    for (const repair of description.repairs) warn(entry, `description:${repair}`)
    for (const embedded of description.embedded) this.adopt(embedded, entry)
    this.touch(entry, [])
    return 'ok'
  }

  /** Notes why there is no description. */
  refuse(udn: string, reason: Refusal): void {
    const entry = this.devices.get(udn)
    if (entry === undefined || entry.refusedReason === reason) return
    entry.refusedReason = reason
    this.touch(entry, [])
  }

  /** Expires who is silent for too long, and forgets who is offline for a day. Returns when the next one expires. */
  tick(nowMs: number): number {
    let soonestMs = Number.POSITIVE_INFINITY
    for (const entry of this.devices.values()) {
      if (!entry.boot.online) {
        const keptMs = entry.claim === undefined ? LATE_PACKET_MS : FORGET_OFFLINE_MS
        if (nowMs - Math.max(entry.boot.lastSeenMs, entry.boot.leftMs ?? 0) > keptMs) this.remove(entry)
        continue
      }
      if (entry.boot.expiresAtMs <= nowMs || entry.boot.addresses.length > 1)
        this.step(entry, { kind: 'tick' }, nowMs)
      if (entry.boot.online) soonestMs = Math.min(soonestMs, entry.boot.expiresAtMs)
    }
    return soonestMs
  }

  /** Drops the addresses that are not reachable through any interface now. */
  keepAddresses(keeps: (address: SeenAddress) => boolean, nowMs: number): void {
    for (const entry of this.devices.values()) this.step(entry, { kind: 'interfaces', keeps }, nowMs)
  }

  woke(graceMs: number, nowMs: number): void {
    for (const entry of this.devices.values()) this.step(entry, { kind: 'woke', graceMs }, nowMs)
  }

  get(udn: string): DiscoveredDevice | undefined {
    const entry = this.devices.get(udn)
    return entry !== undefined && isShown(entry) ? snapshot(entry) : undefined
  }

  /** The device even where it is not listed (yet): its description decides that. */
  peek(udn: string): DiscoveredDevice | undefined {
    const entry = this.devices.get(udn)
    return entry && snapshot(entry)
  }

  /** All listed devices; O(n). */
  entries(): DiscoveredDevice[] {
    const list: DiscoveredDevice[] = []
    for (const entry of this.devices.values()) if (isShown(entry)) list.push(snapshot(entry))
    return list
  }

  private step(entry: Entry, input: BootInput, nowMs: number): readonly BootEvent[] {
    const { state, events } = reduceBoot(entry.boot, input, nowMs)
    if (state === undefined || state === entry.boot) return events
    entry.boot = state
    entry.snapshot = undefined
    if (events.length === 0) return events
    if (events.some((event) => event.kind === 'rebooted')) entry.reboots++
    const gone = events.some((event) => event.kind === 'gone')
    if (gone) this.offline.add(entry.udn)
    else this.offline.delete(entry.udn)
    this.touch(entry, events)
    return events
  }

  /** Takes over what a packet says beyond presence; true if anything is new. */
  private learn(entry: Entry, heard: Heard, message: AliveMessage, renewed: boolean, own: boolean): boolean {
    const before = entry.warnings.size
    for (const text of heard.warnings) warn(entry, text)
    let news = entry.warnings.size !== before
    if (!own) return news
    const { target } = message
    if (
      !entry.listed &&
      (this.options.targets.includes(target) || this.options.targets.includes('ssdp:all'))
    ) {
      entry.listed = true
      news = true
    }
    const deviceType = deviceTypeOf(target)
    if (deviceType !== undefined && entry.description === undefined && entry.deviceType !== deviceType) {
      // A searched type says more than the base type that the same device may also announce.
      if (entry.deviceType === undefined || this.options.targets.includes(deviceType)) {
        entry.deviceType = deviceType
        news = true
      }
    }
    if (message.mgmt === entry.mgmtRaw && !renewed) return news
    if (message.mgmt === undefined && !renewed) return news
    return learnClaim(entry, message.mgmt) || news
  }

  private touch(entry: Entry, events: readonly BootEvent[]): void {
    entry.snapshot = undefined
    entry.shownSeenMs = entry.boot.lastSeenMs
    this.options.onChange(entry.udn, events)
  }

  private remove(entry: Entry): void {
    this.devices.delete(entry.udn)
    this.offline.delete(entry.udn)
    for (const embedded of entry.description?.embedded ?? []) {
      if (this.roots.get(embedded) === entry.udn) this.roots.delete(embedded)
    }
    this.options.onChange(entry.udn, [])
  }

  private evict(): boolean {
    for (const udn of this.offline) {
      const entry = this.devices.get(udn)
      if (entry === undefined) continue
      this.remove(entry)
      return true
    }
    return false
  }

  /** An embedded device's packets belong to its root, if they name the root's own LOCATION (else anyone could hide anyone). */
  private rootOf(udn: string, location: string | undefined): string {
    const root = this.roots.get(udn)
    if (root === undefined) return udn
    if (location === undefined) return this.devices.has(udn) ? udn : root
    const entry = this.devices.get(root)
    return entry?.boot.addresses.some((known) => known.location === location) ? root : udn
  }

  private adopt(embedded: string, root: Entry): void {
    if (embedded === root.udn) return
    this.roots.set(embedded, root.udn)
    const entry = this.devices.get(embedded)
    if (entry !== undefined && entry.claim === undefined && sharesLocation(entry, root)) this.remove(entry)
  }

  /** What was heard only as an embedded device becomes its root; false where the root is known to be elsewhere. */
  private mergeIntoRoot(entry: Entry, description: DeviceDescription): boolean {
    const known = this.devices.get(description.udn)
    if (known !== undefined && !sharesLocation(entry, known)) return false
    this.remove(entry)
    const root = known ?? newEntry(description.udn, entry.boot)
    this.devices.set(description.udn, root)
    if (known === undefined) this.touch(root, [{ kind: 'appeared' }])
    this.describe(description.udn, description)
    return true
  }
}
