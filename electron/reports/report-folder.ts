/**
 * The reports of one site on this laptop, a folder each, named by number. A report is written aside, flushed and moved into
 * place in one step: whatever crashes, there is all of it or nothing, and a number that was given is never given again.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { IotmcError } from '../contract/errors'
import { type ReportView, reportContentSchema } from '../contract/report'
import { syncFolder } from '../identity/atomic-file'
import { MANIFEST, manifestHash, readManifest, type SealedFile } from './form'
import type { SealedReport } from './seal'

const ASIDE = '.new-'
const NUMBER = /^[1-9][0-9]{0,8}$/

export class ReportFolder {
  constructor(private readonly folder: string) {}

  /** Removes what a crash left aside. */
  clean(): void {
    for (const name of this.names())
      if (name.startsWith(ASIDE)) rmSync(join(this.folder, name), { recursive: true, force: true })
  }

  /** Numbers of the reports that lie here, rising. */
  sequences(): number[] {
    return this.names()
      .filter((name) => NUMBER.test(name))
      .map(Number)
      .sort((a, b) => a - b)
  }

  /** Puts a report into place. Errors: FILE_INVALID where it can not be written, or the number is taken. */
  put(sequence: number, { files }: SealedReport): void {
    const aside = join(this.folder, `${ASIDE}${sequence}`)
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 })
      rmSync(aside, { recursive: true, force: true })
      mkdirSync(aside, { mode: 0o700 })
      for (const { name, bytes } of files) writeFlushed(join(aside, name), bytes)
      syncFolder(aside)
      renameSync(aside, this.path(sequence))
    } catch (cause) {
      rmSync(aside, { recursive: true, force: true })
      throw new IotmcError('FILE_INVALID', {
        subject: this.path(sequence),
        detail: 'it can not be written',
        cause,
      })
    }
    syncFolder(this.folder)
  }

  /** Moves what can not be read out of the way, under a name of its own; nothing of it is lost. */
  setAside(sequence: number): void {
    renameSync(this.path(sequence), join(this.folder, `damaged-${sequence}-${Date.now()}`))
    syncFolder(this.folder)
  }

  /** Bytes of one file. Errors: FILE_INVALID. */
  read(sequence: number, name: SealedFile): Buffer {
    const path = join(this.path(sequence), name)
    try {
      return readFileSync(path)
    } catch (cause) {
      throw new IotmcError('FILE_INVALID', { subject: path, detail: 'it can not be read', cause })
    }
  }

  /** What the list shows of a report that lies here, from its own files. Errors: FILE_INVALID, REPORT_INVALID. */
  view(sequence: number): ReportView {
    const bytes = this.read(sequence, MANIFEST)
    const manifest = readManifest(bytes)
    const content = this.content(sequence)
    if (manifest.sequence !== sequence || content.sequence !== sequence)
      throw new IotmcError('REPORT_INVALID', {
        subject: this.path(sequence),
        detail: 'it has another number',
      })
    return {
      sequence,
      madeAtMs: Date.parse(content.madeAt),
      technician: content.technician.name,
      customer: content.customer,
      devices: content.counts.devices,
      open: content.open.length,
      hash: manifestHash(bytes),
    }
  }

  path(sequence: number): string {
    return join(this.folder, String(sequence))
  }

  private content(sequence: number) {
    const text = this.read(sequence, 'report.json').toString('utf8')
    try {
      return reportContentSchema.parse(JSON.parse(text))
    } catch (cause) {
      const subject = join(this.path(sequence), 'report.json')
      throw new IotmcError('REPORT_INVALID', { subject, detail: 'it can not be read', cause })
    }
  }

  private names(): string[] {
    try {
      return readdirSync(this.folder)
    } catch {
      // Nothing was made yet.
      return []
    }
  }
}

const writeFlushed = (path: string, bytes: Uint8Array): void => {
  const file = openSync(path, 'wx', 0o600)
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
