/** Makes the signature beside a manifest. */
import { createHash } from 'node:crypto'
import * as asn1js from 'asn1js'
import {
  AlgorithmIdentifier,
  Attribute,
  Certificate,
  ContentInfo,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  SignedAndUnsignedAttributes,
  SignedData,
  SignerInfo,
} from 'pkijs'
import { IotmcError } from '../contract/errors'
import { parseAsn1, toArrayBuffer } from './asn1'
import { readCertificate } from './certificate'
import { ecdsaSha256, toTime } from './issue'
import { curveOf, keySigner } from './keys'
import { OID } from './oids'
import { derBlocks } from './pem'

export interface ManifestToSign {
  readonly manifest: Buffer
  /** P-256, PKCS#8 PEM. */
  readonly keyPem: string
  /** The key's certificate first, then its issuers; all of them travel in the signature. */
  readonly chainPem: string
  /** Becomes the signing time, which is for people only. */
  readonly now: Date
}

/**
 * A detached signature over exactly these bytes, DER; `openssl cms -verify -binary -inform DER -purpose any` accepts it.
 * Throws CERTIFICATE_INVALID if key and certificate do not belong together.
 */
export const signManifest = async ({ manifest, keyPem, chainPem, now }: ManifestToSign): Promise<Buffer> => {
  const key = keySigner(keyPem)
  const ders = derBlocks(chainPem, 'CERTIFICATE')
  const certificates = ders.map((der) => new Certificate({ schema: parseAsn1(der, 'CERTIFICATE_INVALID') }))
  const [own] = certificates
  const [ownDer] = ders
  if (!own || !ownDer || !readCertificate(ownDer).publicKeySpki.equals(key.publicKeySpki))
    throw new IotmcError('CERTIFICATE_INVALID', { detail: 'the certificate is not for this key' })
  if (curveOf(key.publicKeySpki) !== 'P-256')
    throw new IotmcError('CERTIFICATE_INVALID', { detail: 'the key is not P-256' })
  const attributes = signedAttributes(manifest, now)
  const signature = await key.sign(encodedSet(attributes))
  const signed = new SignedData({
    version: 1,
    digestAlgorithms: [sha256()],
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: OID.cmsData }),
    certificates,
    signerInfos: [
      new SignerInfo({
        version: 1,
        sid: new IssuerAndSerialNumber({ issuer: own.issuer, serialNumber: own.serialNumber }),
        digestAlgorithm: sha256(),
        signedAttrs: new SignedAndUnsignedAttributes({ type: 0, attributes }),
        signatureAlgorithm: ecdsaSha256(),
        signature: new asn1js.OctetString({ valueHex: toArrayBuffer(signature) }),
      }),
    ],
  })
  const content = new ContentInfo({ contentType: OID.cmsSignedData, content: signed.toSchema(true) })
  return Buffer.from(content.toSchema().toBER())
}

const sha256 = (): AlgorithmIdentifier => new AlgorithmIdentifier({ algorithmId: OID.sha256 })

// DER wants the members of a set in the order of their bytes.
const signedAttributes = (manifest: Buffer, now: Date): Attribute[] => {
  const digest = createHash('sha256').update(manifest).digest()
  return [
    new Attribute({ type: OID.contentType, values: [new asn1js.ObjectIdentifier({ value: OID.cmsData })] }),
    new Attribute({ type: OID.signingTime, values: [toTime(now.getTime()).toSchema()] }),
    new Attribute({
      type: OID.messageDigest,
      values: [new asn1js.OctetString({ valueHex: toArrayBuffer(digest) })],
    }),
  ].sort((a, b) => Buffer.compare(encoded(a), encoded(b)))
}

const encoded = (attribute: Attribute): Buffer => Buffer.from(attribute.toSchema().toBER())

// What is signed is the set with its own tag, not the tag that it has inside the signature (RFC 5652 §5.4).
const encodedSet = (attributes: readonly Attribute[]): Buffer =>
  Buffer.from(new asn1js.Set({ value: attributes.map((one) => one.toSchema()) }).toBER())
