import * as asn1js from 'asn1js'
import { IotmcError } from '../contract/errors'
import { childrenOf, parseAsn1 } from './asn1'

/** 100,000 rounds take forge about five seconds; common tools write 2,000 to 10,000. */
const ITERATIONS_MAX = 250_000

/**
 * Refuses a PKCS#12 file that asks for more key derivation than this program is ready to do. In each of its forms the
 * count is the INTEGER right after the salt (RFC 7292 §4, RFC 8018 A.2). Throws FILE_INVALID.
 */
export const checkPkcs12Cost = (data: Buffer): void => {
  const pending: asn1js.BaseBlock[] = [parseAsn1(data, 'FILE_INVALID')]
  for (let block = pending.pop(); block; block = pending.pop()) {
    // asn1js looks into octet strings by itself and hands what it finds as children.
    const children = childrenOf(block)
    children.forEach((child, i) => {
      const afterSalt = child instanceof asn1js.Integer && children[i - 1] instanceof asn1js.OctetString
      if (afterSalt && isTooLarge(child))
        throw new IotmcError('FILE_INVALID', { detail: 'the file asks for too many key derivation rounds' })
    })
    pending.push(...children)
  }
}

const isTooLarge = (integer: asn1js.Integer): boolean => {
  const value = integer.toBigInt()
  return value < 0n || value > BigInt(ITERATIONS_MAX)
}
