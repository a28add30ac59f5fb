import { verify } from 'node:crypto'
import * as asn1js from 'asn1js'
import {
  CertificateRevocationList,
  type Extension,
  Extensions,
  type RelativeDistinguishedNames,
  RevokedCertificate,
} from 'pkijs'
import { IotmcError } from '../contract/errors'
import { parseAsn1, reading, toArrayBuffer } from './asn1'
import type { CertificateFacts } from './certificate'
import { authorityKeyIdentifier, crlNumber, KEY_USAGE, reasonCode } from './extensions'
import { ecdsaSha256, signStructure, toTime } from './issue'
import type { Signer } from './keys'
import { nameDer } from './names'
import { OID, SIGNATURE_HASHES } from './oids'
import { derBlocks, toPem } from './pem'
import { normalSerial, serialOf } from './serial-number'

/** One revoked certificate: `serialNumber` in hex, `reason` one of CRLReason (RFC 5280 §5.3.1). */
export interface Revocation {
  readonly serialNumber: string
  readonly atMs: number
  readonly reason?: number
}

const REMOVE_FROM_CRL = 8
const NEXT_UPDATE_MS = 30 * 24 * 3600_000

/** Builds and signs a v2 revocation list; PEM. Numbered by the clock, so that a later list has a higher number. */
export const signCrl = async (
  o: { issuer: RelativeDistinguishedNames; issuerKeyId: Buffer; revoked: readonly Revocation[]; now: Date },
  signer: Signer,
): Promise<string> => {
  const bySerial = new Map(o.revoked.map((one) => [normalSerial(one.serialNumber), one]))
  const list = new CertificateRevocationList({
    version: 1,
    signature: ecdsaSha256(),
    signatureAlgorithm: ecdsaSha256(),
    issuer: o.issuer,
    thisUpdate: toTime(o.now.getTime()),
    nextUpdate: toTime(o.now.getTime() + NEXT_UPDATE_MS),
    crlExtensions: new Extensions({
      extensions: [authorityKeyIdentifier(o.issuerKeyId), crlNumber(o.now.getTime())],
    }),
    // An empty list of entries must be absent, not empty (RFC 5280 §5.1.2.6).
    ...(bySerial.size > 0
      ? { revokedCertificates: [...bySerial].map(([serial, one]) => entry(serial, one)) }
      : {}),
  })
  return toPem('X509 CRL', await signStructure(list.toSchema(true) as asn1js.Sequence, signer))
}

const entry = (serial: string, { atMs, reason }: Revocation): RevokedCertificate => {
  const extensions: Extension[] = reason === undefined ? [] : [reasonCode(reason)]
  const bytes = Buffer.from(serial, 'hex')
  const positive = (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes
  return new RevokedCertificate({
    userCertificate: new asn1js.Integer({ valueHex: toArrayBuffer(positive) }),
    revocationDate: toTime(atMs),
    ...(extensions.length > 0 ? { crlEntryExtensions: new Extensions({ extensions }) } : {}),
  })
}

/** A revocation list as read, its signature not yet checked. */
export interface CrlFacts {
  readonly issuerDer: Buffer
  readonly thisUpdateMs: number
  readonly nextUpdateMs?: number
  /** Revoked serial numbers in normal form (see normalSerial). */
  readonly serials: ReadonlySet<string>
  /** Whether `issuer` may sign lists and its key made this signature. */
  signedBy(issuer: CertificateFacts): boolean
}

/** Reads a revocation list (PEM, or DER as a Buffer). Throws FILE_INVALID. */
export const readCrl = (pemOrDer: string | Buffer): CrlFacts => {
  const der = typeof pemOrDer === 'string' ? derBlocks(pemOrDer, 'X509 CRL')[0] : pemOrDer
  if (!der) throw new IotmcError('FILE_INVALID', { detail: 'no PEM revocation list found' })
  return reading('FILE_INVALID', 'damaged revocation list', () => {
    const list = new CertificateRevocationList({ schema: parseAsn1(der, 'FILE_INVALID') })
    const serials = new Set(
      (list.revokedCertificates ?? []).filter(isRevoked).map((one) => serialOf(one.userCertificate)),
    )
    return {
      issuerDer: nameDer(list.issuer),
      thisUpdateMs: list.thisUpdate.value.getTime(),
      ...(list.nextUpdate ? { nextUpdateMs: list.nextUpdate.value.getTime() } : {}),
      serials,
      signedBy: (issuer) => isSignedBy(list, issuer),
    }
  })
}

const isSignedBy = (list: CertificateRevocationList, issuer: CertificateFacts): boolean => {
  const hash = SIGNATURE_HASHES[list.signatureAlgorithm.algorithmId]
  if (!hash || list.signature.algorithmId !== list.signatureAlgorithm.algorithmId) return false
  if (issuer.keyUsage !== undefined && (issuer.keyUsage & KEY_USAGE.cRLSign) === 0) return false
  return verify(hash, list.tbsView, issuer.x509.publicKey, list.signatureValue.valueBlock.valueHexView)
}

// An entry that names another issuer (indirect list) or takes a hold back is none against this issuer's certificates.
const isRevoked = (one: RevokedCertificate): boolean =>
  !(one.crlEntryExtensions?.extensions ?? []).some(
    ({ extnID, extnValue }) =>
      extnID === OID.certificateIssuer ||
      (extnID === OID.reasonCode && extnValue.valueBlock.valueHexView.at(-1) === REMOVE_FROM_CRL),
  )
