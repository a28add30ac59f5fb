import { type KeyObject, verify } from 'node:crypto'
import { Attribute, CertificationRequest, Extensions, PublicKeyInfo } from 'pkijs'
import { IotmcError } from '../contract/errors'
import { parseAsn1, parseStrictAsn1, reading } from './asn1'
import { subjectAltName } from './extensions'
import { ecdsaSha256, signStructure } from './issue'
import { curveOf, keySigner, readPublicKey, type Signer } from './keys'
import { attributeOf, deviceSubject, limitName, simpleSubject, udnToUri, uriToUdn } from './names'
import { OID, SIGNATURE_HASHES } from './oids'
import { derBlocks, looksLikePem, sha256Hex, toPem } from './pem'
import { readSubjectAltName } from './san'

const REQUEST_MAX_BYTES = 16 * 1024

export type NewRequest = {
  readonly udn: string
  readonly serialNumber: string
  readonly model: string
} & ({ readonly keyPem: string } | { readonly signer: Signer })

/** A PKCS#10 request (PEM) with the device's subject and its UDN as SAN URI, signed with the device's key. */
export const createRequest = async (wanted: NewRequest): Promise<string> => {
  const { udn, serialNumber, model } = wanted
  const signer = 'signer' in wanted ? wanted.signer : keySigner(wanted.keyPem)
  const request = new CertificationRequest({
    version: 0,
    subject: deviceSubject(model, serialNumber),
    subjectPublicKeyInfo: new PublicKeyInfo({
      schema: parseAsn1(signer.publicKeySpki, 'CERTIFICATE_INVALID'),
    }),
    attributes: [
      new Attribute({
        type: OID.extensionRequest,
        values: [new Extensions({ extensions: [subjectAltName([udnToUri(udn)])] }).toSchema()],
      }),
    ],
    signatureAlgorithm: ecdsaSha256(),
  })
  return toPem('CERTIFICATE REQUEST', await signStructure(request.toSchema(true), signer))
}

/** A PKCS#10 request (PEM) for an authority: its common name and key, nothing else; the issuer decides the rest. */
export const createAuthorityRequest = async (signer: Signer, commonName: string): Promise<string> => {
  const request = new CertificationRequest({
    version: 0,
    subject: simpleSubject(commonName),
    subjectPublicKeyInfo: new PublicKeyInfo({
      schema: parseAsn1(signer.publicKeySpki, 'CERTIFICATE_INVALID'),
    }),
    // PKCS#10 wants the field, be it empty.
    attributes: [],
    signatureAlgorithm: ecdsaSha256(),
  })
  return toPem('CERTIFICATE REQUEST', await signStructure(request.toSchema(true), signer))
}

/** A request for an authority whose proof of possession and key were checked. */
export interface AuthorityRequest {
  readonly publicKeySpki: Buffer
  readonly commonName: string
}

/** Checks a request for an authority (PEM, base64 of DER, or DER): P-256 or P-384, signed with its key. Throws REQUEST_INVALID. */
export const checkAuthorityRequest = (csr: string | Buffer): AuthorityRequest => {
  const { request, publicKeySpki } = readRequest(requestDer(csr))
  if (!curveOf(publicKeySpki)) throw invalid('the key is not P-256 or P-384')
  checkPossession(request, publicKeySpki)
  const commonName = limitName(attributeOf(request.subject, OID.commonName) ?? '')
  if (commonName === '') throw invalid('no common name in the request')
  return { publicKeySpki, commonName }
}

/** A request whose proof of possession, key and names were checked. */
export interface CheckedRequest {
  readonly der: Buffer
  readonly publicKeySpki: Buffer
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly publicKeySha256: string
  readonly udn?: string
  readonly serialNumber?: string
}

/**
 * Checks a request (PEM, base64 of DER, or DER): P-256 key, its signature over the request, and, where `expect` names
 * them, UDN and serial number. Throws REQUEST_INVALID, or UDN_MISMATCH if it names another UDN.
 */
export const checkRequest = async (
  csr: string | Buffer,
  expect: { udn?: string; serialNumber?: string } = {},
): Promise<CheckedRequest> => {
  const der = requestDer(csr)
  const { request, publicKeySpki } = readRequest(der)
  if (curveOf(publicKeySpki) !== 'P-256') throw invalid('the key is not P-256')
  checkPossession(request, publicKeySpki)
  const udns = reading('REQUEST_INVALID', 'damaged extensions', () => requestedUdns(request))
  if (udns.length > 1) throw invalid('more than one UDN')
  const [udn] = udns
  const serialNumber = attributeOf(request.subject, OID.serialNumber)
  if (expect.udn !== undefined && udn === undefined) throw invalid('no UDN in the request', expect.udn)
  if (expect.udn !== undefined && udn !== expect.udn)
    throw new IotmcError('UDN_MISMATCH', { subject: expect.udn, detail: `the request is for ${udn}` })
  if (expect.serialNumber !== undefined && serialNumber !== expect.serialNumber)
    throw invalid('the serial number in the request differs', expect.udn ?? expect.serialNumber)
  return {
    der,
    publicKeySpki,
    publicKeySha256: sha256Hex(publicKeySpki),
    ...(udn ? { udn } : {}),
    ...(serialNumber ? { serialNumber } : {}),
  }
}

const readRequest = (der: Buffer): { request: CertificationRequest; publicKeySpki: Buffer } => {
  const request = reading('REQUEST_INVALID', 'not a PKCS#10 request', () => {
    return new CertificationRequest({ schema: parseStrictAsn1(der, 'REQUEST_INVALID') })
  })
  return { request, publicKeySpki: Buffer.from(request.subjectPublicKeyInfo.toSchema().toBER()) }
}

const invalid = (detail: string, subject?: string): IotmcError =>
  new IotmcError('REQUEST_INVALID', { detail, ...(subject ? { subject } : {}) })

const requestDer = (csr: string | Buffer): Buffer => {
  if (csr.length > REQUEST_MAX_BYTES) throw invalid('the request is too large')
  if (typeof csr !== 'string') return looksLikePem(csr) ? requestDer(csr.toString('latin1')) : csr
  const blocks = [...derBlocks(csr, 'CERTIFICATE REQUEST'), ...derBlocks(csr, 'NEW CERTIFICATE REQUEST')]
  if (blocks.length > 1) throw invalid('more than one request')
  if (blocks[0]) return blocks[0]
  const base64 = csr.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw invalid('not PEM and not base64')
  return Buffer.from(base64, 'base64')
}

const checkPossession = (request: CertificationRequest, spki: Buffer): void => {
  const hash = SIGNATURE_HASHES[request.signatureAlgorithm.algorithmId]
  if (!hash) throw invalid('signature algorithm not accepted')
  const key = readableKey(spki)
  const signature = Buffer.from(request.signatureValue.valueBlock.valueHexView)
  if (!verify(hash, request.tbsView, key, signature)) throw invalid('the proof of possession is wrong')
}

const readableKey = (spki: Buffer): KeyObject => {
  try {
    return readPublicKey(spki)
  } catch {
    throw invalid('the public key is not on its curve')
  }
}

const requestedUdns = (request: CertificationRequest): string[] => {
  const attribute = request.attributes?.find((one) => one.type === OID.extensionRequest)
  const [value] = attribute?.values ?? []
  if (!value) return []
  const san = new Extensions({ schema: value }).extensions.find((one) => one.extnID === OID.subjectAltName)
  if (!san) return []
  const { uris } = readSubjectAltName(san.extnValue.valueBlock.valueHexView, 'REQUEST_INVALID')
  return uris.map(uriToUdn).filter((udn) => udn !== undefined)
}
