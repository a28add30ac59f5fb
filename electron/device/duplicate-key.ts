/** The fault `duplicate-key`: a key that anybody can work out, the same for every device that has it. */
import { createECDH, createHash, createPrivateKey } from 'node:crypto'

/** PKCS#8 PEM, P-256. */
export const duplicateKeyPem = (): string => {
  const curve = createECDH('prime256v1')
  const scalar = createHash('sha256').update('iotmc reference device, duplicate key').digest()
  curve.setPrivateKey(scalar)
  const point = curve.getPublicKey()
  const text = (bytes: Buffer) => bytes.toString('base64url')
  const [x, y] = [point.subarray(1, 33), point.subarray(33)]
  return createPrivateKey({
    key: { kty: 'EC', crv: 'P-256', d: text(scalar), x: text(x), y: text(y) },
    format: 'jwk',
  })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString()
}
