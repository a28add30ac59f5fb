/**
 * Hears from the site's controller which firmware it has. The reference device only remembers that: it updates when it is
 * told to, and asks again then. What it missed makes no difference.
 */
import { z } from 'zod'
import { asIotmcError } from '../contract/errors'
import { firmwareVersionSchema } from '../contract/firmware'
import { type Clock, delay } from '../net/clock'
import type { TlsIdentity } from '../net/tls'
import { Subscription } from '../upnp/gena-client'
import type { NotifyRoutes } from '../upnp/notify-routes'
import { ControllerLink, type ControllerSighting } from './controller-link'
import { Inbox } from './inbox'
import type { DeviceLog } from './log'
import type { Revoked } from './site-anchor'

export interface WatchOptions {
  readonly clock: Clock
  readonly log: DeviceLog
  readonly model: () => string
  readonly anchor: () => string | undefined
  readonly revoked?: Revoked
  /** Whom to listen to now; undefined outside of operation. */
  readonly controller: () => ControllerSighting | undefined
  readonly identity: () => TlsIdentity
  readonly notifications: () => { readonly routes: NotifyRoutes; readonly callbackBase: string }
}

const RETRY_MS = 60_000
const LOOK_MS = 60_000
const availableSchema = z
  .array(z.object({ model: z.string().max(31), version: firmwareVersionSchema }))
  .max(500)

/** Versions for one model out of FirmwareAvailable, newest first; undefined where it is not what it should be. */
export const availableFor = (model: string, text: string): readonly string[] | undefined => {
  try {
    const all = availableSchema.parse(JSON.parse(text))
    return all.filter((each) => each.model === model).map((each) => each.version)
  } catch {
    return undefined
  }
}

interface Watched {
  readonly key: string
  /** Both missing where that controller has no firmware to tell of. */
  readonly link?: ControllerLink
  readonly subscription?: Subscription
}

export class FirmwareWatch {
  private readonly inbox: Inbox<'look'>
  private stopping = new AbortController()
  private running: Promise<void> = Promise.resolve()
  private watched: Watched | undefined
  #available: readonly string[] = []

  constructor(private readonly options: WatchOptions) {
    this.inbox = new Inbox(options.clock)
  }

  /** Versions for this device's model that a controller has last said to have, newest first. */
  get available(): readonly string[] {
    return this.#available
  }

  start(): void {
    this.stopping = new AbortController()
    this.running = this.run(this.stopping.signal)
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.running
  }

  /** A controller was heard, or the phase has changed. */
  heard(): void {
    this.inbox.offer('look')
  }

  /** What the site has revoked has changed: who is refused now is listened to no more. */
  rejudge(): void {
    if (!this.watched?.link?.rejudge()) return
    void this.drop().catch(() => undefined)
    this.inbox.offer('look')
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.follow(signal)
      } catch (thrown) {
        if (signal.aborted) break
        this.options.log('firmware-watch-problem', { code: asIotmcError(thrown).code })
        // Not at once, however often a controller speaks up.
        await delay(this.options.clock, RETRY_MS, signal).catch(() => undefined)
        continue
      }
      await this.inbox.next({ timeoutMs: LOOK_MS, otherwise: 'look', signal }).catch(() => undefined)
    }
    await this.drop()
  }

  /** Another controller, another start of it or another certificate of ours: subscribed anew. */
  private async follow(signal: AbortSignal): Promise<void> {
    const sighting = this.options.controller()
    const anchorPem = this.options.anchor()
    if (!sighting || !anchorPem) return this.drop()
    const identity = this.options.identity()
    const key = [sighting.udn, sighting.secureLocation, sighting.bootId ?? '', identity.chainPem].join(' ')
    if (this.watched?.key === key) return
    await this.drop()
    const now = () => this.options.clock.now()
    const link = new ControllerLink({ sighting, identity, anchorPem, now, revoked: this.options.revoked })
    try {
      await link.open(signal)
      const eventSubUrl = link.firmwareEvents()
      if (eventSubUrl) {
        await this.subscribe(key, link, eventSubUrl, sighting.udn)
        return
      }
      await link.close()
      this.watched = { key }
    } catch (thrown) {
      await link.close()
      throw thrown
    }
  }

  private async subscribe(
    key: string,
    link: ControllerLink,
    eventSubUrl: string,
    peerUdn: string,
  ): Promise<void> {
    const { clock, log } = this.options
    const subscription = new Subscription({
      clock,
      client: link.client,
      eventSubUrl,
      ...this.options.notifications(),
      peerUdn,
      onEvent: ({ FirmwareAvailable }) => this.onAvailable(FirmwareAvailable),
    })
    await subscription.start()
    log('firmware-watch', { controller: peerUdn })
    this.watched = { key, link, subscription }
  }

  private onAvailable(text: string | undefined): void {
    if (text === undefined) return
    const { log, model } = this.options
    const found = availableFor(model(), text)
    if (!found) log('firmware-watch-problem', { code: 'BAD_ANSWER' })
    else if (found.join() !== this.#available.join()) {
      this.#available = found
      log('firmware-available', { versions: found.slice(0, 8) })
    }
  }

  private async drop(): Promise<void> {
    const { watched } = this
    this.watched = undefined
    await watched?.subscription?.close()
    await watched?.link?.close()
  }
}
