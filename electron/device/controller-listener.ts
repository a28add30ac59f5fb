/** Hears controllers that take enrolments and keeps the list of them. */

import { IotmcError } from '../contract/errors'
import { DEVICE_TYPE } from '../contract/names'
import { DISCOVERY_LIMITS } from '../contract/timings'
import { Discovery } from '../discovery/discovery'
import type { Transport } from '../discovery/transport'
import type { Clock } from '../net/clock'
import { plainGet } from '../net/http-client'
import { parseDescription } from '../upnp/description'
import type { Controllers } from './controllers'

export interface ListenerOptions {
  readonly clock: Clock
  readonly interfaces: readonly string[]
  readonly controllers: Controllers
  /** Sockets shared with the advertiser. */
  readonly transport: Transport
  /** A controller spoke, be it news or not. */
  readonly onHeard: () => void
}

/** Not started yet. */
export const createListener = (options: ListenerOptions): Discovery => {
  const { clock, interfaces, controllers } = options
  const discovery = new Discovery({
    clock,
    interfaces,
    transport: options.transport,
    allowOffSubnet: false,
    mxS: 1,
    searchTargets: [DEVICE_TYPE.controller],
    readDescription: async (url, signal) => {
      const { descriptionTimeoutMs: timeoutMs, descriptionMaxBytes: maxBytes } = DISCOVERY_LIMITS
      const answer = await plainGet({ url, timeoutMs, maxBytes, signal })
      if (answer.status !== 200) throw new IotmcError('BAD_ANSWER', { detail: `HTTP ${answer.status}` })
      return parseDescription(answer.body, url)
    },
  })
  discovery.on('changed', (udns) => {
    for (const udn of udns) note(discovery, controllers, udn)
    options.onHeard()
  })
  discovery.on('heard', ({ message }) => {
    if (message.kind === 'alive' && message.target === DEVICE_TYPE.controller) options.onHeard()
  })
  return discovery
}

const note = (discovery: Discovery, controllers: Controllers, udn: string): void => {
  const entry = discovery.get(udn)
  // IPv4 before link-local IPv6, then the one heard last.
  const preferred = [...(entry?.addresses ?? [])].sort(
    (a, b) =>
      Number(a.address.includes(':')) - Number(b.address.includes(':')) || b.lastSeenMs - a.lastSeenMs,
  )
  const secureLocation = preferred.find((each) => each.secureLocation)?.secureLocation
  const enrolls = entry?.claim?.capabilities.includes('enroll') ?? false
  if (!entry?.online || !enrolls || !secureLocation) {
    controllers.gone(udn)
    return
  }
  controllers.heard({ udn, secureLocation, bootId: entry.bootId })
}
