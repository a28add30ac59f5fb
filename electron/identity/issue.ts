import { randomBytes } from 'node:crypto'
import type * as asn1js from 'asn1js'
import { AlgorithmIdentifier, type Extension, type RelativeDistinguishedNames, Time } from 'pkijs'
import { IotmcError } from '../contract/errors'
import { bits, der, extension, oid, sequence, time, unsigned } from './der'
import type { Signer } from './keys'
import { nameDer } from './names'
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

const ALGORITHM = sequence(oid(OID.ecdsaSha256))

/**
 * Signs a body (DER) and gives the structure {body, algorithm, signature}, DER. The one way by which certificates,
 * requests and revocation lists are signed.
 */
const signBody = async (body: Buffer, signer: Signer): Promise<Buffer> =>
  sequence(body, ALGORITHM, bits(await signer.sign(body)))

/** As signBody, for a pkijs structure whose schema was made with toSchema(true). */
export const signStructure = (schema: asn1js.Sequence, signer: Signer): Promise<Buffer> => {
  const [body] = schema.valueBlock.value
  if (!body) throw new Error('not a signed structure')
  return signBody(Buffer.from(body.toBER()), signer)
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

const VERSION_3 = der(0xa0, unsigned(Buffer.of(2)))

/** Builds and signs an X.509 v3 certificate; DER. Written directly: by way of pkijs it takes six times as long. */
export const signCertificate = (body: CertificateBody, signer: Signer): Promise<Buffer> =>
  signBody(
    sequence(
      VERSION_3,
      unsigned(body.serial),
      ALGORITHM,
      nameOf(body.issuer),
      sequence(time(body.notBeforeMs), time(body.notAfterMs)),
      nameOf(body.subject),
      body.publicKeySpki,
      der(0xa3, sequence(...body.extensions.map(extension))),
    ),
    signer,
  )

// A name that was read or built here carries its DER.
const nameOf = (name: RelativeDistinguishedNames): Buffer =>
  name.valueBeforeDecode.byteLength > 0 ? nameDer(name) : Buffer.from(name.toSchema().toBER())
