/**
 * Hears one device: subscribes where events get through, asks where they do not, and goes on trying both ways until it is
 * closed. Events count as blocked when the first service granted SUBSCRIBE and no event came, or refused it.
 */
import { asIotmcError, type IotmcError } from '../contract/errors'
import type { ServiceName } from '../contract/names'
import { DISCOVERY_LIMITS, GENA_LIMITS, HEALTH_TIMINGS } from '../contract/timings'
import type { HttpsClient } from '../net/https-client'
import type { Hearing } from '../operation/health-kept'
import { Subscription } from '../upnp/gena-client'
import { SoapClient } from '../upnp/soap-client'
import {
  diagnosticsOf,
  type EarLine,
  type EarOptions,
  eventedServices,
  eventUrl,
  hasHealth,
  REFUSED,
  UNREACHED,
} from './ear-line'

interface Open {
  readonly line: EarLine
  subscriptions: Subscription[]
  /** Services beside the first one that were refused. */
  readonly refused: Set<ServiceName>
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
    this.#open = { line, subscriptions: [], refused: new Set() }
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
    this.#cancel(`again ${service}`)
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
        if (state.name === 'lost') this.#lost(service, state.error)
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
    if (open.subscriptions.length + open.refused.size > 1 || this.#timers.has('rest')) return
    // Not from within the NOTIFY, whose answer the device waits for.
    this.#timer('rest', 0, () => this.#addRest(open))
  }

  async #addRest(open: Open): Promise<void> {
    const [, ...rest] = this.#services()
    for (const service of rest) {
      if (this.#open !== open) return
      try {
        await this.#add(service)
      } catch (thrown) {
        if (this.#open !== open) return
        if (!REFUSED.has(asIotmcError(thrown).code)) return this.#failed(thrown)
        this.#refusedRest(open, service, thrown)
      }
    }
  }

  /** A service beside the first one is refused: the others go on, and it is tried again. */
  #refusedRest(open: Open, service: ServiceName, thrown: unknown): void {
    const { udn, log } = this.#o
    const { code, detail } = asIotmcError(thrown)
    if (!open.refused.has(service)) log.warn({ udn, service, code, detail }, 'a device refuses some events')
    open.refused.add(service)
    this.#timer(`again ${service}`, HEALTH_TIMINGS.unblockEveryMs, () => this.#addAgain(open, service))
  }

  async #addAgain(open: Open, service: ServiceName): Promise<void> {
    // Whoever is asked instead gets all of them when an event of the first one comes.
    if (this.#open !== open || this.#blocked) return
    try {
      await this.#add(service)
      open.refused.delete(service)
    } catch (thrown) {
      if (this.#open !== open) return
      if (REFUSED.has(asIotmcError(thrown).code)) this.#refusedRest(open, service, thrown)
      else this.#failed(thrown)
    }
  }

  #services(): readonly ServiceName[] {
    const description = this.#open?.line.description
    return description ? eventedServices(description) : []
  }

  /** Subscriptions are let go, so that the device does not send into nothing; it is asked instead. */
  #block(): void {
    const first = !this.#blocked
    this.#blocked = true
    this.#open?.refused.clear()
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

  /** A subscription could not be renewed, nor made anew; it goes on trying by itself. */
  #lost(service: ServiceName, error: IotmcError): void {
    const refused = REFUSED.has(error.code)
    // One service that is refused says nothing about the others.
    if (refused && service !== this.#services()[0]) return
    this.#o.onSilence()
    this.#losses += 1
    if (refused) this.#timer('lost', 0, () => this.#block())
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
    const target = diagnosticsOf(open.line.description)
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

/** Attempts of a subscription to help itself, 1, 2 and 4 s apart, before the way to the device is looked for anew. */
const LOSSES_MAX = 3
