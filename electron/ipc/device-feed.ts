/** The device list on its way to the window: a snapshot in chunks, then merged deltas at a bounded rate. */
import type { Device, DeviceDelta } from '../contract/device'
import { IPC_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'

export interface DeviceFeedOptions {
  readonly clock: Clock
  readonly devices: () => readonly Device[]
  readonly send: (delta: DeviceDelta) => void
}

export interface DeviceChange {
  readonly put: readonly Device[]
  readonly drop: readonly string[]
}

/** Nothing is sent before `open`, so that a page that is still loading misses nothing. */
export class DeviceFeed {
  readonly #o: DeviceFeedOptions
  #state: 'closed' | 'snapshot' | 'live' = 'closed'
  #rows: readonly Device[] = []
  #put = new Map<string, Device>()
  #drop = new Set<string>()
  #cancel: (() => void) | undefined
  #lastSentMs = Number.NEGATIVE_INFINITY

  constructor(options: DeviceFeedOptions) {
    this.#o = options
  }

  /** Starts over with a snapshot, whose first chunk has `reset` and whose last has `last`. */
  open(): void {
    this.close()
    this.#rows = this.#o.devices()
    this.#state = 'snapshot'
    this.#chunk(0)
  }

  /** A new snapshot for a window that has the list open; nothing for one that has not. */
  restart(): void {
    if (this.#state !== 'closed') this.open()
  }

  /** Takes a change; one that arrives during the snapshot follows it. */
  change({ put, drop }: DeviceChange): void {
    if (this.#state === 'closed') return
    for (const device of put) {
      this.#drop.delete(device.udn)
      this.#put.set(device.udn, device)
    }
    for (const udn of drop) {
      this.#put.delete(udn)
      this.#drop.add(udn)
    }
    if (this.#state === 'live') this.#plan()
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#state = 'closed'
    this.#rows = []
    this.#put.clear()
    this.#drop.clear()
  }

  /** One chunk a turn, so that a long list does not hold up the main process. */
  #chunk(from: number): void {
    const to = from + IPC_LIMITS.chunkRows
    const last = to >= this.#rows.length
    this.#send({ reset: from === 0, last, put: this.#rows.slice(from, to), drop: [] })
    if (!last) {
      this.#cancel = this.#o.clock.setTimer(() => this.#chunk(to), 0)
      return
    }
    this.#rows = []
    this.#cancel = undefined
    this.#state = 'live'
    this.#plan()
  }

  #plan(): void {
    if (this.#cancel !== undefined || this.#put.size + this.#drop.size === 0) return
    const wait = this.#lastSentMs + IPC_LIMITS.deltaIntervalMs - this.#o.clock.now()
    this.#cancel = this.#o.clock.setTimer(() => this.#flush(), Math.max(0, wait))
  }

  #flush(): void {
    this.#cancel = undefined
    const put = [...this.#put.values()].slice(0, IPC_LIMITS.chunkRows)
    const drop = [...this.#drop]
    for (const { udn } of put) this.#put.delete(udn)
    this.#drop.clear()
    this.#send({ reset: false, last: true, put, drop })
    this.#plan()
  }

  #send(delta: DeviceDelta): void {
    this.#lastSentMs = this.#o.clock.now()
    this.#o.send(delta)
  }
}
