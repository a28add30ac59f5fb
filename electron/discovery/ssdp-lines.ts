/**
 * The lines of an SSDP datagram: its start line and the headers that matter, by slot. Hot path: one decode, no regular
 * expression on well-formed input, header names compared where they stand. Pure.
 */
import { MGMT_HEADER } from '../contract/names'
import type { SsdpProblem, SsdpRepair } from './ssdp-message'

/** Kept headers; the number is the slot. Names are case-insensitive, values are not (UDA 2.0 §1.1.3). */
export const SLOT = {
  usn: 0,
  nt: 1,
  nts: 2,
  st: 3,
  location: 4,
  cacheControl: 5,
  server: 6,
  bootId: 7,
  nextBootId: 8,
  configId: 9,
  secureLocation: 10,
  mgmt: 11,
  man: 12,
  mx: 13,
  userAgent: 14,
  friendlyName: 15,
} as const

const NAMES: Readonly<Record<keyof typeof SLOT, string>> = {
  usn: 'usn',
  nt: 'nt',
  nts: 'nts',
  st: 'st',
  location: 'location',
  cacheControl: 'cache-control',
  server: 'server',
  bootId: 'bootid.upnp.org',
  nextBootId: 'nextbootid.upnp.org',
  configId: 'configid.upnp.org',
  secureLocation: 'securelocation.upnp.org',
  mgmt: MGMT_HEADER.toLowerCase(),
  man: 'man',
  mx: 'mx',
  userAgent: 'user-agent',
  friendlyName: 'cpfn.upnp.org',
}

const NO_SLOT = -1
const TABLE_SIZE = 128

/** One step of the hash of a name. The bit set makes upper and lower case the same; dots, hyphens and digits have it. */
const step = (hash: number, byte: number): number => (Math.imul(hash, 33) + (byte | 0x20)) | 0

/**
 * Known names by their hash, so that a name is known once its end is found; a taken place leads to the next one.
 * That another header in use has the very hash of a known one is a matter of one in four billion.
 */
const HASHES = new Int32Array(TABLE_SIZE)
const SLOTS_BY_HASH = new Int8Array(TABLE_SIZE).fill(NO_SLOT)

/** Where a hash stands, or the free place where it would. */
const placeOf = (hash: number): number => {
  let place = hash & (TABLE_SIZE - 1)
  while (SLOTS_BY_HASH[place] !== NO_SLOT && HASHES[place] !== hash) place = (place + 1) & (TABLE_SIZE - 1)
  return place
}
for (const key of Object.keys(NAMES) as (keyof typeof SLOT)[]) {
  const hash = [...Buffer.from(NAMES[key], 'latin1')].reduce(step, 0)
  const place = placeOf(hash)
  HASHES[place] = hash
  SLOTS_BY_HASH[place] = SLOT[key]
}
const SLOTS = Object.keys(SLOT).length

const TAB = 9
const LF = 10
const CR = 13
const SPACE = 32
const COLON = 58

const START_ANSWER = /^http\/1\.\d +(\d{3})(?: |$)/i
const START_COMMAND = /^(notify|m-search) +\* +http\/1\.\d *$/i

type Start = 'notify' | 'search' | 'answer'
/** Values by slot, trimmed; undefined where a header is missing. */
export type Slots = readonly (string | undefined)[]

const isBlank = (code: number | undefined): boolean => code === SPACE || code === TAB || code === CR

/** The text at `from`–`to` without blanks at either end. */
const trimmed = (bytes: Uint8Array, text: string, from: number, to: number): string => {
  let start = from
  let end = to
  while (start < end && isBlank(bytes[start])) start++
  while (end > start && isBlank(bytes[end - 1])) end--
  return text.slice(start, end)
}

/** Notes a repair once. */
export const addRepair = (repairs: SsdpRepair[], repair: SsdpRepair): void => {
  if (!repairs.includes(repair)) repairs.push(repair)
}

interface StartLine {
  readonly start: Start
  /** Where the headers begin. */
  readonly next: number
}

const STRICT_STARTS: ReadonlySet<string> = new Set([
  'HTTP/1.1 200 OK',
  'NOTIFY * HTTP/1.1',
  'M-SEARCH * HTTP/1.1',
])
const USUAL_STARTS: readonly { readonly text: string; readonly found: StartLine }[] = (
  [
    ['HTTP/1.1 200 OK\r\n', 'answer'],
    ['NOTIFY * HTTP/1.1\r\n', 'notify'],
    ['M-SEARCH * HTTP/1.1\r\n', 'search'],
  ] as const
).map(([text, start]) => ({ text, found: { start, next: text.length } }))

/** What kind of message the start line opens, or why none. */
export const readStart = (text: string, repairs: SsdpRepair[]): StartLine | SsdpProblem => {
  for (let n = 0; n < USUAL_STARTS.length; n++) {
    const usual = USUAL_STARTS[n]
    if (usual !== undefined && text.startsWith(usual.text)) return usual.found
  }
  const end = text.indexOf('\n')
  if (end < 0) return 'not-ssdp'
  const strict = text.charCodeAt(end - 1) === CR
  const line = text.slice(0, strict ? end - 1 : end)
  if (!strict) repairs.push('line-feed-only')
  const command = START_COMMAND.exec(line)
  const answer = START_ANSWER.exec(line)
  if (command === null && answer === null) return 'not-ssdp'
  if (answer !== null && answer[1] !== '200') return 'status-not-200'
  if (!STRICT_STARTS.has(line)) repairs.push('loose-start-line')
  if (answer !== null) return { start: 'answer', next: end + 1 }
  return { start: command?.[1]?.toLowerCase() === 'notify' ? 'notify' : 'search', next: end + 1 }
}

/**
 * Reads the header lines from `from` up to the first empty line; the first of duplicate headers counts.
 * `bytes` and `text` (latin1) are the same datagram: loops are fast over bytes, cutting is fast in text.
 */
export const readHeaders = (bytes: Uint8Array, text: string, from: number, repairs: SsdpRepair[]): Slots => {
  const slots = new Array<string | undefined>(SLOTS).fill(undefined)
  const length = bytes.length
  let at = from
  while (at < length) {
    let hash = 0
    let colon = at
    for (; colon < length; colon++) {
      const byte = bytes[colon] as number
      if (byte === COLON || byte === LF) break
      // Blanks around a name do not count.
      if (byte > SPACE) hash = step(hash, byte)
    }
    let end = text.indexOf('\n', colon)
    if (end < 0) end = length
    if (colon === end || colon === at) {
      // An empty line ends the headers; an SSDP message has no body.
      if (end === at || (end === at + 1 && bytes[at] === CR)) break
      addRepair(repairs, 'bad-header-line')
    } else {
      const slot = SLOTS_BY_HASH[placeOf(hash)] as number
      if (slot !== NO_SLOT) {
        if (slots[slot] === undefined) slots[slot] = trimmed(bytes, text, colon + 1, end)
        else addRepair(repairs, 'duplicate-header')
      }
    }
    at = end + 1
  }
  return slots
}
