/** URLs of peers: WHATWG parsing plus the zone of a link-local IPv6 address, which the URL class refuses. */
import { IotmcError } from '../contract/errors'

export interface PeerUrl {
  readonly protocol: 'http:' | 'https:'
  /** For connecting: no brackets, with the zone (`fe80::1%eth0`). */
  readonly host: string
  readonly port: number
  /** Path with query. */
  readonly path: string
  /** For the Host header: brackets, no zone. */
  readonly hostHeader: string
}

const ZONE = /^(https?:\/\/\[[0-9a-f:.]+)%(?:25)?([\w.-]{1,64})\]/i

/** Reads an http or https URL without credentials; throws BAD_ANSWER. */
export const parsePeerUrl = (text: string): PeerUrl => {
  const zone = ZONE.exec(text)
  let url: URL
  try {
    url = new URL(zone ? text.replace(ZONE, '$1]') : text)
  } catch (cause) {
    throw new IotmcError('BAD_ANSWER', { detail: 'not a URL', cause })
  }
  const { protocol } = url
  if ((protocol !== 'http:' && protocol !== 'https:') || url.username || url.password) {
    throw new IotmcError('BAD_ANSWER', { detail: 'not an http or https URL' })
  }
  const bare = url.hostname.replace(/^\[|\]$/g, '')
  return {
    protocol,
    host: zone ? `${bare}%${zone[2]}` : bare,
    port: url.port ? Number(url.port) : protocol === 'https:' ? 443 : 80,
    path: `${url.pathname}${url.search}`,
    hostHeader: url.host,
  }
}

/** `https` + `fe80::1%eth0` + 1 → `https://[fe80::1%25eth0]:1`; the way back of parsePeerUrl. */
export const peerOrigin = (protocol: 'http' | 'https', host: string, port: number): string =>
  `${protocol}://${host.includes(':') ? `[${host.replace('%', '%25')}]` : host}:${port}`
