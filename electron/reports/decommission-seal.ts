/** Makes the files of a certificate of decommissioning, sealed like a report: the signed manifest stands over all of them. */
import { signManifest } from '../identity/cms'
import { sha256Hex, splitPem } from '../identity/pem'
import type { CertificateContent } from './decommission-content'
import { certificatePdf } from './decommission-pdf'
import { CERTIFICATE_FORM, MANIFEST, manifestHash, SIGNATURE, writeManifest } from './form'
import type { ReportSigner, SealedReport } from './seal'

/** All files, in the order of their ZIP. Errors: CERTIFICATE_INVALID where key and certificate do not fit. */
export const sealCertificate = async (
  content: CertificateContent,
  { signer, siteCaPem }: { readonly signer: ReportSigner; readonly siteCaPem: string },
): Promise<SealedReport> => {
  const { proof } = content
  const named: Readonly<Record<string, Buffer>> = {
    'certificate.json': Buffer.from(`${JSON.stringify(content, null, 2)}\n`),
    'certificate.pdf': await certificatePdf(content),
    // The bytes that the device has signed, and its signature, for tools that know nothing of JSON.
    'statement.json': Buffer.from(proof.statement),
    'statement.sig': Buffer.from(proof.signature, 'base64'),
    'identity.pem': Buffer.from(proof.chainPem),
    'site-ca.pem': Buffer.from(siteCaPem),
  }
  const bytesOf = (name: string): Buffer => named[name] ?? Buffer.alloc(0)
  const manifest = writeManifest({
    format: 1,
    sequence: content.sequence,
    ...(content.previous === undefined ? {} : { previous: content.previous }),
    madeAt: content.madeAt,
    site: content.site.name,
    files: CERTIFICATE_FORM.signed.map((name) => ({
      name,
      size: bytesOf(name).length,
      sha256: sha256Hex(bytesOf(name)),
    })),
  })
  const [chainPem = ''] = splitPem(signer.chainPem)
  const signature = await signManifest({
    manifest,
    keyPem: signer.keyPem,
    chainPem,
    now: new Date(content.madeAt),
  })
  const bytes: Readonly<Record<string, Buffer>> = { ...named, [MANIFEST]: manifest, [SIGNATURE]: signature }
  return {
    files: CERTIFICATE_FORM.files.map((name) => ({ name, bytes: bytes[name] ?? Buffer.alloc(0) })),
    hash: manifestHash(manifest),
  }
}
