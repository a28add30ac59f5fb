/** Where NOTIFY requests for our own subscriptions arrive: one secret path each. */
import { randomBytes } from 'node:crypto'
import { IotmcError } from '../contract/errors'
import type { PeerCertificate } from '../net/tls'
import { type Notification, readNotification } from './gena-message'

/** Who sent a notification, as TLS has proven it. */
export interface Notifier {
  readonly peer: PeerCertificate
  readonly udn: string | undefined
}

/** Answers with the HTTP status: 200 taken, 412 not a subscription of ours. */
export type NotifyListener = (notification: Notification, from: Notifier) => number

export interface NotifyRoute {
  /** `/notify/<id>`. */
  readonly path: string
  close(): void
}

const PREFIX = '/notify/'
const ROUTES_MAX = 20_000

export class NotifyRoutes {
  readonly #listeners = new Map<string, NotifyListener>()

  open(listener: NotifyListener): NotifyRoute {
    if (this.#listeners.size >= ROUTES_MAX) {
      throw new IotmcError('REQUEST_REFUSED', { detail: 'too many subscriptions' })
    }
    const path = `${PREFIX}${randomBytes(16).toString('hex')}`
    this.#listeners.set(path, listener)
    return { path, close: () => this.#listeners.delete(path) }
  }

  /** Whether a path is one of ours at all. */
  covers(path: string): boolean {
    return path.startsWith(PREFIX)
  }

  /** The HTTP status for a NOTIFY. */
  deliver(
    path: string,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    body: Uint8Array,
    from: Notifier,
  ): number {
    const listener = this.#listeners.get(path)
    if (!listener) return 412
    const read = readNotification(headers, body)
    return typeof read === 'number' ? read : listener(read, from)
  }
}
