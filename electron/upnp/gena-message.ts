/** GENA headers and property sets (UDA 2.0 §4): pure codec. */
import { IotmcError } from '../contract/errors'
import { GENA_LIMITS } from '../contract/timings'
import { childrenOf, element, readXml } from './xml'

export const SEQ_MAX = 0xffff_ffff
const PROPERTIES_MAX = 256
const NAME = /^[A-Za-z_][\w.-]{0,127}$/

/** The key after `seq`: it wraps to 1, since 0 marks the initial event (UDA 2.0 §4.3.2). */
export const nextSeq = (seq: number): number => (seq >= SEQ_MAX ? 1 : seq + 1)

/** SEQ header → number; undefined when it is none. */
export const parseSeq = (text: string | undefined): number | undefined => {
  const value = Number(text)
  return text !== undefined && /^\d{1,10}$/.test(text.trim()) && value <= SEQ_MAX ? value : undefined
}

/**
 * TIMEOUT header → seconds, not clamped. Understands `Second-1800`, `second-1800`, `1800`, and the `Second-0:30:00`
 * that some devices send. `infinite` is the greatest time there is; undefined for anything else.
 */
export const parseTimeout = (text: string | undefined): number | undefined => {
  const word = (text ?? '')
    .trim()
    .toLowerCase()
    .replace(/^second-/, '')
  if (word === 'infinite') return GENA_LIMITS.timeoutMaxS
  if (/^\d{1,9}$/.test(word)) return Number(word)
  const clock = /^(\d{1,4}):(\d{1,2}):(\d{1,2})$/.exec(word)
  if (!clock) return undefined
  return Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3])
}

/** What a publisher grants for a TIMEOUT header. */
export const grantedTimeout = (text: string | undefined): number => {
  const asked = parseTimeout(text) ?? GENA_LIMITS.timeoutDefaultS
  return Math.min(Math.max(asked, GENA_LIMITS.timeoutMinS), GENA_LIMITS.timeoutMaxS)
}

/** CALLBACK header → the URLs in it, at most four, as text. */
export const parseCallback = (text: string | undefined): readonly string[] =>
  [...(text ?? '').slice(0, 4096).matchAll(/<\s*([^<>\s]{1,1024})\s*>/g)]
    .map((match) => match[1] ?? '')
    .slice(0, 4)

export const encodePropertySet = (values: Readonly<Record<string, string>>): string => {
  const properties = Object.entries(values).map(([name, value]) => {
    if (!NAME.test(name)) throw new IotmcError('INVALID_ARGS', { detail: 'variable name' })
    return `<e:property>${element(name, value)}</e:property>`
  })
  return (
    '<?xml version="1.0" encoding="utf-8"?>\n' +
    `<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0">${properties.join('')}</e:propertyset>\n`
  )
}

/** The values of a property set; several variables in one `<e:property>` are fine. Throws BAD_ANSWER. */
export const decodePropertySet = (xml: Uint8Array): Record<string, string> => {
  const { root } = readXml(xml)
  if (root.name.toLowerCase() !== 'propertyset')
    throw new IotmcError('BAD_ANSWER', { detail: 'not a property set' })
  const entries: [string, string][] = []
  for (const property of childrenOf(root, 'property')) {
    for (const variable of property.children) {
      if (!NAME.test(variable.name) || entries.length >= PROPERTIES_MAX) {
        throw new IotmcError('BAD_ANSWER', { detail: 'variables badly named or too many' })
      }
      entries.push([variable.name, variable.text])
    }
  }
  return Object.fromEntries(entries)
}

/** A NOTIFY after its headers and body have been read. */
export interface Notification {
  readonly sid: string
  readonly seq: number
  readonly values: Readonly<Record<string, string>>
}

type Headers = Readonly<Record<string, string | string[] | undefined>>

const one = (headers: Headers, name: string): string | undefined => {
  const value = headers[name]
  return typeof value === 'string' ? value.trim() : undefined
}

/** Headers and body of a NOTIFY → notification, or the HTTP status that refuses it (UDA 2.0 §4.3.2). */
export const readNotification = (headers: Headers, body: Uint8Array): Notification | number => {
  const [nt, nts, sid] = [one(headers, 'nt'), one(headers, 'nts'), one(headers, 'sid')]
  if (nt === undefined || nts === undefined) return 400
  if (nt !== 'upnp:event' || nts !== 'upnp:propchange' || !sid || sid.length > 200) return 412
  const seq = parseSeq(one(headers, 'seq'))
  if (seq === undefined) return 400
  try {
    return { sid, seq, values: decodePropertySet(body) }
  } catch {
    return 400
  }
}
