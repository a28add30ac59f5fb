/** Collects which devices changed and hands their rows on at most ten times a second. */
import type { Device } from '../contract/device'
import { IPC_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'

export interface DeviceChanges {
  readonly put: readonly Device[]
  readonly drop: readonly string[]
}

/** `view` gives the row of a device, or undefined when it is gone. */
export class DeviceFeed {
  private readonly changed = new Set<string>()
  private cancelTimer: (() => void) | undefined

  constructor(
    private readonly clock: Clock,
    private readonly view: (udn: string) => Device | undefined,
    private readonly send: (changes: DeviceChanges) => void,
  ) {}

  /** Marks devices as changed; cheap, may be called for every packet. */
  touch(udns: Iterable<string>): void {
    for (const udn of udns) this.changed.add(udn)
    if (this.changed.size > 0 && !this.cancelTimer) {
      this.cancelTimer = this.clock.setTimer(() => this.flush(), IPC_LIMITS.deltaIntervalMs)
    }
  }

  close(): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
    this.changed.clear()
  }

  private flush(): void {
    this.cancelTimer = undefined
    const udns = [...this.changed]
    this.changed.clear()
    const rows = udns.map((udn) => ({ udn, row: this.view(udn) }))
    this.send({
      put: rows.flatMap(({ row }) => (row ? [row] : [])),
      drop: rows.filter(({ row }) => !row).map(({ udn }) => udn),
    })
  }
}
