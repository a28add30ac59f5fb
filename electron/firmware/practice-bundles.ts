/** Bundles for the practice site: one that is well, and one that complains on trial and has to come back. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openPracticeFactory } from '../identity/practice-factory'
import { packBundle } from './bundle'
import { makeMcuboot } from './mcuboot'
import { openPracticeSigner } from './practice-signer'
import { type Behaviour, sampleImage } from './sample-image'

interface Sample {
  readonly version: string
  readonly behaviour: Behaviour
  readonly notes: string
}

const MODEL = 'PX-200'
/** Long enough to look at everything a trial shows, short enough to wait for: 150 s. */
const PROBATION_HOURS = 150 / 3600
/** So that a download can be watched; practice devices fetch slowly. */
const PAD_BYTES = 2 * 1024 * 1024
const ERROR_AFTER_MS = 20_000
const SECURITY_VERSION = 1

const SAMPLES: readonly Sample[] = [
  { version: '1.5.0', behaviour: 'healthy', notes: 'Practice: runs well and is confirmed after its trial.' },
  {
    version: '1.6.0',
    behaviour: 'error',
    notes: 'Practice: reports an error on trial, so that the device comes back to its old bank.',
  },
]

/** Makes the bundles in `folder` where they are missing; gives their paths. Errors: those of packing. */
export const makePracticeBundles = async (
  folder: string,
  practiceFactory: string,
  now: Date,
): Promise<string[]> => {
  mkdirSync(folder, { recursive: true })
  const paths: string[] = []
  for (const sample of SAMPLES) {
    const path = join(folder, `${MODEL}-${sample.version}.iotfw`)
    paths.push(path)
    if (!existsSync(path)) await pack(path, sample, practiceFactory, now)
  }
  return paths
}

const pack = async (out: string, sample: Sample, practiceFactory: string, now: Date): Promise<void> => {
  const authority = await openPracticeFactory(practiceFactory)
  // The signer that practice devices know by its key too, so that the same bundle serves the network and the cable.
  const { keyPem, chainPem } = await openPracticeSigner(practiceFactory, authority, now)
  const { version, behaviour, notes } = sample
  const imagePath = `${out}.image`
  const payload = sampleImage({ version, behaviour, padBytes: PAD_BYTES, afterMs: ERROR_AFTER_MS })
  writeFileSync(imagePath, makeMcuboot({ payload, version, securityCounter: SECURITY_VERSION, keyPem }))
  try {
    await packBundle({
      manifest: {
        format: 1,
        vendor: 'IoTMC reference device',
        model: MODEL,
        hardwareRevisions: ['C1', 'C2'],
        version,
        securityVersion: SECURITY_VERSION,
        releaseDate: `${now.toISOString().slice(0, 19)}Z`,
        image: { file: `${MODEL}-${version}.bin`, format: 'mcuboot' },
        probationHours: PROBATION_HOURS,
        notes,
      },
      imagePath,
      keyPem,
      chainPem,
      out,
      now,
    })
  } finally {
    rmSync(imagePath, { force: true })
  }
}
