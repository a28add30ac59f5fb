import { z } from 'zod'
import { IotmcError } from '../contract/errors'
import { type CertificateFacts, readCertificate, splitPem } from './certificate'
import { KEY_USAGE } from './extensions'
import { curveOf, publicKeyOf } from './keys'

/** A CA's key and its chain, the CA certificate first. */
export interface StoredAuthority {
  readonly keyPem: string
  readonly chainPem: string
}

const storedSchema = z.object({ version: z.literal(1), keyPem: z.string(), chainPem: z.string() })
const CHAIN_MAX = 5

/** Reads what Authority keeps in the vault. Throws DATA_DAMAGED. */
export const readAuthority = (secret: Buffer): StoredAuthority => {
  try {
    return storedSchema.parse(JSON.parse(secret.toString('utf8')))
  } catch {
    // The cause is dropped: it could quote the key.
    throw new IotmcError('DATA_DAMAGED', { detail: 'a kept authority can not be read' })
  }
}

/**
 * Checks that the first certificate is a CA certificate on P-256 or P-384 made for `key` (PEM private key, or SPKI),
 * and that each further one issued the one before. Throws CERTIFICATE_INVALID.
 */
export const checkAuthorityChain = (chainPem: string, key: string | Buffer): CertificateFacts[] => {
  const chain = splitPem(chainPem).map(readCertificate)
  const [ca] = chain
  if (!ca || chain.length > CHAIN_MAX) throw invalid(ca ? 'the chain is too long' : 'no certificate found')
  if (!ca.isCa) throw invalid('not a CA certificate')
  if (ca.keyUsage !== undefined && (ca.keyUsage & KEY_USAGE.keyCertSign) === 0)
    throw invalid('the certificate may not sign certificates')
  if (!curveOf(ca.publicKeySpki)) throw invalid('the CA key is not P-256 or P-384')
  const spki = typeof key === 'string' ? publicKeyOf(key) : key
  if (!spki.equals(ca.publicKeySpki)) throw invalid('key and certificate do not belong together')
  chain.slice(1).forEach((issuer, i) => {
    if (!chain[i]?.x509.checkIssued(issuer.x509) || !chain[i]?.x509.verify(issuer.x509.publicKey))
      throw invalid('the chain is not in order')
  })
  return chain
}

const invalid = (detail: string): IotmcError => new IotmcError('CERTIFICATE_INVALID', { detail })
