/** Judges what a controller answers as this device's new LDevID, before a byte of it is stored. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { IotmcError } from '../contract/errors'
import { readCertificate, splitPem } from '../identity/certificate'
import { siteTrust } from './site-anchor'

export interface Expectation {
  readonly udn: string
  readonly keyPem: string
  readonly anchorPem: string
  readonly now: () => number
}

/** The chain in one PEM text, leaf first. CERTIFICATE_INVALID: unreadable, another key, another UDN, another site. */
export const checkIssued = (chainPem: string, expected: Expectation): string => {
  const invalid = (detail: string, cause?: unknown) =>
    new IotmcError('CERTIFICATE_INVALID', { subject: expected.udn, detail, cause })
  const blocks = splitPem(chainPem)
  let chain: X509Certificate[]
  try {
    chain = blocks.map((pem) => new X509Certificate(pem))
  } catch (cause) {
    throw invalid('unreadable', cause)
  }
  const [leaf] = chain
  if (!leaf || chain.length > 6) throw invalid(`${chain.length} certificates`)
  if (!leaf.checkPrivateKey(createPrivateKey(expected.keyPem))) throw invalid('issued for another key')
  const verdict = siteTrust(expected.anchorPem, expected.now).judge(
    chain.map((each) => each.raw),
    { udn: expected.udn, kind: 'LDevID' },
  )
  if (!verdict.ok) throw invalid(`${verdict.code} ${verdict.detail ?? ''}`.trim())
  return `${blocks.map((pem) => pem.trim()).join('\n')}\n`
}

/** Start and end of a certificate's life, milliseconds since 1970. */
export const lifeOf = (chainPem: string): { readonly fromMs: number; readonly untilMs: number } => {
  const { summary } = readCertificate(splitPem(chainPem)[0] ?? '')
  return { fromMs: Date.parse(summary.notBefore), untilMs: Date.parse(summary.notAfter) }
}

/** DER of a PEM request, as base64 for the wire. */
export const requestForWire = (pem: string): string => pem.replace(/-----[^-]+-----/g, '').replace(/\s/g, '')
