import type { X509Certificate } from 'node:crypto'
import * as asn1js from 'asn1js'
import { BasicConstraints, Certificate, ExtKeyUsage } from 'pkijs'
import { IotmcError } from '../contract/errors'
import type { CertificateSummary } from '../contract/identity'
import { REPORT_SIGNER_URI, ROLE_URI_PREFIX, ROLES, type Role } from '../contract/names'
import { bytesOf, CONTEXT, childrenOf, parseAsn1, reading } from './asn1'
import type { HardwareModule } from './extensions'
import { attributeOf, nameDer, nameText, uriToUdn } from './names'
import { OID } from './oids'
import { certificateDer, sha256Hex, toX509 } from './pem'
import { readSubjectAltName } from './san'
import { serialOf } from './serial-number'

export { claimId, splitPem } from './pem'

const CERTIFICATE_MAX_BYTES = 64 * 1024
const NO_EXPIRY_MS = Date.UTC(9999, 11, 31, 23, 59, 59)

/** All that path checking and people need from one certificate. Immutable; safe to cache by fingerprint. */
export interface CertificateFacts {
  readonly summary: CertificateSummary
  readonly der: Buffer
  readonly x509: X509Certificate
  /** The one UDN in its SAN; undefined if there is none or more than one. */
  readonly udn?: string
  readonly deviceSerial?: string
  /** What its SAN claims; worth something only under the site CA. */
  readonly role: Role
  /** Likewise: whether it says that its holder signs the reports of the site. */
  readonly signsReports: boolean
  readonly hardwareModuleName?: HardwareModule
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly publicKeySha256: string
  readonly publicKeySpki: Buffer
  /** Looks like an IDevID (802.1AR): no expiry, or a hardwareModuleName. */
  readonly isIdevid: boolean
  readonly version: number
  readonly subjectDer: Buffer
  readonly issuerDer: Buffer
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly signatureOid: string
  readonly isCa: boolean
  readonly pathLen?: number
  /** First octet of KeyUsage; undefined where the extension is absent. */
  readonly keyUsage?: number
  readonly extendedKeyUsage?: readonly string[]
  readonly subjectKeyId?: string
  readonly authorityKeyId?: string
  /** OIDs of critical extensions, and of name constraints, that this reader does not process (RFC 5280 §4.2: refuse). */
  readonly unknownCritical: readonly string[]
}

/** Reads a certificate (PEM or DER). Throws CERTIFICATE_INVALID. */
export const readCertificate = (pemOrDer: string | Buffer): CertificateFacts => {
  const der = certificateDer(pemOrDer)
  if (der.length > CERTIFICATE_MAX_BYTES) throw invalid('the certificate is too large')
  const x509 = toX509(der)
  return reading('CERTIFICATE_INVALID', 'damaged certificate', () => {
    const certificate = new Certificate({ schema: parseAsn1(der, 'CERTIFICATE_INVALID') })
    return factsOf(certificate, der, x509)
  })
}

const factsOf = (certificate: Certificate, der: Buffer, x509: X509Certificate): CertificateFacts => {
  if (certificate.signature.algorithmId !== certificate.signatureAlgorithm.algorithmId)
    throw invalid('two signature algorithms')
  const found = readExtensions(certificate)
  const publicKeySpki = Buffer.from(certificate.subjectPublicKeyInfo.toSchema().toBER())
  const deviceSerial = attributeOf(certificate.subject, OID.serialNumber)
  const udns = [...new Set(found.uris.map(uriToUdn).filter((udn) => udn !== undefined))]
  const udn = udns.length === 1 ? udns[0] : undefined
  const role = roleOf(found.uris)
  const notAfterMs = certificate.notAfter.value.getTime()
  const notBeforeMs = certificate.notBefore.value.getTime()
  if (!Number.isFinite(notAfterMs) || !Number.isFinite(notBeforeMs)) throw invalid('damaged validity')
  const optional = {
    ...(udn ? { udn } : {}),
    ...(deviceSerial ? { deviceSerial } : {}),
  }
  return {
    ...found,
    ...optional,
    summary: {
      subject: nameText(certificate.subject),
      issuer: nameText(certificate.issuer),
      // Not node's: BoringSSL writes it in lower case.
      serialNumber: serialOf(certificate.serialNumber),
      fingerprint: x509.fingerprint256,
      notBefore: new Date(notBeforeMs).toISOString(),
      notAfter: new Date(notAfterMs).toISOString(),
      isCa: found.isCa,
      ...optional,
      ...(role === 'Public' ? {} : { role }),
    },
    der,
    x509,
    role,
    signsReports: found.uris.includes(REPORT_SIGNER_URI),
    publicKeySpki,
    publicKeySha256: sha256Hex(publicKeySpki),
    isIdevid: !found.isCa && (notAfterMs === NO_EXPIRY_MS || found.hardwareModuleName !== undefined),
    version: certificate.version + 1,
    subjectDer: nameDer(certificate.subject),
    issuerDer: nameDer(certificate.issuer),
    notBeforeMs,
    notAfterMs,
    signatureOid: certificate.signatureAlgorithm.algorithmId,
  }
}

type Extras = Pick<
  CertificateFacts,
  | 'isCa'
  | 'pathLen'
  | 'keyUsage'
  | 'extendedKeyUsage'
  | 'subjectKeyId'
  | 'authorityKeyId'
  | 'unknownCritical'
  | 'hardwareModuleName'
> & { readonly uris: readonly string[] }

const PASSED_OVER: ReadonlySet<string> = new Set([OID.certificatePolicies])

const readExtensions = (certificate: Certificate): Extras => {
  const found: { -readonly [K in keyof Extras]: Extras[K] } = { isCa: false, unknownCritical: [], uris: [] }
  const unknown: string[] = []
  const seen = new Set<string>()
  for (const { extnID, critical, extnValue } of certificate.extensions ?? []) {
    if (seen.has(extnID)) throw invalid(`extension ${extnID} twice`)
    seen.add(extnID)
    const value = extnValue.valueBlock.valueHexView
    switch (extnID) {
      case OID.basicConstraints: {
        const constraints = new BasicConstraints({ schema: parseAsn1(value, 'CERTIFICATE_INVALID') })
        found.isCa = constraints.cA
        if (constraints.pathLenConstraint !== undefined)
          found.pathLen = pathLenOf(constraints.pathLenConstraint)
        break
      }
      case OID.keyUsage:
        found.keyUsage = firstOctet(parseAsn1(value, 'CERTIFICATE_INVALID'))
        break
      case OID.extendedKeyUsage:
        found.extendedKeyUsage = new ExtKeyUsage({
          schema: parseAsn1(value, 'CERTIFICATE_INVALID'),
        }).keyPurposes
        break
      case OID.subjectKeyIdentifier:
        found.subjectKeyId = octets(parseAsn1(value, 'CERTIFICATE_INVALID'))
        break
      case OID.authorityKeyIdentifier: {
        const keyId = childrenOf(parseAsn1(value, 'CERTIFICATE_INVALID')).find(isKeyIdentifier)
        if (keyId) found.authorityKeyId = Buffer.from(bytesOf(keyId) ?? []).toString('hex')
        break
      }
      case OID.subjectAltName:
        Object.assign(found, readSubjectAltName(value, 'CERTIFICATE_INVALID'))
        break
      default:
        // Name constraints are not processed here, so they are never passed over.
        if ((critical && !PASSED_OVER.has(extnID)) || extnID === OID.nameConstraints) unknown.push(extnID)
    }
  }
  found.unknownCritical = unknown
  return found
}

const roleOf = (uris: readonly string[]): Role => {
  const named = uris
    .filter((uri) => uri.startsWith(ROLE_URI_PREFIX))
    .map((uri) => uri.slice(ROLE_URI_PREFIX.length))
  return [...ROLES].reverse().find((role) => named.includes(role)) ?? 'Public'
}

const pathLenOf = (value: number | asn1js.Integer): number => {
  // pkijs keeps big or negative integers as a block; both count as damage.
  if (typeof value !== 'number' || value < 0) throw invalid('damaged path length')
  return value
}

// AuthorityKeyIdentifier ::= SEQUENCE { keyIdentifier [0] IMPLICIT OCTET STRING OPTIONAL, … }
const isKeyIdentifier = ({ idBlock }: asn1js.BaseBlock): boolean =>
  idBlock.tagClass === CONTEXT && idBlock.tagNumber === 0

const firstOctet = (block: asn1js.AsnType): number => {
  if (!(block instanceof asn1js.BitString)) throw invalid('damaged key usage')
  return block.valueBlock.valueHexView[0] ?? 0
}

const octets = (block: asn1js.AsnType): string => {
  if (!(block instanceof asn1js.OctetString)) throw invalid('damaged key identifier')
  return Buffer.from(block.valueBlock.valueHexView).toString('hex')
}

const invalid = (detail: string): IotmcError => new IotmcError('CERTIFICATE_INVALID', { detail })
