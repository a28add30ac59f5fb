/** The files of a report that was handed over, as a ZIP or as the folder it was unpacked to: read with bounds, nothing trusted. */
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { IotmcError } from '../contract/errors'
import { ZipReader } from '../store/zip-read'
import { MAX_BYTES, REPORT_FILES, type ReportFile } from './form'

export interface ReportSource {
  readonly files: ReadonlyMap<ReportFile, Buffer>
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

const isReportFile = (name: string): name is ReportFile => REPORT_FILES.some((file) => file === name)

const readFolder = (path: string): ReportSource => {
  const files = new Map<ReportFile, Buffer>()
  const extra: string[] = []
  const refused: { name: string; detail: string }[] = []
  for (const name of readdirSync(path).sort()) {
    if (!isReportFile(name)) {
      extra.push(name)
      continue
    }
    const stat = lstatSync(join(path, name))
    if (!stat.isFile()) refused.push({ name, detail: 'not a plain file' })
    else if (stat.size > MAX_BYTES[name]) refused.push({ name, detail: 'too large' })
    else files.set(name, readFileSync(join(path, name)))
  }
  return { files, extra, refused }
}

const readZip = async (path: string): Promise<ReportSource> => {
  const zip = await ZipReader.open(path, {
    code: 'REPORT_INVALID',
    wrongCount: `not exactly ${REPORT_FILES.length} files`,
    parts: REPORT_FILES.map((name) => ({ name, maxBytes: MAX_BYTES[name] })),
  })
  try {
    const files = new Map<ReportFile, Buffer>()
    for (const part of zip.parts) if (isReportFile(part.name)) files.set(part.name, await zip.read(part))
    return { files, extra: [], refused: [] }
  } finally {
    await zip.close()
  }
}
