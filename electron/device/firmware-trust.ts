/** Whom a device takes firmware from: what it was made with, or what it was started with; read anew for each bundle. */
import { join } from 'node:path'
import { derBlocks, splitPem, toPem } from '../identity/pem'
import { readFileBounded } from './atomic-file'
import type { FirmwareTrust } from './firmware-download'
import { ANCHOR_FILE, CRL_FILE } from './firmware-trust-files'

const PEM_MAX_BYTES = 4 * 1024 * 1024

export interface FirmwareTrustFiles {
  readonly firmwareAnchor?: string | undefined
  readonly firmwareCrl?: string | undefined
}

/** PEM of anchors and lists of revoked signers; none where a file is missing. DATA_DAMAGED. */
export const firmwareTrust = (folder: string, given: FirmwareTrustFiles) => (): FirmwareTrust => ({
  anchors: splitPem(read(given.firmwareAnchor ?? join(folder, ANCHOR_FILE))),
  crls: derBlocks(read(given.firmwareCrl ?? join(folder, CRL_FILE)), CRL).map((der) => toPem(CRL, der)),
})
const CRL = 'X509 CRL'

const read = (path: string): string => readFileBounded(path, PEM_MAX_BYTES) ?? ''
