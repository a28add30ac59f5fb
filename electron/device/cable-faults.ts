/** The faults of the serial side, put around each command. */
import { SMP_RC } from '../contract/smp'
import { type Clock, delay } from '../net/clock'
import { SmpRefusal } from '../serial/refusal'
import type { FaultSwitch } from './fault-switch'
import { type FaultName, type FaultPlaces, isFaultName, type PlacedFault, SLOW_CABLE_MS } from './faults'
import type { Damage } from './faulty-link'

/** Every how many answers one loses a line. */
const FRAGMENT_EVERY = 4

export interface CableCommand {
  /** As faults name it: keygen, cert, lock … */
  readonly name: string
  /** Whether it changes something. */
  readonly changes: boolean
}
export type CableHandler = (payload: unknown) => Promise<Readonly<Record<string, unknown>>>

export interface CableFaultTools {
  readonly clock: Clock
  readonly faults: FaultSwitch
  /** The one command that a fault is tied to. */
  readonly places: FaultPlaces
  /** Closes the port under the running command, or boots. */
  readonly end: (why: 'unplug' | 'reboot') => void
  readonly signal: AbortSignal
}

export class CableFaults {
  private readonly happened = new Set<string>()
  private answers = 0
  private damage: Damage | undefined

  constructor(private readonly tools: CableFaultTools) {}

  /** What is to become of the answer that is about to be written. */
  nextDamage(): Damage | undefined {
    const { damage } = this
    this.damage = undefined
    return damage
  }

  /** The handler with the faults put around it. */
  bend(command: CableCommand, handler: CableHandler): CableHandler {
    const { faults, clock, signal } = this.tools
    const { name } = command
    return async (payload) => {
      this.die('before', name)
      if (this.first('rc-2', name)) throw new SmpRefusal(undefined, SMP_RC.noMemory)
      const answer = await handler(payload)
      const isPart = name === 'cert' && answer.sha256 === undefined
      if (!isPart) this.die('after', name)
      if (faults.has('slow')) await delay(clock, SLOW_CABLE_MS, signal)
      this.damage = this.damageFor(command)
      if (this.isPlaced('unplug', name, command.changes) && faults.once('unplug')) this.tools.end('unplug')
      if (name === 'cert' && faults.once('reboot-during-cert')) this.tools.end('reboot')
      return answer
    }
  }

  private damageFor({ name }: CableCommand): Damage | undefined {
    if (this.first('silent-drop', name)) return 'lose'
    if (this.first('bad-crc', name)) return 'bad-crc'
    if (!this.tools.faults.has('drop-fragment') || !this.isPlaced('drop-fragment', name, true))
      return undefined
    return this.answers++ % FRAGMENT_EVERY === 0 ? 'drop-fragment' : undefined
  }

  /** True once for each command in this run. */
  private first(fault: PlacedFault, name: string): boolean {
    const key = `${fault}@${name}`
    if (!this.tools.faults.has(fault) || this.happened.has(key) || !this.isPlaced(fault, name, true))
      return false
    this.happened.add(key)
    return true
  }

  private isPlaced(fault: PlacedFault, name: string, unplaced: boolean): boolean {
    const place = this.tools.places[fault]
    return place === undefined ? unplaced : place === name
  }

  private die(when: 'before' | 'after', name: string): void {
    const fault = `die-${when}-${name}`
    if (isFaultName(fault)) this.tools.faults.dieOnce(fault satisfies FaultName)
  }
}
