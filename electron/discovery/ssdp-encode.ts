/** Writes SSDP messages with every header that UDA 2.0 asks for (§1.2.2, §1.2.4, §1.3.2, §1.3.3). Pure. */
import { release, type } from 'node:os'
import { MGMT_HEADER, PRODUCT_TOKEN, SSDP } from '../contract/names'
import type { AliveMessage, ByebyeMessage, SearchMessage, UpdateMessage } from './ssdp-message'

export type Family = 4 | 6

/** `Linux/6.1 UPnP/2.0 IoTMC-Technician/0.1`, the form that SERVER and USER-AGENT ask for. */
export const productTokens = (): string => `${type()}/${release()} UPnP/2.0 ${PRODUCT_TOKEN}`

const hostOf = (family: Family): string => {
  const group = family === 4 ? SSDP.group4 : `[${SSDP.group6LinkLocal.toUpperCase()}]`
  return `${group}:${SSDP.port}`
}

/** A value that cannot break out of its line. */
const safe = (value: string | number): string => String(value).replace(/[\r\n]+/g, ' ')

type HeaderLine = readonly [name: string, value: string | number | undefined]

const encode = (startLine: string, headers: readonly HeaderLine[]): Buffer => {
  const lines = headers
    .filter((line): line is [string, string | number] => line[1] !== undefined)
    .map(([name, value]) => `${name}:${value === '' ? '' : ` ${safe(value)}`}`)
  return Buffer.from([startLine, ...lines, '', ''].join('\r\n'), 'utf8')
}

const usnOf = (udn: string, target: string): string => (target === udn ? udn : `${udn}::${target}`)

const idHeaders = (message: { bootId?: number; configId?: number }): HeaderLine[] => [
  ['BOOTID.UPNP.ORG', message.bootId],
  ['CONFIGID.UPNP.ORG', message.configId],
]

/** M-SEARCH to the group; `mxS` 1–5. */
export const encodeSearch = (message: Omit<SearchMessage, 'kind'>, family: Family): Buffer =>
  encode('M-SEARCH * HTTP/1.1', [
    ['HOST', hostOf(family)],
    ['MAN', '"ssdp:discover"'],
    ['MX', message.mxS],
    ['ST', message.target],
    ['USER-AGENT', message.userAgent ?? productTokens()],
    ['CPFN.UPNP.ORG', message.friendlyName],
  ])

/** NOTIFY ssdp:alive, or (kind `answer`) the answer to a search with its DATE and empty EXT. */
export const encodeAlive = (
  message: Omit<AliveMessage, 'maxAgeS'> & { maxAgeS: number },
  family: Family,
  nowMs: number,
): Buffer => {
  const answer = message.kind === 'answer'
  const common: HeaderLine[] = [
    ['CACHE-CONTROL', `max-age=${message.maxAgeS}`],
    ['LOCATION', message.location],
    ['SERVER', productTokens()],
    [answer ? 'ST' : 'NT', message.target],
    ['USN', usnOf(message.udn, message.target)],
    ...idHeaders(message),
    ['SECURELOCATION.UPNP.ORG', message.secureLocation],
    [MGMT_HEADER, message.mgmt],
  ]
  if (answer)
    return encode('HTTP/1.1 200 OK', [['DATE', new Date(nowMs).toUTCString()], ['EXT', ''], ...common])
  return encode('NOTIFY * HTTP/1.1', [['HOST', hostOf(family)], ['NTS', 'ssdp:alive'], ...common])
}

/** NOTIFY ssdp:byebye. */
export const encodeByebye = (message: Omit<ByebyeMessage, 'kind'>, family: Family): Buffer =>
  encode('NOTIFY * HTTP/1.1', [
    ['HOST', hostOf(family)],
    ['NT', message.target],
    ['NTS', 'ssdp:byebye'],
    ['USN', usnOf(message.udn, message.target)],
    ...idHeaders(message),
  ])

/** NOTIFY ssdp:update. */
export const encodeUpdate = (message: Omit<UpdateMessage, 'kind'>, family: Family): Buffer =>
  encode('NOTIFY * HTTP/1.1', [
    ['HOST', hostOf(family)],
    ['LOCATION', message.location],
    ['NT', message.target],
    ['NTS', 'ssdp:update'],
    ['USN', usnOf(message.udn, message.target)],
    ...idHeaders(message),
    ['NEXTBOOTID.UPNP.ORG', message.nextBootId],
    ['SECURELOCATION.UPNP.ORG', message.secureLocation],
  ])
