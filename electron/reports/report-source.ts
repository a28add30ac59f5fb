/** The files of a report that was handed over, as a ZIP or as the folder it was unpacked to: read with bounds, nothing trusted. */
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { IotmcError } from '../contract/errors'
import { ZipReader } from '../store/zip-read'
import { CERTIFICATE_FORM, MAX_BYTES, REPORT_FORM, type SealedFile, type SealedForm } from './form'

export interface ReportSource {
  /** Which of the two kinds it is, by what is in it. */
  readonly form: SealedForm
  readonly files: ReadonlyMap<SealedFile, Buffer>
  /** Names that do not belong to a report. */
  readonly extra: readonly string[]
  /** Files that are there and can't be taken, with the reason. */
  readonly refused: readonly { readonly name: string; readonly detail: string }[]
}

/** Throws FILE_INVALID where there is nothing to read, REPORT_INVALID where a ZIP does not have the form of a report. */
export const readReport = async (path: string): Promise<ReportSource> => {
  let isFolder: boolean
  try {
    isFolder = statSync(path).isDirectory()
  } catch (cause) {
    throw new IotmcError('FILE_INVALID', { subject: path, detail: 'it can not be read', cause })
  }
  return isFolder ? readFolder(path) : readZip(path)
}

const fileOf = (form: SealedForm, name: string): SealedFile | undefined =>
  form.files.find((file) => file === name)

const readFolder = (path: string): ReportSource => {
  const names = readdirSync(path).sort()
  const form = names.some((name) => name === CERTIFICATE_FORM.content) ? CERTIFICATE_FORM : REPORT_FORM
  const files = new Map<SealedFile, Buffer>()
  const extra: string[] = []
  const refused: { name: string; detail: string }[] = []
  for (const name of names) {
    const file = fileOf(form, name)
    if (!file) {
      extra.push(name)
      continue
    }
    const stat = lstatSync(join(path, name))
    if (!stat.isFile()) refused.push({ name, detail: 'not a plain file' })
    else if (stat.size > MAX_BYTES[file]) refused.push({ name, detail: 'too large' })
    else files.set(file, readFileSync(join(path, name)))
  }
  return { form, files, extra, refused }
}

const readZip = async (path: string): Promise<ReportSource> => {
  try {
    return await readForm(path, REPORT_FORM)
  } catch (thrown) {
    if (!(thrown instanceof IotmcError) || thrown.code !== 'REPORT_INVALID') throw thrown
    return readForm(path, CERTIFICATE_FORM).catch((second: unknown) => {
      // Of what is neither, the refusal as a report says more.
      throw second instanceof IotmcError && second.code === 'REPORT_INVALID' ? thrown : second
    })
  }
}

const readForm = async (path: string, form: SealedForm): Promise<ReportSource> => {
  const zip = await ZipReader.open(path, {
    code: 'REPORT_INVALID',
    wrongCount: `not exactly ${form.files.length} files`,
    parts: form.files.map((name) => ({ name, maxBytes: MAX_BYTES[name] })),
  })
  try {
    const files = new Map<SealedFile, Buffer>()
    for (const part of zip.parts) {
      const file = fileOf(form, part.name)
      if (file) files.set(file, await zip.read(part))
    }
    return { form, files, extra: [], refused: [] }
  } finally {
    await zip.close()
  }
}
