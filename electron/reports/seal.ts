/** Makes the files of a report: what it says as JSON, CSV and PDF, and the signed manifest over them. */
import type { ReportContent } from '../contract/report'
import { signManifest } from '../identity/cms'
import { sha256Hex, splitPem } from '../identity/pem'
import { reportCsv } from './csv'
import {
  MANIFEST,
  manifestHash,
  REPORT_FILES,
  type ReportFile,
  type SealedFile,
  SIGNATURE,
  SIGNED_FILES,
  writeManifest,
} from './form'
import { reportPdf } from './pdf'

/** The controller's key, and its certificate first with what stands above it; PEM. */
export interface ReportSigner {
  readonly keyPem: string
  readonly chainPem: string
}

export interface SealedReport {
  readonly files: readonly { readonly name: SealedFile; readonly bytes: Buffer }[]
  /** SHA-256 of the manifest, hex. */
  readonly hash: string
}

/** All files of a report, in the order of its ZIP. Errors: CERTIFICATE_INVALID where key and certificate do not fit. */
export const sealReport = async (
  content: ReportContent,
  { signer, siteCaPem }: { readonly signer: ReportSigner; readonly siteCaPem: string },
): Promise<SealedReport> => {
  const named: Record<(typeof SIGNED_FILES)[number], Buffer> = {
    'report.json': Buffer.from(`${JSON.stringify(content, null, 2)}\n`),
    'report.csv': Buffer.from(reportCsv(content)),
    'report.pdf': await reportPdf(content),
    'site-ca.pem': Buffer.from(siteCaPem),
  }
  const manifest = writeManifest({
    format: 1,
    sequence: content.sequence,
    ...(content.previous === undefined ? {} : { previous: content.previous }),
    madeAt: content.madeAt,
    site: content.site.name,
    files: SIGNED_FILES.map((name) => ({ name, size: named[name].length, sha256: sha256Hex(named[name]) })),
  })
  // The certificate alone: what stands above it is the authority that whoever verifies was given.
  const [chainPem = ''] = splitPem(signer.chainPem)
  const { keyPem } = signer
  const signature = await signManifest({ manifest, keyPem, chainPem, now: new Date(content.madeAt) })
  const bytes: Record<ReportFile, Buffer> = { ...named, [MANIFEST]: manifest, [SIGNATURE]: signature }
  return {
    files: REPORT_FILES.map((name) => ({ name, bytes: bytes[name] })),
    hash: manifestHash(manifest),
  }
}
