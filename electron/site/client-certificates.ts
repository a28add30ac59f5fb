/** Certificates for other programs of this site, such as a building's own management: issued by the site's authority. */
import { createHash, randomUUID } from 'node:crypto'
import type { Role } from '../contract/names'
import type { Authority } from '../identity/authority'
import { generateKeyPem, publicKeyOf } from '../identity/keys'
import type { Clock } from '../net/clock'
import type { CertificateTable } from '../store/tables/certificates'

export interface ClientRequest {
  /** What its holder may do on devices; Admin contains Basic. */
  readonly role: Exclude<Role, 'Public'>
  readonly name: string
  readonly days: number
}

/** A key and its certificate. The key is handed out once and kept nowhere. */
export interface ClientIdentity {
  readonly udn: string
  readonly keyPem: string
  /** The certificate first, then what stands above it. */
  readonly chainPem: string
  readonly serialNumber: string
  readonly notAfter: string
  readonly fingerprint: string
}

export interface ClientIssuer {
  readonly authority: Pick<Authority, 'issueController'>
  readonly certificates: Pick<CertificateTable, 'reserve' | 'complete'>
  readonly clock: Clock
  readonly audit: (action: string, subject: string, detail?: string) => void
}

const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')

/** Makes a key and issues its certificate; both are on record before it is handed out, the key is not. */
export const issueClient = async (issuer: ClientIssuer, request: ClientRequest): Promise<ClientIdentity> => {
  const { authority, certificates, clock, audit } = issuer
  const { role, name, days } = request
  const keyPem = generateKeyPem()
  const publicKeySpki = publicKeyOf(keyPem)
  const udn = `uuid:${randomUUID()}`
  const key = sha256(publicKeySpki)
  const atMs = clock.now()
  const { serialNumber } = certificates.reserve({
    kind: 'Controller',
    udn,
    // There is no request in a file: the key stands for it.
    requestSha256: key,
    publicKeySha256: key,
    atMs,
  })
  const issued = await authority.issueController({
    publicKeySpki,
    udn,
    role,
    name,
    now: new Date(atMs),
    validityDays: days,
    certificateSerial: serialNumber,
  })
  const { pem, chainPem, notAfter, fingerprint } = issued
  certificates.complete(serialNumber, { pem, chainPem, notAfter, fingerprint }, clock.now())
  audit('client-certificate-issued', udn, `${role}, ${name}, until ${notAfter}, ${serialNumber}`)
  return { udn, keyPem, chainPem, serialNumber, notAfter, fingerprint }
}
