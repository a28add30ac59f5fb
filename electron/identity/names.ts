import * as asn1js from 'asn1js'
import { RelativeDistinguishedNames } from 'pkijs'
import type { ErrorCode } from '../contract/errors'
import { IotmcError } from '../contract/errors'
import { OID } from './oids'

const UDN = /^uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]{1,64}$/
const NAME_MAX = 64

/** `uuid:…` → the SAN URI `urn:uuid:…`. Throws VALUE_INVALID for anything but the lower-case UDN form. */
export const udnToUri = (udn: string): string => {
  if (!UDN.test(udn))
    throw new IotmcError('VALUE_INVALID', { subject: udn.slice(0, 80), detail: 'not a UDN' })
  return `urn:${udn}`
}

/** A SAN URI → `uuid:…` in lower case, or undefined if it is no UUID URN. */
export const uriToUdn = (uri: string): string | undefined => {
  const udn = uri.toLowerCase().replace(/^urn:/, '')
  return uri.length !== udn.length && UDN.test(udn) ? udn : undefined
}

/** Checks a device serial number: 1–64 characters of PrintableString, as 2.5.4.5 demands. Throws `code`. */
export const checkDeviceSerial = (serial: string, code: ErrorCode = 'REQUEST_INVALID'): string => {
  if (!PRINTABLE.test(serial))
    throw new IotmcError(code, {
      subject: serial.slice(0, 64),
      detail: 'serial number must be 1–64 plain characters',
    })
  return serial
}

/** Cuts a name to the 64 characters that X.520 allows, after removing control characters. */
export const limitName = (text: string): string =>
  [
    ...text
      .replace(/\p{Cc}+/gu, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  ]
    .slice(0, NAME_MAX)
    .join('')
    .trim()

/** Subject of a device: CN = model and serial number (the model gives way), serialNumber attribute. */
export const deviceSubject = (model: string, serial: string): RelativeDistinguishedNames => {
  checkDeviceSerial(serial)
  const room = Math.max(0, NAME_MAX - serial.length - 1)
  const commonName = `${[...limitName(model)].slice(0, room).join('').trim()} ${serial}`.trim()
  return buildName([
    [OID.commonName, new asn1js.Utf8String({ value: commonName })],
    [OID.serialNumber, new asn1js.PrintableString({ value: serial })],
  ])
}

/** Subject with a common name only. Throws VALUE_INVALID if nothing is left of it. */
export const simpleSubject = (commonName: string): RelativeDistinguishedNames => {
  const value = limitName(commonName)
  if (value === '') throw new IotmcError('VALUE_INVALID', { detail: 'empty common name' })
  return buildName([[OID.commonName, new asn1js.Utf8String({ value })]])
}

// pkijs would write all attributes into one SET; a name that carries its DER is written as it is.
const buildName = (parts: readonly (readonly [string, asn1js.BaseBlock])[]): RelativeDistinguishedNames => {
  const sets = parts.map(([type, value]) => {
    const attribute = new asn1js.Sequence({ value: [new asn1js.ObjectIdentifier({ value: type }), value] })
    return new asn1js.Set({ value: [attribute] })
  })
  return encodedName(new asn1js.Sequence({ value: sets }).toBER())
}

/** A name to be written exactly as in `der`; it can not be read attribute by attribute. */
export const encodedName = (der: ArrayBuffer): RelativeDistinguishedNames =>
  new RelativeDistinguishedNames({ valueBeforeDecode: der })

const SHORT: Readonly<Record<string, string>> = {
  [OID.commonName]: 'CN',
  [OID.serialNumber]: 'serialNumber',
  [OID.country]: 'C',
  [OID.organization]: 'O',
  [OID.organizationalUnit]: 'OU',
}

/** The first value of an attribute type, or undefined. */
export const attributeOf = (name: RelativeDistinguishedNames, type: string): string | undefined => {
  const found = name.typesAndValues.find((part) => part.type === type)
  return found ? textOf(found.value) : undefined
}

/** A name for people: `CN=Plant 4, O=Example`. Unknown attributes keep their OID. */
export const nameText = (name: RelativeDistinguishedNames): string =>
  name.typesAndValues.map((part) => `${SHORT[part.type] ?? part.type}=${textOf(part.value)}`).join(', ')

/** The DER bytes of a name as it stands in the certificate, for comparing issuer and subject. */
export const nameDer = (name: RelativeDistinguishedNames): Buffer => Buffer.from(name.valueBeforeDecode)

const textOf = (value: { valueBlock?: { value?: unknown } }): string => {
  const text = value.valueBlock?.value
  return typeof text === 'string' ? text.replace(/\p{Cc}/gu, '�') : ''
}
