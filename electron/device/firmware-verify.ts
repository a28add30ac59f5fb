/** The whole image in the standby bank, read back from the disk before the bank is called valid. */
import { X509Certificate } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { IotmcError } from '../contract/errors'
import type { Manifest } from '../contract/firmware'
import { readSignature } from '../firmware/cms'
import { parseManifest } from '../firmware/manifest'
import { McubootCheck } from '../firmware/mcuboot-check'
import type { BankStore } from './bank-store'

const DEFAULT_PROBATION_S = 24 * 3600

/** Throws IMAGE_TRUNCATED, HASH_MISMATCH, IMAGE_INVALID, NO_STANDBY_BANK. */
export const verifyStandby = async (banks: BankStore, sha256: string, signal: AbortSignal): Promise<void> => {
  const paths = banks.paths(banks.standby)
  const writer = banks.write()
  const manifestBytes = readFileSync(paths.manifest)
  const manifest = parseManifest(manifestBytes)
  const { image } = manifest
  if (writer.received < image.size)
    throw new IotmcError('IMAGE_TRUNCATED', { detail: `${writer.received} of ${image.size} bytes` })
  const found = await writer.sha256(signal)
  if (found !== image.sha256 || found !== sha256)
    throw new IotmcError('HASH_MISMATCH', { detail: 'the bank holds other bytes' })
  if (image.format !== 'mcuboot') return
  const { signer, others } = readSignature(manifestBytes, readFileSync(paths.signature))
  await checkMcuboot(
    paths.image,
    manifest,
    [signer, ...others].map(({ der }) => keyOf(der)),
    signal,
  )
}

/** SubjectPublicKeyInfo, DER. */
const keyOf = (certificate: Buffer): Buffer =>
  new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' })

const checkMcuboot = async (
  path: string,
  { version, securityVersion, image }: Manifest,
  keys: readonly Buffer[],
  signal: AbortSignal,
): Promise<void> => {
  const check = new McubootCheck({ version, securityVersion, size: image.size, keys })
  for await (const part of createReadStream(path, { signal })) check.write(part)
  check.end()
}

/** Seconds on trial that the manifest of a bank asks for; 24 hours where there is none. */
export const probationOf = (manifestPath: string): number => {
  try {
    return parseManifest(readFileSync(manifestPath)).probationHours * 3600
  } catch {
    return DEFAULT_PROBATION_S
  }
}
