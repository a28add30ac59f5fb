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
  searchPort: 10,
  secureLocation: 11,
  mgmt: 12,
  man: 13,
  mx: 14,
  userAgent: 15,
  friendlyName: 16,
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
  searchPort: 'searchport.upnp.org',
  secureLocation: 'securelocation.upnp.org',
  mgmt: MGMT_HEADER.toLowerCase(),
  man: 'man',
  mx: 'mx',
  userAgent: 'user-agent',
  friendlyName: 'cpfn.upnp.org',
}

/** The known names of each length: at most four to compare with. Native comparing is much faster than a loop here. */
const BY_LENGTH: readonly (readonly {
  readonly upper: string
  readonly lower: string
  readonly slot: number
}[])[] = Array.from({ length: 32 }, (_, length) =>
  (Object.keys(NAMES) as (keyof typeof SLOT)[])
    .filter((key) => NAMES[key].length === length)
    .map((key) => ({ upper: NAMES[key].toUpperCase(), lower: NAMES[key], slot: SLOT[key] })),
)
const SLOTS = Object.keys(SLOT).length

const TAB = 9
const LF = 10
const CR = 13
const SPACE = 32

const START_ANSWER = /^http\/1\.\d +(\d{3})(?: |$)/i
const START_COMMAND = /^(notify|m-search) +\* +http\/1\.\d *$/i

export type Start = 'notify' | 'search' | 'answer'
/** Values by slot, trimmed; undefined where a header is missing. */
export type Slots = readonly (string | undefined)[]

const isBlank = (code: number): boolean => code === SPACE || code === TAB || code === CR

/** `text.slice(from, to)` without blanks at either end. */
const trimmed = (text: string, from: number, to: number): string => {
  let start = from
  let end = to
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

/** Notes a repair once. */
export const addRepair = (repairs: SsdpRepair[], repair: SsdpRepair): void => {
  if (!repairs.includes(repair)) repairs.push(repair)
}

/** What kind of message a start line opens, or why none. */
export const readStart = (line: string, repairs: SsdpRepair[]): Start | SsdpProblem => {
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

/** The slot of the header name at `from`–`to`, or -1. */
const slotAt = (text: string, from: number, to: number): number => {
  const candidates = BY_LENGTH[to - from]
  if (candidates === undefined) return -1
  for (const { upper, slot } of candidates) if (text.startsWith(upper, from)) return slot
  if (candidates.length === 0) return -1
  const name = text.slice(from, to).toLowerCase()
  for (const { lower, slot } of candidates) if (lower === name) return slot
  return -1
}

/** Reads the header lines from `from` up to the first empty line; the first of duplicate headers counts. */
export const readHeaders = (text: string, from: number, repairs: SsdpRepair[]): Slots => {
  const slots = new Array<string | undefined>(SLOTS).fill(undefined)
  let colon = -1
  let at = from
  while (at < text.length) {
    let end = text.indexOf('\n', at)
    if (end < 0) end = text.length
    const first = text.charCodeAt(at)
    // An empty line ends the headers; an SSDP message has no body.
    if (first === LF || (first === CR && end === at + 1)) break
    // Looked for once, so that lines without any do not make it look to the end each time.
    if (colon < at) colon = text.indexOf(':', at)
    if (colon < 0) colon = text.length
    if (colon >= end || colon === at) {
      addRepair(repairs, 'bad-header-line')
    } else {
      let start = at
      let nameEnd = colon
      while (start < nameEnd && isBlank(text.charCodeAt(start))) start++
      while (nameEnd > start && isBlank(text.charCodeAt(nameEnd - 1))) nameEnd--
      const slot = slotAt(text, start, nameEnd)
      if (slot >= 0) {
        if (slots[slot] === undefined) slots[slot] = trimmed(text, colon + 1, end)
        else addRepair(repairs, 'duplicate-header')
      }
    }
    at = end + 1
  }
  return slots
}
