/** A state folder with real banks, images put into bank B, and the real boot step to start them. */
import { createHash } from 'node:crypto'
import { dirname, extname, join } from 'node:path'
import type { RollbackReason, TrialManner } from '../../electron/contract/banks'
import type { BankStore } from '../../electron/device/bank-store'
import type { BootProgram } from '../../electron/device/boot-process'
import { makeBanks } from '../../electron/device/factory-image'
import { ImageHost } from '../../electron/device/image-host'
import { signManifest } from '../../electron/firmware/cms'
import { writeManifest } from '../../electron/firmware/manifest'
import { openPracticeSigner } from '../../electron/firmware/practice-signer'
import { type SampleImage, sampleImage } from '../../electron/firmware/sample-image'
import type { FirmwareKey } from '../../electron/firmware/signer'
import type { Authority } from '../../electron/identity/authority'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { systemClock } from '../../electron/net/clock'
import { deviceProgram } from './device-process'
import { makeFolder } from './device-site'

/** Signs of life come this much quicker than from a device in the field. */
export const QUICK = { bootMs: 15_000, watchdogMs: 2_500, aliveEveryMs: 100 } as const

/** The built boot step. */
export const bootProgram = async (): Promise<BootProgram> => {
  const device = await deviceProgram()
  return { command: process.execPath, args: [join(dirname(device), `boot${extname(device)}`)] }
}

export interface Factory {
  readonly folder: string
  readonly authority: Authority
  readonly signer: FirmwareKey
}

/** A practice factory in a folder of its own. */
export const makeFactory = async (): Promise<Factory> => {
  const folder = join(makeFolder('factory'), 'practice')
  const authority = await openPracticeFactory(folder)
  return { folder, authority, signer: await openPracticeSigner(folder, authority, new Date()) }
}

/** A device as it is made: PX-200 with 1.4.0 in bank A. */
export const makeBench = (factory: Factory): Promise<BankStore> => {
  const device = { model: 'PX-200', hardwareRevision: 'C2', firmwareVersion: '1.4.0' }
  return makeBanks(makeFolder('banks'), device, factory, new Date())
}

export const sample = (behaviour: SampleImage['behaviour'], version = '2.0.0'): Buffer =>
  sampleImage({ version, behaviour, aliveEveryMs: QUICK.aliveEveryMs })

/** Puts an image with its signed manifest into the standby bank, as a download does. */
export const install = async (
  banks: BankStore,
  { signer }: Pick<Factory, 'signer'>,
  image: Buffer,
  { version = '2.0.0', securityVersion = 1, format = 'raw' as 'raw' | 'mcuboot' } = {},
): Promise<void> => {
  const sha256 = createHash('sha256').update(image).digest('hex')
  const manifest = writeManifest({
    format: 1,
    vendor: 'Example maker',
    model: 'PX-200',
    hardwareRevisions: ['C2'],
    version,
    securityVersion,
    releaseDate: '2026-01-01T00:00:00Z',
    image: { file: 'image.bin', format, size: image.length, sha256 },
    probationHours: 24,
    notes: '',
  })
  banks.apply({ type: 'write-begun', version, sha256, securityVersion })
  const writer = banks.write()
  writer.append(image)
  writer.putManifest(manifest, await signManifest({ manifest, ...signer, now: new Date() }))
  writer.done()
  banks.apply({ type: 'write-verified' })
}

export const arm = (banks: BankStore, manner: TrialManner = 'probation') =>
  banks.apply({ type: 'armed', manner, neededS: 3600 })

export type HostLog = { readonly event: string; readonly facts: Readonly<Record<string, unknown>> }

/** A host that keeps what it logs; `until` resolves with the first line, past or to come, that fits. */
export const makeHost = (
  banks: BankStore,
  program: BootProgram,
  options: { readonly bootMs?: number; readonly anchorFile?: string } = {},
) => {
  const { anchorFile, bootMs = QUICK.bootMs } = options
  const timings = { ...QUICK, bootMs }
  const logs: HostLog[] = []
  const waiting = new Set<() => void>()
  const faults: RollbackReason[] = []
  const log = (event: string, facts: Readonly<Record<string, unknown>> = {}): void => {
    logs.push({ event, facts })
    for (const look of [...waiting]) look()
  }
  const host = new ImageHost({ clock: systemClock, log, banks, program, timings, anchorFile })
  host.on('fault', (reason) => faults.push(reason))
  const until = (fits: (line: HostLog) => boolean): Promise<HostLog> =>
    new Promise((done) => {
      const look = (): void => {
        const found = logs.find(fits)
        if (!found) return
        waiting.delete(look)
        done(found)
      }
      waiting.add(look)
      look()
    })
  return { host, logs, faults, until }
}
