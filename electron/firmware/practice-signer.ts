/** The practice factory's own signer of firmware, kept beside its authority: devices are made knowing this one key. */
import { existsSync, linkSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { IotmcError } from '../contract/errors'
import { writeFileDurably } from '../identity/atomic-file'
import type { Authority } from '../identity/authority'
import { readCertificate, splitPem } from '../identity/certificate'
import { type FirmwareKey, practiceFirmwareSigner } from './signer'

const FILE = 'firmware-signer.pem'
/** A signer that ends so soon is replaced: what it signs now has to be downloaded while it is still valid. */
const LEFT_MS = 30 * 24 * 3600_000
const KEY = /-----BEGIN PRIVATE KEY-----[^-]*-----END PRIVATE KEY-----\n?/

/** The signer in a practice factory's folder, made if it is missing or ends soon. Several processes get the same one. */
export const openPracticeSigner = async (
  folder: string,
  authority: Authority,
  now: Date,
): Promise<FirmwareKey> => {
  const path = join(folder, FILE)
  const found = existsSync(path) ? readSigner(path) : undefined
  if (found && endsMs(found) - now.getTime() > LEFT_MS) return found
  const made = await practiceFirmwareSigner(authority, now)
  const aside = `${path}.${process.pid}.new`
  writeFileDurably(aside, `${made.keyPem.trimEnd()}\n${made.chainPem}`)
  try {
    // The first one stays: nobody who was made with it is left behind.
    if (found) renameSync(aside, path)
    else linkSync(aside, path)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
  } finally {
    rmSync(aside, { force: true })
  }
  return readSigner(path)
}

const readSigner = (path: string): FirmwareKey => {
  const text = readFileSync(path, 'utf8')
  const [keyPem] = KEY.exec(text) ?? []
  if (!keyPem)
    throw new IotmcError('DATA_DAMAGED', { subject: path, detail: 'the firmware signer has no key' })
  return { keyPem, chainPem: text.replace(KEY, '') }
}

const endsMs = ({ chainPem }: FirmwareKey): number =>
  Date.parse(readCertificate(splitPem(chainPem)[0] ?? '').summary.notAfter)
