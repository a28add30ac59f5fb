import type { ErrorCode } from '../contract/errors'
import type { CertificateFacts } from './certificate'
import type { RevokedSerials } from './crl'
import { KEY_USAGE } from './extensions'
import { curveOf } from './keys'
import { OID, SIGNATURE_HASHES } from './oids'

/** Certificates in a path, leaf and root included. */
export const PATH_MAX = 5

export type CertificateKind = 'IDevID' | 'LDevID'
/** codeSigning: must say so in its purposes; client and server take a certificate without any. */
export type Usage = 'client' | 'server' | 'codeSigning'

export interface Anchor {
  readonly facts: CertificateFacts
  readonly kind: CertificateKind
}

/** Why a path does not hold; `path` is as far as it was built, leaf first. */
export interface PathProblem {
  readonly code: ErrorCode
  readonly detail: string
  readonly path: readonly CertificateFacts[]
}

/** Leaf first, anchor last. */
export interface TrustedPath {
  readonly kind: CertificateKind
  readonly path: readonly CertificateFacts[]
}

export interface PathInput {
  readonly leaf: CertificateFacts
  /** Other certificates at hand: what the peer sent, in any order. */
  readonly others: readonly CertificateFacts[]
  readonly anchors: readonly Anchor[]
  readonly crls: readonly RevokedSerials[]
  /** undefined: neither time nor revocation count, for what was judged once and must go on running. */
  readonly nowMs: number | undefined
  readonly usage?: Usage
  /** Whether `issuer`'s key made `child`'s signature; cached by the caller. */
  readonly isSignedBy: (child: CertificateFacts, issuer: CertificateFacts) => boolean
}

/**
 * Builds and checks every path from the leaf to an anchor (RFC 5280 §6.1, without policies and name constraints, whose
 * critical use is refused). Gives the first that holds, or the problem that says most.
 */
export const findPath = (input: PathInput): TrustedPath | PathProblem => {
  const unfit = leafProblem(input.leaf, input.usage)
  if (unfit) return { code: 'IDENTITY_NOT_TRUSTED', detail: unfit, path: [input.leaf] }
  let worst: PathProblem = {
    code: 'IDENTITY_NOT_TRUSTED',
    detail: 'no trusted root for this certificate',
    path: [input.leaf],
  }
  const note = (problem: PathProblem): void => {
    if (rank(problem) > rank(worst)) worst = problem
  }
  const climb = (path: readonly CertificateFacts[]): TrustedPath | undefined => {
    for (const step of nextSteps(path, input, note)) {
      const longer = [...path, step.facts]
      if (!step.kind) {
        const found = climb(longer)
        if (found) return found
        continue
      }
      const problem = pathProblem(longer, input)
      if (!problem) return { kind: step.kind, path: longer }
      note(problem)
    }
    return undefined
  }
  return climb([input.leaf]) ?? worst
}

interface Step {
  readonly facts: CertificateFacts
  /** Set where the step ends at an anchor. */
  readonly kind?: CertificateKind
}

// Anchors first, so that a short path is found first.
const nextSteps = (
  path: readonly CertificateFacts[],
  input: PathInput,
  note: (p: PathProblem) => void,
): Step[] => {
  const child = path.at(-1)
  if (!child) return []
  const isAnchor = (one: CertificateFacts): boolean => input.anchors.some(({ facts }) => same(facts, one))
  const candidates: Step[] = [
    ...input.anchors,
    ...input.others
      .filter((one) => !path.some((used) => same(used, one)) && !isAnchor(one))
      .map((facts) => ({ facts })),
  ]
  return candidates.filter(({ facts }) => {
    if (!facts.subjectDer.equals(child.issuerDer)) return false
    const detail =
      linkProblem(child, facts, input) ?? (path.length >= PATH_MAX ? 'the chain is too long' : undefined)
    if (detail) note({ code: 'IDENTITY_NOT_TRUSTED', detail, path: [...path, facts] })
    return detail === undefined
  })
}

const linkProblem = (
  child: CertificateFacts,
  issuer: CertificateFacts,
  input: PathInput,
): string | undefined => {
  const { subject } = issuer.summary
  if (child.authorityKeyId && issuer.subjectKeyId && child.authorityKeyId !== issuer.subjectKeyId)
    return `issued by another key of ${subject}`
  if (!SIGNATURE_HASHES[child.signatureOid]) return 'signature algorithm not accepted'
  if (!curveOf(issuer.publicKeySpki)) return `the key of ${subject} is not P-256 or P-384`
  if (issuer.version !== 3 || !issuer.isCa) return `${subject} is not a CA`
  if (issuer.keyUsage !== undefined && !(issuer.keyUsage & KEY_USAGE.keyCertSign))
    return `${subject} may not sign certificates`
  if (issuer.unknownCritical.length > 0)
    return `${subject} has an unknown critical extension or name constraints`
  if (!fits(issuer, input.usage)) return `${subject} may not issue certificates for this use`
  if (!input.isSignedBy(child, issuer)) return `wrong signature on ${child.summary.subject}`
  return undefined
}

const leafProblem = (leaf: CertificateFacts, usage: Usage | undefined): string | undefined => {
  if (!curveOf(leaf.publicKeySpki)) return 'the key is not P-256 or P-384'
  if (leaf.version !== 3) return 'not an X.509 v3 certificate'
  if (leaf.isCa)
    return usage === 'codeSigning'
      ? 'a CA certificate signs no firmware'
      : 'a CA certificate is no device identity'
  if (leaf.unknownCritical.length > 0) return 'unknown critical extension or name constraints'
  if (leaf.keyUsage !== undefined && !(leaf.keyUsage & KEY_USAGE.digitalSignature))
    return 'the certificate may not be used to sign'
  if (usage === 'codeSigning') return codeSigningProblem(leaf)
  if (!fits(leaf, usage)) return 'the certificate may not be used for TLS'
  return undefined
}

// Said outright, never by leaving it open: almost every certificate of a factory could sign firmware otherwise.
const codeSigningProblem = ({ extendedKeyUsage, keyUsage }: CertificateFacts): string | undefined => {
  if (!extendedKeyUsage?.includes(OID.codeSigning)) return 'the certificate is not made for code signing'
  return keyUsage === undefined ? 'the certificate does not say that it may sign' : undefined
}

const fits = ({ extendedKeyUsage: purposes }: CertificateFacts, usage: Usage | undefined): boolean => {
  if (!purposes || purposes.includes(OID.anyExtendedKeyUsage)) return true
  if (usage === 'codeSigning') return purposes.includes(OID.codeSigning)
  if (usage !== 'server' && purposes.includes(OID.clientAuth)) return true
  return usage !== 'client' && purposes.includes(OID.serverAuth)
}

const pathProblem = (path: readonly CertificateFacts[], input: PathInput): PathProblem | undefined =>
  (input.nowMs === undefined
    ? undefined
    : (revocationProblem(path, input) ?? validityProblem(path, input.nowMs))) ?? lengthProblem(path)

const revocationProblem = (
  path: readonly CertificateFacts[],
  { crls }: PathInput,
): PathProblem | undefined => {
  for (const [i, one] of path.slice(0, -1).entries()) {
    const issuer = path[i + 1]
    const revoked = crls.some(
      (crl) =>
        issuer &&
        crl.issuerDer.equals(one.issuerDer) &&
        crl.serials.has(one.summary.serialNumber) &&
        crl.signedBy(issuer),
    )
    if (revoked) return { code: 'IDENTITY_REVOKED', detail: `${one.summary.subject} is revoked`, path }
  }
  return undefined
}

const validityProblem = (path: readonly CertificateFacts[], nowMs: number): PathProblem | undefined => {
  for (const one of path) {
    const { subject, notBefore, notAfter } = one.summary
    if (nowMs > one.notAfterMs + 999)
      return { code: 'IDENTITY_EXPIRED', detail: `${subject} expired on ${notAfter.slice(0, 10)}`, path }
    if (nowMs < one.notBeforeMs)
      return {
        code: 'IDENTITY_EXPIRED',
        detail: `${subject} is not valid before ${notBefore.slice(0, 10)}`,
        path,
      }
  }
  return undefined
}

// pathLen counts the intermediate certificates below, self-issued ones excepted (RFC 5280 §4.2.1.9).
const lengthProblem = (path: readonly CertificateFacts[]): PathProblem | undefined => {
  let below = 0
  for (const ca of path.slice(1)) {
    if (ca.pathLen !== undefined && below > ca.pathLen)
      return {
        code: 'IDENTITY_NOT_TRUSTED',
        detail: `${ca.summary.subject} allows no CA this far below`,
        path,
      }
    if (!ca.subjectDer.equals(ca.issuerDer)) below++
  }
  return undefined
}

const same = (a: CertificateFacts, b: CertificateFacts): boolean =>
  a.summary.fingerprint === b.summary.fingerprint

// A revoked or expired path says more than a missing one; of missing ones, the longest.
const rank = ({ code, path }: PathProblem): number =>
  (code === 'IDENTITY_REVOKED' ? 100 : code === 'IDENTITY_EXPIRED' ? 50 : 0) + path.length
