/** Signers, images and bundles for the tests of firmware: any deviation can be asked for by name. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest } from '../../electron/contract/firmware'
import { type NewBundle, packBundle } from '../../electron/firmware/bundle'
import { sampleImage } from '../../electron/firmware/sample-image'
import { OID } from '../../electron/identity/oids'
import { certify, type Entity, NOW, root, type Wanted } from '../identity/make'

export const signerOf = (issuer: Entity, more: Partial<Wanted> = {}): Promise<Entity> =>
  certify({ name: 'Firmware signer 1', issuer, purposes: [OID.codeSigning], ...more })

/** A root and a signer below it. */
export interface Maker {
  readonly root: Entity
  readonly signer: Entity
}

export const maker = async (name = 'Example maker'): Promise<Maker> => {
  const top = await root(name)
  return { root: top, signer: await signerOf(top) }
}

/** Of a manifest as a person writes it: without size and hash. */
export const draft = (more: Partial<NewBundle['manifest']> = {}): NewBundle['manifest'] => ({
  format: 1,
  vendor: 'Example maker',
  model: 'TH-10',
  hardwareRevisions: ['A', 'B'],
  version: '2.4.0',
  securityVersion: 3,
  releaseDate: '2027-01-10T00:00:00Z',
  image: { file: 'th-10-2.4.0.bin', format: 'raw' },
  probationHours: 24,
  notes: 'Quieter fan.',
  ...more,
})

export const manifestOf = (more: Partial<Manifest> = {}): Manifest => ({
  ...draft(),
  image: { file: 'image.bin', format: 'raw', size: 4, sha256: 'ab'.repeat(32) },
  ...more,
})

export interface PackOptions {
  readonly signer: Entity
  readonly manifest?: NewBundle['manifest']
  readonly image?: Buffer
  /** More certificates than the signer's own. */
  readonly chain?: readonly Entity[]
  readonly name?: string
}

/** Packs a bundle into `folder`; its path. */
export const pack = async (folder: string, o: PackOptions): Promise<string> => {
  const imagePath = join(folder, `${o.name ?? 'bundle'}.image`)
  writeFileSync(imagePath, o.image ?? sampleImage({ version: '2.4.0', behaviour: 'healthy' }))
  const out = join(folder, `${o.name ?? 'bundle'}.iotfw`)
  await packBundle({
    manifest: o.manifest ?? draft(),
    imagePath,
    keyPem: o.signer.keyPem,
    chainPem: [o.signer, ...(o.chain ?? [])].map(({ pem }) => pem).join(''),
    out,
    now: new Date(NOW),
  })
  return out
}
