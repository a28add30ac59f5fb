/** Publishes the evented variables of hosted services (UDA 2.0 §4): subscriptions, keys, moderation, CallStranger rule. */
import { randomUUID } from 'node:crypto'
import { isIP } from 'node:net'
import { IotmcError } from '../contract/errors'
import { ROLES, type Role, type ServiceName } from '../contract/names'
import { GENA_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'
import { parsePeerUrl } from '../net/http-url'
import { listInterfaces, onSubnet } from '../net/interfaces'
import { encodePropertySet, grantedTimeout, nextSeq, parseCallback } from './gena-message'
import { loadScpd } from './scpd-files'

/** Who subscribes, as TLS has proven it. */
export interface Subscriber {
  readonly remoteAddress: string
  readonly role: Role
  readonly udn: string | undefined
  /** SHA-256 of the certificate: a subscription belongs to it. */
  readonly fingerprint: string
  readonly chainDer: readonly Buffer[]
}

/** One NOTIFY to send; resolves with the HTTP status. */
export interface Delivery {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly to: Subscriber
  readonly signal: AbortSignal
}

export interface PublisherOptions {
  readonly clock: Clock
  readonly services: readonly ServiceName[]
  send(delivery: Delivery): Promise<number>
  /** CVE-2020-12695: may events for a subscriber at `remote` go to `host`? Default: same address or same subnet. */
  sameSegment?(host: string, remote: string): boolean
  log?(event: string, facts?: Readonly<Record<string, unknown>>): void
}

type Values = Readonly<Record<string, string>>
type Headers = Readonly<Record<string, string | string[] | undefined>>

export interface SubscribeAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** To be called when the answer has left: the initial event must not overtake it. */
  readonly begin?: () => void
}

interface Entry {
  readonly sid: string
  readonly service: ServiceName
  readonly callbacks: readonly string[]
  readonly who: Subscriber
  readonly end: AbortController
  readonly queue: Values[]
  seq: number
  expiresAtMs: number
  cancelExpiry: () => void
  begun: boolean
  sending: boolean
}

const QUEUE_MAX = 16

const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '')

/** Same address, or both on the subnet of one of our interfaces. */
export const onSameSegment = (host: string, remote: string): boolean => {
  const [a, b] = [plainAddress(host), plainAddress(remote)]
  return a === b || listInterfaces().some((iface) => onSubnet(a, iface) && onSubnet(b, iface))
}

const header = (headers: Headers, name: string): string | undefined => {
  const value = headers[name]
  return typeof value === 'string' ? value.trim() : undefined
}

export class Publisher {
  readonly #o: PublisherOptions
  readonly #values = new Map<ServiceName, Map<string, string>>()
  readonly #entries = new Map<string, Entry>()
  /** `Service.Variable` → when its next event may leave, and the timer that waits for it. */
  readonly #moderated = new Map<string, { nextMs: number; cancel: (() => void) | undefined }>()

  constructor(options: PublisherOptions) {
    this.#o = options
    for (const service of options.services) this.#values.set(service, new Map())
  }

  /** Sets evented variables; subscribers are told what has changed. Throws INVALID_ARGS for what is not evented. */
  publish(service: ServiceName, values: Values): void {
    const known = this.#values.get(service)
    if (!known) throw new IotmcError('INVALID_ARGS', { subject: service, detail: 'not hosted' })
    const now: Record<string, string> = {}
    for (const [name, value] of Object.entries(values)) {
      const variable = loadScpd(service).variables.get(name)
      if (!variable?.evented)
        throw new IotmcError('INVALID_ARGS', { subject: service, detail: `${name} is not evented` })
      if (known.get(name) === value) continue
      known.set(name, value)
      if (variable.moderationMs === undefined || this.#mayLeave(service, name, variable.moderationMs))
        now[name] = value
    }
    if (Object.keys(now).length > 0) this.#enqueueAll(service, now)
  }

  /** SUBSCRIBE, new or renewal. */
  subscribe(service: ServiceName, headers: Headers, who: Subscriber): SubscribeAnswer {
    const [sid, nt, callback] = [header(headers, 'sid'), header(headers, 'nt'), header(headers, 'callback')]
    if (sid !== undefined) {
      if (nt !== undefined || callback !== undefined) return { status: 400 }
      const entry = this.#own(service, sid, who)
      return entry ? this.#grant(entry, headers) : { status: 412 }
    }
    if (nt !== 'upnp:event') return { status: 412 }
    const callbacks = this.#acceptable(parseCallback(callback), who)
    if (callbacks.length === 0) return { status: 412 }
    if (!this.#mayHear(service, who.role)) return { status: 403 }
    this.#dropTwin(service, callbacks, who)
    if (this.#entries.size >= GENA_LIMITS.subscribersMax) return { status: 503 }
    const entry: Entry = {
      sid: `uuid:${randomUUID()}`,
      service,
      callbacks,
      who,
      end: new AbortController(),
      queue: [],
      seq: 0,
      expiresAtMs: 0,
      cancelExpiry: () => undefined,
      begun: false,
      sending: false,
    }
    this.#entries.set(entry.sid, entry)
    return {
      ...this.#grant(entry, headers),
      begin: () => {
        entry.begun = true
        entry.queue.unshift(Object.fromEntries(this.#values.get(service) ?? []))
        void this.#drain(entry)
      },
    }
  }

  /** UNSUBSCRIBE → HTTP status. */
  unsubscribe(service: ServiceName, headers: Headers, who: Subscriber): number {
    if (header(headers, 'nt') !== undefined || header(headers, 'callback') !== undefined) return 400
    const entry = this.#own(service, header(headers, 'sid'), who)
    if (!entry) return 412
    this.#remove(entry)
    return 200
  }

  /** Ends every subscription of a peer whose certificate is no longer accepted. */
  dropWhere(refused: (who: Subscriber) => boolean): void {
    for (const entry of [...this.#entries.values()]) if (refused(entry.who)) this.#remove(entry)
  }

  get size(): number {
    return this.#entries.size
  }

  close(): void {
    for (const entry of [...this.#entries.values()]) this.#remove(entry)
    for (const { cancel } of this.#moderated.values()) cancel?.()
    this.#moderated.clear()
  }

  #own(service: ServiceName, sid: string | undefined, who: Subscriber): Entry | undefined {
    const entry = sid === undefined ? undefined : this.#entries.get(sid)
    return entry?.service === service && entry.who.fingerprint === who.fingerprint ? entry : undefined
  }

  #grant(entry: Entry, headers: Headers): SubscribeAnswer {
    const grantedS = grantedTimeout(header(headers, 'timeout'))
    entry.expiresAtMs = this.#o.clock.now() + grantedS * 1000
    entry.cancelExpiry()
    entry.cancelExpiry = this.#o.clock.setTimer(() => this.#remove(entry), grantedS * 1000)
    return { status: 200, headers: { sid: entry.sid, timeout: `Second-${grantedS}` } }
  }

  #acceptable(urls: readonly string[], who: Subscriber): readonly string[] {
    const sameSegment = this.#o.sameSegment ?? onSameSegment
    return urls.flatMap((text) => {
      try {
        const url = parsePeerUrl(text)
        if (url.protocol !== 'https:' || isIP(url.host) === 0 || !sameSegment(url.host, who.remoteAddress))
          return []
        // A link-local callback carries no zone on the wire; it is reached where the subscriber is.
        const zone =
          url.host.startsWith('fe80:') && !url.host.includes('%')
            ? who.remoteAddress.split('%')[1]
            : undefined
        return [zone ? text.replace(']', `%25${zone}]`) : text]
      } catch {
        return []
      }
    })
  }

  #mayHear(service: ServiceName, role: Role): boolean {
    const needed = [...loadScpd(service).variables.values()].filter((variable) => variable.evented)
    return (
      needed.length > 0 && needed.every((variable) => ROLES.indexOf(role) >= ROLES.indexOf(variable.role))
    )
  }

  /** A subscriber that came back without having unsubscribed holds one place, not two. */
  #dropTwin(service: ServiceName, callbacks: readonly string[], who: Subscriber): void {
    for (const entry of [...this.#entries.values()]) {
      const same = entry.service === service && entry.who.fingerprint === who.fingerprint
      if (same && entry.callbacks[0] === callbacks[0]) this.#remove(entry)
    }
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.sid)
    entry.cancelExpiry()
    entry.end.abort()
    entry.queue.length = 0
  }

  #mayLeave(service: ServiceName, name: string, moderationMs: number): boolean {
    const key = `${service}.${name}`
    const nowMs = this.#o.clock.now()
    const state = this.#moderated.get(key) ?? { nextMs: 0, cancel: undefined }
    this.#moderated.set(key, state)
    if (state.cancel) return false
    // A wall clock that was set back must not hold an event for longer than the moderation itself.
    const waitMs = Math.min(state.nextMs - nowMs, moderationMs)
    if (waitMs <= 0) {
      state.nextMs = nowMs + moderationMs
      return true
    }
    state.cancel = this.#o.clock.setTimer(() => {
      state.cancel = undefined
      state.nextMs = this.#o.clock.now() + moderationMs
      this.#enqueueAll(service, { [name]: this.#values.get(service)?.get(name) ?? '' })
    }, waitMs)
    return false
  }

  #enqueueAll(service: ServiceName, values: Values): void {
    for (const entry of this.#entries.values()) {
      if (entry.service !== service || !entry.begun) continue
      // A slow subscriber loses steps in between, never the latest value.
      if (entry.queue.length >= QUEUE_MAX) entry.queue.push({ ...entry.queue.pop(), ...values })
      else entry.queue.push(values)
      void this.#drain(entry)
    }
  }

  async #drain(entry: Entry): Promise<void> {
    if (entry.sending) return
    entry.sending = true
    for (let values = entry.queue.shift(); values; values = entry.queue.shift()) {
      const { seq } = entry
      entry.seq = nextSeq(seq)
      const status = await this.#notify(entry, seq, values)
      if (entry.end.signal.aborted) return
      if (status === 412) this.#remove(entry)
      // What was lost shows as a gap in the keys, on which the subscriber subscribes anew.
      if (status !== 200) this.#o.log?.('event-not-delivered', { service: entry.service, seq, status })
    }
    entry.sending = false
  }

  async #notify(entry: Entry, seq: number, values: Values): Promise<number> {
    const headers = {
      'content-type': 'text/xml; charset="utf-8"',
      nt: 'upnp:event',
      nts: 'upnp:propchange',
      sid: entry.sid,
      seq: String(seq),
    }
    let status = 0
    for (const url of entry.callbacks) {
      const { signal } = entry.end
      status = await this.#o
        .send({ url, headers, body: encodePropertySet(values), to: entry.who, signal })
        .catch(() => 0)
      if (status === 200 || status === 412) break
    }
    return status
  }
}
