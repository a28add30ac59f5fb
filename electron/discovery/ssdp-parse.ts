/** Reads SSDP datagrams: strict first, then the listed repairs. Pure, and never throws. */
import { DISCOVERY_LIMITS } from '../contract/timings'
import { addRepair, readHeaders, readStart, SLOT, type Slots } from './ssdp-lines'
import type { SsdpMessage, SsdpParsed, SsdpProblem, SsdpRepair } from './ssdp-message'
import {
  BOOT_ID_MAX,
  CONFIG_ID_MAX,
  idHeader,
  label,
  maxAge,
  targetOf,
  udnFromUsn,
  unquoted,
  url,
  valid,
  wholeNumber,
} from './ssdp-values'

const NONE: readonly SsdpRepair[] = Object.freeze([])

const readSearch = (slots: Slots, repairs: SsdpRepair[]): SsdpMessage | SsdpProblem => {
  const man = slots[SLOT.man]
  if (man !== '"ssdp:discover"') {
    if (man?.replaceAll('"', '').toLowerCase() !== 'ssdp:discover') return 'no-man'
    addRepair(repairs, 'unquoted-man')
  }
  const target = valid(unquoted(slots[SLOT.st] ?? '', repairs))
  if (target === undefined) return 'no-target'
  const asked = wholeNumber(slots[SLOT.mx], Number.MAX_SAFE_INTEGER)
  if (asked !== undefined && (asked < 1 || asked > DISCOVERY_LIMITS.mxMaxS))
    addRepair(repairs, 'mx-out-of-range')
  const userAgent = label(slots[SLOT.userAgent])
  const friendlyName = label(slots[SLOT.friendlyName])
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
  if (kind !== undefined && plain !== text) addRepair(repairs, 'loose-nts')
  return kind
}

const readAnnouncement = (
  start: 'notify' | 'answer',
  slots: Slots,
  repairs: SsdpRepair[],
): SsdpMessage | SsdpProblem => {
  const kind = start === 'answer' ? 'answer' : readNts(slots[SLOT.nts], repairs)
  if (kind === undefined) return 'unknown-nts'
  const usn = slots[SLOT.usn]
  const udn = usn === undefined ? undefined : udnFromUsn(usn, repairs)
  if (usn === undefined || udn === undefined) return 'no-usn'
  const target = targetOf(slots[start === 'answer' ? SLOT.st : SLOT.nt], usn, udn, repairs)
  if (target === undefined) return 'no-target'
  const bootId = idHeader(slots[SLOT.bootId], BOOT_ID_MAX, repairs, 'bad-boot-id')
  const configId = idHeader(slots[SLOT.configId], CONFIG_ID_MAX, repairs, 'bad-config-id')
  if (kind === 'byebye') return { kind, udn, target, bootId, configId }
  const location = url(slots[SLOT.location])
  const secureLocation = url(slots[SLOT.secureLocation])
  if (kind === 'update') {
    const nextBootId = wholeNumber(slots[SLOT.nextBootId], BOOT_ID_MAX)
    if (nextBootId === undefined) return 'no-next-boot-id'
    return { kind, udn, target, bootId, configId, nextBootId, location, secureLocation }
  }
  if (location === undefined) addRepair(repairs, 'no-location')
  if (!slots[SLOT.server]) addRepair(repairs, 'no-server')
  return {
    kind,
    udn,
    target,
    bootId,
    configId,
    location,
    secureLocation,
    maxAgeS: maxAge(slots[SLOT.cacheControl], repairs),
    mgmt: slots[SLOT.mgmt],
  }
}

/** Reads one datagram. Never throws; anything beyond `datagramMaxBytes` is refused unread. */
export const parseSsdp = (bytes: Buffer): SsdpParsed => {
  if (bytes.length === 0) return { ok: false, reason: 'empty' }
  if (bytes.length > DISCOVERY_LIMITS.datagramMaxBytes) return { ok: false, reason: 'too-long' }
  const text = bytes.toString('latin1')
  const repairs: SsdpRepair[] = []
  const line = readStart(text, repairs)
  if (typeof line === 'string') return { ok: false, reason: line }
  const { start, next } = line
  const slots = readHeaders(bytes, text, next, repairs)
  const message = start === 'search' ? readSearch(slots, repairs) : readAnnouncement(start, slots, repairs)
  if (typeof message === 'string') return { ok: false, reason: message }
  return { ok: true, message, repairs: repairs.length === 0 ? NONE : repairs }
}
