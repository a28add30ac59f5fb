/** Names of the files in a state folder that say whose firmware a device takes; put there when it is made. */

/** PEM certificates: anchors that a bundle's signer must be traced to. */
export const ANCHOR_FILE = 'firmware-anchor.pem'
/** PEM public keys that the bootloader knows: an image that comes by cable has no manifest, only its own signature. */
export const KEYS_FILE = 'firmware-keys.pem'
/** PEM lists of revoked signers; there may be none. The boot step does not read it. */
export const CRL_FILE = 'firmware-crl.pem'
