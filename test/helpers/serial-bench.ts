/** A laptop that updates real device processes over pseudo terminals: factory, signer, bundles, runner. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest } from '../../electron/contract/firmware'
import { isEnded, type Job } from '../../electron/contract/job'
import { makeMcuboot } from '../../electron/firmware/mcuboot'
import { openPracticeSigner } from '../../electron/firmware/practice-signer'
import { type Behaviour, sampleImage } from '../../electron/firmware/sample-image'
import { publicKeyOf } from '../../electron/identity/keys'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { JobRunner } from '../../electron/jobs/runner'
import {
  type SerialBundle,
  type UpdateSerialTools,
  updateSerialPlan,
} from '../../electron/jobs/update-serial'
import { type Clock, systemClock } from '../../electron/net/clock'
import type { ByteLink } from '../../electron/serial/byte-link'
import { openLink } from '../../electron/serial/link'
import { SmpSession } from '../../electron/serial/smp-session'
import { MemoryJournal } from '../jobs/bench'
import { makeFolder } from './device-site'
import { keepingLog } from './quiet-log'

/** Time that goes by faster, for a laptop that would otherwise wait for devices that were killed. */
export const hastyClock = (times: number): Clock => {
  const begunMs = Date.now()
  return {
    now: () => begunMs + (systemClock.now() - begunMs) * times,
    setTimer: (fn, delayMs) => systemClock.setTimer(fn, delayMs / times),
  }
}

export interface NewBundle {
  readonly version: string
  readonly behaviour?: Behaviour
  readonly padBytes?: number
  readonly keyPem?: string
}

export class SerialBench {
  readonly journal = new MemoryJournal()
  readonly runner: JobRunner
  readonly tools: UpdateSerialTools
  /** What becomes of a link right after it was opened. */
  wrap: (link: ByteLink) => ByteLink = (link) => link
  private readonly bundles = new Map<string, SerialBundle>()

  private constructor(
    readonly factoryFolder: string,
    readonly keyPem: string,
    readonly clock: Clock,
  ) {
    this.tools = {
      clock,
      openSerial: async (path, signal) => {
        const link = this.wrap(await openLink(path, { signal }))
        try {
          return { session: await SmpSession.open(link, { clock, signal }) }
        } catch (thrown) {
          await link.close()
          throw thrown
        }
      },
      bundle: (id) => this.bundles.get(id),
      requireFree: () => undefined,
    }
    this.runner = new JobRunner({
      clock,
      journal: this.journal,
      concurrency: 8,
      plan: (job) => updateSerialPlan(this.tools, job),
      log: keepingLog(),
    })
    this.runner.start()
  }

  static async open(clock: Clock = systemClock): Promise<SerialBench> {
    const folder = makeFolder('factory')
    const authority = await openPracticeFactory(folder)
    const { keyPem } = await openPracticeSigner(folder, authority, new Date())
    return new SerialBench(folder, keyPem, clock)
  }

  /** The arguments of a device of this factory. */
  deviceArguments(state: string, port: string): string[] {
    return [
      ...['--state', state, '--serial-port', port, '--factory', this.factoryFolder],
      ...['--anchor', join(state, 'none'), '--model', 'PX-200'],
    ]
  }

  /** An image in MCUboot's form that really runs; its bundle's id, and its bytes. */
  bundle({ version, behaviour = 'healthy', padBytes = 0, keyPem = this.keyPem }: NewBundle) {
    const payload = sampleImage({ version, behaviour, padBytes })
    const image = makeMcuboot({ payload, version, securityCounter: 1, keyPem })
    const sha256 = createHash('sha256').update(image).digest('hex')
    const imagePath = join(makeFolder('bundle'), 'image.bin')
    writeFileSync(imagePath, image)
    const manifest: Manifest = {
      ...{ format: 1, vendor: 'Example maker', model: 'PX-200', hardwareRevisions: ['C2'], version },
      ...{ securityVersion: 1, releaseDate: '2026-01-01T00:00:00Z', probationHours: 24, notes: '' },
      image: { file: 'image.bin', format: 'mcuboot', size: image.length, sha256 },
    }
    this.bundles.set(sha256, { manifest, imagePath, keys: [publicKeyOf(this.keyPem)] })
    return { id: sha256, image }
  }

  submit(path: string, bundleId: string, { confirm = true, consent = false } = {}): string {
    const params = { path, bundleId, confirm: String(confirm), consent: String(consent) }
    const [job] = this.runner.submit('update-serial', [path], params)
    if (!job) throw new Error('no job')
    return job.id
  }

  /** Resolves when the job has ended. */
  ended(id: string): Promise<Job> {
    return new Promise((resolve) => {
      const look = (): void => {
        const job = this.runner.get(id)
        if (!job || !isEnded(job.state)) return
        off()
        resolve(job)
      }
      const off = this.runner.on('changed', look)
      look()
    })
  }

  run(path: string, bundleId: string, params: { confirm?: boolean; consent?: boolean } = {}): Promise<Job> {
    return this.ended(this.submit(path, bundleId, params))
  }

  /** A session of one's own with what is at the end of a cable. */
  async session(path: string): Promise<SmpSession> {
    return (await this.tools.openSerial(path, new AbortController().signal)).session
  }

  close(): Promise<void> {
    return this.runner.stop()
  }
}
