/** The practice factory's signer of firmware: for practice and tests, trusted by nobody else. */
import type { Authority } from '../identity/authority'
import { generateKeyPem, publicKeyOf } from '../identity/keys'

/** A key that signs bundles, with its certificate first and what stands above it, without the root; PEM. */
export interface FirmwareKey {
  readonly keyPem: string
  readonly chainPem: string
}

/** A new key with a certificate for code signing, issued by `authority` for a year. Throws IDENTITY_EXPIRED. */
export const practiceFirmwareSigner = async (authority: Authority, now: Date): Promise<FirmwareKey> => {
  const keyPem = generateKeyPem()
  const { chainPem } = await authority.issueFirmwareSigner({
    publicKeySpki: publicKeyOf(keyPem),
    name: 'Practice firmware signer',
    now,
    validityDays: 365,
  })
  return { keyPem, chainPem }
}
