/** Subscribes to the events of enrolled devices, so that a changed phase or configuration shows without asking. */
import type { DeviceDescription } from '../contract/description'
import { asIotmcError } from '../contract/errors'
import { type ServiceName, serviceType } from '../contract/names'
import { PHASES, type Phase } from '../contract/phases'
import { GENA_LIMITS } from '../contract/timings'
import type { Discovery } from '../discovery/discovery'
import type { DeviceLink } from '../jobs/device-link'
import type { Clock } from '../net/clock'
import type { HttpsClient } from '../net/https-client'
import { listInterfaces, onSubnet } from '../net/interfaces'
import { Subscription } from '../upnp/gena-client'
import type { Log } from './events'
import { type FirmwareTold, readFirmwareEvent } from './firmware-watch'
import type { Hosted } from './hosted'

export interface Told {
  readonly phase?: Phase
  readonly configurationVersion?: number
  readonly firmware?: FirmwareTold
}

export interface DeviceWatchOptions {
  readonly clock: Clock
  readonly link: DeviceLink
  readonly finder: Discovery
  readonly hosted: Hosted
  readonly log: Log
  /** Only devices that the site has enrolled let it subscribe. */
  readonly isOurs: (udn: string) => boolean
  /** What a device reported; empty when it can't be heard any more. */
  readonly told: (udn: string, told: Told) => void
}

interface Watched {
  readonly bootId: number | undefined
  readonly close: () => Promise<void>
}

const EVENTED: readonly ServiceName[] = ['Lifecycle', 'Configuration', 'Firmware']
const WATCHED: readonly (Phase | undefined)[] = ['operation', 'maintenance']

export class DeviceWatch {
  private readonly watched = new Map<string, Watched>()
  private readonly retries = new Map<string, () => void>()
  private readonly closing = new AbortController()

  constructor(private readonly options: DeviceWatchOptions) {}

  /** Begins, renews or ends the watch on devices that changed; a changed BOOTID means that subscriptions are gone. */
  look(udns: Iterable<string>): void {
    if (this.closing.signal.aborted) return
    for (const udn of udns) {
      const heard = this.options.finder.get(udn)
      const watched = this.watched.get(udn)
      const wanted =
        heard?.online === true && WATCHED.includes(heard.claim?.phase) && this.options.isOurs(udn)
      if (watched && (!wanted || watched.bootId !== heard?.bootId)) this.end(udn)
      if (wanted && !this.watched.has(udn) && !this.retries.has(udn)) this.begin(udn, heard.bootId)
    }
  }

  async close(): Promise<void> {
    this.closing.abort()
    for (const cancel of this.retries.values()) cancel()
    this.retries.clear()
    const all = [...this.watched.values()]
    this.watched.clear()
    await Promise.allSettled(all.map((entry) => entry.close()))
  }

  private begin(udn: string, bootId: number | undefined): void {
    if (this.watched.size >= GENA_LIMITS.watchedDevicesMax) return
    const parts: { subscriptions: Subscription[]; http?: HttpsClient } = { subscriptions: [] }
    const close = async (): Promise<void> => {
      await Promise.allSettled(parts.subscriptions.map((subscription) => subscription.close()))
      await parts.http?.close()
    }
    const entry: Watched = { bootId, close }
    this.watched.set(udn, entry)
    this.subscribe(udn, parts).catch((thrown: unknown) => {
      if (this.watched.get(udn) !== entry) return
      this.options.log.warn(
        { udn, code: asIotmcError(thrown).code },
        'events of a device can not be subscribed',
      )
      this.end(udn)
      this.retryLater(udn)
    })
  }

  private async subscribe(
    udn: string,
    parts: { subscriptions: Subscription[]; http?: HttpsClient },
  ): Promise<void> {
    const { link, hosted, clock } = this.options
    const { http, description } = await link.dedicated(udn, this.closing.signal)
    parts.http = http
    const address = this.ownAddressFor(udn)
    for (const service of EVENTED) {
      const eventSubUrl = eventUrl(description, service)
      if (!eventSubUrl || !address) continue
      const subscription = new Subscription({
        clock,
        client: http,
        eventSubUrl,
        routes: hosted.routes,
        callbackBase: hosted.callbackBase(address),
        peerUdn: udn,
        onEvent: (values) => this.options.told(udn, readEvent(values)),
      })
      parts.subscriptions.push(subscription)
      await subscription.start()
    }
  }

  private end(udn: string): void {
    const watched = this.watched.get(udn)
    this.watched.delete(udn)
    void watched?.close()
    this.options.told(udn, {})
  }

  private retryLater(udn: string): void {
    const again = (): void => {
      this.retries.delete(udn)
      this.look([udn])
    }
    this.retries.set(udn, this.options.clock.setTimer(again, GENA_LIMITS.watchRetryMs))
  }

  /** The address of this laptop that the device can reach: the one on its own subnet. */
  private ownAddressFor(udn: string): string | undefined {
    const seen = this.options.finder.get(udn)?.addresses ?? []
    for (const { address, interfaceName } of seen) {
      const own = listInterfaces().find((entry) => entry.name === interfaceName)
      if (!own || !onSubnet(address, own)) continue
      const four = own.addresses4[0]?.address
      if (four && !address.includes(':')) return four
    }
    return undefined
  }
}

const eventUrl = (description: DeviceDescription, service: ServiceName): string | undefined =>
  description.services.find((entry) => entry.serviceType === serviceType(service))?.eventSubUrl

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
