/** Whether a report is what the controller of a site signed. Offline, and with no data folder: for customers too. */
import { asIotmcError } from '../contract/errors'
import {
  type ReportContent,
  type ReportManifest,
  type ReportVerdict,
  reportContentSchema,
} from '../contract/report'
import { readSignature } from '../identity/cms'
import { sha256Hex } from '../identity/pem'
import { type CertificateContent, certificateContentSchema } from './decommission-content'
import { proofProblems } from './decommission-verify'
import { CERTIFICATE_FORM, MANIFEST, manifestHash, readManifest, SIGNATURE } from './form'
import { judgeSigner } from './report-signer'
import { type ReportSource, readReport } from './report-source'

export interface VerifyOptions {
  /** The site authority's certificate as the customer was given it, PEM. */
  readonly ca?: string | undefined
  /** Or its SHA-256, hex with or without colons. */
  readonly fingerprint?: string | undefined
  /** The site's revocation lists, PEM, where the customer was given one: who signed must not stand in it. */
  readonly crls?: readonly string[] | undefined
  /** The report before, ZIP or folder: then the chain to it is checked too. */
  readonly previous?: string | undefined
}

type Problem = ReportVerdict['problems'][number]

/**
 * Names each thing that is wrong; `ok` only when nothing is. Without `ca` and `fingerprint` nobody says whom to trust, and
 * that is a problem of the signer. Errors: FILE_INVALID where there is no such file or folder.
 */
export const verifyReport = async (path: string, options: VerifyOptions = {}): Promise<ReportVerdict> => {
  const problems: Problem[] = []
  const source = await readSource(path, problems)
  if (!source) return { ok: false, problems }
  problems.push(...strangers(source))
  const bytes = source.files.get(MANIFEST)
  const manifest = bytes && readForm(() => readManifest(bytes), problems)
  if (manifest) problems.push(...checkFiles(source, manifest))
  const content = readContent(source, problems)
  if (manifest && content) problems.push(...checkAgreement(manifest, content))
  if (content?.kind === 'decommissioning') problems.push(...proofProblems(content, source.files))
  const signer = bytes && checkSignature(source, bytes, content, options, problems)
  if (manifest && options.previous !== undefined)
    problems.push(...(await checkChain(manifest, { ...options, previous: options.previous })))
  return {
    ok: problems.length === 0,
    problems,
    ...(manifest ? { sequence: manifest.sequence, madeAt: manifest.madeAt, site: manifest.site } : {}),
    ...(signer ? { signer } : {}),
  }
}

const readSource = async (path: string, problems: Problem[]): Promise<ReportSource | undefined> => {
  try {
    return await readReport(path)
  } catch (thrown) {
    const { code, detail } = asIotmcError(thrown)
    if (code !== 'REPORT_INVALID') throw thrown
    problems.push({ kind: 'form', detail: detail ?? 'not a report' })
    return undefined
  }
}

const strangers = ({ form, files, extra, refused }: ReportSource): Problem[] => [
  ...extra.map((name): Problem => ({ kind: 'file-extra', detail: name.slice(0, 120) })),
  ...refused.map(({ name, detail }): Problem => ({ kind: 'form', detail: `${name}: ${detail}` })),
  ...form.files
    .filter((name) => !files.has(name) && !refused.some((one) => one.name === name))
    .map((name): Problem => ({ kind: 'file-missing', detail: name })),
]

const readForm = <T>(read: () => T, problems: Problem[]): T | undefined => {
  try {
    return read()
  } catch (thrown) {
    problems.push({ kind: 'form', detail: asIotmcError(thrown).detail ?? '' })
    return undefined
  }
}

const checkFiles = ({ form, files }: ReportSource, manifest: ReportManifest): Problem[] => {
  const problems: Problem[] = []
  const names = manifest.files.map(({ name }) => name)
  if (names.join() !== form.signed.join())
    problems.push({ kind: 'form', detail: 'manifest.json does not name the files of a report' })
  for (const { name, size, sha256 } of manifest.files) {
    const bytes = form.signed.map((file) => (file === name ? files.get(file) : undefined)).find(Boolean)
    if (bytes && (bytes.length !== size || sha256Hex(bytes) !== sha256))
      problems.push({ kind: 'file-changed', detail: name })
  }
  if ((manifest.sequence === 1) !== (manifest.previous === undefined))
    problems.push({ kind: 'chain', detail: 'only the first report has none before it' })
  return problems
}

type Content = ReportContent | CertificateContent

const readContent = ({ form, files }: ReportSource, problems: Problem[]): Content | undefined => {
  const bytes = files.get(form.content)
  if (!bytes) return undefined
  const schema = form === CERTIFICATE_FORM ? certificateContentSchema : reportContentSchema
  try {
    return schema.parse(JSON.parse(bytes.toString('utf8')))
  } catch {
    problems.push({ kind: 'form', detail: `${form.content} can not be read` })
    return undefined
  }
}

const checkAgreement = (manifest: ReportManifest, content: Content): Problem[] => {
  const agree =
    manifest.sequence === content.sequence &&
    manifest.previous === content.previous &&
    manifest.madeAt === content.madeAt &&
    manifest.site === content.site.name
  return agree ? [] : [{ kind: 'form', detail: 'manifest.json and what it stands over do not agree' }]
}

const checkSignature = (
  { files }: ReportSource,
  manifest: Buffer,
  content: Content | undefined,
  options: VerifyOptions,
  problems: Problem[],
): ReportVerdict['signer'] => {
  const signature = files.get(SIGNATURE)
  if (!signature) return undefined
  try {
    const read = readSignature(manifest, signature)
    problems.push(...judgeSigner(read, { ...options, enclosedCa: files.get('site-ca.pem'), content }))
    return { subject: read.signer.summary.subject, fingerprint: sha256Hex(read.signer.der) }
  } catch (thrown) {
    problems.push({ kind: 'signature', detail: asIotmcError(thrown).detail ?? 'it can not be read' })
    return undefined
  }
}

/** The report before has to be right itself, and be the one that this report names. */
const checkChain = async (
  manifest: ReportManifest,
  { previous, ...options }: VerifyOptions & { readonly previous: string },
): Promise<Problem[]> => {
  const wrong = (detail: string): Problem[] => [{ kind: 'chain', detail }]
  const verdict = await verifyReport(previous, options)
  if (!verdict.ok) {
    const [first] = verdict.problems
    return wrong(`the report before is not right: ${first?.kind}: ${first?.detail}`)
  }
  const { files } = await readReport(previous)
  const hash = manifestHash(files.get(MANIFEST) ?? Buffer.alloc(0))
  if (verdict.sequence !== manifest.sequence - 1)
    return wrong(`report ${verdict.sequence} does not come before report ${manifest.sequence}`)
  return hash === manifest.previous ? [] : wrong('the report before is not the one that this one names')
}
