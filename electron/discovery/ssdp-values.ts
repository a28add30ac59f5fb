/** The values of SSDP headers: strict first, then a listed repair. Pure. */

import { addRepair } from './ssdp-lines'
import type { SsdpRepair } from './ssdp-message'

export const BOOT_ID_MAX = 2 ** 31 - 1
export const CONFIG_ID_MAX = 16_777_215
const BARE_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** A USN that needs no repair: its UDN is what stands before `::`. */
const GOOD_USN = /^uuid:[0-9a-f-]{1,100}(?:::|$)/
/** Anything but visible ASCII: such a text is neither a UDN nor a target. */
const ODD = /[^!-~]/
const UDN_MAX = 128
const VALUE_MAX = 2048
/** Printable ASCII: nearly every text there is. */
const PLAIN = /^[ -~]*$/
const LABEL_MAX = 256

/** A run of digits → number up to `max`; undefined for anything else. */
export const wholeNumber = (text: string | undefined, max: number): number | undefined => {
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
export const idHeader = (
  text: string | undefined,
  max: number,
  repairs: SsdpRepair[],
  repair: SsdpRepair,
): number | undefined => {
  if (text === undefined) return undefined
  const id = wholeNumber(text, max)
  if (id === undefined) addRepair(repairs, repair)
  return id
}

/** `max-age=1800` → 1800. Spaces, quotes, capitals and other directives are repaired. */
export const maxAge = (text: string | undefined, repairs: SsdpRepair[]): number | undefined => {
  if (text?.startsWith('max-age=')) {
    const plain = wholeNumber(text.slice(8), Number.MAX_SAFE_INTEGER)
    if (plain !== undefined) return plain
  }
  const loose = /max-age\s*=\s*"?(\d{1,10})/i.exec(text ?? '')
  addRepair(repairs, loose ? 'loose-max-age' : 'no-max-age')
  return loose ? Number(loose[1]) : undefined
}

/** UDN out of a USN such as `uuid:…::urn:…`; undefined where there is none. */
export const udnFromUsn = (usn: string, repairs: SsdpRepair[]): string | undefined => {
  const cut = usn.indexOf('::')
  if (GOOD_USN.test(usn)) return cut < 0 ? usn : usn.slice(0, cut)
  let udn = (cut < 0 ? usn : usn.slice(0, cut)).trim()
  const lower = udn.toLowerCase()
  if (lower !== udn) {
    addRepair(repairs, 'upper-case-uuid')
    udn = lower
  }
  while (udn.startsWith('uuid:uuid:')) {
    addRepair(repairs, 'doubled-uuid')
    udn = udn.slice(5)
  }
  if (!udn.startsWith('uuid:')) {
    if (!BARE_UUID.test(udn)) return undefined
    addRepair(repairs, 'missing-uuid-prefix')
    udn = `uuid:${udn}`
  }
  if (udn.length <= 5 || udn.length > UDN_MAX || ODD.test(udn)) return undefined
  return udn
}

/** The text without quotation marks around it. */
export const unquoted = (text: string, repairs: SsdpRepair[]): string => {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text
  addRepair(repairs, 'quoted-target')
  return text.slice(1, -1)
}

/** NT or ST, else what the USN says behind `::`. */
export const targetOf = (
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
  addRepair(repairs, 'target-from-usn')
  const cut = usn.indexOf('::')
  return cut < 0 ? udn : valid(usn.slice(cut + 2).trim())
}

/** A target as it may stand in a message, else undefined. */
export const valid = (target: string): string | undefined =>
  target.length > 0 && target.length <= 256 && !ODD.test(target) ? target : undefined

/** A URL of a sane length, not judged yet. */
export const url = (text: string | undefined): string | undefined =>
  text && text.length <= VALUE_MAX ? text : undefined

/** Free text (UTF-8) without control characters, cut to a size that is safe to show. */
export const label = (raw: string | undefined): string | undefined => {
  if (!raw) return undefined
  if (raw.length <= LABEL_MAX && PLAIN.test(raw)) return raw
  const text = Buffer.from(raw, 'latin1').toString('utf8').slice(0, LABEL_MAX)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return text.replace(/[\u0000-\u001f\u007f]/g, ' ')
}
