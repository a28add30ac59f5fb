/** The faults that this run was started with; those that kill the process happen once in the life of a state folder. */
import type { FaultName } from './faults'
import type { DeviceLog } from './log'
import type { StateFile } from './state-file'

export class FaultSwitch {
  constructor(
    private readonly chosen: readonly FaultName[],
    private readonly store: StateFile,
    private readonly log: DeviceLog,
  ) {}

  has(name: FaultName): boolean {
    return this.chosen.includes(name)
  }

  /** True the first time only, also across starts. */
  once(name: FaultName): boolean {
    const { faultsFired } = this.store.current
    if (!this.has(name) || faultsFired.includes(name)) return false
    this.store.update({ faultsFired: [...faultsFired, name] })
    this.log('fault', { name })
    return true
  }

  /** Ends the process as a power cut would, the first time only. */
  dieOnce(name: FaultName): void {
    if (this.once(name)) process.kill(process.pid, 'SIGKILL')
  }
}
