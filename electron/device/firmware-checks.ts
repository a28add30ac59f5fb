/** What a device checks before it lets an image near a bank. Pure but for what it is given. */
import type { BankTable } from '../contract/banks'
import { IotmcError } from '../contract/errors'
import type { Manifest } from '../contract/firmware'
import { compareVersions } from '../firmware/version'
import type { FirmwareOffer } from './firmware-source'

export interface DeviceFacts {
  readonly model: string
  readonly hardwareRevision: string
  /** Of the bank that runs. */
  readonly runningVersion: string
  readonly table: BankTable
  readonly bankBytes: number
  /** Free on the disk of the state folder. */
  readonly freeBytes: number
  /** Of this image, in the bank already. */
  readonly receivedBytes: number
}

/** What has to stay free on the disk beside the image, for the device's own documents. */
export const FREE_MARGIN_BYTES = 256 * 1024

const refuse = (code: ConstructorParameters<typeof IotmcError>[0], detail: string): never => {
  throw new IotmcError(code, { detail })
}

/**
 * Judges a manifest whose signature was verified before. Throws the first cause of: WRONG_MODEL, VERSION_NOT_OFFERED,
 * DOWNGRADE_REFUSED, SECURITY_VERSION_TOO_LOW, HASH_MISMATCH, NO_SPACE.
 */
export const checkManifest = (manifest: Manifest, wanted: string, device: DeviceFacts): void => {
  const { model, hardwareRevisions, version, securityVersion, image } = manifest
  if (model !== device.model) refuse('WRONG_MODEL', `made for ${model}`)
  if (!hardwareRevisions.includes(device.hardwareRevision))
    refuse('WRONG_MODEL', `made for hardware ${hardwareRevisions.slice(0, 8).join(', ')}`)
  if (version !== wanted) refuse('VERSION_NOT_OFFERED', `manifest says ${version}`)
  if (compareVersions(version, device.runningVersion) <= 0)
    refuse('DOWNGRADE_REFUSED', `${device.runningVersion} runs`)
  if (securityVersion < device.table.floor)
    refuse('SECURITY_VERSION_TOO_LOW', `${securityVersion} is below ${device.table.floor}`)
  if (image.size > device.bankBytes) refuse('NO_SPACE', `a bank holds ${device.bankBytes} bytes`)
  const needed = image.size - device.receivedBytes + FREE_MARGIN_BYTES
  if (needed > device.freeBytes) refuse('NO_SPACE', `${needed} bytes are needed`)
}

/** The repository's word and the signed text must be about the same image; the signed one counts. HASH_MISMATCH. */
export const checkOffer = (offer: FirmwareOffer, manifest: Manifest): void => {
  if (offer.checksum.toLowerCase() !== manifest.image.sha256 || offer.size !== manifest.image.size)
    refuse('HASH_MISMATCH', 'the repository offers another image than the manifest names')
}
