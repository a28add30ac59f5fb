/** Throwaway keys, certificates and chains for the tests of identity: any deviation can be asked for by name. */
import { randomUUID } from 'node:crypto'
import * as asn1js from 'asn1js'
import { BasicConstraints, Extension, ExtKeyUsage } from 'pkijs'
import { type CertificateFacts, readCertificate } from '../../electron/identity/certificate'
import { type Revocation, signCrl } from '../../electron/identity/crl'
import {
  authorityKeyIdentifier,
  KEY_USAGE,
  keyIdentifier,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from '../../electron/identity/extensions'
import { newSerial, signCertificate } from '../../electron/identity/issue'
import { generateKeyPem, keySigner, type Signer } from '../../electron/identity/keys'
import { simpleSubject } from '../../electron/identity/names'
import { OID } from '../../electron/identity/oids'
import { toPem } from '../../electron/identity/pem'

export const NOW = Date.UTC(2027, 0, 15, 12)
export const DAY = 24 * 3600_000

export interface Entity {
  readonly name: string
  readonly keyPem: string
  readonly der: Buffer
  readonly pem: string
  readonly facts: CertificateFacts
}

export interface Wanted {
  readonly name: string
  readonly issuer?: Entity
  readonly keyPem?: string
  readonly publicKeySpki?: Buffer
  readonly ca?: boolean
  readonly pathLen?: number
  /** undefined: the usual bits; false: no KeyUsage extension. */
  readonly keyUsage?: number | false
  readonly purposes?: readonly string[]
  readonly uris?: readonly string[]
  readonly notBefore?: number
  readonly notAfter?: number
  readonly signer?: Signer
  readonly extra?: readonly Extension[]
  /** Leaves out the key identifiers of issuer and subject. */
  readonly withoutKeyIds?: boolean
}

export const newUdn = (): string => `uuid:${randomUUID()}`

const constraints = (cA: boolean, pathLen?: number): Extension =>
  new Extension({
    extnID: OID.basicConstraints,
    critical: true,
    extnValue: new BasicConstraints({ cA, ...(pathLen === undefined ? {} : { pathLenConstraint: pathLen }) })
      .toSchema()
      .toBER(),
  })

export const purposes = (keyPurposes: readonly string[]): Extension =>
  new Extension({
    extnID: OID.extendedKeyUsage,
    extnValue: new ExtKeyUsage({ keyPurposes: [...keyPurposes] }).toSchema().toBER(),
  })

/** Name constraints that permit what is under example.org, not critical. */
export const nameConstraints = (): Extension =>
  new Extension({
    extnID: OID.nameConstraints,
    extnValue: Uint8Array.from(Buffer.from('3011a00f300d820b6578616d706c652e6f7267', 'hex')).buffer,
  })

/** An extension that nothing knows. */
export const strangeExtension = (critical: boolean): Extension =>
  new Extension({ extnID: '2.999.77', critical, extnValue: new asn1js.Null().toBER() })

export const certify = async (wanted: Wanted): Promise<Entity> => {
  const keyPem = wanted.keyPem ?? generateKeyPem()
  const own = keySigner(keyPem)
  const spki = wanted.publicKeySpki ?? own.publicKeySpki
  const { issuer } = wanted
  const ca = wanted.ca ?? false
  const bits =
    wanted.keyUsage ?? (ca ? KEY_USAGE.keyCertSign | KEY_USAGE.cRLSign : KEY_USAGE.digitalSignature)
  const subject = simpleSubject(wanted.name)
  const keyIds = [
    subjectKeyIdentifier(keyIdentifier(spki)),
    authorityKeyIdentifier(keyIdentifier(issuer ? issuer.facts.publicKeySpki : spki)),
  ]
  const der = await signCertificate(
    {
      serial: newSerial(),
      issuer: issuer ? simpleSubject(issuer.name) : subject,
      subject,
      publicKeySpki: spki,
      notBeforeMs: wanted.notBefore ?? NOW - DAY,
      notAfterMs: wanted.notAfter ?? NOW + 365 * DAY,
      extensions: [
        ...(ca || wanted.pathLen !== undefined ? [constraints(ca, wanted.pathLen)] : []),
        ...(bits === false ? [] : [keyUsage(bits)]),
        ...(wanted.withoutKeyIds ? [] : keyIds),
        ...(wanted.purposes ? [purposes(wanted.purposes)] : []),
        ...(wanted.uris ? [subjectAltName(wanted.uris)] : []),
        ...(wanted.extra ?? []),
      ],
    },
    wanted.signer ?? (issuer ? keySigner(issuer.keyPem) : own),
  )
  return { name: wanted.name, keyPem, der, pem: toPem('CERTIFICATE', der), facts: readCertificate(der) }
}

export const root = (name: string, more: Partial<Wanted> = {}): Promise<Entity> =>
  certify({ name, ca: true, notAfter: NOW + 3650 * DAY, ...more })

export const device = (issuer: Entity, udn: string, more: Partial<Wanted> = {}): Promise<Entity> =>
  certify({
    name: 'TH-10 SN-1',
    issuer,
    uris: [`urn:${udn}`],
    purposes: [OID.clientAuth, OID.serverAuth],
    ...more,
  })

export const crlOf = (
  issuer: Entity,
  revoked: readonly Revocation[],
  nowMs = NOW,
  signer?: Signer,
): Promise<string> =>
  signCrl(
    {
      issuer: simpleSubject(issuer.name),
      issuerKeyId: keyIdentifier(issuer.facts.publicKeySpki),
      revoked,
      now: new Date(nowMs),
    },
    signer ?? keySigner(issuer.keyPem),
  )

export const revoke = (one: Entity): Revocation => ({
  serialNumber: one.facts.summary.serialNumber,
  atMs: NOW - 1000,
  reason: 1,
})
