/** The firmware part of the demo: one image that is well and is confirmed, one that complains and is left again. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '../../electron/contract/job'
import type { Controller } from '../../electron/controller'
import { packBundle } from '../../electron/firmware/bundle'
import { type Behaviour, sampleImage } from '../../electron/firmware/sample-image'
import { practiceFirmwareSigner } from '../../electron/firmware/signer'
import { openPracticeFactory } from '../../electron/identity/practice-factory'

export interface FirmwareDemo {
  readonly controller: Controller
  readonly folder: string
  readonly udn: string
  readonly tell: (text: string) => void
  readonly need: (fact: boolean, what: string) => void
  /** The job of the device in a rollout, when it has ended. */
  readonly ended: (rolloutId: string) => Promise<Job>
}

const PROBATION_S = 2

/** Errors: those of packing, of the library, of the device. */
export const runFirmware = async (demo: FirmwareDemo): Promise<void> => {
  const { controller, udn, need, tell } = demo
  const healthy = await bundle(demo, '1.5.0', 'healthy')
  tell('bundle 1.5.0 signed, checked and in the library')
  const good = await demo.ended(rollOut(controller, healthy, udn))
  need(good.state === 'done', `update to 1.5.0: fetched, verified, started on the other bank, confirmed`)
  const after = await controller.firmware().status(udn)
  const slot = after.banks.find((bank) => bank.slot === after.activeBank)
  need(slot?.version === '1.5.0' && slot.state === 'valid', `bank ${after.activeBank} runs 1.5.0`)
  const failing = await bundle(demo, '1.6.0', 'error')
  const bad = await demo.ended(rollOut(controller, failing, udn))
  need(bad.error?.code === 'ROLLED_BACK', `1.6.0 reported an error on trial: ${bad.error?.detail ?? ''}`)
  const back = await controller.firmware().status(udn)
  need(back.activeBank === after.activeBank, `bank ${back.activeBank} runs 1.5.0 again`)
}

const bundle = async (
  { controller, folder }: FirmwareDemo,
  version: string,
  behaviour: Behaviour,
): Promise<string> => {
  const now = new Date()
  const signer = await practiceFirmwareSigner(await openPracticeFactory(join(folder, 'factory')), now)
  const imagePath = join(folder, 'app.mjs')
  const out = join(folder, `${version}.iotfw`)
  writeFileSync(imagePath, sampleImage({ version, behaviour, padBytes: 1_000_000, afterMs: 500 }))
  await packBundle({
    manifest: {
      format: 1,
      vendor: 'Example maker',
      model: 'PX-200',
      hardwareRevisions: ['C2'],
      version,
      securityVersion: 1,
      releaseDate: now.toISOString(),
      image: { file: 'app.mjs', format: 'raw' },
      probationHours: PROBATION_S / 3600,
      notes: '',
    },
    imagePath,
    ...signer,
    out,
    now,
  })
  return (await controller.firmware().add(out)).added.id
}

const rollOut = (controller: Controller, bundleId: string, udn: string): string =>
  controller.firmware().start({
    bundleId,
    waves: [{ udns: [udn] }],
    passPercent: 100,
    soakMinutes: 0,
    errorPercent: 0,
    minimumSample: 1,
    downloadAhead: false,
    confirm: 'device',
  })
