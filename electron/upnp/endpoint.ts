/** A hosted UPnP device: description, control, events, and the notifications of our own subscriptions. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ErrorCode, IotmcError } from '../contract/errors'
import { PRODUCT_TOKEN, type ServiceName } from '../contract/names'
import { GENA_LIMITS, HTTP_LIMITS } from '../contract/timings'
import { type Clock, systemClock } from '../net/clock'
import { peerOrigin } from '../net/http-url'
import { HttpsClient } from '../net/https-client'
import type { TlsUpdate } from '../net/https-server'
import { readBody } from '../net/server-limits'
import type { PeerCertificate, TlsIdentity } from '../net/tls'
import { buildDescription, servicePaths } from './description'
import { type Caller, callerOf, type EndpointVerdict } from './endpoint-caller'
import { type ActionGuard, type ActionHandler, answerCall, type HandlerTable } from './endpoint-control'
import { closeSockets, type EndpointSockets, openSockets } from './endpoint-sockets'
import { type Delivery, Publisher } from './gena-publisher'
import { type NotifyListener, type NotifyRoute, NotifyRoutes } from './notify-routes'
import { loadScpd, readScpdFile } from './scpd-files'

export type { Caller, EndpointVerdict } from './endpoint-caller'
export type { ActionContext, ActionHandler } from './endpoint-control'

export interface EndpointOptions {
  readonly udn: string
  readonly deviceType: string
  readonly friendlyName: string
  readonly manufacturer: string
  readonly model: string
  readonly modelNumber?: string
  readonly serialNumber: string
  configId(): number
  readonly services: readonly ServiceName[]
  readonly identity: TlsIdentity
  /** PEM of what client certificates may end at; also judges whom events are sent to. */
  readonly clientCas: readonly string[]
  readonly clientCertificate: 'required' | 'optional'
  judgePeer(chainDer: readonly Buffer[]): EndpointVerdict
  /** Why who is accepted may call nothing but the actions of `to`; asked at each request. Public documents stay open. */
  readonly confined?: (chainDer: readonly Buffer[]) => Confinement | undefined
  /** Addresses to bind; default: all, IPv6 and IPv4. */
  readonly hosts?: readonly string[]
  /** Throws WRONG_PHASE where an action may not run now. */
  readonly actionGuard?: ActionGuard
  /** Whether events are taken for sent and never leave, as a network does that lets no callback through. */
  readonly loseEvents?: () => boolean
  readonly clock?: Clock
  readonly log?: (event: string, facts?: Readonly<Record<string, unknown>>) => void
}

export interface Confinement {
  readonly to: ServiceName
  readonly code: ErrorCode
}

/** Answers a GET or HEAD under a path of its own; a client certificate is certain. */
export type FileHandler = (req: IncomingMessage, res: ServerResponse, caller: Caller) => Promise<void>

const SERVER_TOKEN = `${process.platform}/1 UPnP/2.0 ${PRODUCT_TOKEN}`
const XML = 'text/xml; charset="utf-8"'

const send = (
  res: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string | number>> = {},
  body: string | Buffer = '',
): void => {
  res.writeHead(status, { server: SERVER_TOKEN, 'content-length': Buffer.byteLength(body), ...headers })
  res.end(res.req.method === 'HEAD' ? undefined : body)
}

/** Services that have something to tell: the others have an empty eventSubURL (UDA 2.0 §2.3). */
const eventedOf = (services: readonly ServiceName[]): readonly ServiceName[] =>
  services.filter((name) => [...loadScpd(name).variables.values()].some(({ evented }) => evented))

/** Path alone; anything odd is a path that no route has. */
export const pathOf = (req: IncomingMessage): string => (req.url ?? '').split(/[?#]/, 1)[0] ?? ''

export class UpnpEndpoint {
  readonly #o: EndpointOptions
  readonly #handlers: HandlerTable = new Map()
  readonly #publisher: Publisher
  readonly #closing = new AbortController()
  readonly #files = new Map<string, FileHandler>()
  readonly #notifyClients = new Map<string, HttpsClient>()
  /** Routes for subscriptions of ours, for `Subscription`. */
  readonly routes = new NotifyRoutes()
  #identity: TlsIdentity
  #clientCas: readonly string[]
  #sockets: EndpointSockets | undefined

  constructor(options: EndpointOptions) {
    this.#o = options
    this.#identity = options.identity
    this.#clientCas = options.clientCas
    this.#publisher = new Publisher({
      clock: options.clock ?? systemClock,
      services: options.services,
      send: (delivery) => this.#notify(delivery),
      ...(options.log ? { log: options.log } : {}),
    })
  }

  /** Puts a handler behind an action; out-arguments are checked against the service description. */
  handle(service: ServiceName, action: string, handler: ActionHandler): void {
    const table = this.#handlers.get(service) ?? new Map<string, ActionHandler>()
    table.set(action, handler)
    this.#handlers.set(service, table)
  }

  /** Gives GET and HEAD of every path that begins with `prefix` to `handler`: over TLS, for callers with a certificate. */
  serve(prefix: string, handler: FileHandler): void {
    this.#files.set(prefix, handler)
  }

  /** Sets evented variables of a hosted service. */
  publish(service: ServiceName, values: Readonly<Record<string, string>>): void {
    this.#publisher.publish(service, values)
  }

  /** Opens a path for notifications of one subscription of ours. */
  onNotify(listener: NotifyListener): NotifyRoute {
    return this.routes.open(listener)
  }

  /** Opens the sockets; rejects with NETWORK_UNAVAILABLE or CERTIFICATE_INVALID. */
  async start(): Promise<{ httpPort: number; httpsPort: number }> {
    if (this.#sockets) throw new IotmcError('DEFECT', { detail: 'endpoint started twice' })
    this.#sockets = await openSockets({
      ...(this.#o.hosts ? { hosts: this.#o.hosts } : {}),
      tls: {
        identity: this.#identity,
        clientCas: this.#clientCas,
        clientCertificate: this.#o.clientCertificate,
        judgePeer: (peer) => this.#o.judgePeer(peer.chainDer),
        onRefused: (refusal) => this.#o.log?.('peer-refused', { ...refusal }),
        onDefect: (thrown) =>
          this.#o.log?.('defect', { message: thrown instanceof Error ? thrown.message : '' }),
      },
      onPublic: (req, res) => this.#documents(req, res),
      onSecure: (req, res, peer) => this.#secure(req, res, peer),
    })
    const { httpPort, httpsPort } = this.#sockets
    return { httpPort, httpsPort }
  }

  /** New connections use the new credentials; peers that are no longer accepted lose theirs and their subscriptions. */
  updateTls(update: TlsUpdate): void {
    this.#identity = update.identity ?? this.#identity
    this.#clientCas = update.clientCas ?? this.#clientCas
    for (const server of this.#sockets?.https ?? []) server.update(update)
    this.#dropClients()
    this.#publisher.dropWhere((who) => !this.#judgeFree(who.chainDer).ok)
  }

  /**
   * After the trust in somebody has ended: whoever is no longer accepted, or confined, loses connections, requests under way,
   * subscriptions and the events that are being sent, at once. Everybody else notices nothing.
   */
  rejudge(): void {
    for (const server of this.#sockets?.https ?? []) server.rejudge((peer) => this.#judgeFree(peer.chainDer))
    for (const client of this.#notifyClients.values()) client.rejudge()
    this.#publisher.dropWhere((who) => !this.#judgeFree(who.chainDer).ok)
  }

  /** Ends subscriptions, requests and connections; resolves when the ports are free. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#publisher.close()
    for (const client of this.#notifyClients.values()) await client.close()
    this.#notifyClients.clear()
    const sockets = this.#sockets
    this.#sockets = undefined
    if (sockets) await closeSockets(sockets)
  }

  /** Where the description is, seen from `address`; the zone of a link-local address stays at home. */
  locations(address: string): { location: string; secureLocation: string } {
    const { httpPort = 0, httpsPort = 0 } = this.#sockets ?? {}
    const host = address.split('%')[0] ?? address
    return {
      location: `${peerOrigin('http', host, httpPort)}/description.xml`,
      secureLocation: `${peerOrigin('https', host, httpsPort)}/description.xml`,
    }
  }

  /** Public documents: the same on both ports. True when the path was one of them. */
  #documents(req: IncomingMessage, res: ServerResponse): void {
    const path = pathOf(req)
    const service = this.#o.services.find((name) => servicePaths(name).scpd === path)
    if (path !== '/description.xml' && !service) {
      send(res, 404)
      return
    }
    const { configId, ...facts } = this.#o
    const body = service
      ? readScpdFile(service)
      : buildDescription({ ...facts, evented: eventedOf(facts.services), configId: configId.call(this.#o) })
    send(res, 200, { 'content-type': XML }, body)
  }

  async #secure(req: IncomingMessage, res: ServerResponse, peer: PeerCertificate | undefined): Promise<void> {
    const path = pathOf(req)
    const reads = req.method === 'GET' || req.method === 'HEAD'
    const files = [...this.#files].find(([prefix]) => path.startsWith(prefix))?.[1]
    if (reads && !files) {
      this.#documents(req, res)
      return
    }
    const caller = callerOf(req, peer, (chainDer) => this.#o.judgePeer(chainDer))
    const control = this.#o.services.find((name) => servicePaths(name).control === path)
    const event = this.#o.services.find((name) => servicePaths(name).event === path)
    const confined = peer && this.#o.confined?.(peer.chainDer)
    if (confined && control !== confined.to) {
      this.#o.log?.('peer-confined', { path, code: confined.code, by: caller.peerUdn })
      send(res, 403, { connection: 'close' })
      return
    }
    if (reads && files) {
      await this.#file(files, req, res, caller)
      return
    }
    if (control && req.method === 'POST') await this.#control(control, req, res, caller)
    else if (event && (req.method === 'SUBSCRIBE' || req.method === 'UNSUBSCRIBE')) {
      this.#event(event, req, res, caller)
    } else if (req.method === 'NOTIFY' && this.routes.covers(path))
      await this.#notified(path, req, res, caller)
    else send(res, control || event || files || this.routes.covers(path) ? 405 : 404, { connection: 'close' })
  }

  async #file(
    handler: FileHandler,
    req: IncomingMessage,
    res: ServerResponse,
    caller: Caller,
  ): Promise<void> {
    if (!caller.peer) {
      send(res, 403, { connection: 'close' })
      return
    }
    res.setHeader('server', SERVER_TOKEN)
    await handler(req, res, caller)
    if (!res.headersSent && !res.destroyed) send(res, 404)
  }

  async #control(
    service: ServiceName,
    req: IncomingMessage,
    res: ServerResponse,
    caller: Caller,
  ): Promise<void> {
    const body = await readBody(req, HTTP_LIMITS.bodyMaxBytes)
    if (!body) {
      send(res, 413, { connection: 'close' })
      return
    }
    const gone = new AbortController()
    const onClose = (): void => gone.abort()
    res.once('close', onClose)
    const answer = await answerCall({
      service,
      soapAction: req.headers.soapaction?.toString(),
      body,
      caller,
      handlers: this.#handlers,
      guard: this.#o.actionGuard,
      signal: AbortSignal.any([gone.signal, this.#closing.signal]),
      onRefused: (action, code) =>
        this.#o.log?.('call-refused', { action, code, by: caller.peerUdn ?? caller.role, role: caller.role }),
      onDefect: (thrown) =>
        this.#o.log?.('defect', { service, message: thrown instanceof Error ? thrown.message : '' }),
    })
    res.off('close', onClose)
    if (!res.destroyed) send(res, answer.status, { 'content-type': XML, ext: '' }, answer.body)
  }

  #event(service: ServiceName, req: IncomingMessage, res: ServerResponse, caller: Caller): void {
    if (!caller.peer) {
      send(res, 403)
      return
    }
    const who = {
      remoteAddress: caller.remoteAddress,
      role: caller.role,
      udn: caller.peerUdn,
      fingerprint: caller.fingerprint ?? '',
      chainDer: caller.peer.chainDer,
    }
    if (req.method === 'UNSUBSCRIBE') {
      send(res, this.#publisher.unsubscribe(service, req.headers, who))
      return
    }
    const { status, headers, begin } = this.#publisher.subscribe(service, req.headers, who)
    if (begin) res.once('finish', begin)
    send(res, status, headers)
  }

  async #notified(path: string, req: IncomingMessage, res: ServerResponse, caller: Caller): Promise<void> {
    if (!caller.peer) {
      send(res, 403, { connection: 'close' })
      return
    }
    const body = await readBody(req, HTTP_LIMITS.bodyMaxBytes)
    if (!body) {
      send(res, 413, { connection: 'close' })
      return
    }
    send(res, this.routes.deliver(path, req.headers, body, { peer: caller.peer, udn: caller.peerUdn }))
  }

  /** An event goes to the certificate that subscribed and to nobody else. */
  async #notify(delivery: Delivery): Promise<number> {
    if (this.#o.loseEvents?.()) return 200
    const { fingerprint, udn } = delivery.to
    let client = this.#notifyClients.get(fingerprint)
    if (!client) {
      if (this.#notifyClients.size >= GENA_LIMITS.subscribersMax) this.#dropClients()
      client = new HttpsClient({
        identity: this.#identity,
        cas: this.#clientCas,
        judgePeer: (peer) => {
          const verdict = this.#judgeFree(peer.chainDer)
          const same = createHash('sha256').update(peer.der).digest('hex') === fingerprint
          if (!verdict.ok || same || (udn !== undefined && verdict.udn === udn)) return verdict
          return { ok: false, code: 'UDN_MISMATCH', detail: 'not who subscribed' }
        },
      })
      this.#notifyClients.set(fingerprint, client)
    }
    const { url, headers, body, signal } = delivery
    const request = { url, method: 'NOTIFY', headers, body, signal, timeoutMs: GENA_LIMITS.notifyTimeoutMs }
    return (await client.request(request)).status
  }

  /** As `judgePeer`; who is confined is refused. */
  #judgeFree(chainDer: readonly Buffer[]): EndpointVerdict {
    const verdict = this.#o.judgePeer(chainDer)
    const confined = verdict.ok ? this.#o.confined?.(chainDer) : undefined
    return confined ? { ok: false, code: confined.code } : verdict
  }

  #dropClients(): void {
    for (const client of this.#notifyClients.values()) void client.close()
    this.#notifyClients.clear()
  }
}
