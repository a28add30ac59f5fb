import * as asn1js from 'asn1js'
import { IotmcError } from '../contract/errors'
import { parseAsn1 } from './asn1'

/** Key derivation rounds beyond this would hold the program up for minutes. */
const ITERATIONS_MAX = 2_000_000

/**
 * Refuses a PKCS#12 file that asks for more key derivation than this program is ready to do. All plain INTEGERs of
 * such a file are versions, lengths and iteration counts. Throws FILE_INVALID.
 */
export const checkPkcs12Cost = (data: Buffer): void => {
  const pending: asn1js.BaseBlock[] = [parseAsn1(data, 'FILE_INVALID')]
  for (let block = pending.pop(); block; block = pending.pop()) {
    if (block instanceof asn1js.Integer && isTooLarge(block))
      throw new IotmcError('FILE_INVALID', { detail: 'the file asks for too many key derivation rounds' })
    const children: unknown = (block.valueBlock as { value?: unknown }).value
    if (Array.isArray(children)) pending.push(...children)
    // asn1js looks into octet strings by itself and hands what parses as children.
  }
}

const isTooLarge = (integer: asn1js.Integer): boolean => {
  const value = integer.toBigInt()
  return value < 0n || value > BigInt(ITERATIONS_MAX)
}
