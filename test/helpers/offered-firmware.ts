/** Bundles on disk that a controller offers, signed by the maker of the devices; without the library of the app. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FirmwareBundle, Manifest } from '../../electron/contract/firmware'
import { signManifest } from '../../electron/firmware/cms'
import { writeManifest } from '../../electron/firmware/manifest'
import { Repository } from '../../electron/firmware/repository'
import { type SampleImage, sampleImage } from '../../electron/firmware/sample-image'
import { practiceFirmwareSigner } from '../../electron/firmware/signer'
import type { Authority } from '../../electron/identity/authority'
import { makeFolder } from './device-site'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export class OfferedFirmware {
  private readonly folder = makeFolder('offered')
  private readonly bundles = new Map<string, FirmwareBundle>()
  /** What the controller serves. */
  readonly repository = new Repository({
    library: { get: (id) => this.bundles.get(id), files: (id) => this.files(id) },
  })

  /** Signs and offers an image for PX-200; `trialS` is its time on trial. Gives the path of the image's file. */
  async offer(
    maker: Authority,
    sample: SampleImage,
    { trialS = 2, ...change }: Partial<Omit<Manifest, 'image'>> & { trialS?: number } = {},
  ): Promise<string> {
    const image = sampleImage(sample)
    const manifest: Manifest = {
      format: 1,
      vendor: 'Example maker',
      model: 'PX-200',
      hardwareRevisions: ['C2'],
      version: sample.version,
      securityVersion: 1,
      releaseDate: '2026-01-01T00:00:00Z',
      image: { file: 'image.mjs', format: 'raw', size: image.length, sha256: sha256(image) },
      probationHours: trialS / 3600,
      notes: '',
      ...change,
    }
    const bytes = writeManifest(manifest)
    const id = sha256(bytes)
    const now = new Date()
    const signer = await practiceFirmwareSigner(maker, now)
    const paths = this.files(id)
    writeFileSync(paths.manifest, bytes)
    writeFileSync(paths.signature, await signManifest({ manifest: bytes, ...signer, now }))
    writeFileSync(paths.image, image)
    const told = { subject: 'Signer', fingerprint: '', notAfter: '' }
    this.bundles.set(id, { id, manifest, signer: told, bytes: image.length, addedAtMs: now.getTime() })
    this.repository.offer(id)
    return paths.image
  }

  private files(id: string): { manifest: string; signature: string; image: string } {
    const at = (end: string) => join(this.folder, `${id}.${end}`)
    return { manifest: at('json'), signature: at('p7s'), image: at('image') }
  }
}
