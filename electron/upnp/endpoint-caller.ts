/** Who makes a request, as TLS has proven it, and with which role. */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { ErrorCode } from '../contract/errors'
import type { Role } from '../contract/names'
import type { PeerCertificate } from '../net/tls'

/** What a check of a client's chain says: TrustStore.judge fits it. */
export type EndpointVerdict =
  | { readonly ok: true; readonly role: Role; readonly udn?: string | undefined }
  | { readonly ok: false; readonly code: ErrorCode; readonly detail?: string }

export interface Caller {
  readonly role: Role
  readonly peer: PeerCertificate | undefined
  readonly peerUdn: string | undefined
  /** SHA-256 of the client certificate, lower-case hex. */
  readonly fingerprint: string | undefined
  readonly remoteAddress: string
}

interface Proof {
  readonly role: Role
  readonly udn: string | undefined
  readonly fingerprint: string
  readonly atMs: number
}

const PROOF_MAX_AGE_MS = 10_000
const proofs = new WeakMap<PeerCertificate, Proof>()

/** The caller of a request. A client without a certificate, or no longer accepted, is Public and has no peer. */
export const callerOf = (
  req: IncomingMessage,
  peer: PeerCertificate | undefined,
  judge: (chainDer: readonly Buffer[]) => EndpointVerdict,
): Caller => {
  const remoteAddress = (req.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '')
  const nobody = {
    role: 'Public',
    peer: undefined,
    peerUdn: undefined,
    fingerprint: undefined,
    remoteAddress,
  } as const
  if (!peer) return nobody
  let proof = proofs.get(peer)
  if (!proof || Math.abs(Date.now() - proof.atMs) > PROOF_MAX_AGE_MS) {
    const verdict = judge(peer.chainDer)
    if (!verdict.ok) return nobody
    const fingerprint = createHash('sha256').update(peer.der).digest('hex')
    proof = { role: verdict.role, udn: verdict.udn, fingerprint, atMs: Date.now() }
    proofs.set(peer, proof)
  }
  return { role: proof.role, peer, peerUdn: proof.udn, fingerprint: proof.fingerprint, remoteAddress }
}
