import type { Integer } from 'asn1js'
import { IotmcError } from '../contract/errors'

/** Serial number as upper-case hex with whole octets and no leading zero octets. Throws VALUE_INVALID. */
export const normalSerial = (hex: string): string => {
  const digits = hex.replace(/:/g, '').toUpperCase()
  if (!/^[0-9A-F]+$/.test(digits)) throw new IotmcError('VALUE_INVALID', { detail: 'not a serial number' })
  const even = digits.length % 2 ? `0${digits}` : digits
  return even.replace(/^(00)+(?=..)/, '')
}

/** The normal form of a serial number as it stands in a certificate or a revocation list. */
export const serialOf = (serial: Integer): string =>
  normalSerial(Buffer.from(serial.valueBlock.valueHexView).toString('hex') || '00')
