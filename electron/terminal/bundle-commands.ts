/** `firmware pack` and `firmware verify`: bundles as files, with no site needed. Keys come from files, never from arguments. */
import { mkdirSync, readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { asIotmcError, IotmcError } from '../contract/errors'
import type { FirmwareSigner, Manifest } from '../contract/firmware'
import { packBundle, readBundle } from '../firmware/bundle'
import { openPracticeSigner } from '../firmware/practice-signer'
import { openPracticeFactory } from '../identity/practice-factory'
import { printJson, printLine } from './output'

export interface PackOptions {
  readonly image: string
  readonly imageFormat: Manifest['image']['format']
  readonly vendor: string
  readonly model: string
  readonly hardwareRevision: readonly string[]
  readonly firmwareVersion: string
  readonly securityVersion: string
  readonly probationHours: string
  readonly releaseDate?: string
  readonly notesFile?: string
  readonly key?: string
  readonly chain?: string
  /** A practice factory signs in place of key and chain; only practice devices trust it. */
  readonly practiceFactory?: string
  readonly out: string
  readonly json?: boolean
}

/** Writes a signed bundle. Errors: USAGE, FILE_INVALID, BUNDLE_INVALID, SIGNER_REFUSED, IMAGE_INVALID. */
export const firmwarePack = async (options: PackOptions): Promise<void> => {
  const now = new Date()
  const { keyPem, chainPem } = await signerOf(options, now)
  const out = resolve(options.out)
  mkdirSync(dirname(out), { recursive: true })
  const manifest = await packBundle({
    manifest: {
      format: 1,
      vendor: options.vendor,
      model: options.model,
      hardwareRevisions: [...options.hardwareRevision],
      version: options.firmwareVersion,
      securityVersion: toNumber('security-version', options.securityVersion),
      releaseDate: options.releaseDate ?? `${now.toISOString().slice(0, 19)}Z`,
      image: { file: basename(options.image), format: options.imageFormat },
      probationHours: toNumber('probation-hours', options.probationHours),
      notes: options.notesFile ? readText(options.notesFile) : '',
    },
    imagePath: resolve(options.image),
    keyPem,
    chainPem,
    out,
    now,
  })
  if (options.json) printJson({ out, manifest })
  else printLine(`${out}  ${manifestLine(manifest)}`)
}

const signerOf = async (
  { key, chain, practiceFactory }: PackOptions,
  now: Date,
): Promise<{ keyPem: string; chainPem: string }> => {
  if (practiceFactory !== undefined)
    return openPracticeSigner(
      resolve(practiceFactory),
      await openPracticeFactory(resolve(practiceFactory)),
      now,
    )
  if (key === undefined || chain === undefined)
    throw new IotmcError('USAGE', { detail: '--key and --chain are needed, or --practice-factory' })
  return { keyPem: readText(key), chainPem: readText(chain) }
}

const toNumber = (option: string, text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value))
    throw new IotmcError('USAGE', { detail: `--${option} must be a number` })
  return value
}

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new IotmcError('FILE_INVALID', { subject: file, detail: 'cannot be read', cause })
  }
}

const manifestLine = ({ vendor, model, version, securityVersion, image }: Manifest): string =>
  `${vendor} ${model}  ${version}  security version ${securityVersion}  ${image.size} bytes ${image.format}`

export interface VerifyOptions {
  readonly root: readonly string[]
  readonly crl?: readonly string[]
  readonly json?: boolean
}

/** Checks a bundle as the app does before it takes it in. The exit code is that of the cause. */
export const firmwareVerify = async (file: string, options: VerifyOptions): Promise<void> => {
  const path = resolve(file)
  try {
    const { id, manifest, signer } = await readBundle(path, {
      anchors: options.root.map(readText),
      crls: (options.crl ?? []).map(readText),
      now: Date.now(),
      signal: new AbortController().signal,
    })
    if (options.json) printJson({ ok: true, id, manifest, signer })
    else printLine(`ok  ${manifestLine(manifest)}  ${signerLine(signer)}`)
  } catch (thrown) {
    const { code, detail, cause } = asIotmcError(thrown)
    throw new IotmcError(code, { subject: basename(path), ...(detail ? { detail } : {}), cause })
  }
}

const signerLine = ({ subject, root }: FirmwareSigner): string =>
  `signed by ${subject}${root ? ` under ${root}` : ''}`
