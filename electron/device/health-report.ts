/** The health of the device as it is now: what is measured, what is played, and what a fault makes of both. */
import { freemem, totalmem } from 'node:os'
import type { HealthReport } from '../contract/health'
import { type DeviceClock, isoTime } from './device-clock'
import type { FaultName } from './faults'
import { playedValues } from './health-curve'
import { type LinkState, linkState } from './health-link'
import type { LogCounts } from './log-keeper'

export interface HealthSources {
  readonly clock: DeviceClock
  readonly faults: { has(name: FaultName): boolean }
  /** Makes this device's values its own. */
  readonly seed: string
  readonly boot: () => number
  readonly uptimeMs: () => number
  readonly counts: () => LogCounts
  /** Seconds between two reports, as it is set now. */
  readonly intervalS: () => number
  /** Name of the interface that it is reached on; undefined = none. */
  readonly interfaceName: () => string | undefined
  /** Whether that plays a wireless one. */
  readonly wireless: () => boolean
  /** Bytes; those of the system unless told. */
  readonly memory?: () => { readonly free: number; readonly total: number }
  readonly link?: (name: string) => LinkState
}

/** Share of all memory that the fault `memory-leak` eats each second. */
const LEAK_PER_S = 0.01
const LEAK_LEAVES = 0.02

const systemMemory = () => ({ free: freemem(), total: totalmem() })

export class HealthSource {
  /** Errors that the interface had before this start. */
  private readonly before = new Map<string, number>()

  constructor(private readonly sources: HealthSources) {
    const name = sources.interfaceName()
    if (name !== undefined) this.link(name)
  }

  /** Everything as it is now. */
  report(): HealthReport {
    const { sources } = this
    const { clock } = sources
    const uptimeS = Math.round(sources.uptimeMs() / 100) / 10
    const { temperatureC, supplyV, signalDbm } = this.played(uptimeS)
    const { free, total } = this.memory(uptimeS)
    const name = sources.interfaceName()
    return {
      time: isoTime(clock.now()),
      clockSynchronised: clock.synchronised,
      boot: sources.boot(),
      uptimeS,
      intervalS: sources.intervalS(),
      temperatureC,
      supplyV,
      memoryFreeBytes: free,
      memoryTotalBytes: total,
      ...(name === undefined
        ? {}
        : { link: { ...this.link(name), ...(sources.wireless() ? { signalDbm } : {}) } }),
      counts: { ...sources.counts() },
    }
  }

  private played(uptimeS: number) {
    const { faults, seed, clock } = this.sources
    return playedValues(seed, clock.now(), uptimeS, {
      overheat: faults.has('overheat'),
      lowSupply: faults.has('low-supply'),
      sensorStuck: faults.has('sensor-stuck'),
    })
  }

  private memory(uptimeS: number): { free: number; total: number } {
    const { free, total } = (this.sources.memory ?? systemMemory)()
    if (!this.sources.faults.has('memory-leak')) return { free, total }
    const left = Math.max(free - total * LEAK_PER_S * uptimeS, Math.min(free, total * LEAK_LEAVES))
    return { free: Math.round(left), total }
  }

  private link(name: string): LinkState {
    const { errors, ...state } = (this.sources.link ?? linkState)(name)
    if (errors === undefined) return state
    const before = this.before.get(name) ?? errors
    // A counter that went back was counted anew.
    this.before.set(name, Math.min(before, errors))
    return { ...state, errors: errors - Math.min(before, errors) }
  }
}
