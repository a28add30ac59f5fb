/** Whether what a device says about its wipe is signed by the factory key that it was known by. */
import { verify } from 'node:crypto'
import { type WipeStatement, wipeStatementSchema } from '../contract/decommission'
import { IotmcError } from '../contract/errors'
import { plainFingerprint } from '../contract/fingerprint'
import { type CertificateFacts, readCertificate } from '../identity/certificate'
import { toPem } from '../identity/pem'
import { TrustStore } from '../identity/trust'

/** As the device gave it: the text, and the signature over its bytes (DER, base64). */
export interface WipeAnswer {
  readonly statement: string
  readonly signature: string
}

export interface ProofQuestion {
  readonly answer: WipeAnswer
  readonly udn: string
  readonly nonce: string
  /** SHA-256 of the factory certificate, in any usual form, where it is known. */
  readonly idevid: string | undefined
  /** The factory certificate first, then what the device sent with it; DER. */
  readonly chainDer: readonly Buffer[]
  /** Trusted factory roots, PEM. */
  readonly roots: readonly string[]
}

export interface Proven {
  readonly statement: WipeStatement
  /** The factory certificate and what stands above it, the root last; PEM. */
  readonly chainPem: string
  /** SHA-256 of the factory certificate, lower-case hex. */
  readonly idevid: string
}

/** The statement in a text, where it has its form. Errors: PROOF_INVALID. */
export const readStatement = (text: string, subject: string): WipeStatement => {
  try {
    return wipeStatementSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new IotmcError('PROOF_INVALID', { subject, detail: 'the statement has another form', cause })
  }
}

/** Errors: PROOF_INVALID with the first thing that is wrong, IDENTITY_* where the chain does not hold. */
export const checkProof = (question: ProofQuestion): Proven => {
  const { answer, udn, nonce, chainDer, roots, idevid } = question
  const wrong = (detail: string): IotmcError => new IotmcError('PROOF_INVALID', { subject: udn, detail })
  const statement = readStatement(answer.statement, udn)
  if (statement.udn !== udn) throw wrong('it is about another device')
  if (statement.nonce !== nonce) throw wrong('it answers another order')
  const { leaf, path } = pathOf(chainDer, roots, udn)
  const fingerprint = plainFingerprint(leaf.summary.fingerprint)
  if (idevid !== undefined && plainFingerprint(idevid) !== fingerprint)
    throw wrong('another factory identity than the one it came with')
  if (leaf.deviceSerial !== undefined && statement.serialNumber !== leaf.deviceSerial)
    throw wrong('it names another serial number than its factory certificate')
  if (!isSigned(answer, leaf)) throw wrong('the signature is not by its factory key')
  return {
    statement,
    chainPem: path.map((one) => toPem('CERTIFICATE', one.der)).join(''),
    idevid: fingerprint,
  }
}

/** Whether the key of a certificate has signed the text. */
export const isSigned = ({ statement, signature }: WipeAnswer, { x509 }: CertificateFacts): boolean => {
  try {
    return verify('sha256', Buffer.from(statement), x509.publicKey, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}

/** Revocation does not count: the site may have put the identity on its own list a moment ago. */
const pathOf = (
  chainDer: readonly Buffer[],
  roots: readonly string[],
  udn: string,
): { leaf: CertificateFacts; path: readonly CertificateFacts[] } => {
  const trust = new TrustStore({
    roots: () => roots,
    siteCa: () => undefined,
    crls: () => [],
    now: () => undefined,
  })
  const verdict = trust.judge(chainDer, { udn, kind: 'IDevID' })
  if (!verdict.ok) throw new IotmcError(verdict.code, { subject: udn, detail: verdict.detail })
  const [first] = chainDer
  if (!first) throw new IotmcError('IDENTITY_NOT_TRUSTED', { subject: udn })
  const known = [...chainDer.map((der) => readCertificate(der)), ...roots.map((pem) => readCertificate(pem))]
  const path = [...verdict.chain]
    .reverse()
    .flatMap(({ fingerprint }) => known.find(({ summary }) => summary.fingerprint === fingerprint) ?? [])
  return { leaf: readCertificate(first), path }
}
