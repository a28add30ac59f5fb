/** Whether a LOCATION may be fetched: only what lies on the network that the packet came from. Pure. */
import { isIP, isIPv6 } from 'node:net'
import type { NetworkInterface, Refusal } from '../contract/discovery'
import { ipv4Number, isLinkLocal6, isLoopbackAddress, onSubnet, splitZone } from '../net/interfaces'

export interface LocationRules {
  /** Where the packet arrived. */
  readonly iface: NetworkInterface
  /** Address that the packet came from. */
  readonly from: string
  readonly allowOffSubnet: boolean
  readonly allowLoopback: boolean
}

export type LocationVerdict =
  | {
      readonly ok: true
      readonly location: string
      readonly secureLocation?: string
      readonly warnings: readonly string[]
    }
  | { readonly ok: false; readonly reason: Refusal; readonly detail?: string }

const LENGTH_MAX = 2048
type UrlVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: Refusal; readonly detail: string }

/** Host of a URL without brackets and zone. WHATWG URLs know no zone, so one is cut out first. */
const readUrl = (text: string): URL | undefined => {
  if (text.length > LENGTH_MAX) return undefined
  try {
    return new URL(text.replace(/^(https?:\/\/\[[0-9a-f:]+)(?:%25|%)[\w.-]+\]/i, '$1]'))
  } catch {
    return undefined
  }
}

const isNoHost = (address: string): boolean => {
  const number = ipv4Number(address)
  if (number === undefined) return address === '::' || /^ff/i.test(address)
  const first = Math.floor(number / 2 ** 24)
  return first === 0 || first >= 224
}

const judgeHost = (url: URL, rules: LocationRules): UrlVerdict => {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const detail = host
  if (isLoopbackAddress(host)) {
    const fromHere = rules.iface.loopback || isLoopbackAddress(rules.from)
    return rules.allowLoopback && fromHere ? { ok: true } : { ok: false, reason: 'loopback-location', detail }
  }
  if (isIP(host) === 0) {
    // A name would have to be looked up: it may lead anywhere, and on site there is no name server.
    return rules.allowOffSubnet ? { ok: true } : { ok: false, reason: 'off-subnet', detail }
  }
  if (isNoHost(host)) return { ok: false, reason: 'bad-location', detail }
  if (rules.allowOffSubnet || onSubnet(host, rules.iface)) return { ok: true }
  // The subnets of global IPv6 addresses are not known here; the sender's own address is fine.
  if (isIPv6(host) && host === splitZone(rules.from).address) return { ok: true }
  return { ok: false, reason: 'off-subnet', detail }
}

const judgeUrl = (text: string, protocol: 'http:' | 'https:', rules: LocationRules): UrlVerdict => {
  const url = readUrl(text)
  if (url === undefined || url.hostname === '')
    return { ok: false, reason: 'bad-location', detail: 'not a URL' }
  if (url.protocol !== protocol)
    return { ok: false, reason: 'bad-location', detail: `${url.protocol} not ${protocol}` }
  if (url.username !== '' || url.password !== '')
    return { ok: false, reason: 'bad-location', detail: 'credentials in URL' }
  return judgeHost(url, rules)
}

/**
 * Judges LOCATION and SECURELOCATION together. A bad LOCATION refuses the packet; a bad SECURELOCATION is left
 * out with a warning, so that the device is still listed, as not managed.
 */
export const checkLocation = (
  location: string | undefined,
  secureLocation: string | undefined,
  rules: LocationRules,
): LocationVerdict => {
  if (location === undefined) return { ok: false, reason: 'no-location' }
  const plain = judgeUrl(location, 'http:', rules)
  if (!plain.ok) return plain
  const warnings: string[] = []
  const host = readUrl(location)?.hostname.replace(/^\[|\]$/g, '') ?? ''
  if (host.startsWith('169.254.')) warnings.push('link-local-address')
  else if (isIP(host) !== 0 && !isLinkLocal6(host) && host !== splitZone(rules.from).address) {
    warnings.push('location-of-other-host')
  }
  if (secureLocation === undefined) return { ok: true, location, warnings }
  const secure = judgeUrl(secureLocation, 'https:', rules)
  if (!secure.ok) return { ok: true, location, warnings: [...warnings, 'bad-secure-location'] }
  return { ok: true, location, secureLocation, warnings }
}

const LINK_LOCAL_URL = /^(https?:\/\/\[fe[89ab][0-9a-f]:[0-9a-f:.]*)(?:%[^\]]*)?\]/i

/** `http://[fe80::1]:80/` + `eth0` → `http://[fe80::1%25eth0]:80/` (RFC 6874); other URLs as they are. */
export const withZone = (url: string | undefined, zone: string): string | undefined =>
  url?.replace(LINK_LOCAL_URL, `$1%25${zone}]`)
