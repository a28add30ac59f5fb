import { createHash, X509Certificate } from 'node:crypto'
import { IotmcError } from '../contract/errors'
import { claimOf } from '../contract/fingerprint'

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----/g

/** DER → PEM with lines of 64 characters and a closing line break. */
export const toPem = (label: string, der: Uint8Array): string => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** The DER of each PEM block with `label`, in order; text around blocks is ignored. */
export const derBlocks = (pem: string, label: string): Buffer[] =>
  [...pem.matchAll(BLOCK)].filter((m) => m[1] === label).map((m) => Buffer.from(m[2] ?? '', 'base64'))

/** Each certificate of a PEM chain as its own PEM, in order. */
export const splitPem = (pem: string): string[] =>
  derBlocks(pem, 'CERTIFICATE').map((der) => toPem('CERTIFICATE', der))

/** DER of the first certificate in a PEM text, or the bytes themselves. Throws CERTIFICATE_INVALID. */
export const certificateDer = (pemOrDer: string | Buffer): Buffer => {
  const text =
    typeof pemOrDer === 'string' ? pemOrDer : looksLikePem(pemOrDer) ? pemOrDer.toString('latin1') : undefined
  if (text === undefined) return pemOrDer as Buffer
  const [der] = derBlocks(text, 'CERTIFICATE')
  if (!der) throw new IotmcError('CERTIFICATE_INVALID', { detail: 'no PEM certificate found' })
  return der
}

/** Whether bytes are PEM text rather than DER (DER starts with 0x30). */
export const looksLikePem = (data: Buffer): boolean => data[0] !== 0x30 && data.includes('-----BEGIN ')

/** SHA-256 as lower-case hex. */
export const sha256Hex = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')

/** SHA-256 of the DER as upper-case hex pairs joined by colons, the form shown to people. */
export const fingerprintOf = (der: Uint8Array): string =>
  (sha256Hex(der).toUpperCase().match(/../g) ?? []).join(':')

/** What the holder of an identity certificate claims: the `id=` of the management header (§2). */
export const claimId = (der: Uint8Array): string => claimOf(sha256Hex(der))

/** node:crypto's view of a certificate; throws CERTIFICATE_INVALID unless `der` is exactly one certificate. */
export const toX509 = (der: Buffer): X509Certificate => {
  let x509: X509Certificate
  try {
    x509 = new X509Certificate(der)
  } catch (cause) {
    throw new IotmcError('CERTIFICATE_INVALID', { detail: 'not an X.509 certificate', cause })
  }
  if (!x509.raw.equals(der))
    throw new IotmcError('CERTIFICATE_INVALID', { detail: 'bytes after the certificate' })
  return x509
}
