/** Hears the devices of the site: who is subscribed to, who is only asked, and what sleep and moved addresses mean for it. */
import type { NetworkInterface } from '../contract/discovery'
import { asIotmcError } from '../contract/errors'
import type { HealthReport } from '../contract/health'
import { PHASES, type Phase } from '../contract/phases'
import { DISCOVERY_LIMITS, GENA_LIMITS } from '../contract/timings'
import type { DiscoveredDevice } from '../discovery/registry'
import { Slots } from '../jobs/slots'
import type { Clock } from '../net/clock'
import { listInterfaces, onSubnet } from '../net/interfaces'
import type { Hearing } from '../operation/health-kept'
import { type Arrival, readHealth } from '../operation/health-report'
import { startTicking } from '../operation/health-tick'
import { DeviceEar } from './device-ear'
import type { EarLine } from './ear-line'
import type { Log } from './events'
import { type FirmwareTold, readFirmwareEvent } from './firmware-watch'
import type { Hosted } from './hosted'

export interface Told {
  readonly phase?: Phase
  readonly configurationVersion?: number
  readonly firmware?: FirmwareTold
}

/** Where health goes; HealthDesk fits it. */
export interface HealthSink {
  report(udn: string, report: HealthReport, arrival: Arrival): boolean
  hears(udn: string, hearing: Hearing): void
  missed(udn: string): void
  /** A device has become quiet: whether its events still get through is found out. */
  onQuiet(listener: (udn: string) => void): () => void
}

export interface DeviceWatchOptions {
  readonly clock: Clock
  readonly link: { dedicated(udn: string, signal: AbortSignal): Promise<EarLine> }
  readonly finder: { get(udn: string): DiscoveredDevice | undefined }
  readonly hosted: Pick<Hosted, 'routes' | 'callbackBase'>
  readonly log: Log
  /** Only devices that the site has enrolled let it subscribe. */
  readonly isOurs: (udn: string) => boolean
  /** What a device reported; empty when it can't be heard any more. */
  readonly told: (udn: string, told: Told) => void
  readonly health: HealthSink
  /** The number of the newest record in a device's log. */
  readonly newSequence: (udn: string, sequence: number) => void
  /** How many devices are subscribed to; default GENA_LIMITS.watchedDevicesMax. */
  readonly room?: number
  /** The interfaces of this laptop; default: the operating system's. */
  readonly interfaces?: () => readonly NetworkInterface[]
}

interface Watched {
  readonly bootId: number | undefined
  readonly ear: DeviceEar
}

const WATCHED: readonly (Phase | undefined)[] = ['operation', 'maintenance']
/** Exchanges at a time: after sleep all subscriptions are renewed at once, and no device waits for long. */
const EVENTS_AT_ONCE = 16
const QUESTIONS_AT_ONCE = 8
/** Where there is no room to subscribe, every device is asked once a minute, and no more than 20 of them a second. */
const OVERFLOW_POLL_MS = 60_000
const OVERFLOW_SPACING_MS = 50
/** An address unheard for so long, while the device is heard from another one, is not its address any more. */
const ADDRESS_STALE_MS = 60_000

export class DeviceWatch {
  private readonly watched = new Map<string, Watched>()
  private readonly complained = new Set<string>()
  private readonly closing = new AbortController()
  private readonly slots = { events: new Slots(EVENTS_AT_ONCE), question: new Slots(QUESTIONS_AT_ONCE) }
  private readonly endListening: readonly (() => void)[]
  private interfaces: readonly NetworkInterface[]
  private listening = 0

  constructor(private readonly options: DeviceWatchOptions) {
    this.interfaces = this.readInterfaces()
    const endTicks = startTicking({
      clock: options.clock,
      everyMs: DISCOVERY_LIMITS.interfacePollMs,
      onTick: () => this.lookAtInterfaces(),
      onWake: () => this.checkAll(),
    })
    this.endListening = [endTicks, options.health.onQuiet((udn) => this.watched.get(udn)?.ear.prove())]
  }

  /** Begins, renews or ends the watch on devices that changed. */
  look(udns: Iterable<string>): void {
    for (const udn of udns) this.lookAt(udn)
  }

  /** How many are subscribed to, and how many are only asked for want of room. */
  count(): { readonly listening: number; readonly overflow: number } {
    return { listening: this.listening, overflow: this.watched.size - this.listening }
  }

  async close(): Promise<void> {
    this.closing.abort()
    for (const end of this.endListening) end()
    const all = [...this.watched.values()]
    this.watched.clear()
    await Promise.allSettled(all.map(({ ear }) => ear.close(true)))
  }

  private lookAt(udn: string): void {
    if (this.closing.signal.aborted) return
    const { finder, isOurs } = this.options
    const heard = finder.get(udn)
    const watched = this.watched.get(udn)
    const wanted = heard?.online === true && WATCHED.includes(heard.claim?.phase) && isOurs(udn)
    if (!wanted) {
      if (watched) this.end(udn, watched, heard?.online === true)
      return
    }
    if (!watched) {
      this.begin(udn, heard, false)
      return
    }
    const { ear, bootId } = watched
    // After a reboot the subscriptions are gone; at another address the device is not found for renewing them.
    if (bootId !== heard.bootId || hasMoved(heard, ear.url)) this.renew(udn, watched, heard, false)
    else if (this.cannotReachUs(heard, ear)) this.renew(udn, watched, heard, true)
  }

  private begin(udn: string, heard: DiscoveredDevice, wasBlocked: boolean): void {
    const { clock, log, link, hosted, health, told, finder } = this.options
    const listens = this.listening < (this.options.room ?? GENA_LIMITS.watchedDevicesMax)
    const address = this.ownAddressFor(heard)
    if (listens) this.listening += 1
    const ear = new DeviceEar({
      clock,
      udn,
      log,
      routes: hosted.routes,
      open: (signal) => this.gated('events', () => link.dedicated(udn, signal), signal),
      gate: (kind, run, signal) => this.gated(kind, run, signal),
      callbackBase: address ? hosted.callbackBase(address) : undefined,
      listens,
      overflowPollMs: () =>
        Math.max(OVERFLOW_POLL_MS, (this.watched.size - this.listening) * OVERFLOW_SPACING_MS),
      wasBlocked,
      claimsHealth: finder.get(udn)?.claim?.capabilities.includes('diag') === true,
      onValues: (values, initial) => this.heardValues(udn, values, initial),
      onAnswer: (text, roundTripMs) => this.heardHealth(udn, text, { via: 'polled', roundTripMs }),
      onMissed: () => health.missed(udn),
      onHearing: (hearing) => health.hears(udn, hearing),
      onSilence: () => told(udn, {}),
    })
    this.watched.set(udn, { bootId: heard.bootId, ear })
  }

  private renew(udn: string, watched: Watched, heard: DiscoveredDevice, there: boolean): void {
    this.forget(udn, watched, there)
    this.begin(udn, heard, watched.ear.blocked)
  }

  private end(udn: string, watched: Watched, there: boolean): void {
    this.forget(udn, watched, there)
    this.complained.delete(udn)
    this.options.told(udn, {})
    this.options.health.hears(udn, { via: 'none' })
    if (watched.ear.listens) this.promote()
  }

  private forget(udn: string, { ear }: Watched, there: boolean): void {
    this.watched.delete(udn)
    if (ear.listens) this.listening -= 1
    void ear.close(there)
  }

  /** A place to listen is free: whoever was only asked so far gets it. */
  private promote(): void {
    for (const [udn, watched] of this.watched) {
      const heard = watched.ear.listens ? undefined : this.options.finder.get(udn)
      if (!heard) continue
      this.renew(udn, watched, heard, true)
      return
    }
  }

  private checkAll(): void {
    for (const { ear } of this.watched.values()) ear.check()
  }

  private lookAtInterfaces(): void {
    const now = this.readInterfaces()
    if (JSON.stringify(now) === JSON.stringify(this.interfaces)) return
    this.interfaces = now
    this.look([...this.watched.keys()])
  }

  private readInterfaces(): readonly NetworkInterface[] {
    return (this.options.interfaces ?? listInterfaces)()
  }

  private heardValues(udn: string, values: Readonly<Record<string, string>>, initial: boolean): void {
    if (values.Health) this.heardHealth(udn, values.Health, { via: 'events', initial })
    const sequence = Number(values.LogSequence || Number.NaN)
    if (Number.isInteger(sequence) && sequence >= 0) this.options.newSequence(udn, sequence)
    const told = readEvent(values)
    if (Object.keys(told).length > 0) this.options.told(udn, told)
  }

  private heardHealth(udn: string, text: string, arrival: Arrival): void {
    try {
      this.options.health.report(udn, readHealth(udn, text), arrival)
    } catch (thrown) {
      if (this.complained.has(udn)) return
      this.complained.add(udn)
      const { code, detail } = asIotmcError(thrown)
      this.options.log.warn({ udn, code, detail }, 'health of a device can not be taken in')
    }
  }

  private async gated<T>(
    kind: 'events' | 'question',
    run: () => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    // Goodbyes at the end do not queue: nobody waits behind them.
    if (this.closing.signal.aborted) return run()
    const slots = this.slots[kind]
    await slots.take(0, signal ?? new AbortController().signal)
    try {
      return await run()
    } finally {
      slots.release()
    }
  }

  private cannotReachUs(heard: DiscoveredDevice, ear: DeviceEar): boolean {
    const ways = this.ownAddressesFor(heard).map((address) => this.options.hosted.callbackBase(address))
    return ear.callbackBase === undefined
      ? ways.length > 0
      : !ways.includes(ear.callbackBase) && ways.length > 0
  }

  /** The address of this laptop that the device can reach: one on its own subnet. */
  private ownAddressFor(heard: DiscoveredDevice): string | undefined {
    return this.ownAddressesFor(heard)[0]
  }

  private ownAddressesFor(heard: DiscoveredDevice): readonly string[] {
    return [...heard.addresses]
      .sort((a, b) => b.lastSeenMs - a.lastSeenMs)
      .filter(({ address }) => !address.includes(':'))
      .flatMap(({ address, interfaceName }) => {
        const own = this.interfaces.find((entry) => entry.name === interfaceName)
        return (own?.addresses4 ?? [])
          .filter((each) => own && onSubnet(address, { ...own, addresses4: [each] }))
          .map((each) => each.address)
      })
  }
}

/** Whether the device is heard from elsewhere than where it was reached. */
const hasMoved = ({ addresses }: DiscoveredDevice, url: string | undefined): boolean => {
  if (url === undefined) return false
  const ours = addresses.find((entry) => entry.secureLocation === url)
  const newestMs = Math.max(...addresses.map((entry) => entry.lastSeenMs))
  const elsewhere = addresses.some((entry) => entry.secureLocation !== undefined && entry !== ours)
  return elsewhere && (!ours || newestMs - ours.lastSeenMs > ADDRESS_STALE_MS)
}

const readEvent = (values: Readonly<Record<string, string>>): Told => {
  const phase = PHASES.find((entry) => entry === values.LifecycleState)
  const version = Number(values.CurrentConfigurationVersion ?? Number.NaN)
  const firmware = readFirmwareEvent(values)
  return {
    ...(phase ? { phase } : {}),
    ...(Number.isInteger(version) && version >= 0 ? { configurationVersion: version } : {}),
    ...(Object.keys(firmware).length > 0 ? { firmware } : {}),
  }
}
