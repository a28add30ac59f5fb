/** A lane as injection needs it, without a station around it: one port, and the device that answers there. */
import { IotmcError } from '../../electron/contract/errors'
import type { Job } from '../../electron/contract/job'
import { FactoryDevice } from '../../electron/factory/factory-device'
import type { StepContext } from '../../electron/jobs/step'
import { delay, systemClock } from '../../electron/net/clock'
import { iotmcCommands } from '../../electron/serial/iotmc-group'
import { openLink } from '../../electron/serial/link'
import { SmpSession } from '../../electron/serial/smp-session'

const LOOK_AGAIN_MS = 50
const LOOK_MS = 700

export interface CableLaneOptions {
  /** For one look; short, since a device that was killed never answers. */
  readonly timeoutMs?: number
  readonly framing?: 'console' | 'raw' | 'auto'
}

export class CableLane {
  private device: FactoryDevice | undefined
  private hardwareId: string | undefined

  constructor(
    private readonly path: string,
    private readonly options: CableLaneOptions = {},
  ) {}

  /** Waits until this board answers here, without a slot of the runner. Errors: CANCELLED. */
  async lend(job: Job, ctx: StepContext): Promise<FactoryDevice> {
    const wanted = job.params.hardwareId
    if (this.device && this.hardwareId === wanted) return this.device
    return ctx.hold('waiting', async () => {
      for (;;) {
        if (ctx.signal.aborted) throw new IotmcError('CANCELLED')
        const device = await this.look(ctx.signal)
        if (device && this.hardwareId === wanted) return device
        await delay(systemClock, LOOK_AGAIN_MS, ctx.signal)
      }
    })
  }

  /** Who answers here now, as lower-case hex; undefined if nobody does. */
  async whoIsHere(signal?: AbortSignal): Promise<string | undefined> {
    return (await this.look(signal)) ? this.hardwareId : undefined
  }

  async close(): Promise<void> {
    await this.device?.session.close()
  }

  private async look(signal: AbortSignal | undefined): Promise<FactoryDevice | undefined> {
    try {
      const device = this.device ?? (await this.open(signal))
      const { timeoutMs = LOOK_MS } = this.options
      const how = { timeoutMs, retries: 0, signal }
      const { hardwareId } = await device.session.request(iotmcCommands.info, {}, how)
      this.hardwareId = Buffer.from(hardwareId).toString('hex')
      return device
    } catch {
      // Not plugged in, not booted, or somebody else's answer: the next look says more.
      return undefined
    }
  }

  private async open(signal: AbortSignal | undefined): Promise<FactoryDevice> {
    const { timeoutMs = LOOK_MS, framing = 'console' } = this.options
    const link = await openLink(this.path, { ...(signal ? { signal } : {}) })
    try {
      const session = await SmpSession.open(link, {
        clock: systemClock,
        framing,
        timeoutMs,
        ...(signal ? { signal } : {}),
      })
      const device = new FactoryDevice(session)
      this.device = device
      void session.closed.then(() => {
        if (this.device === device) this.device = undefined
      })
      return device
    } catch (thrown) {
      await link.close()
      throw thrown
    }
  }
}
