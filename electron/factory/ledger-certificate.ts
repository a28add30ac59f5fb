/** Certificates as the ledger promises and keeps them. */
import { IotmcError } from '../contract/errors'
import { readCertificate } from '../identity/certificate'
import { derBlocks, fingerprintOf, sha256Hex, toPem } from '../identity/pem'
import { normalSerial } from '../identity/serial-number'
import type { Random } from '../net/clock'
import type { UnitRecord } from './ledger-unit'

export interface IssuedFacts {
  readonly certificate: { readonly pem: string; readonly chainPem: string; readonly fingerprint: string }
  /** Leaf first, without the root, each under its fingerprint. */
  readonly all: readonly { readonly fingerprint: string; readonly pem: string }[]
}

/** A random serial number for a certificate: 18 octets, positive, upper-case hex (RFC 5280 §4.1.2.2). */
export const newCertificateSerial = (random: Random): string => {
  const bytes = random.bytes(18)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex').toUpperCase()
}

/** Checks that a certificate is the one that was promised to the unit. Throws DEFECT, CERTIFICATE_INVALID. */
export const readIssued = (unit: UnitRecord, given: { readonly chainPem: string }): IssuedFacts => {
  const all = derBlocks(given.chainPem, 'CERTIFICATE').map((der) => ({
    der,
    fingerprint: fingerprintOf(der),
    pem: toPem('CERTIFICATE', der),
  }))
  const [leaf] = all
  const found = leaf && promisedParts(leaf.der)
  if (!leaf || found?.certificateSerial !== unit.certificateSerial)
    throw new IotmcError('DEFECT', {
      subject: unit.serialNumber,
      detail: 'not the certificate that was promised',
    })
  if (found?.publicKeySha256 !== unit.publicKeySha256)
    throw new IotmcError('DEFECT', {
      subject: unit.serialNumber,
      detail: 'the certificate is for another key',
    })
  const chainPem = all.map(({ pem }) => pem).join('')
  return { all, certificate: { pem: leaf.pem, chainPem, fingerprint: leaf.fingerprint } }
}

const promisedParts = (certificate: Buffer): { certificateSerial: string; publicKeySha256: string } => {
  const { summary, publicKeySpki } = readCertificate(certificate)
  return {
    certificateSerial: normalSerial(summary.serialNumber),
    publicKeySha256: sha256Hex(publicKeySpki),
  }
}

/** Whether a kept certificate is, byte for byte, the one that its fingerprint names. */
export const isKept = (fingerprint: string, pem: string): boolean => {
  const [der] = derBlocks(pem, 'CERTIFICATE')
  return der !== undefined && toPem('CERTIFICATE', der) === pem && fingerprintOf(der) === fingerprint
}
