/** CBOR maps in the strict form that SMP needs. Pure; the input is never trusted. */
import { decode, encode, type Token, Tokenizer, Type } from 'cborg'
import { SMP_LIMITS } from '../contract/smp'

export type CborMap = Record<string, unknown>

/** Encodes a map; absent (undefined) fields are left out. Throws for what CBOR or this profile has no form for. */
export const encodeMap = (map: CborMap): Uint8Array => encode(map, { ignoreUndefinedProperties: true })

/**
 * Decodes exactly one map. Throws on anything else: a repeated key, a number beyond what is exact, tags, undefined,
 * more levels or items than the limits, bytes left over. Maps and lists of indefinite length are taken.
 */
export const decodeMap = (bytes: Uint8Array): CborMap => {
  const options = {
    strict: true,
    allowIndefinite: true,
    allowUndefined: false,
    allowBigInt: false,
    allowInfinity: false,
    allowNaN: false,
    rejectDuplicateMapKeys: true,
  }
  const data = Uint8Array.from(bytes)
  const value: unknown = decode(data, { ...options, tokenizer: new BoundedTokenizer(data, options) })
  if (!isMap(value)) throw new Error('not a CBOR map')
  return value
}

/** The fields of any object as a map. */
export const asMap = (value: object): CborMap => Object.fromEntries(Object.entries(value))

const isMap = (value: unknown): value is CborMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)

/** Counts items and levels while they are read, so that no input nests or allocates past the limits. */
class BoundedTokenizer extends Tokenizer {
  /** For each open list or map, how many items are still to come. */
  readonly #open: number[] = []
  #items = 0

  override next(): Token {
    if (++this.#items > SMP_LIMITS.cborItemsMax) throw new Error('too many CBOR items')
    const token = super.next()
    const { type } = token
    if (Type.equals(type, Type.break)) {
      this.#open.pop()
      this.#finish()
    } else if (Type.equals(type, Type.array) || Type.equals(type, Type.map)) {
      const items = Number(token.value) * (Type.equals(type, Type.map) ? 2 : 1)
      if (items > 0) this.#open.push(items)
      else this.#finish()
      if (this.#open.length > SMP_LIMITS.cborDepthMax) throw new Error('CBOR nested too deep')
    } else this.#finish()
    return token
  }

  /** An item is complete, and with it every list or map whose last one it was. */
  #finish(): void {
    for (let top = this.#open.length - 1; top >= 0; top--) {
      const left = (this.#open[top] ?? 0) - 1
      this.#open[top] = left
      if (left > 0) return
      this.#open.pop()
    }
  }
}

/** How many bytes of `data` still fit where the packet's other fields are these (`data` given empty). */
export const roomForBytes = (budgetBytes: number, others: CborMap): number => {
  const left = budgetBytes - encodeMap(others).length + 1
  for (const [headBytes, most] of BYTE_STRING_HEADS) {
    const room = Math.min(left - headBytes, most)
    // The longest form first: a string that would fit a shorter head is found by the next round.
    if (room > least(headBytes)) return room
  }
  return 0
}

/** Length of a byte string's head and the most bytes it can announce. */
const BYTE_STRING_HEADS = [
  [5, 0xffff_ffff],
  [3, 0xffff],
  [2, 0xff],
  [1, 23],
] as const

const least = (headBytes: number): number =>
  headBytes === 5 ? 0xffff : headBytes === 3 ? 0xff : headBytes === 2 ? 23 : 0
