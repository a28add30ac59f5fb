/** TLS policy and peer certificates, shared by server and client (docs/protocol.md §3). */
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import type { ErrorCode } from '../contract/errors'

/** A private key and its certificate chain, leaf first, both PEM. Never logged. */
export interface TlsIdentity {
  readonly keyPem: string
  readonly chainPem: string
}

/** What the other side showed: DER, leaf first, completed from the known CAs where the peer sent the leaf alone. */
export interface PeerCertificate {
  readonly der: Buffer
  readonly chainDer: readonly Buffer[]
}

/**
 * Whether a peer is who it should be; `detail` is one technical phrase for the log. With `acceptsExpired` a client takes the
 * server also where nothing but the time of its certificate is over.
 */
export type PeerVerdict =
  | { readonly ok: true; readonly acceptsExpired?: true }
  | { readonly ok: false; readonly code: ErrorCode; readonly detail?: string }

const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':')

/**
 * TLS 1.3 preferred, 1.2 with forward secrecy and AEAD at the least.
 * A site CA that is itself issued by another CA is a trust anchor too (`allowPartialTrustChain`, ignored where unknown).
 */
export const TLS_OPTIONS = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: CIPHERS,
  honorCipherOrder: true,
  allowPartialTrustChain: true,
} as const

/** Waits and counts of the TLS layer that mean nothing above it. */
export const TLS_LIMITS = {
  handshakeMs: 10_000,
  chainMax: 8,
  /** A kept-open connection is judged again after this long, so that a revocation reaches it. */
  verdictMaxAgeMs: 60_000,
} as const

/** The certificates that the peer of a connected socket showed; undefined when it showed none. */
export const peerCertificateOf = (socket: TLSSocket): PeerCertificate | undefined => {
  const chainDer: Buffer[] = []
  const seen = new Set<string>()
  let current: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  // A self-signed certificate is its own issuerCertificate, and a cross-signed pair could point at each other.
  while (current?.raw && chainDer.length < TLS_LIMITS.chainMax) {
    const key = current.raw.toString('base64')
    if (seen.has(key)) break
    seen.add(key)
    chainDer.push(current.raw)
    current = current.issuerCertificate
  }
  const der = chainDer[0]
  return der ? { der, chainDer } : undefined
}

/** OpenSSL's name for a certificate whose time is over. */
export const TIME_IS_OVER = 'CERT_HAS_EXPIRED'
const EXPIRED = new Set([TIME_IS_OVER, 'CERT_NOT_YET_VALID'])

/** The cause behind an OpenSSL verification error name (`TLSSocket.authorizationError`). */
export const verifyErrorCode = (name: string | undefined): ErrorCode => {
  if (name !== undefined && EXPIRED.has(name)) return 'IDENTITY_EXPIRED'
  return name === 'CERT_REVOKED' ? 'IDENTITY_REVOKED' : 'IDENTITY_NOT_TRUSTED'
}

/** The name of the verification error of a socket; Node's types say Error, the runtime gives the name. */
export const authorizationErrorOf = (socket: TLSSocket): string | undefined => {
  const error: unknown = socket.authorizationError
  if (error === null || error === undefined) return undefined
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error)
}
