import { createHash } from 'node:crypto'
import * as asn1js from 'asn1js'
import { AuthorityKeyIdentifier, BasicConstraints, Extension, ExtKeyUsage, GeneralName } from 'pkijs'
import { toArrayBuffer } from './asn1'
import { OID } from './oids'

const extension = (extnID: string, critical: boolean, value: ArrayBuffer): Extension =>
  new Extension({ extnID, critical, extnValue: value })

/** Key identifier of RFC 7093 §2 method 1: the left 160 bits of SHA-256 over the public key's bits. */
export const keyIdentifier = (spki: Buffer): Buffer => {
  const bits = spki.subarray(spki.length - (spki.length > 100 ? 97 : 65))
  return createHash('sha256').update(bits).digest().subarray(0, 20)
}

export const subjectKeyIdentifier = (id: Buffer): Extension =>
  extension(OID.subjectKeyIdentifier, false, new asn1js.OctetString({ valueHex: toArrayBuffer(id) }).toBER())

export const authorityKeyIdentifier = (id: Buffer): Extension =>
  extension(
    OID.authorityKeyIdentifier,
    false,
    new AuthorityKeyIdentifier({ keyIdentifier: new asn1js.OctetString({ valueHex: toArrayBuffer(id) }) })
      .toSchema()
      .toBER(),
  )

/** Bits of KeyUsage (RFC 5280 §4.2.1.3) within its first octet. */
export const KEY_USAGE = {
  digitalSignature: 0x80,
  keyAgreement: 0x08,
  keyCertSign: 0x04,
  cRLSign: 0x02,
} as const

/** Critical KeyUsage of the given bits; DER wants trailing zero bits dropped. */
export const keyUsage = (bits: number): Extension => {
  let unusedBits = 0
  while (unusedBits < 7 && ((bits >> unusedBits) & 1) === 0) unusedBits++
  const value = new asn1js.BitString({ valueHex: toArrayBuffer(Uint8Array.of(bits)), unusedBits })
  return extension(OID.keyUsage, true, value.toBER())
}

export const caConstraints = (pathLen: number): Extension =>
  extension(
    OID.basicConstraints,
    true,
    new BasicConstraints({ cA: true, pathLenConstraint: pathLen }).toSchema().toBER(),
  )

export const clientAndServer = (): Extension => purposes([OID.clientAuth, OID.serverAuth], false)

/** Critical: whoever does not know it must not take the certificate for anything else. */
export const codeSigning = (): Extension => purposes([OID.codeSigning], true)

const purposes = (keyPurposes: string[], critical: boolean): Extension =>
  extension(OID.extendedKeyUsage, critical, new ExtKeyUsage({ keyPurposes }).toSchema().toBER())

/** hardwareModuleName: `type` an OID of the maker, `serial` the device's serial number (RFC 4108 §5). */
export interface HardwareModule {
  readonly type: string
  readonly serial: string
}

/** Non-critical SAN (the subject is never empty) with URIs and, for an IDevID, the hardwareModuleName. */
export const subjectAltName = (uris: readonly string[], hardware?: HardwareModule): Extension => {
  const names = uris.map((value) => new GeneralName({ type: 6, value }).toSchema() as asn1js.BaseBlock)
  if (hardware) names.push(hardwareModuleName(hardware))
  return extension(OID.subjectAltName, false, new asn1js.Sequence({ value: names }).toBER())
}

// Built with asn1js: GeneralName of pkijs would tag the otherName explicitly, where RFC 5280 wants it implicit.
const hardwareModuleName = ({ type, serial }: HardwareModule): asn1js.BaseBlock =>
  tagged0([
    new asn1js.ObjectIdentifier({ value: OID.hardwareModuleName }),
    tagged0([
      new asn1js.Sequence({
        value: [
          new asn1js.ObjectIdentifier({ value: type }),
          new asn1js.OctetString({ valueHex: toArrayBuffer(Buffer.from(serial, 'utf8')) }),
        ],
      }),
    ]),
  ])

const tagged0 = (value: asn1js.BaseBlock[]): asn1js.Constructed =>
  new asn1js.Constructed({ idBlock: { tagClass: 3, tagNumber: 0 }, value })

export const crlNumber = (value: number): Extension =>
  extension(OID.crlNumber, false, asn1js.Integer.fromBigInt(BigInt(value)).toBER())

export const reasonCode = (reason: number): Extension =>
  extension(OID.reasonCode, false, new asn1js.Enumerated({ value: reason }).toBER())
