/** Takes datagrams in: reads them, judges where they point, hands them to the registry, counts what is refused. */
import type { Refusal } from '../contract/discovery'
import type { Clock } from '../net/clock'
import { splitZone, zoneOf } from '../net/interfaces'
import type { Link, PacketFrom } from './link'
import { checkLocation, withZone } from './location-check'
import type { Refusals } from './refusals'
import type { Heard, Registry } from './registry'
import type { AliveMessage, SsdpMessage, SsdpRepair } from './ssdp-message'
import { parseSsdp } from './ssdp-parse'

export interface HeardMessage {
  readonly message: SsdpMessage
  readonly repairs: readonly SsdpRepair[]
  readonly from: PacketFrom
  readonly interfaceName: string
}

export interface IntakeOptions {
  readonly clock: Clock
  readonly registry: Registry
  readonly refusals: Refusals
  readonly targets: readonly string[]
  readonly ownUdns: readonly string[]
  readonly allowOffSubnet: () => boolean
  readonly allowLoopback: () => boolean
  /** Called for each readable message; unset while nobody listens. */
  readonly heard: () => ((heard: HeardMessage) => void) | undefined
}

export class Intake {
  /** Whether every device is of interest, or only those that say one of the targets. */
  private readonly anyDevice: boolean

  constructor(private readonly options: IntakeOptions) {
    this.anyDevice = options.targets.includes('upnp:rootdevice') || options.targets.includes('ssdp:all')
  }

  take(bytes: Buffer, from: PacketFrom, link: Link): void {
    const { clock, ownUdns, registry, targets } = this.options
    const parsed = parseSsdp(bytes)
    const interfaceName = link.iface.name
    if (!parsed.ok) {
      link.counters.malformed++
      const { reason: detail } = parsed
      const refused = { from: from.address, interfaceName, reason: 'malformed-packet', detail } as const
      this.options.refusals.add(refused, clock.now())
      return
    }
    const { message, repairs } = parsed
    this.options.heard()?.({ message, repairs, from, interfaceName })
    if (message.kind === 'search') return
    if (message.kind === 'answer') link.counters.answersHeard++
    else link.counters.notifiesHeard++
    if (ownUdns.includes(message.udn)) return
    if (!this.anyDevice && !targets.includes(message.target) && !registry.has(message.udn)) return
    const seen = { address: splitZone(from.address).address, interfaceName }
    if (message.kind === 'byebye' || message.kind === 'update') {
      registry.hear({ message, seen, warnings: [] }, clock.now())
    } else {
      this.alive(link.family === 6 ? zoned(message, zoneOf(link.iface)) : message, repairs, from, link, seen)
    }
  }

  private alive(
    message: AliveMessage,
    repairs: readonly SsdpRepair[],
    from: PacketFrom,
    link: Link,
    seen: Heard['seen'],
  ): void {
    const { registry, clock } = this.options
    let { location, secureLocation } = message
    let warnings = repairs.length === 0 ? NONE : repairs.map((repair) => `packet:${repair}`)
    if (!registry.knows(message, seen)) {
      const verdict = checkLocation(location, secureLocation, {
        iface: link.iface,
        from: from.address,
        allowOffSubnet: this.options.allowOffSubnet(),
        allowLoopback: this.options.allowLoopback(),
      })
      if (!verdict.ok) {
        this.refuse(message, seen.interfaceName, from, verdict.reason, verdict.detail)
        return
      }
      ;({ location, secureLocation } = verdict)
      if (verdict.warnings.length > 0) warnings = [...warnings, ...verdict.warnings]
    }
    const taken = registry.hear({ message, seen, location, secureLocation, warnings }, clock.now())
    if (taken === 'list-full') this.refuse(message, seen.interfaceName, from, taken, undefined)
  }

  private refuse(
    { udn: usn, location }: AliveMessage,
    interfaceName: string,
    from: PacketFrom,
    reason: Refusal,
    detail: string | undefined,
  ): void {
    const facts = {
      ...(location === undefined ? {} : { location }),
      ...(detail === undefined ? {} : { detail }),
    }
    const refused = { from: from.address, interfaceName, usn, reason, ...facts }
    this.options.refusals.add(refused, this.options.clock.now())
  }
}

const NONE: readonly string[] = Object.freeze([])

/** A link-local URL says nothing without the interface, which only we know. */
const zoned = (message: AliveMessage, zone: string): AliveMessage => ({
  ...message,
  location: withZone(message.location, zone),
  secureLocation: withZone(message.secureLocation, zone),
})
