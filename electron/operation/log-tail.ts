/** Following one device's log: asked when an event says that it is worth it, and every now and then without one. */
import { asIotmcError, IotmcError } from '../contract/errors'
import { HTTP_LIMITS, LOG_LIMITS } from '../contract/timings'
import { type PageTools, takePage } from '../jobs/fetch-log'
import type { Clock } from '../net/clock'

export interface LogTailTools extends PageTools {
  readonly clock: Clock
  readonly log: { info(facts: object, message: string): void }
}

/** Pages taken at one go; the rest at the next, so that a device that never stops writing does not keep others waiting. */
const PAGES_AT_ONCE = 5
/** A device that does not answer is asked less often. */
const SILENT_FACTOR = 5

export class LogTail {
  private readonly ending = new AbortController()
  private cancelTimer: (() => void) | undefined
  private asking = false
  private again = false
  private failed: string | undefined

  constructor(
    private readonly tools: LogTailTools,
    private readonly udn: string,
  ) {
    this.poll()
  }

  /** An event has told of this sequence number. */
  heard(sequence: number): void {
    if (sequence !== this.tools.store.stand(this.udn)?.through) this.poll()
  }

  end(): void {
    this.ending.abort(new IotmcError('CANCELLED'))
    this.cancelTimer?.()
  }

  private poll(): void {
    if (this.ending.signal.aborted) return
    this.again = this.asking
    if (this.asking) return
    this.cancelTimer?.()
    this.asking = true
    void this.take().finally(() => {
      this.asking = false
      if (this.again) return this.poll()
      if (this.ending.signal.aborted) return
      const everyMs = LOG_LIMITS.tailEveryMs * (this.failed ? SILENT_FACTOR : 1)
      this.cancelTimer = this.tools.clock.setTimer(() => this.poll(), everyMs)
    })
  }

  private async take(): Promise<void> {
    const { tools, udn } = this
    try {
      for (let pages = 0; pages < PAGES_AT_ONCE; pages += 1) {
        const signal = AbortSignal.any([
          this.ending.signal,
          AbortSignal.timeout(HTTP_LIMITS.requestTimeoutMs),
        ])
        const { more } = await takePage(tools, udn, signal)
        this.failed = undefined
        if (!more) return
      }
    } catch (thrown) {
      const { code, detail } = asIotmcError(thrown)
      if (this.ending.signal.aborted || this.failed === code) return
      this.failed = code
      tools.log.info({ udn, code, detail }, 'a log that is followed can not be read now')
    }
  }
}
