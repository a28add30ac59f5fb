/**
 * Reads SSDP datagrams: strict first, then the listed repairs. Hot path: one decode, no regular expression
 * on well-formed input, only the headers that matter are kept.
 */
import { DISCOVERY_LIMITS } from '../contract/timings'
import type { SsdpMessage, SsdpParsed, SsdpProblem, SsdpRepair } from './ssdp-message'

/** Kept headers; the number is the slot. Names are case-insensitive, values are not (UDA 2.0 §1.1.3). */
const SLOTS = [
  'USN',
  'NT',
  'NTS',
  'ST',
  'LOCATION',
  'CACHE-CONTROL',
  'SERVER',
  'BOOTID.UPNP.ORG',
  'NEXTBOOTID.UPNP.ORG',
  'CONFIGID.UPNP.ORG',
  'SEARCHPORT.UPNP.ORG',
  'SECURELOCATION.UPNP.ORG',
  'MGMT.IOTMC-ORG',
  'MAN',
  'MX',
  'USER-AGENT',
  'CPFN.UPNP.ORG',
] as const
type Header = (typeof SLOTS)[number]
const SLOT: Readonly<Record<Header, number>> = Object.freeze(
  Object.fromEntries(SLOTS.map((name, slot) => [name, slot])) as Record<Header, number>,
)
/** Both usual spellings are looked up before a name is upper-cased. */
const LOOKUP = new Map<string, number>(
  SLOTS.flatMap((name, slot) => [
    [name, slot],
    [name.toLowerCase(), slot],
  ]),
)

const TAB = 9
const LF = 10
const CR = 13
const SPACE = 32
const COLON = 58

const BOOT_ID_MAX = 2 ** 31 - 1
const CONFIG_ID_MAX = 16_777_215
const BARE_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const START_ANSWER = /^http\/1\.\d +(\d{3})(?: |$)/i
const START_COMMAND = /^(notify|m-search) +\* +http\/1\.\d *$/i
const UDN_MAX = 128
const VALUE_MAX = 2048
const NONE: readonly SsdpRepair[] = Object.freeze([])

type Start = 'notify' | 'search' | 'answer'
type Slots = (string | undefined)[]

const isBlank = (code: number): boolean => code === SPACE || code === TAB || code === CR

/** `text.slice(from, to)` without blanks at either end. */
const trimmed = (text: string, from: number, to: number): string => {
  let start = from
  let end = to
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

const readStart = (line: string, repairs: SsdpRepair[]): Start | SsdpProblem => {
  if (line === 'NOTIFY * HTTP/1.1') return 'notify'
  if (line === 'HTTP/1.1 200 OK') return 'answer'
  if (line === 'M-SEARCH * HTTP/1.1') return 'search'
  const command = START_COMMAND.exec(line)
  if (command) {
    repairs.push('loose-start-line')
    return command[1]?.toLowerCase() === 'notify' ? 'notify' : 'search'
  }
  const answer = START_ANSWER.exec(line)
  if (!answer) return 'not-ssdp'
  if (answer[1] !== '200') return 'status-not-200'
  repairs.push('loose-start-line')
  return 'answer'
}

/** Fills the slots from the header lines behind `from`; the first of duplicate headers counts. */
const readHeaders = (text: string, from: number, repairs: SsdpRepair[]): Slots => {
  const slots: Slots = new Array<string | undefined>(SLOTS.length).fill(undefined)
  const length = text.length
  let at = from
  while (at < length) {
    let end = text.indexOf('\n', at)
    if (end < 0) end = length
    const first = text.charCodeAt(at)
    // An empty line ends the headers; an SSDP message has no body.
    if (first === LF || (first === CR && end === at + 1)) break
    let colon = at
    while (colon < end && text.charCodeAt(colon) !== COLON) colon++
    if (colon === end || colon === at) {
      add(repairs, 'bad-header-line')
    } else {
      const raw = text.slice(at, colon)
      const slot = LOOKUP.get(raw) ?? LOOKUP.get(raw.trim().toUpperCase())
      if (slot !== undefined) {
        if (slots[slot] === undefined) slots[slot] = trimmed(text, colon + 1, end)
        else add(repairs, 'duplicate-header')
      }
    }
    at = end + 1
  }
  return slots
}

const add = (repairs: SsdpRepair[], repair: SsdpRepair): void => {
  if (!repairs.includes(repair)) repairs.push(repair)
}

/** A run of digits → number up to `max`; undefined for anything else. */
const wholeNumber = (text: string | undefined, max: number): number | undefined => {
  if (text === undefined || text.length === 0 || text.length > 10) return undefined
  let sum = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return undefined
    sum = sum * 10 + digit
  }
  return sum <= max ? sum : undefined
}

/** BOOTID and CONFIGID: absent is fine, unreadable is a repair. */
const idHeader = (
  text: string | undefined,
  max: number,
  repairs: SsdpRepair[],
  repair: SsdpRepair,
): number | undefined => {
  if (text === undefined) return undefined
  const id = wholeNumber(text, max)
  if (id === undefined) add(repairs, repair)
  return id
}

/** `max-age=1800` → 1800. Spaces, quotes, capitals and other directives are repaired. */
const maxAge = (text: string | undefined, repairs: SsdpRepair[]): number | undefined => {
  if (text?.startsWith('max-age=')) {
    const plain = wholeNumber(text.slice(8), Number.MAX_SAFE_INTEGER)
    if (plain !== undefined) return plain
  }
  const loose = /max-age\s*=\s*"?(\d{1,10})/i.exec(text ?? '')
  add(repairs, loose ? 'loose-max-age' : 'no-max-age')
  return loose ? Number(loose[1]) : undefined
}

/** UDN out of a USN such as `uuid:…::urn:…`; undefined where there is none. */
const udnFromUsn = (usn: string, repairs: SsdpRepair[]): string | undefined => {
  const cut = usn.indexOf('::')
  let udn = (cut < 0 ? usn : usn.slice(0, cut)).trim()
  const lower = udn.toLowerCase()
  if (lower !== udn) {
    add(repairs, 'upper-case-uuid')
    udn = lower
  }
  while (udn.startsWith('uuid:uuid:')) {
    add(repairs, 'doubled-uuid')
    udn = udn.slice(5)
  }
  if (!udn.startsWith('uuid:')) {
    if (!BARE_UUID.test(udn)) return undefined
    add(repairs, 'missing-uuid-prefix')
    udn = `uuid:${udn}`
  }
  if (udn.length <= 5 || udn.length > UDN_MAX || hasOddCharacter(udn)) return undefined
  return udn
}

/** Anything but visible ASCII: such a text is neither a UDN nor a target nor a URL. */
const hasOddCharacter = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code <= SPACE || code > 126) return true
  }
  return false
}

const unquoted = (text: string, repairs: SsdpRepair[]): string => {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text
  add(repairs, 'quoted-target')
  return text.slice(1, -1)
}

/** NT or ST, else what the USN says behind `::`. */
const targetOf = (
  given: string | undefined,
  usn: string,
  udn: string,
  repairs: SsdpRepair[],
): string | undefined => {
  if (given) {
    const target = unquoted(given, repairs)
    // A UDN as target gets the same one text form as the UDN itself.
    if (target.length <= 5 || target[4] !== ':' || target.slice(0, 5).toLowerCase() !== 'uuid:')
      return valid(target)
    return udn
  }
  add(repairs, 'target-from-usn')
  const cut = usn.indexOf('::')
  return cut < 0 ? udn : valid(usn.slice(cut + 2).trim())
}

const valid = (target: string): string | undefined =>
  target.length > 0 && target.length <= 256 && !hasOddCharacter(target) ? target : undefined

const url = (text: string | undefined): string | undefined =>
  text && text.length <= VALUE_MAX ? text : undefined

/** Free text (UTF-8) without control characters, cut to a size that is safe to show. */
const label = (raw: string | undefined): string | undefined => {
  if (!raw) return undefined
  const text = isAscii(raw) ? raw : Buffer.from(raw, 'latin1').toString('utf8')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return text.slice(0, 256).replace(/[\u0000-\u001f\u007f]/g, ' ')
}

const isAscii = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 126) return false
  return true
}

const readSearch = (slots: Slots, repairs: SsdpRepair[]): SsdpMessage | SsdpProblem => {
  const man = slots[SLOT.MAN]
  if (man !== '"ssdp:discover"') {
    if (man?.replaceAll('"', '').toLowerCase() !== 'ssdp:discover') return 'no-man'
    add(repairs, 'unquoted-man')
  }
  const target = valid(unquoted(slots[SLOT.ST] ?? '', repairs))
  if (target === undefined) return 'no-target'
  const asked = wholeNumber(slots[SLOT.MX], Number.MAX_SAFE_INTEGER)
  if (asked !== undefined && (asked < 1 || asked > DISCOVERY_LIMITS.mxMaxS)) add(repairs, 'mx-out-of-range')
  const userAgent = label(slots[SLOT['USER-AGENT']])
  const friendlyName = label(slots[SLOT['CPFN.UPNP.ORG']])
  return {
    kind: 'search',
    target,
    ...(asked === undefined ? {} : { mxS: Math.min(Math.max(asked, 1), DISCOVERY_LIMITS.mxMaxS) }),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(friendlyName === undefined ? {} : { friendlyName }),
  }
}

const NTS_KINDS = { 'ssdp:alive': 'alive', 'ssdp:byebye': 'byebye', 'ssdp:update': 'update' } as const

const readNts = (
  text: string | undefined,
  repairs: SsdpRepair[],
): 'alive' | 'byebye' | 'update' | undefined => {
  if (text === 'ssdp:alive') return 'alive'
  const plain = text?.replaceAll('"', '').trim().toLowerCase() ?? ''
  const kind = Object.hasOwn(NTS_KINDS, plain) ? NTS_KINDS[plain as keyof typeof NTS_KINDS] : undefined
  if (kind !== undefined && plain !== text) add(repairs, 'loose-nts')
  return kind
}

const readAnnouncement = (
  start: 'notify' | 'answer',
  slots: Slots,
  repairs: SsdpRepair[],
): SsdpMessage | SsdpProblem => {
  const kind = start === 'answer' ? 'answer' : readNts(slots[SLOT.NTS], repairs)
  if (kind === undefined) return 'unknown-nts'
  const usn = slots[SLOT.USN]
  const udn = usn === undefined ? undefined : udnFromUsn(usn, repairs)
  if (usn === undefined || udn === undefined) return 'no-usn'
  const target = targetOf(slots[start === 'answer' ? SLOT.ST : SLOT.NT], usn, udn, repairs)
  if (target === undefined) return 'no-target'
  const bootId = idHeader(slots[SLOT['BOOTID.UPNP.ORG']], BOOT_ID_MAX, repairs, 'bad-boot-id')
  const configId = idHeader(slots[SLOT['CONFIGID.UPNP.ORG']], CONFIG_ID_MAX, repairs, 'bad-config-id')
  if (kind === 'byebye') return { kind, udn, target, bootId, configId }
  const location = url(slots[SLOT.LOCATION])
  const secureLocation = url(slots[SLOT['SECURELOCATION.UPNP.ORG']])
  if (kind === 'update') {
    const nextBootId = wholeNumber(slots[SLOT['NEXTBOOTID.UPNP.ORG']], BOOT_ID_MAX)
    if (nextBootId === undefined) return 'no-next-boot-id'
    return { kind, udn, target, bootId, configId, nextBootId, location, secureLocation }
  }
  if (location === undefined) add(repairs, 'no-location')
  const server = slots[SLOT.SERVER]
  if (!server) add(repairs, 'no-server')
  return {
    kind,
    udn,
    target,
    bootId,
    configId,
    location,
    secureLocation,
    maxAgeS: maxAge(slots[SLOT['CACHE-CONTROL']], repairs),
    searchPort: wholeNumber(slots[SLOT['SEARCHPORT.UPNP.ORG']], 65_535),
    server: label(server),
    mgmt: slots[SLOT['MGMT.IOTMC-ORG']],
  }
}

/** Reads one datagram. Never throws; anything beyond `datagramMaxBytes` is refused unread. */
export const parseSsdp = (bytes: Buffer): SsdpParsed => {
  if (bytes.length === 0) return { ok: false, reason: 'empty' }
  if (bytes.length > DISCOVERY_LIMITS.datagramMaxBytes) return { ok: false, reason: 'too-long' }
  const text = bytes.toString('latin1')
  const repairs: SsdpRepair[] = []
  const lineEnd = text.indexOf('\n')
  if (lineEnd < 0) return { ok: false, reason: 'not-ssdp' }
  const strict = text.charCodeAt(lineEnd - 1) === CR
  const start = readStart(text.slice(0, strict ? lineEnd - 1 : lineEnd), repairs)
  if (start !== 'notify' && start !== 'answer' && start !== 'search') return { ok: false, reason: start }
  if (!strict) repairs.push('line-feed-only')
  const slots = readHeaders(text, lineEnd + 1, repairs)
  const message = start === 'search' ? readSearch(slots, repairs) : readAnnouncement(start, slots, repairs)
  if (typeof message === 'string') return { ok: false, reason: message }
  return { ok: true, message, repairs: repairs.length === 0 ? NONE : repairs }
}
