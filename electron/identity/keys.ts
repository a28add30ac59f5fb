import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { IotmcError } from '../contract/errors'

/** ECDSA with SHA-256, DER signatures: the seam behind which a key may live in a PKCS#11 token. */
export interface Signer {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeySpki: Buffer
  sign(data: Buffer): Buffer | Promise<Buffer>
}

/** A new P-256 private key as PKCS#8 PEM. */
export const generateKeyPem = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()

/** SubjectPublicKeyInfo (DER) of a private key in PEM. Throws CERTIFICATE_INVALID. */
export const publicKeyOf = (keyPem: string): Buffer =>
  createPublicKey(readPrivateKey(keyPem)).export({ type: 'spki', format: 'der' })

/** A signer over a key held in this process. Throws CERTIFICATE_INVALID unless it is P-256 or P-384. */
export const keySigner = (keyPem: string): Signer => {
  const key = readPrivateKey(keyPem)
  const publicKeySpki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  if (!curveOf(publicKeySpki))
    throw new IotmcError('CERTIFICATE_INVALID', { detail: 'the key is not P-256 or P-384' })
  return { publicKeySpki, sign: (data) => sign('sha256', data, key) }
}

// A named-curve SubjectPublicKeyInfo with an uncompressed point has one encoding per curve up to the point.
const SPKI_PREFIX = {
  'P-256': Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex'),
  'P-384': Buffer.from('3076301006072a8648ce3d020106052b8104002203620004', 'hex'),
} as const
const SPKI_LENGTH = { 'P-256': 91, 'P-384': 120 } as const
export type Curve = keyof typeof SPKI_PREFIX

/** The curve of a SubjectPublicKeyInfo; undefined for RSA, other curves, explicit parameters, compressed points. */
export const curveOf = (spki: Buffer): Curve | undefined =>
  (Object.keys(SPKI_PREFIX) as Curve[]).find(
    (curve) =>
      spki.length === SPKI_LENGTH[curve] &&
      spki.subarray(0, SPKI_PREFIX[curve].length).equals(SPKI_PREFIX[curve]),
  )

/** The public key as a KeyObject, checked to be on its curve. Throws CERTIFICATE_INVALID. */
export const readPublicKey = (spki: Buffer): KeyObject => {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' })
  } catch (cause) {
    throw new IotmcError('CERTIFICATE_INVALID', { detail: 'the public key can not be read', cause })
  }
}

const readPrivateKey = (keyPem: string): KeyObject => {
  try {
    return createPrivateKey(keyPem)
  } catch {
    // The cause is dropped: error texts of key parsers may quote their input.
    throw new IotmcError('CERTIFICATE_INVALID', { detail: 'the private key can not be read' })
  }
}
