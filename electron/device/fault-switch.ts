/** The faults that this run was started with; those that happen once do so once in the life of a state folder. */
import type { FaultName } from './faults'
import type { DeviceLog } from './log'

/** What remembers which faults have happened: the device's state, or that of the blank board. */
export interface FaultMemory {
  readonly current: { readonly faultsFired: readonly string[] }
  update(change: { faultsFired: string[] }): void
}

export class FaultSwitch {
  constructor(
    private readonly chosen: readonly FaultName[],
    private readonly memory: FaultMemory,
    private readonly log: DeviceLog,
  ) {}

  has(name: FaultName): boolean {
    return this.chosen.includes(name)
  }

  /** True the first time only, also across starts. */
  once(name: FaultName): boolean {
    const { faultsFired } = this.memory.current
    if (!this.has(name) || faultsFired.includes(name)) return false
    this.memory.update({ faultsFired: [...faultsFired, name] })
    this.log('fault', { name })
    return true
  }

  /** Ends the process as a power cut would, the first time only. */
  dieOnce(name: FaultName): void {
    if (this.once(name)) process.kill(process.pid, 'SIGKILL')
  }
}
