/** `manifest.json`: read with bounds, written in one way. */
import { parse as parseSemver } from 'semver'
import { IotmcError } from '../contract/errors'
import { type Manifest, manifestSchema } from '../contract/firmware'
import { FIRMWARE_LIMITS } from '../contract/timings'

const DEPTH_MAX = 8
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g

/**
 * The manifest in exactly these bytes: UTF-8, at most 64 KiB, no member twice (two readers could take different ones).
 * Throws BUNDLE_INVALID with the member that is wrong.
 */
export const parseManifest = (bytes: Buffer): Manifest => {
  if (bytes.length > FIRMWARE_LIMITS.manifestMaxBytes) throw invalid('manifest.json is too large')
  const text = utf8(bytes)
  checkNesting(text)
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw invalid('manifest.json is not JSON', cause)
  }
  checkMembers(text)
  const checked = manifestSchema.safeParse(document)
  if (!checked.success) {
    const [issue] = checked.error.issues
    throw invalid(`manifest.json: ${issue?.path.join('.') || 'document'}: ${issue?.message ?? 'invalid'}`)
  }
  const { version, image } = checked.data
  if (!parseSemver(version)) throw invalid('manifest.json: version: not a semantic version')
  if (RESERVED.has(image.file.toLowerCase()))
    throw invalid('manifest.json: image.file: a name of the bundle itself')
  return checked.data
}

/** The bytes of a manifest, always the same for the same manifest. Throws BUNDLE_INVALID as above. */
export const writeManifest = (manifest: Manifest): Buffer => {
  const { format, vendor, model, hardwareRevisions, version, securityVersion, releaseDate, image } = manifest
  const { file, format: imageFormat, size, sha256 } = image
  const ordered = {
    format,
    vendor,
    model,
    hardwareRevisions,
    version,
    securityVersion,
    releaseDate,
    image: { file, format: imageFormat, size, sha256 },
    probationHours: manifest.probationHours,
    notes: manifest.notes,
  } satisfies Manifest
  const bytes = Buffer.from(`${JSON.stringify(ordered, null, 2)}\n`)
  parseManifest(bytes)
  return bytes
}

export const MANIFEST_FILE = 'manifest.json'
export const SIGNATURE_FILE = 'manifest.p7s'
const RESERVED: ReadonlySet<string> = new Set([MANIFEST_FILE, SIGNATURE_FILE])

const utf8 = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw invalid('manifest.json is not UTF-8', cause)
  }
}

// Before JSON.parse, so that no depth of brackets costs anything.
const checkNesting = (text: string): void => {
  let depth = 0
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') depth += 1
    if (token === '}' || token === ']') depth -= 1
    if (depth > DEPTH_MAX) throw invalid('manifest.json is nested too deep')
  }
}

// The text is known to be JSON here: a string before a colon is a member's name.
const checkMembers = (text: string): void => {
  const open: Set<string>[] = []
  let last = ''
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') open.push(new Set())
    if (token === '}' || token === ']') open.pop()
    if (token === ':') {
      const name = String(JSON.parse(last))
      if (open.at(-1)?.has(name)) throw invalid(`manifest.json: ${name.slice(0, 40)}: stands there twice`)
      open.at(-1)?.add(name)
    }
    last = token
  }
}

const invalid = (detail: string, cause?: unknown): IotmcError =>
  new IotmcError('BUNDLE_INVALID', { detail, cause })
