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

/** Sent with nearly every message and of no use here. */
const PASSED_OVER = ['HOST', 'DATE', 'EXT', 'OPT', '01-NLS', 'X-USER-AGENT', 'CONTENT-LENGTH']
const NO_SLOT = -1

/** `location` → slot. */
const SLOT_OF = new Map<string, number>(
  (Object.keys(NAMES) as (keyof typeof SLOT)[]).map((key) => [NAMES[key], SLOT[key]]),
)

interface UsualStart {
  /** `LOCATION:`, as nearly everyone writes it. */
  readonly text: string
  readonly slot: number
}

/** By the code of the first letter. Comparing whole texts is native, and much faster than a loop over letters. */
const USUAL: readonly (readonly UsualStart[])[] = Array.from({ length: 128 }, (_, code) =>
  [...[...SLOT_OF.keys()].map((name) => name.toUpperCase()), ...PASSED_OVER]
    .filter((name) => name.charCodeAt(0) === code)
    .map((name) => ({ text: `${name}:`, slot: SLOT_OF.get(name.toLowerCase()) ?? NO_SLOT })),
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

/** The usual spelling of a header at `at`; undefined for all others. */
const usualAt = (text: string, at: number): UsualStart | undefined => {
  const candidates = USUAL[text.charCodeAt(at)]
  if (candidates === undefined) return undefined
  for (const candidate of candidates) if (text.startsWith(candidate.text, at)) return candidate
  return undefined
}

/** Reads the header lines from `from` up to the first empty line; the first of duplicate headers counts. */
export const readHeaders = (text: string, from: number, repairs: SsdpRepair[]): Slots => {
  const slots = new Array<string | undefined>(SLOTS).fill(undefined)
  let at = from
  while (at < text.length) {
    let end = text.indexOf('\n', at)
    if (end < 0) end = text.length
    const first = text.charCodeAt(at)
    // An empty line ends the headers; an SSDP message has no body.
    if (first === LF || (first === CR && end === at + 1)) break
    const usual = usualAt(text, at)
    if (usual === undefined) readUnusual(text, at, end, slots, repairs)
    else if (usual.slot !== NO_SLOT) put(slots, usual.slot, text, at + usual.text.length, end, repairs)
    at = end + 1
  }
  return slots
}

/** A header in another spelling, an unknown one, or no header at all. */
const readUnusual = (
  text: string,
  at: number,
  end: number,
  slots: (string | undefined)[],
  repairs: SsdpRepair[],
): void => {
  const line = text.slice(at, end)
  const colon = line.indexOf(':')
  if (colon <= 0) {
    addRepair(repairs, 'bad-header-line')
    return
  }
  const slot = SLOT_OF.get(line.slice(0, colon).trim().toLowerCase())
  if (slot !== undefined) put(slots, slot, text, at + colon + 1, end, repairs)
}

const put = (
  slots: (string | undefined)[],
  slot: number,
  text: string,
  from: number,
  end: number,
  repairs: SsdpRepair[],
): void => {
  if (slots[slot] === undefined) slots[slot] = trimmed(text, from, end)
  else addRepair(repairs, 'duplicate-header')
}
