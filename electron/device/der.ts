import { splitAsn1 } from '../identity/asn1'

/** Each DER value of several that stand one after another; undefined where the bytes are not whole values to their end. */
export const splitDer = (bytes: Buffer): Buffer[] | undefined => {
  try {
    return splitAsn1(bytes, 'CERTIFICATE_INVALID')
  } catch {
    return undefined
  }
}
