/** What the factory puts into bank A of a new device: a healthy image of its version, signed by the factory's signer. */
import { createHash, createPublicKey } from 'node:crypto'
import { join } from 'node:path'
import { firmwareVersionSchema } from '../contract/firmware'
import { signManifest } from '../firmware/cms'
import { writeManifest } from '../firmware/manifest'
import { openPracticeSigner } from '../firmware/practice-signer'
import { sampleImage } from '../firmware/sample-image'
import type { Authority } from '../identity/authority'
import { writeFileAtomic } from './atomic-file'
import { type BankOptions, BankStore } from './bank-store'
import { ANCHOR_FILE, KEYS_FILE } from './firmware-trust-files'

/** Of the image that a device is made with; nothing lower is ever installed. */
const SECURITY_VERSION = 1
/** For a device of old whose version is none. */
const VERSION = '1.0.0'
const PROBATION_HOURS = 24

export interface FactoryImageFor {
  readonly model: string
  readonly hardwareRevision: string
  readonly firmwareVersion: string
}

export interface PracticeFactory {
  readonly folder: string
  readonly authority: Authority
}

/**
 * Gives a state folder its banks: anchors and keys that firmware is judged by, then the image, the table last. What a cut
 * left behind is written anew.
 */
export const makeBanks = async (
  folder: string,
  device: FactoryImageFor,
  factory: PracticeFactory,
  now: Date,
  options: BankOptions = {},
): Promise<BankStore> => {
  const { keyPem, chainPem } = await openPracticeSigner(factory.folder, factory.authority, now)
  const { model, hardwareRevision } = device
  const version = firmwareVersionSchema.safeParse(device.firmwareVersion).data ?? VERSION
  const image = sampleImage({ version, behaviour: 'healthy' })
  const sha256 = createHash('sha256').update(image).digest('hex')
  const manifest = writeManifest({
    format: 1,
    vendor: 'IoTMC reference device',
    model,
    hardwareRevisions: [hardwareRevision],
    version,
    securityVersion: SECURITY_VERSION,
    releaseDate: `${now.toISOString().slice(0, 19)}Z`,
    image: { file: `${model}-${version}.mjs`, format: 'raw', size: image.length, sha256 },
    probationHours: PROBATION_HOURS,
    notes: 'As it left the factory.',
  })
  const signature = await signManifest({ manifest, keyPem, chainPem, now })
  writeFileAtomic(join(folder, ANCHOR_FILE), factory.authority.certificatePem)
  const key = createPublicKey(keyPem).export({ type: 'spki', format: 'pem' })
  writeFileAtomic(join(folder, KEYS_FILE), key)
  const first = { version, sha256, securityVersion: SECURITY_VERSION, image, manifest, signature }
  return BankStore.create(folder, first, options)
}
