import { randomBytes } from 'node:crypto'
import * as asn1js from 'asn1js'
import {
  AlgorithmIdentifier,
  Certificate,
  type Extension,
  PublicKeyInfo,
  type RelativeDistinguishedNames,
  Time,
} from 'pkijs'
import { IotmcError } from '../contract/errors'
import { parseAsn1, toArrayBuffer } from './asn1'
import type { Signer } from './keys'
import { OID } from './oids'
import { normalSerial } from './serial-number'

export const ecdsaSha256 = (): AlgorithmIdentifier =>
  new AlgorithmIdentifier({ algorithmId: OID.ecdsaSha256 })

/** 18 random bytes, always positive and without a leading zero octet (RFC 5280 §4.1.2.2 allows 20). */
export const newSerial = (): Buffer => {
  const bytes = randomBytes(18)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes
}

/** A serial number that the caller reserved (hex): 16–20 octets, positive. Throws VALUE_INVALID. */
export const reservedSerial = (hex: string): Buffer => {
  const bytes = Buffer.from(normalSerial(hex), 'hex')
  if (bytes.length < 16 || bytes.length > 20 || (bytes[0] ?? 0) > 0x7f)
    throw new IotmcError('VALUE_INVALID', { detail: 'not a positive serial number of 16–20 octets' })
  return bytes
}

/** Whole seconds; UTCTime until 2049, GeneralizedTime after (RFC 5280 §4.1.2.5). */
export const toTime = (ms: number): Time => {
  const value = new Date(Math.floor(ms / 1000) * 1000)
  return new Time({ type: value.getUTCFullYear() < 2050 ? 0 : 1, value })
}

/**
 * Signs a pkijs structure {tbs, algorithm, signature} whose schema was made with toSchema(true), and gives its DER.
 * The one way by which certificates, requests and revocation lists are signed.
 */
export const signStructure = async (schema: asn1js.Sequence, signer: Signer): Promise<Buffer> => {
  const [tbs, algorithm] = schema.valueBlock.value
  if (!tbs || !algorithm) throw new Error('not a signed structure')
  const signature = await signer.sign(Buffer.from(tbs.toBER()))
  const signed = new asn1js.Sequence({
    value: [tbs, algorithm, new asn1js.BitString({ valueHex: toArrayBuffer(signature) })],
  })
  return Buffer.from(signed.toBER())
}

export interface CertificateBody {
  readonly serial: Buffer
  readonly issuer: RelativeDistinguishedNames
  readonly subject: RelativeDistinguishedNames
  readonly publicKeySpki: Buffer
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly extensions: readonly Extension[]
}

/** Builds and signs an X.509 v3 certificate; DER. */
export const signCertificate = (body: CertificateBody, signer: Signer): Promise<Buffer> => {
  const certificate = new Certificate({
    version: 2,
    serialNumber: new asn1js.Integer({ valueHex: toArrayBuffer(body.serial) }),
    signature: ecdsaSha256(),
    signatureAlgorithm: ecdsaSha256(),
    issuer: body.issuer,
    subject: body.subject,
    notBefore: toTime(body.notBeforeMs),
    notAfter: toTime(body.notAfterMs),
    subjectPublicKeyInfo: new PublicKeyInfo({ schema: parseAsn1(body.publicKeySpki, 'CERTIFICATE_INVALID') }),
    extensions: [...body.extensions],
  })
  return signStructure(certificate.toSchema(true), signer)
}
