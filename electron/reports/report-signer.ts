/** Whether the signer of a report is the controller of the site that somebody trusts. */
import { plainFingerprint } from '../contract/fingerprint'
import type { ReportContent, ReportVerdict } from '../contract/report'
import type { ReadSignature } from '../identity/cms'
import { derBlocks, sha256Hex, toPem } from '../identity/pem'
import { TrustStore } from '../identity/trust'

export interface SignerQuestion {
  readonly ca?: string | undefined
  readonly fingerprint?: string | undefined
  /** Revocation lists, PEM. Whoever stands in the authority's signed nothing that counts, also before. */
  readonly crls?: readonly string[] | undefined
  /** `site-ca.pem` of the report: taken only where it has the fingerprint that was given. */
  readonly enclosedCa: Buffer | undefined
  readonly content: Pick<ReportContent, 'madeAt' | 'site'> | undefined
}

type Problem = ReportVerdict['problems'][number]

export const judgeSigner = (read: ReadSignature, question: SignerQuestion): Problem[] => {
  const wrong = (detail: string): Problem[] => [{ kind: 'signer', detail }]
  const { content, enclosedCa } = question
  const anchor = anchorOf(read, question)
  if ('detail' in anchor) return wrong(anchor.detail)
  const { udn } = read.signer
  // When it was signed is what counts: a report stays right after the certificate has ended.
  const madeAt = content && Date.parse(content.madeAt)
  const trust = new TrustStore({
    roots: () => [],
    siteCa: () => toPem('CERTIFICATE', anchor.der),
    crls: () => question.crls ?? [],
    now: () => (madeAt === undefined || Number.isNaN(madeAt) ? undefined : madeAt),
  })
  const verdict = trust.judgeRead(read.signer, read.others, { kind: 'LDevID' })
  if (!verdict.ok) return wrong(verdict.detail)
  const path = new Set(verdict.chain.map(({ fingerprint }) => fingerprint))
  if (read.others.some(({ summary }) => !path.has(summary.fingerprint)))
    return wrong('it carries a certificate that has nothing to do with it')
  // Devices have certificates of the same authority; they must not sign for the site.
  // So have other programs, with the role Admin too: only the controller's says that it signs reports.
  if (verdict.role !== 'Admin' || !read.signer.signsReports)
    return wrong('signed by a device or another program, not by the controller')
  if (content && udn !== content.site.controllerUdn)
    return wrong('signed by another controller than it names')
  if (content && plainFingerprint(content.site.authorityFingerprint) !== sha256Hex(anchor.der))
    return wrong('it names another authority')
  const [enclosed] = derBlocks(enclosedCa?.toString('latin1') ?? '', 'CERTIFICATE')
  return enclosed && !enclosed.equals(anchor.der)
    ? wrong('site-ca.pem is not the authority that was given')
    : []
}

const anchorOf = (
  { others }: ReadSignature,
  { ca, fingerprint, enclosedCa }: SignerQuestion,
): { readonly der: Buffer } | { readonly detail: string } => {
  const wanted = fingerprint === undefined ? undefined : plainFingerprint(fingerprint)
  if (ca !== undefined) {
    const [der] = derBlocks(ca, 'CERTIFICATE')
    if (!der) return { detail: 'the file of the authority has no certificate' }
    const fits = wanted === undefined || sha256Hex(der) === wanted
    return fits ? { der } : { detail: 'file and fingerprint of the authority do not belong together' }
  }
  if (wanted === undefined)
    return { detail: "whom to trust was not said: give the authority's certificate or its fingerprint" }
  if (!/^[0-9a-f]{64}$/.test(wanted)) return { detail: 'the fingerprint is not a SHA-256' }
  const enclosed = derBlocks(enclosedCa?.toString('latin1') ?? '', 'CERTIFICATE')
  const found = [...enclosed, ...others.map(({ der }) => der)].find((der) => sha256Hex(der) === wanted)
  return found ? { der: found } : { detail: 'the authority with this fingerprint did not sign it' }
}
