/** Discovery with the description reader put in: the same for the window, the terminal and a bare search. */
import { IotmcError } from '../contract/errors'
import { DISCOVERY_LIMITS } from '../contract/timings'
import { Discovery } from '../discovery/discovery'
import type { Transport } from '../discovery/transport'
import type { Clock } from '../net/clock'
import { plainGet } from '../net/http-client'
import { parseDescription } from '../upnp/description'

export interface FinderOptions {
  readonly clock: Clock
  /** Names of interfaces; empty = all but loopback. */
  readonly interfaces: readonly string[]
  /** Asked at each packet, so that a changed setting counts at once. */
  readonly allowOffSubnet: () => boolean
  readonly mxS: number
  /** Sockets shared with the advertiser of the same host. */
  readonly transport?: Transport
  readonly ownUdns?: readonly string[]
  /** Default: managed devices and root devices. */
  readonly searchTargets?: readonly string[]
}

/** A Discovery that is not started yet. */
export const createFinder = ({ allowOffSubnet, ...options }: FinderOptions): Discovery =>
  new Discovery({
    ...options,
    get allowOffSubnet() {
      return allowOffSubnet()
    },
    readDescription: async (url, signal) => {
      const answer = await plainGet({
        url,
        timeoutMs: DISCOVERY_LIMITS.descriptionTimeoutMs,
        maxBytes: DISCOVERY_LIMITS.descriptionMaxBytes,
        signal,
      })
      if (answer.status !== 200) throw new IotmcError('BAD_ANSWER', { detail: `HTTP ${answer.status}` })
      return parseDescription(answer.body, url)
    },
  })

/** Names of the interfaces that are listened on. */
export const listeningOn = (finder: Discovery): string[] => [
  ...new Set(
    finder
      .report()
      .interfaces.filter((entry) => entry.listening)
      .map((entry) => entry.name),
  ),
]
