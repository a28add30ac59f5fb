/**
 * The signature beside a manifest: detached CMS SignedData (RFC 5652) with signed attributes, exactly one signer, ECDSA
 * P-256 with SHA-256. Written and read with pkijs; signatures by node:crypto. Whether the signer may sign is for others.
 */
import { createHash, timingSafeEqual, verify } from 'node:crypto'
import * as asn1js from 'asn1js'
import { Certificate, ContentInfo, IssuerAndSerialNumber, SignedData, type SignerInfo } from 'pkijs'
import { IotmcError } from '../contract/errors'
import { bytesOf, parseStrictAsn1 } from './asn1'
import { type CertificateFacts, readCertificate } from './certificate'
import { curveOf } from './keys'
import { OID } from './oids'
import { serialOf } from './serial-number'

export { signManifest } from './cms-sign'

/** Certificates that a signature may carry. */
const CERTIFICATES_MAX = 8
const VERSIONS: readonly number[] = [1, 3]
/** Bytes of a signature with its certificates. */
export const SIGNATURE_MAX_BYTES = 64 * 1024

/** A signature that is right over its manifest. Whether its signer may sign is another question. */
export interface ReadSignature {
  readonly signer: CertificateFacts
  /** The other certificates that it carries. */
  readonly others: readonly CertificateFacts[]
}

/** Reads a detached signature and checks it over the bytes of a manifest. Throws SIGNATURE_INVALID. */
export const readSignature = (manifest: Buffer, signature: Buffer): ReadSignature => {
  if (signature.length > SIGNATURE_MAX_BYTES) throw invalid('the signature is too large')
  try {
    return checkedSignature(readSignedData(signature), manifest)
  } catch (cause) {
    // Readers of certificates and names have codes of their own, which mean something else elsewhere.
    if (cause instanceof IotmcError && cause.code === 'SIGNATURE_INVALID') throw cause
    throw invalid('damaged signature', cause)
  }
}

const checkedSignature = (signed: SignedData, manifest: Buffer): ReadSignature => {
  const [info, second] = signed.signerInfos
  if (info && signed.version !== info.version) throw invalid('a version of CMS that its signer does not have')
  if (!info || second) throw invalid(`${signed.signerInfos.length} signers, where one is wanted`)
  const certificates = readCertificates(signed)
  const signer = signerOf(info, certificates)
  checkSigner(info, signer, manifest)
  return { signer, others: certificates.filter((one) => one !== signer) }
}

const readSignedData = (der: Buffer): SignedData => {
  const content = new ContentInfo({ schema: parseStrictAsn1(der, 'SIGNATURE_INVALID') })
  if (content.contentType !== OID.cmsSignedData) throw invalid('not a signature in CMS')
  const signed = new SignedData({ schema: content.content })
  const { version, digestAlgorithms, encapContentInfo } = signed
  if (!VERSIONS.includes(version)) throw invalid('a version of CMS that is not known')
  if (encapContentInfo.eContentType !== OID.cmsData || encapContentInfo.eContent !== undefined)
    throw invalid('the signature is not detached')
  if (digestAlgorithms.length !== 1 || digestAlgorithms[0]?.algorithmId !== OID.sha256)
    throw invalid('a hash other than SHA-256')
  return signed
}

const readCertificates = ({ certificates = [] }: SignedData): CertificateFacts[] => {
  if (certificates.length > CERTIFICATES_MAX) throw invalid('too many certificates')
  return certificates.map((one) => {
    if (!(one instanceof Certificate)) throw invalid('a certificate that is not X.509')
    return readCertificate(Buffer.from(one.toSchema().toBER()))
  })
}

const signerOf = (
  { sid, version }: SignerInfo,
  certificates: readonly CertificateFacts[],
): CertificateFacts => {
  const byName = sid instanceof IssuerAndSerialNumber
  if (version !== (byName ? 1 : 3)) throw invalid('a version of signer that is not known')
  const keyId = byName ? undefined : Buffer.from(bytesOf(sid as asn1js.BaseBlock) ?? []).toString('hex')
  const [found, second] = certificates.filter((one) =>
    byName
      ? Buffer.from(sid.issuer.valueBeforeDecode).equals(one.issuerDer) &&
        serialOf(sid.serialNumber) === one.summary.serialNumber
      : keyId !== '' && one.subjectKeyId === keyId,
  )
  if (!found) throw invalid("the signer's certificate is missing")
  if (second) throw invalid('two certificates of the signer')
  return found
}

const checkSigner = (info: SignerInfo, signer: CertificateFacts, manifest: Buffer): void => {
  if (info.digestAlgorithm.algorithmId !== OID.sha256) throw invalid('a hash other than SHA-256')
  if (info.signatureAlgorithm.algorithmId !== OID.ecdsaSha256 || curveOf(signer.publicKeySpki) !== 'P-256')
    throw invalid('not ECDSA P-256 with SHA-256')
  const attributes = info.signedAttrs
  if (!attributes) throw invalid('no signed attributes')
  const value = (type: string, name: string): asn1js.BaseBlock => {
    const [found, again] = attributes.attributes.filter((one) => one.type === type)
    const [first, second] = (found?.values ?? []) as asn1js.BaseBlock[]
    if (!first || second || again) throw invalid(`${name} must stand there once`)
    return first
  }
  const contentType = value(OID.contentType, 'content type')
  if (!(contentType instanceof asn1js.ObjectIdentifier) || contentType.getValue() !== OID.cmsData)
    throw invalid('another content type is signed')
  const digest = value(OID.messageDigest, 'message digest')
  const stated = digest instanceof asn1js.OctetString ? Buffer.from(bytesOf(digest) ?? []) : Buffer.alloc(0)
  const actual = createHash('sha256').update(manifest).digest()
  if (stated.length !== actual.length || !timingSafeEqual(stated, actual))
    throw invalid('the manifest is not the one that was signed')
  const signature = Buffer.from(info.signature.valueBlock.valueHexView)
  if (!verify('sha256', Buffer.from(attributes.encodedValue), signer.x509.publicKey, signature))
    throw invalid('wrong signature over the manifest')
}

const invalid = (detail: string, cause?: unknown): IotmcError =>
  new IotmcError('SIGNATURE_INVALID', { detail, cause })
