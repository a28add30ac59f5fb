/** Many pokes, few runs: a burst of announcements, or a liar's flood of them, becomes one run at a random moment. */
import type { Clock, Random } from '../net/clock'

export interface SpreadOptions {
  readonly clock: Clock
  readonly random: Random
  /** A run comes within this time after a poke, so that hundreds of devices do not answer as one. */
  readonly withinMs: number
  /** Between two runs lies at least this. */
  readonly gapMs: number
}

export class Spread {
  private cancel: (() => void) | undefined
  private notBeforeMs = 0

  constructor(
    private readonly run: () => void,
    private readonly options: SpreadOptions,
  ) {}

  poke(): void {
    if (this.cancel) return
    const { clock, random, withinMs, gapMs } = this.options
    const gapLeftMs = Math.min(Math.max(this.notBeforeMs - clock.now(), 0), gapMs)
    this.cancel = clock.setTimer(
      () => {
        this.cancel = undefined
        this.notBeforeMs = clock.now() + gapMs
        this.run()
      },
      gapLeftMs + random.fraction() * withinMs,
    )
  }

  stop(): void {
    this.cancel?.()
    this.cancel = undefined
  }
}
