/** Who signed a manifest of firmware, and whether that signer may: code signing under a trusted root. */
import { IotmcError } from '../contract/errors'
import type { FirmwareSigner } from '../contract/firmware'
import type { CertificateFacts } from '../identity/certificate'
import { type ReadSignature, readSignature } from '../identity/cms'
import { sha256Hex } from '../identity/pem'
import { TrustStore } from '../identity/trust'

export { type ReadSignature, readSignature, signManifest } from '../identity/cms'

/** What a signer is judged by, PEM. */
export interface FirmwareTrust {
  /** Roots that a signer must be traced to. */
  readonly anchors: readonly string[]
  readonly crls: readonly string[]
}

export interface SignedManifest extends FirmwareTrust {
  readonly manifest: Buffer
  /** DER. */
  readonly signature: Buffer
  /** Milliseconds since 1970; undefined: neither time nor revocation count (the boot step). */
  readonly now: number | undefined
}

/** Checks signature and signer. Throws SIGNATURE_INVALID, SIGNER_REFUSED. */
export const verifyManifest = async (o: SignedManifest): Promise<FirmwareSigner> =>
  judgeSigner(
    readSignature(o.manifest, o.signature),
    signerTrust(
      () => o,
      () => o.now,
    ),
  )

/** A trust store for signers of firmware; remembers what it has read. */
export const signerTrust = (trust: () => FirmwareTrust, now: () => number | undefined): TrustStore =>
  new TrustStore({
    roots: () => trust().anchors,
    siteCa: () => undefined,
    crls: () => trust().crls,
    now,
  })

/** Whether the signer may sign firmware now. Throws SIGNER_REFUSED. */
export const judgeSigner = ({ signer, others }: ReadSignature, trust: TrustStore): FirmwareSigner => {
  const verdict = trust.judgeRead(signer, others, { usage: 'codeSigning' })
  if (!verdict.ok)
    throw new IotmcError('SIGNER_REFUSED', { subject: signer.summary.subject, detail: verdict.detail })
  const [root] = verdict.chain
  return { ...describeSigner(signer), ...(root ? { root: commonName(root.subject) } : {}) }
}

/** A signer for people, also where it was not traced to a root. */
export const describeSigner = ({ summary, der }: CertificateFacts): FirmwareSigner => ({
  subject: summary.subject,
  fingerprint: sha256Hex(der),
  notAfter: summary.notAfter,
})

const commonName = (subject: string): string => /^CN=(.*?)(, |$)/.exec(subject)?.[1] ?? subject
