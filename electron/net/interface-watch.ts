/** Notices interfaces that appear, vanish or change address, and a laptop that slept. */
import type { NetworkInterface } from '../contract/discovery'
import { DISCOVERY_LIMITS } from '../contract/timings'
import type { Clock } from './clock'
import { listInterfaces } from './interfaces'

export interface WatchOptions {
  readonly clock: Clock
  /** Where the list comes from; a throw counts as "no change". Default: the operating system. */
  readonly list?: (() => NetworkInterface[]) | undefined
  /** Called with the whole list after each change, never with the first list. */
  onChange(all: NetworkInterface[]): void
  /** Called when a poll comes late by `gapMs`: the laptop slept, or its clock was set (then it may be negative). */
  onWake?(gapMs: number): void
  readonly intervalMs?: number
}

export interface InterfaceWatch {
  /** Looks at once instead of at the next poll. */
  poke(): void
  close(): void
}

/** Polls the interfaces; there is no portable notification of their changes. */
export const watchInterfaces = (options: WatchOptions): InterfaceWatch => {
  const { clock, onChange, onWake } = options
  const list = options.list ?? listInterfaces
  const intervalMs = options.intervalMs ?? DISCOVERY_LIMITS.interfacePollMs
  let known = JSON.stringify(list())
  let closed = false
  let dueMs = clock.now() + intervalMs

  const look = (): void => {
    let all: NetworkInterface[]
    try {
      all = list()
    } catch {
      return
    }
    const text = JSON.stringify(all)
    if (text === known) return
    known = text
    onChange(all)
  }

  let cancel = clock.setTimer(tick, intervalMs)
  function tick(): void {
    if (closed) return
    const gapMs = clock.now() - dueMs
    dueMs = clock.now() + intervalMs
    cancel = clock.setTimer(tick, intervalMs)
    look()
    if (Math.abs(gapMs) > DISCOVERY_LIMITS.sleepGapMs && !closed) onWake?.(gapMs)
  }

  return {
    poke: () => {
      if (!closed) look()
    },
    close: () => {
      closed = true
      cancel()
    },
  }
}
