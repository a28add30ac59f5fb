/** What a report is made of, and the one way in which its manifest is written. */
import { IotmcError } from '../contract/errors'
import { type ReportManifest, reportManifestSchema } from '../contract/report'
import { sha256Hex } from '../identity/pem'

export const MANIFEST = 'manifest.json'
export const SIGNATURE = 'manifest.p7s'
/** The files that a manifest names, in its order. */
export const SIGNED_FILES = ['report.json', 'report.csv', 'report.pdf', 'site-ca.pem'] as const
/** Everything that a report has, in the order of its ZIP. */
export const REPORT_FILES = [MANIFEST, SIGNATURE, ...SIGNED_FILES] as const
export type ReportFile = (typeof REPORT_FILES)[number]

const CERTIFICATE_SIGNED_FILES = [
  'certificate.json',
  'certificate.pdf',
  'statement.json',
  'statement.sig',
  'identity.pem',
  'site-ca.pem',
] as const
const CERTIFICATE_FILES = [MANIFEST, SIGNATURE, ...CERTIFICATE_SIGNED_FILES] as const
/** A file of either kind. */
export type SealedFile = ReportFile | (typeof CERTIFICATE_FILES)[number]

/** One of the two kinds of what a site signs and hands out. */
export interface SealedForm {
  /** What its manifest names, in its order. */
  readonly signed: readonly SealedFile[]
  /** All files, in the order of the ZIP. */
  readonly files: readonly SealedFile[]
  /** Where its content stands. */
  readonly content: SealedFile
}
export const REPORT_FORM: SealedForm = { signed: SIGNED_FILES, files: REPORT_FILES, content: 'report.json' }
/** A certificate of decommissioning: the device's statement and signature also stand as files of their own. */
export const CERTIFICATE_FORM: SealedForm = {
  signed: CERTIFICATE_SIGNED_FILES,
  files: CERTIFICATE_FILES,
  content: 'certificate.json',
}

/** Largest sizes in bytes; a report of 5,000 devices stays far below. */
export const MAX_BYTES: Readonly<Record<SealedFile, number>> = {
  [MANIFEST]: 64 * 1024,
  [SIGNATURE]: 64 * 1024,
  'report.json': 64 * 1024 * 1024,
  'report.csv': 64 * 1024 * 1024,
  'report.pdf': 128 * 1024 * 1024,
  'certificate.json': 1024 * 1024,
  'certificate.pdf': 4 * 1024 * 1024,
  'statement.json': 8 * 1024,
  'statement.sig': 1024,
  'identity.pem': 64 * 1024,
  'site-ca.pem': 64 * 1024,
}

/** The bytes of a manifest: always the same for the same manifest, so that there is nothing to read in two ways. */
export const writeManifest = (manifest: ReportManifest): Buffer => {
  const { format, sequence, previous, madeAt, site } = manifest
  const files = manifest.files.map(({ name, size, sha256 }) => ({ name, size, sha256 }))
  const ordered = { format, sequence, ...(previous ? { previous } : {}), madeAt, site, files }
  return Buffer.from(`${JSON.stringify(ordered, null, 2)}\n`)
}

/** Reads a manifest in exactly the form that `writeManifest` gives. Throws REPORT_INVALID. */
export const readManifest = (bytes: Buffer): ReportManifest => {
  const manifest = parse(bytes)
  if (!writeManifest(manifest).equals(bytes)) throw invalid('manifest.json is not in its one form')
  return manifest
}

const parse = (bytes: Buffer): ReportManifest => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return reportManifestSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw invalid('manifest.json can not be read', cause)
  }
}

/** What names a report in the next one: SHA-256 of its manifest, hex. */
export const manifestHash = (bytes: Uint8Array): string => sha256Hex(bytes)

const invalid = (detail: string, cause?: unknown): IotmcError =>
  new IotmcError('REPORT_INVALID', { detail, ...(cause === undefined ? {} : { cause }) })
