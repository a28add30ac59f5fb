import { verify } from 'node:crypto'
import * as asn1js from 'asn1js'
import { CertificateRevocationList, Extensions, type RelativeDistinguishedNames } from 'pkijs'
import { IotmcError } from '../contract/errors'
import { type DerValue, derValues, parseAsn1, rawSequence, reading, toArrayBuffer } from './asn1'
import type { CertificateFacts } from './certificate'
import { authorityKeyIdentifier, crlNumber, KEY_USAGE, reasonCode } from './extensions'
import { ecdsaSha256, signStructure, toTime } from './issue'
import type { Signer } from './keys'
import { nameDer } from './names'
import { OID, SIGNATURE_HASHES } from './oids'
import { derBlocks, toPem } from './pem'
import { normalSerial } from './serial-number'

/** One revoked certificate: `serialNumber` in hex, `reason` one of CRLReason (RFC 5280 §5.3.1). */
export interface Revocation {
  readonly serialNumber: string
  readonly atMs: number
  readonly reason?: number
}

const REMOVE_FROM_CRL = 8
/** How long a list is in date. */
export const NEXT_UPDATE_MS = 30 * 24 * 3600_000

export interface CrlBody {
  readonly issuer: RelativeDistinguishedNames
  readonly issuerKeyId: Buffer
  readonly revoked: readonly Revocation[]
  readonly now: Date
  /** CRLNumber; without it milliseconds since 1970, so that a later list has a higher number. */
  readonly number?: number | undefined
}

/** Builds and signs a v2 revocation list; PEM. */
export const signCrl = async (o: CrlBody, signer: Signer): Promise<string> => {
  const bySerial = new Map(o.revoked.map((one) => [normalSerial(one.serialNumber), one]))
  const list = new CertificateRevocationList({
    version: 1,
    signature: ecdsaSha256(),
    signatureAlgorithm: ecdsaSha256(),
    issuer: o.issuer,
    thisUpdate: toTime(o.now.getTime()),
    nextUpdate: toTime(o.now.getTime() + NEXT_UPDATE_MS),
    crlExtensions: new Extensions({
      extensions: [authorityKeyIdentifier(o.issuerKeyId), crlNumber(o.number ?? o.now.getTime())],
    }),
  })
  const schema = list.toSchema(true) as asn1js.Sequence
  const [tbs] = schema.valueBlock.value
  // An empty list of entries must be absent, not empty (RFC 5280 §5.1.2.6). The extensions stand behind it.
  if (bySerial.size > 0) (tbs as asn1js.Sequence).valueBlock.value.splice(-1, 0, entries(bySerial))
  return toPem('X509 CRL', await signStructure(schema, signer))
}

/** Of each revocation what stands in a list: who keeps its revocations has a longer list made in no time. */
const encoded = new WeakMap<Revocation, Buffer>()

/** Encoded one by one: pkijs takes many seconds to put 20,000 of them together. */
const entries = (bySerial: ReadonlyMap<string, Revocation>): asn1js.BaseBlock => {
  const dates = new Map<number, Buffer>()
  const reasons = new Map<number, Buffer>()
  const once = <K>(kept: Map<K, Buffer>, key: K, make: () => ArrayBuffer): Buffer => {
    const found = kept.get(key) ?? Buffer.from(make())
    kept.set(key, found)
    return found
  }
  const encode = (serial: string, { atMs, reason }: Revocation): Buffer => {
    const bytes = Buffer.from(serial, 'hex')
    const positive = (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes
    const number = new asn1js.Integer({ valueHex: toArrayBuffer(positive) })
    const date = once(dates, Math.floor(atMs / 1000), () => toTime(atMs).toSchema().toBER())
    const extensions = (code: number): Buffer =>
      once(reasons, code, () => new Extensions({ extensions: [reasonCode(code)] }).toSchema().toBER())
    const tail = reason === undefined ? [] : [extensions(reason)]
    return Buffer.from(rawSequence([Buffer.from(number.toBER()), date, ...tail]).toBER())
  }
  return rawSequence(
    [...bySerial].map(([serial, one]) => {
      const entry = encoded.get(one) ?? encode(serial, one)
      encoded.set(one, entry)
      return entry
    }),
  )
}

/** What a judge needs of a revocation list. */
export interface RevokedSerials {
  readonly issuerDer: Buffer
  /** Revoked serial numbers in normal form (see normalSerial). */
  readonly serials: ReadonlySet<string>
  /** Whether `issuer` may sign lists and its key made this signature. */
  signedBy(issuer: CertificateFacts): boolean
}

/** A revocation list as read, its signature not yet checked. */
export interface CrlFacts extends RevokedSerials {
  /** CRLNumber; undefined where it has none. */
  readonly number?: number
  readonly thisUpdateMs: number
  readonly nextUpdateMs?: number
}

/** Reads a revocation list (PEM, or DER as a Buffer). Throws FILE_INVALID. */
export const readCrl = (pemOrDer: string | Buffer): CrlFacts => {
  const der = typeof pemOrDer === 'string' ? derBlocks(pemOrDer, 'X509 CRL')[0] : pemOrDer
  if (!der) throw new IotmcError('FILE_INVALID', { detail: 'no PEM revocation list found' })
  return reading('FILE_INVALID', 'damaged revocation list', () => {
    const { list, tbs, revoked } = takeApart(der)
    const number = numberOf(list)
    return {
      issuerDer: nameDer(list.issuer),
      ...(number === undefined ? {} : { number }),
      thisUpdateMs: list.thisUpdate.value.getTime(),
      ...(list.nextUpdate ? { nextUpdateMs: list.nextUpdate.value.getTime() } : {}),
      serials: serialsOf(revoked),
      signedBy: (issuer) => isSignedBy(list, tbs, issuer),
    }
  })
}

/** Tags of DER. */
const TAG = { integer: 0x02, sequence: 0x30, utcTime: 0x17, generalizedTime: 0x18 } as const
const isTime = ({ tag }: DerValue): boolean => tag === TAG.utcTime || tag === TAG.generalizedTime

const damaged = (): IotmcError => new IotmcError('FILE_INVALID', { detail: 'damaged revocation list' })

/** The list without its entries for pkijs to read, and the entries, which it would take many seconds for. */
const takeApart = (
  der: Buffer,
): { list: CertificateRevocationList; tbs: Buffer; revoked: readonly DerValue[] } => {
  const [outer, ...more] = derValues(der, 'FILE_INVALID')
  if (outer?.tag !== TAG.sequence || more.length > 0) throw damaged()
  const [tbs, ...signed] = derValues(outer.content, 'FILE_INVALID')
  if (tbs?.tag !== TAG.sequence) throw damaged()
  const fields = derValues(tbs.content, 'FILE_INVALID')
  const afterTimes = fields.findLastIndex(isTime) + 1
  const found = afterTimes > 0 && fields[afterTimes]?.tag === TAG.sequence ? fields[afterTimes] : undefined
  const header = rawSequence(fields.filter((one) => one !== found).map(({ whole }) => whole))
  const small = rawSequence([Buffer.from(header.toBER()), ...signed.map(({ whole }) => whole)])
  return {
    list: new CertificateRevocationList({ schema: parseAsn1(Buffer.from(small.toBER()), 'FILE_INVALID') }),
    tbs: tbs.whole,
    revoked: found ? derValues(found.content, 'FILE_INVALID') : [],
  }
}

const serialsOf = (revoked: readonly DerValue[]): Set<string> => {
  const serials = new Set<string>()
  // Of a whole list there are few kinds of extensions.
  const counts = new Map<string, boolean>()
  for (const { tag, content } of revoked) {
    const [serial, date, extensions, ...more] = derValues(content, 'FILE_INVALID')
    if (tag !== TAG.sequence || serial?.tag !== TAG.integer || !date || !isTime(date) || more.length > 0)
      throw damaged()
    const key = extensions?.whole.toString('latin1') ?? ''
    const isRevoked = counts.get(key) ?? (!extensions || countsHere(extensions.whole))
    counts.set(key, isRevoked)
    if (isRevoked) serials.add(normalSerial(serial.content.toString('hex') || '00'))
  }
  return serials
}

const numberOf = ({ crlExtensions }: CertificateRevocationList): number | undefined => {
  const found = crlExtensions?.extensions.find(({ extnID }) => extnID === OID.crlNumber)
  if (!found) return undefined
  const value = parseAsn1(Buffer.from(found.extnValue.valueBlock.valueHexView), 'FILE_INVALID')
  const number = value instanceof asn1js.Integer ? Number(value.toBigInt()) : Number.NaN
  // A factory may number as it likes, up to 20 octets; what can't be counted with is no number to compare.
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

const isSignedBy = (list: CertificateRevocationList, tbs: Buffer, issuer: CertificateFacts): boolean => {
  const hash = SIGNATURE_HASHES[list.signatureAlgorithm.algorithmId]
  if (!hash || list.signature.algorithmId !== list.signatureAlgorithm.algorithmId) return false
  if (issuer.keyUsage !== undefined && (issuer.keyUsage & KEY_USAGE.cRLSign) === 0) return false
  return verify(hash, tbs, issuer.x509.publicKey, list.signatureValue.valueBlock.valueHexView)
}

// An entry that names another issuer (indirect list) or takes a hold back is none against this issuer's certificates.
const countsHere = (der: Buffer): boolean =>
  !new Extensions({ schema: parseAsn1(der, 'FILE_INVALID') }).extensions.some(
    ({ extnID, extnValue }) =>
      extnID === OID.certificateIssuer ||
      (extnID === OID.reasonCode && extnValue.valueBlock.valueHexView.at(-1) === REMOVE_FROM_CRL),
  )
