import * as asn1js from 'asn1js'
import type { ErrorCode } from '../contract/errors'
import { IotmcError } from '../contract/errors'

/** Limits for ASN.1 from outside: nodes and bytes. asn1js defaults bite on long revocation lists. */
const LIMITS = { maxDepth: 40, maxNodes: 2_000_000, maxContentLength: 64 * 1024 * 1024 }

/** Parses exactly one ASN.1 value; throws `code` on damage or trailing bytes. */
export const parseAsn1 = (data: Uint8Array, code: ErrorCode): asn1js.AsnType => {
  let parsed: ReturnType<typeof asn1js.fromBER>
  try {
    parsed = asn1js.fromBER(toArrayBuffer(data), LIMITS)
  } catch (cause) {
    throw new IotmcError(code, { detail: 'damaged ASN.1', cause })
  }
  if (parsed.offset === -1 || parsed.offset !== data.byteLength)
    throw new IotmcError(code, { detail: parsed.offset === -1 ? 'damaged ASN.1' : 'bytes after the end' })
  return parsed.result
}

/** The bytes of each value, where several stand one after another. Throws `code`. */
export const splitAsn1 = (data: Buffer, code: ErrorCode): Buffer[] => {
  const values: Buffer[] = []
  for (let rest = data; rest.length > 0; rest = rest.subarray(values.at(-1)?.length)) {
    const { offset } = reading(code, 'damaged ASN.1', () => asn1js.fromBER(toArrayBuffer(rest), LIMITS))
    if (offset <= 0) throw new IotmcError(code, { detail: 'damaged ASN.1' })
    values.push(rest.subarray(0, offset))
  }
  return values
}

/** One DER value by its tag and length alone; what is inside is not looked at. */
export interface DerValue {
  readonly tag: number
  readonly content: Buffer
  readonly whole: Buffer
}

/**
 * The DER values that stand one after another, without an object for each node beneath: asn1js takes seconds and much
 * memory for a list of 20,000 entries. Throws `code`.
 */
export const derValues = (data: Buffer, code: ErrorCode): DerValue[] => {
  const values: DerValue[] = []
  for (let at = 0; at < data.length; ) {
    const tag = data[at] ?? 0
    const first = data[at + 1] ?? 0
    const octets = first < 0x80 ? 0 : first & 0x7f
    const begin = at + 2 + octets
    // Neither tags of several octets nor lengths without an end are of use here.
    const odd = (tag & 0x1f) === 0x1f || first === 0x80 || octets > 4 || begin > data.length
    const end = odd ? 0 : begin + (octets === 0 ? first : data.readUIntBE(at + 2, octets))
    if (odd || end > data.length) throw new IotmcError(code, { detail: 'damaged ASN.1' })
    values.push({ tag, content: data.subarray(begin, end), whole: data.subarray(at, end) })
    at = end
  }
  return values
}

/** A SEQUENCE of values that are encoded already. */
export const rawSequence = (values: readonly Uint8Array[]): asn1js.BaseBlock => {
  const block = new asn1js.Primitive({
    idBlock: { tagClass: 1, tagNumber: 16 },
    valueHex: toArrayBuffer(Buffer.concat(values)),
  })
  block.idBlock.isConstructed = true
  return block
}

/** As parseAsn1, but also refuses lengths that asn1js forgives: the value written again must be the same bytes. */
export const parseStrictAsn1 = (data: Uint8Array, code: ErrorCode): asn1js.AsnType => {
  const parsed = parseAsn1(data, code)
  if (!Buffer.from(parsed.toBER()).equals(data)) throw new IotmcError(code, { detail: 'not DER' })
  return parsed
}

/** Runs a pkijs reader; whatever it throws becomes `code` with `detail`. */
export const reading = <T>(code: ErrorCode, detail: string, read: () => T): T => {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof IotmcError) throw cause
    throw new IotmcError(code, { detail, cause })
  }
}

/** A copy as ArrayBuffer, the form asn1js and pkijs keep. */
export const toArrayBuffer = (data: Uint8Array): ArrayBuffer => {
  const copy = new ArrayBuffer(data.byteLength)
  new Uint8Array(copy).set(data)
  return copy
}

/** Tag class of context-specific tags. */
export const CONTEXT = 3

/** The values inside a constructed value; none for a primitive one. */
export const childrenOf = (block: asn1js.BaseBlock): readonly asn1js.BaseBlock[] => {
  const { value } = (block.valueBlock ?? {}) as { value?: unknown }
  return Array.isArray(value) ? (value as asn1js.BaseBlock[]) : []
}

/** The content octets of a primitive value, or undefined for a constructed one. */
export const bytesOf = (block: asn1js.BaseBlock): Uint8Array | undefined =>
  (block.valueBlock as { valueHexView?: Uint8Array } | undefined)?.valueHexView
