/**
 * Hears one device: subscribes where events get through, asks where they do not, and goes on trying both ways until it is
 * closed. Events count as blocked when SUBSCRIBE was granted and no event came, or when it was refused.
 */
import type { DeviceDescription } from '../contract/description'
import { asIotmcError } from '../contract/errors'
import { type ServiceName, serviceType } from '../contract/names'
import { DISCOVERY_LIMITS, GENA_LIMITS, HEALTH_TIMINGS } from '../contract/timings'
import type { Clock } from '../net/clock'
import type { HttpAnswer, HttpsClient } from '../net/https-client'
import type { Hearing } from '../operation/health-kept'
import { Subscription } from '../upnp/gena-client'
import type { NotifyRoutes } from '../upnp/notify-routes'
import { SoapClient } from '../upnp/soap-client'
import type { Log } from './events'

/** A proven way to the device; DeviceLink.dedicated fits it. */
export interface EarLine {
  readonly http: Pick<HttpsClient, 'request' | 'close'>
  readonly description: DeviceDescription
  readonly url: string
}

export interface EarOptions {
  readonly clock: Clock
  readonly udn: string
  readonly log: Log
  readonly routes: NotifyRoutes
  readonly open: (signal: AbortSignal) => Promise<EarLine>
  /** Runs an exchange of events or a question when there is room for it. */
  readonly gate: (
    kind: 'events' | 'question',
    run: () => Promise<HttpAnswer>,
    signal?: AbortSignal,
  ) => Promise<HttpAnswer>
  /** Where the device reaches this laptop; undefined where it does not, so that no event can come. */
  readonly callbackBase: string | undefined
  /** false = no room to subscribe: it is only asked. */
  readonly listens: boolean
  readonly overflowPollMs: () => number
  /** Its events did not get through a moment ago; not taken back before one does. */
  readonly wasBlocked: boolean
  /** It announces that it has Diagnostics:1, so that it is missed when it can not even be reached. */
  readonly claimsHealth: boolean
  readonly onValues: (values: Readonly<Record<string, string>>, initial: boolean) => void
  readonly onAnswer: (health: string, roundTripMs: number) => void
  readonly onMissed: () => void
  readonly onHearing: (hearing: Hearing) => void
  /** No events come any more, until the next one does. */
  readonly onSilence: () => void
}

/** The first one proves whether events get through. */
const EVENTED: readonly ServiceName[] = ['Diagnostics', 'Lifecycle', 'Configuration', 'Firmware']

interface Open {
  readonly line: EarLine
  subscriptions: Subscription[]
}

export class DeviceEar {
  readonly #o: EarOptions
  readonly #closing = new AbortController()
  /** Timers that stand for what happens next; the keys are their purposes. */
  readonly #timers = new Map<string, () => void>()
  #open: Open | undefined
  #trying = false
  #polling = false
  #asking = false
  #blocked: boolean
  #complained = false
  #losses = 0

  constructor(options: EarOptions) {
    this.#o = options
    this.#blocked = options.wasBlocked
    if (options.claimsHealth) options.onHearing(this.#expected())
    void this.#begin()
  }

  /** Where the device is reached; undefined while it is not. */
  get url(): string | undefined {
    return this.#open?.line.url
  }

  get callbackBase(): string | undefined {
    return this.#o.callbackBase
  }

  get listens(): boolean {
    return this.#o.listens
  }

  get blocked(): boolean {
    return this.#blocked
  }

  /** Nothing is certain any more, the laptop slept: renews, asks or tries again now. */
  check(): void {
    if (this.#timers.has('begin')) this.#now('begin', () => this.#begin())
    if (this.#polling) this.#now('poll', () => this.#poll())
    for (const subscription of this.#open?.subscriptions ?? []) subscription.check()
  }

  /** The device says nothing: finds out whether its events still get through. */
  prove(): void {
    if (!this.#polling) this.#open?.subscriptions[0]?.resubscribe()
  }

  /** Unsubscribes where the device is thought to be `there`; never rejects. */
  async close(there: boolean): Promise<void> {
    this.#closing.abort()
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
    await this.#letGo(there)
  }

  async #letGo(there: boolean): Promise<void> {
    const open = this.#open
    this.#open = undefined
    if (!open) return
    // On a closed line there is nothing to wait for.
    if (!there) await open.line.http.close()
    await Promise.allSettled(open.subscriptions.splice(0).map((subscription) => subscription.close()))
    await open.line.http.close()
  }

  async #begin(): Promise<void> {
    try {
      await this.#connect()
    } catch (thrown) {
      this.#failed(thrown)
    }
  }

  async #connect(): Promise<void> {
    const { signal } = this.#closing
    const line = await this.#o.open(signal)
    if (signal.aborted) return void (await line.http.close())
    this.#open = { line, subscriptions: [] }
    this.#losses = 0
    if (hasHealth(line.description)) this.#hear(this.#expected())
    else this.#o.onHearing({ via: 'none' })
    if (!this.#o.listens) return this.#startPolling()
    if (this.#blocked || !this.#o.callbackBase) this.#block()
    if (this.#o.callbackBase) await this.#subscribe()
  }

  /** The first service; the others follow when its first event has come. */
  async #subscribe(): Promise<void> {
    const [first] = this.#services()
    if (!first || this.#trying) return
    this.#trying = true
    try {
      await this.#add(first)
    } catch (thrown) {
      if (!REFUSED.has(asIotmcError(thrown).code)) throw thrown
      this.#complain(thrown, 'refuses to send events')
      this.#block()
    } finally {
      this.#trying = false
    }
  }

  async #add(service: ServiceName): Promise<void> {
    const open = this.#open
    const { callbackBase, clock, routes, udn } = this.#o
    const eventSubUrl = open && eventUrl(open.line.description, service)
    if (!open || !eventSubUrl || !callbackBase) return
    const { http } = open.line
    const unproven = `unproven ${service}`
    const subscription = new Subscription({
      clock,
      client: { request: (r) => this.#o.gate('events', () => http.request(r), r.signal) },
      eventSubUrl,
      routes,
      callbackBase,
      peerUdn: udn,
      onEvent: (values, initial) => {
        this.#cancel(unproven)
        this.#proven(open)
        this.#o.onValues(values, initial)
      },
      onGap: () => {
        if (service === 'Diagnostics') this.#o.onMissed()
      },
      onState: (state) => {
        if (this.#open !== open) return
        this.#cancel(unproven)
        const sinceMs = clock.now()
        if (state.name === 'active' && service === this.#services()[0])
          this.#timer(unproven, HEALTH_TIMINGS.blockedAfterMs, () => this.#unproven(subscription, sinceMs))
        if (state.name === 'lost') this.#lost(state.error)
      },
    })
    open.subscriptions.push(subscription)
    try {
      await subscription.start()
    } catch (thrown) {
      open.subscriptions = open.subscriptions.filter((one) => one !== subscription)
      throw thrown
    }
  }

  /** No event has come. Where the laptop slept meanwhile that says nothing, and it is tried again. */
  #unproven(subscription: Subscription, sinceMs: number): void {
    const lateMs = this.#o.clock.now() - sinceMs - HEALTH_TIMINGS.blockedAfterMs
    if (Math.abs(lateMs) > DISCOVERY_LIMITS.sleepGapMs) {
      subscription.resubscribe()
      return
    }
    if (!this.#blocked) this.#o.onMissed()
    this.#block()
  }

  /** An event has come: there is a way for all of them. */
  #proven(open: Open): void {
    if (this.#open !== open) return
    this.#blocked = false
    this.#complained = false
    this.#losses = 0
    if (this.#polling) {
      this.#polling = false
      this.#cancel('poll')
      this.#cancel('unblock')
    }
    this.#hear({ via: 'events' })
    if (open.subscriptions.length > 1 || this.#timers.has('rest')) return
    // Not from within the NOTIFY, whose answer the device waits for.
    this.#timer('rest', 0, () => this.#addRest(open))
  }

  async #addRest(open: Open): Promise<void> {
    const [, ...rest] = this.#services()
    try {
      for (const service of rest) {
        if (this.#open !== open) return
        await this.#add(service)
      }
    } catch (thrown) {
      if (this.#open !== open) return
      if (REFUSED.has(asIotmcError(thrown).code)) this.#block()
      else this.#failed(thrown)
    }
  }

  #services(): readonly ServiceName[] {
    const description = this.#open?.line.description
    return EVENTED.filter((service) => description && eventUrl(description, service))
  }

  /** Subscriptions are let go, so that the device does not send into nothing; it is asked instead. */
  #block(): void {
    const first = !this.#blocked
    this.#blocked = true
    for (const subscription of this.#open?.subscriptions.splice(0) ?? []) void subscription.close()
    if (first) {
      this.#o.log.warn({ udn: this.#o.udn }, 'no events of a device get through, it is asked instead')
      this.#o.onSilence()
    }
    this.#startPolling()
    this.#timer('unblock', HEALTH_TIMINGS.unblockEveryMs, () => this.#unblock())
  }

  async #unblock(): Promise<void> {
    this.#timer('unblock', HEALTH_TIMINGS.unblockEveryMs, () => this.#unblock())
    try {
      if (this.#o.callbackBase) await this.#subscribe()
    } catch (thrown) {
      if (!this.#closing.signal.aborted) this.#complain(thrown, 'can not be subscribed to')
    }
  }

  /** A subscription could not be renewed, nor made anew. */
  #lost(error: unknown): void {
    this.#o.onSilence()
    this.#losses += 1
    if (REFUSED.has(asIotmcError(error).code)) this.#timer('lost', 0, () => this.#block())
    // It may be somewhere else by now: the way to it is looked for from the start.
    else if (this.#losses > LOSSES_MAX) this.#timer('lost', 0, () => this.#failed(error, 0))
  }

  #failed(thrown: unknown, againMs: number = GENA_LIMITS.watchRetryMs): void {
    if (this.#closing.signal.aborted) return
    this.#complain(thrown, 'can not be heard')
    this.#cancel('poll')
    this.#cancel('unblock')
    this.#polling = false
    void this.#letGo(false)
    this.#timer('begin', againMs, () => this.#begin())
  }

  #startPolling(): void {
    if (!this.#open || !hasHealth(this.#open.line.description)) return
    this.#hear(this.#expected())
    if (this.#polling) return
    this.#polling = true
    void this.#poll()
  }

  /** By which way reports should come as things stand. */
  #expected(): Hearing {
    if (!this.#o.listens) return { via: 'polled', everyMs: this.#o.overflowPollMs(), blocked: false }
    if (!this.#blocked) return { via: 'events' }
    return { via: 'polled', everyMs: HEALTH_TIMINGS.pollEveryMs, blocked: true }
  }

  /** Asks once, and again when the time has come. What it does not answer shows as quiet. */
  async #poll(): Promise<void> {
    const open = this.#open
    const hearing = this.#expected()
    if (!open || hearing.via !== 'polled') return
    this.#hear(hearing)
    this.#timer('poll', hearing.everyMs, () => this.#poll())
    if (this.#asking) return
    this.#asking = true
    try {
      await this.#ask(open)
    } catch (thrown) {
      const { code } = asIotmcError(thrown)
      if (this.#open === open && code !== 'CANCELLED') this.#complain(thrown, 'does not answer GetHealth')
      // A device in another place can only be found by looking for it again.
      if (this.#open === open && UNREACHED.has(code)) this.#failed(thrown)
    } finally {
      this.#asking = false
    }
  }

  async #ask(open: Open): Promise<void> {
    const { clock } = this.#o
    const target = open.line.description.services.find((entry) => entry.serviceType === DIAGNOSTICS)
    if (!target) return
    let sentMs = clock.now()
    const client = {
      request: (r: Parameters<HttpsClient['request']>[0]) =>
        this.#o.gate(
          'question',
          () => {
            sentMs = clock.now()
            return open.line.http.request({ ...r, timeoutMs: HEALTH_TIMINGS.pollEveryMs })
          },
          r.signal,
        ),
    }
    const { serviceType: type, controlUrl } = target
    const answer = await new SoapClient({ client }).call(
      { serviceType: type, controlUrl, name: 'Diagnostics' },
      'GetHealth',
      {},
      { signal: this.#closing.signal },
    )
    if (this.#open === open) this.#o.onAnswer(answer.Health ?? '', Math.max(0, clock.now() - sentMs))
  }

  #hear(hearing: Hearing): void {
    if (this.#open && hasHealth(this.#open.line.description)) this.#o.onHearing(hearing)
  }

  /** Once until it goes well again: a device that stays away does not fill the log. */
  #complain(thrown: unknown, text: string): void {
    if (this.#complained || this.#closing.signal.aborted) return
    this.#complained = true
    const { code, detail } = asIotmcError(thrown)
    this.#o.log.warn({ udn: this.#o.udn, code, detail }, `a device ${text}`)
  }

  #timer(purpose: string, ms: number, run: () => unknown): void {
    this.#cancel(purpose)
    if (this.#closing.signal.aborted) return
    const cancel = this.#o.clock.setTimer(() => {
      this.#timers.delete(purpose)
      void run()
    }, ms)
    this.#timers.set(purpose, cancel)
  }

  #now(purpose: string, run: () => unknown): void {
    this.#cancel(purpose)
    void run()
  }

  #cancel(purpose: string): void {
    this.#timers.get(purpose)?.()
    this.#timers.delete(purpose)
  }
}

const DIAGNOSTICS = serviceType('Diagnostics')
/** Attempts of a subscription to help itself, 1, 2 and 4 s apart, before the way to the device is looked for anew. */
const LOSSES_MAX = 3

/** Causes by which a device that was reached denies a subscription. */
const REFUSED: ReadonlySet<string> = new Set(['BUSY', 'BAD_ANSWER'])
const UNREACHED: ReadonlySet<string> = new Set(['DEVICE_UNREACHABLE', 'TLS_REFUSED', 'TIMED_OUT'])

const eventUrl = (description: DeviceDescription, service: ServiceName): string | undefined =>
  description.services.find((entry) => entry.serviceType === serviceType(service))?.eventSubUrl

const hasHealth = (description: DeviceDescription): boolean =>
  description.services.some((entry) => entry.serviceType === DIAGNOSTICS)
