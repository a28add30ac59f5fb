/** Whether a certificate of decommissioning has the device's own signature under what it says. */
import { verify } from 'node:crypto'
import { wipeStatementSchema } from '../contract/decommission'
import { plainFingerprint } from '../contract/fingerprint'
import type { ReportVerdict } from '../contract/report'
import { type CertificateFacts, readCertificate, splitPem } from '../identity/certificate'
import { sha256Hex } from '../identity/pem'
import type { CertificateContent } from './decommission-content'
import type { SealedFile } from './form'

type Problem = ReportVerdict['problems'][number]

/** Of content that can be read: each thing in it that the device's proof does not bear out. */
export const proofProblems = (
  content: CertificateContent,
  files: ReadonlyMap<SealedFile, Buffer>,
): Problem[] => {
  const { proof } = content
  const agree = (name: SealedFile, bytes: Buffer): Problem[] => {
    const file = files.get(name)
    return !file || file.equals(bytes) ? [] : [form(`${name} and certificate.json do not agree`)]
  }
  return [
    ...agree('statement.json', Buffer.from(proof.statement)),
    ...agree('statement.sig', Buffer.from(proof.signature, 'base64')),
    ...agree('identity.pem', Buffer.from(proof.chainPem)),
    ...signatureProblems(content),
  ]
}

const form = (detail: string): Problem => ({ kind: 'form', detail })
const wrong = (detail: string): Problem => ({ kind: 'signature', detail: `the device’s proof: ${detail}` })

const signatureProblems = ({ proof, device, order, wiped }: CertificateContent): Problem[] => {
  const chain = readChain(proof.chainPem)
  const [leaf] = chain
  if (!leaf) return [wrong('its factory certificate can not be read')]
  const statement = readStatement(proof.statement)
  if (!statement) return [wrong('the statement has another form')]
  const { statement: text, signature } = proof
  const problems: string[] = []
  if (!isSigned(text, signature, leaf)) problems.push('the signature is not by its factory key')
  if (chain.some((one, i) => !isIssuedBy(one, chain[i + 1])))
    problems.push('its factory certificate is not by what stands above it')
  if (sha256Hex(leaf.der) !== plainFingerprint(proof.idevid))
    problems.push('another factory certificate than the one that is named')
  if (statement.udn !== device.udn || leaf.udn !== device.udn) problems.push('it is about another device')
  if (statement.nonce !== order.nonce) problems.push('it answers another order')
  if (statement.serialNumber !== device.serialNumber || statement.model !== device.model)
    problems.push('it names another model or serial number')
  if (JSON.stringify([statement.wipes, statement.items]) !== JSON.stringify([wiped.wipes, wiped.items]))
    problems.push('it says something else about what was wiped')
  return problems.map(wrong)
}

const readChain = (pem: string): CertificateFacts[] => {
  try {
    return splitPem(pem).map((one) => readCertificate(one))
  } catch {
    return []
  }
}

const readStatement = (text: string) => {
  try {
    return wipeStatementSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

const isSigned = (text: string, signature: string, { x509 }: CertificateFacts): boolean => {
  try {
    return verify('sha256', Buffer.from(text), x509.publicKey, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}

/** The last stands for itself: whether to trust it is for whoever knows the maker. */
const isIssuedBy = ({ x509 }: CertificateFacts, issuer: CertificateFacts | undefined): boolean => {
  if (!issuer) return true
  try {
    return issuer.isCa && x509.verify(issuer.x509.publicKey)
  } catch {
    return false
  }
}
