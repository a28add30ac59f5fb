/** SHA-256 of a certificate as hex, in any usual form: with or without colons, in capital letters or small ones. */

/** So many digits of it a device claims in its packets: the `id=` of the management header (docs/protocol.md §2). */
export const CLAIM_DIGITS = 16

/** Lower-case hex and nothing else. */
export const plainFingerprint = (text: string): string => text.replace(/[:\s]/g, '').toLowerCase()

/** What a device with this certificate claims. */
export const claimOf = (fingerprint: string): string => plainFingerprint(fingerprint).slice(0, CLAIM_DIGITS)
