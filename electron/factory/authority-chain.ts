/** Judges the answer to a station's request: the station's certificate first, its root last. */
import { IotmcError } from '../contract/errors'
import { type CertificateFacts, readCertificate, splitPem } from '../identity/certificate'
import { KEY_USAGE } from '../identity/extensions'
import { curveOf } from '../identity/keys'
import { PATH_MAX } from '../identity/path'

/** A chain whose every certificate was checked against the one above it, up to its self-signed root. */
export interface StationChain {
  readonly station: CertificateFacts
  readonly root: CertificateFacts
  readonly all: readonly CertificateFacts[]
}

/**
 * Reads and checks a station's chain but for its time. Throws CERTIFICATE_INVALID (not a station's certificate) and
 * AUTHORITY_UNTRUSTED (the chain does not hold up to a self-signed root).
 */
export const readStationChain = (chainPem: string): StationChain => {
  const all = splitPem(chainPem).map(readCertificate)
  const [station] = all
  const root = all.at(-1)
  if (!station || !root) throw invalid('no certificate found')
  const unfit = stationProblem(station)
  if (unfit) throw invalid(unfit, station)
  const broken = chainProblem(all)
  if (broken)
    throw new IotmcError('AUTHORITY_UNTRUSTED', { subject: station.summary.subject, detail: broken })
  return { station, root, all }
}

/** Throws AUTHORITY_EXPIRED unless every certificate of the chain is valid at `nowMs`. */
export const checkStationTime = ({ all }: StationChain, nowMs: number): void => {
  for (const { summary, notBeforeMs, notAfterMs } of all) {
    const { subject, notBefore, notAfter } = summary
    const detail =
      nowMs > notAfterMs + 999
        ? `expired on ${notAfter.slice(0, 10)}`
        : nowMs < notBeforeMs
          ? `not valid before ${notBefore.slice(0, 10)}`
          : undefined
    if (detail) throw new IotmcError('AUTHORITY_EXPIRED', { subject, detail })
  }
}

/** The common name of a certificate's subject, or all of the subject where it has none. */
export const commonNameOf = ({ summary: { subject } }: CertificateFacts): string =>
  /(?:^|, )CN=(.*?)(?:, [A-Za-z0-9.]+=|$)/.exec(subject)?.[1] ?? subject

const STATION_USAGE = KEY_USAGE.keyCertSign | KEY_USAGE.digitalSignature

const stationProblem = (station: CertificateFacts): string | undefined => {
  if (!station.isCa || station.version !== 3) return 'not a CA certificate'
  if (station.pathLen !== 0) return 'its path length is not 0'
  if (((station.keyUsage ?? 0) & STATION_USAGE) !== STATION_USAGE)
    return 'it may not sign certificates and statements'
  if (station.subjectDer.equals(station.issuerDer)) return 'it is its own issuer'
  return undefined
}

const chainProblem = (all: readonly CertificateFacts[]): string | undefined => {
  // A device's certificate comes below, and the whole path must not be longer than any peer accepts.
  if (all.length + 1 > PATH_MAX) return 'the chain is too long'
  for (const [i, one] of all.entries()) {
    const above = Math.min(i + 1, all.length - 1)
    // Authorities between this issuer and a device: all that come before it here.
    const problem = linkProblem(one, all[above] ?? one, above)
    if (problem) return problem
  }
  return undefined
}

const linkProblem = (
  child: CertificateFacts,
  issuer: CertificateFacts,
  below: number,
): string | undefined => {
  const { subject } = issuer.summary
  if (!child.issuerDer.equals(issuer.subjectDer))
    return issuer === child ? `the root above ${subject} is missing` : 'the chain is not in order'
  if (!issuer.isCa || (issuer.keyUsage !== undefined && !(issuer.keyUsage & KEY_USAGE.keyCertSign)))
    return `${subject} may not sign certificates`
  if (issuer.pathLen !== undefined && below > issuer.pathLen) return `${subject} allows no CA this far below`
  if (issuer.unknownCritical.length > 0 || child.unknownCritical.length > 0)
    return 'an unknown critical extension or name constraints'
  if (!curveOf(issuer.publicKeySpki)) return `the key of ${subject} is not P-256 or P-384`
  if (!child.x509.verify(issuer.x509.publicKey)) return `wrong signature on ${child.summary.subject}`
  return undefined
}

const invalid = (detail: string, station?: CertificateFacts): IotmcError =>
  new IotmcError('CERTIFICATE_INVALID', {
    detail,
    ...(station ? { subject: station.summary.subject } : {}),
  })
