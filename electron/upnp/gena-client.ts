/** One subscription to the events of one service: renewed at half the granted time, healed after gaps and reboots. */
import { asIotmcError, IotmcError } from '../contract/errors'
import { GENA_LIMITS, HTTP_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'
import type { HttpAnswer, HttpsClient } from '../net/https-client'
import { type Notification, parseTimeout } from './gena-message'
import { judgeSeq, renewDelayMs, retryDelayMs } from './gena-subscriber-state'
import type { Notifier, NotifyRoute, NotifyRoutes } from './notify-routes'

export type SubscriptionState =
  | { readonly name: 'subscribing' }
  | { readonly name: 'active'; readonly sid: string; readonly grantedS: number }
  /** Tried again by itself until closed. */
  | { readonly name: 'lost'; readonly error: IotmcError }
  | { readonly name: 'closed' }

export interface SubscriptionOptions {
  readonly clock: Clock
  readonly client: Pick<HttpsClient, 'request'>
  /** https only. */
  readonly eventSubUrl: string
  readonly routes: NotifyRoutes
  /** `https://address:port` under which the device reaches the endpoint that has the routes. */
  readonly callbackBase: string
  /** The notifier's certificate must carry it. */
  readonly peerUdn?: string
  readonly timeoutS?: number
  /** `initial` events carry every evented variable of the service. */
  onEvent(values: Readonly<Record<string, string>>, initial: boolean): void
  onState?(state: SubscriptionState): void
  /** An event was missed before the one that `onEvent` gets next; the subscription is made anew, which brings all values. */
  onGap?(): void
}

interface Grant {
  readonly sid: string
  readonly grantedS: number
  readonly expiresAtMs: number
}

const EARLY_MAX = 16
const UNSUBSCRIBE_MS = 2_000

export class Subscription {
  readonly #o: SubscriptionOptions
  readonly #closing = new AbortController()
  readonly #route: NotifyRoute
  #eventSubUrl: string
  #sid: string | undefined
  #last: number | undefined
  /** Events that came before the answer to SUBSCRIBE. */
  #early: Notification[] = []
  #expecting = false
  #again = false
  #gaps = 0
  #wake: (() => void) | undefined

  constructor(options: SubscriptionOptions) {
    this.#o = options
    this.#eventSubUrl = options.eventSubUrl
    this.#route = options.routes.open((notification, from) => this.#onNotify(notification, from))
  }

  /**
   * Subscribes. Rejects when the first attempt fails, and is closed then; after a first success it heals itself until
   * `close`. Causes: NOT_AUTHORIZED, BUSY, BAD_ANSWER, and those of HttpsClient.request.
   */
  async start(): Promise<void> {
    let grant: Grant
    try {
      grant = await this.#subscribe()
    } catch (thrown) {
      await this.close()
      throw thrown
    }
    void this.#keep(grant)
  }

  /** Renews now instead of at its time, or tries again at once: after the laptop slept, nothing is certain. */
  check(): void {
    this.#wake?.()
  }

  /** After a BOOTID change: the device has forgotten us, perhaps under a new address. */
  resubscribe(eventSubUrl?: string): void {
    if (eventSubUrl) this.#eventSubUrl = eventSubUrl
    this.#sid = undefined
    this.#again = true
    this.#wake?.()
  }

  /** Unsubscribes if the device can be reached; never rejects. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    const sid = this.#sid
    this.#sid = undefined
    this.#closing.abort()
    this.#route.close()
    this.#wake?.()
    this.#o.onState?.({ name: 'closed' })
    if (sid) await this.#unsubscribe(sid)
  }

  async #keep(first: Grant): Promise<void> {
    let grant: Grant | undefined = first
    let failures = 0
    while (!this.#closing.signal.aborted) {
      if (grant) {
        grant = await this.#hold(grant)
        failures = 0
        if (grant) continue
        if (this.#closing.signal.aborted) return
        // A device that gets its keys wrong each time must not be asked without end.
        if (this.#gaps > 1) await this.#wait(retryDelayMs(this.#gaps))
      }
      try {
        grant = await this.#subscribe()
      } catch (thrown) {
        if (this.#closing.signal.aborted) return
        failures++
        this.#o.onState?.({ name: 'lost', error: asIotmcError(thrown) })
        await this.#wait(retryDelayMs(failures))
      }
    }
  }

  /** Waits for the time to renew and renews; undefined when the subscription has to be made anew. */
  async #hold(grant: Grant): Promise<Grant | undefined> {
    const { clock } = this.#o
    let waitMs = renewDelayMs(grant.grantedS)
    for (;;) {
      if (!this.#again) await this.#wait(waitMs)
      if (this.#closing.signal.aborted) return undefined
      if (this.#again) {
        const sid = this.#sid
        this.#again = false
        this.#sid = undefined
        if (sid) await this.#unsubscribe(sid)
        return undefined
      }
      // The laptop may have slept through all of it.
      if (clock.now() >= grant.expiresAtMs) return undefined
      try {
        return await this.#renew(grant.sid)
      } catch (thrown) {
        // An answer that refuses is final; silence is not, until the time has run out.
        if (asIotmcError(thrown).code === 'BAD_ANSWER') return undefined
        waitMs = Math.max(1_000, Math.min(30_000, (grant.expiresAtMs - clock.now()) / 2))
      }
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closing.signal.aborted) {
        resolve()
        return
      }
      const cancel = this.#o.clock.setTimer(() => done(), ms)
      const done = (): void => {
        cancel()
        this.#wake = undefined
        resolve()
      }
      this.#wake = done
    })
  }

  async #subscribe(): Promise<Grant> {
    this.#o.onState?.({ name: 'subscribing' })
    this.#again = false
    this.#sid = undefined
    this.#last = undefined
    this.#early = []
    this.#expecting = true
    try {
      const answer = await this.#ask('SUBSCRIBE', {
        callback: `<${this.#o.callbackBase}${this.#route.path}>`,
        nt: 'upnp:event',
        timeout: `Second-${this.#o.timeoutS ?? GENA_LIMITS.timeoutDefaultS}`,
      })
      const grant = this.#grantOf(answer)
      this.#sid = grant.sid
      this.#o.onState?.({ name: 'active', sid: grant.sid, grantedS: grant.grantedS })
      for (const notification of this.#early.splice(0)) {
        if (notification.sid === grant.sid) this.#take(notification)
      }
      return grant
    } finally {
      this.#expecting = false
      this.#early = []
    }
  }

  async #renew(sid: string): Promise<Grant> {
    const answer = await this.#ask('SUBSCRIBE', {
      sid,
      timeout: `Second-${this.#o.timeoutS ?? GENA_LIMITS.timeoutDefaultS}`,
    })
    const grant = this.#grantOf(answer)
    // Some devices leave the SID out of the answer to a renewal; a different one is a new subscription.
    return { ...grant, sid }
  }

  async #unsubscribe(sid: string): Promise<void> {
    const { client } = this.#o
    await client
      .request({ url: this.#eventSubUrl, method: 'UNSUBSCRIBE', headers: { sid }, timeoutMs: UNSUBSCRIBE_MS })
      .catch(() => undefined)
  }

  async #ask(method: string, headers: Readonly<Record<string, string>>): Promise<HttpAnswer> {
    const answer = await this.#o.client.request({
      url: this.#eventSubUrl,
      method,
      headers,
      timeoutMs: HTTP_LIMITS.requestTimeoutMs,
      signal: this.#closing.signal,
    })
    if (answer.status === 200) return answer
    const code =
      answer.status === 401 || answer.status === 403
        ? 'NOT_AUTHORIZED'
        : answer.status === 503
          ? 'BUSY'
          : 'BAD_ANSWER'
    throw new IotmcError(code, { subject: method, detail: `HTTP ${answer.status}` })
  }

  #grantOf(answer: HttpAnswer): Grant {
    const sid = answer.headers.sid?.trim() || this.#sid
    if (!sid || sid.length > 200) throw new IotmcError('BAD_ANSWER', { detail: 'no SID in the answer' })
    const asked = this.#o.timeoutS ?? GENA_LIMITS.timeoutDefaultS
    const granted = parseTimeout(answer.headers.timeout)
    const grantedS = Math.min(granted === undefined || granted < 1 ? asked : granted, GENA_LIMITS.timeoutMaxS)
    return { sid, grantedS, expiresAtMs: this.#o.clock.now() + grantedS * 1000 }
  }

  #onNotify(notification: Notification, from: Notifier): number {
    if (this.#o.peerUdn !== undefined && from.udn !== this.#o.peerUdn) return 412
    if (this.#sid === undefined) {
      if (!this.#expecting) return 412
      if (this.#early.length < EARLY_MAX) this.#early.push(notification)
      return 200
    }
    if (notification.sid !== this.#sid) return 412
    this.#take(notification)
    return 200
  }

  #take(notification: Notification): void {
    const verdict = judgeSeq(this.#last, notification.seq)
    if (verdict === 'repeated') return
    const initial = notification.seq === 0
    this.#last = notification.seq
    if (verdict === 'expected' && !initial) this.#gaps = 0
    try {
      if (verdict === 'gap') this.#o.onGap?.()
      this.#o.onEvent(notification.values, initial)
    } finally {
      if (verdict === 'gap') {
        this.#gaps++
        this.#again = true
        this.#wake?.()
      }
    }
  }
}
