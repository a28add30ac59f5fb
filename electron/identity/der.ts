/** DER (X.690) directly: writing the few forms that a certificate is made of, and finding its parts. */
import * as asn1js from 'asn1js'
import type { Extension } from 'pkijs'
import { IotmcError } from '../contract/errors'

/** Tags of the forms written here. */
export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** One value: tag, length in the shortest form, content. */
export const der = (tag: number, ...content: readonly Uint8Array[]): Buffer => {
  const length = content.reduce((sum, { byteLength }) => sum + byteLength, 0)
  return Buffer.concat([header(tag, length), ...content])
}

const header = (tag: number, length: number): Buffer => {
  if (length < 0x80) return Buffer.of(tag, length)
  if (length < 0x100) return Buffer.of(tag, 0x81, length)
  if (length < 0x10000) return Buffer.of(tag, 0x82, length >> 8, length & 0xff)
  return Buffer.of(tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff)
}

/** A SEQUENCE of values. */
export const sequence = (...values: readonly Uint8Array[]): Buffer => der(TAG.sequence, ...values)

/** A positive INTEGER from its octets; a leading zero octet is added where the first bit is set. */
export const unsigned = (octets: Uint8Array): Buffer =>
  der(TAG.integer, (octets[0] ?? 0) & 0x80 ? Buffer.of(0) : Buffer.of(), octets)

/** A BIT STRING of whole octets. */
export const bits = (octets: Uint8Array): Buffer => der(TAG.bitString, Buffer.of(0), octets)

/** Whole seconds: UTCTime until 2049, GeneralizedTime after (RFC 5280 §4.1.2.5). */
export const time = (ms: number): Buffer => {
  const digits = new Date(ms).toISOString().replace(/\.\d+Z$|[-:T]/g, '')
  return digits < '2050'
    ? der(TAG.utcTime, Buffer.from(`${digits.slice(2)}Z`, 'latin1'))
    : der(TAG.generalizedTime, Buffer.from(`${digits}Z`, 'latin1'))
}

const oids = new Map<string, Buffer>()

/** An OBJECT IDENTIFIER from its dotted text; the few that there are stay known. */
export const oid = (text: string): Buffer => {
  const known = oids.get(text)
  if (known) return known
  const made = Buffer.from(new asn1js.ObjectIdentifier({ value: text }).toBER())
  if (oids.size < 256) oids.set(text, made)
  return made
}

const TRUE = Buffer.of(0x01, 0x01, 0xff)

/** An Extension (RFC 5280 §4.1); `critical` is left out where it is the default. */
export const extension = ({ extnID, critical, extnValue }: Extension): Buffer =>
  sequence(oid(extnID), ...(critical ? [TRUE] : []), der(TAG.octetString, extnValue.valueBlock.valueHexView))

/** The values inside one constructed value, each with its header. Throws CERTIFICATE_INVALID for damaged lengths. */
export const valuesIn = (data: Buffer): Buffer[] => {
  const outer = headerOf(data, 0)
  if (outer.end !== data.length) throw damaged()
  const values: Buffer[] = []
  for (let at = outer.start; at < data.length; ) {
    const { end } = headerOf(data, at)
    values.push(data.subarray(at, end))
    at = end
  }
  return values
}

/** The content of one value. Throws CERTIFICATE_INVALID. */
export const contentOf = (data: Buffer): Buffer => data.subarray(headerOf(data, 0).start)

const headerOf = (data: Buffer, at: number): { start: number; end: number } => {
  const first = data[at + 1] ?? 0xff
  const more = first < 0x80 ? 0 : first & 0x7f
  const start = at + 2 + more
  if (more > 3 || start > data.length) throw damaged()
  const length = more === 0 ? first : data.readUIntBE(at + 2, more)
  if (start + length > data.length) throw damaged()
  return { start, end: start + length }
}

const damaged = (): IotmcError => new IotmcError('CERTIFICATE_INVALID', { detail: 'damaged DER' })
