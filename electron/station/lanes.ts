/** All lanes of the station: their ports, and where the next scan goes. */
import { IotmcError } from '../contract/errors'
import type { StationConfig } from '../contract/factory'
import type { Clock, Random } from '../net/clock'
import type { openLink } from '../serial/link'
import { Lane } from './lane'
import { type Board, stateOf, type Verdict } from './lane-machine'
import { numberOf } from './lane-view'
import type { Mode } from './mode'
import { nextLane, type ScanLane } from './scan'

export interface LanesOptions {
  readonly clock: Clock
  readonly random: Random
  readonly config: () => StationConfig
  readonly mode: Mode
  readonly openLink: typeof openLink
  readonly judge: (board: Board, lane: Lane) => Verdict
  /** Told after each change of a lane's facts. */
  readonly changed: (lane: Lane) => void
  /** Told after each look that a device has answered. */
  readonly looked: (lane: Lane) => void
}

export class Lanes {
  private lanes: Lane[]
  private chosen: number | undefined
  /** Lanes whose ports are being closed. */
  private readonly closing = new Set<Lane>()
  private started = false

  constructor(private readonly options: LanesOptions) {
    this.lanes = options.config().lanes.map((path, index) => this.make(path, index + 1))
  }

  get all(): readonly Lane[] {
    return this.lanes
  }

  /** Whether lanes are to have their ports. */
  get isStarted(): boolean {
    return this.started
  }

  /** Opens the ports. */
  start(): void {
    this.started = true
    for (const lane of this.lanes) lane.start()
  }

  /** Closes the ports; a lane whose job runs keeps its own until `jobEnded`. */
  stop(): void {
    this.started = false
    this.chosen = undefined
    for (const lane of this.lanes) this.release(lane)
  }

  /** Closes all ports at once. */
  async close(): Promise<void> {
    await Promise.all([...this.lanes, ...this.closing].map((lane) => lane.close()))
  }

  /** A stopped station gives the port of a lane back that has nothing to do any more. */
  jobEnded(lane: Lane): void {
    if (!this.started) this.release(lane)
  }

  /** Errors: REQUEST_REFUSED when a lane would lose its port while its job runs. */
  checkPaths(paths: readonly string[]): void {
    const busy = this.lanes.find((lane, index) => lane.path !== paths[index] && lane.isWorking)
    if (!busy) return
    throw new IotmcError('REQUEST_REFUSED', { subject: `lane ${busy.number}`, detail: 'its job is running' })
  }

  /** Takes over the configuration: lanes that keep their port go on as they are. */
  configured(): void {
    const before = this.lanes
    this.lanes = this.options.config().lanes.map((path, index) => {
      const kept = before[index]
      return kept?.path === path ? kept : this.make(path, index + 1)
    })
    for (const lane of before) if (!this.lanes.includes(lane)) this.retire(lane)
    if (this.started) this.start()
    for (const lane of this.lanes) lane.lookAgain()
  }

  usesPort(path: string): boolean {
    return [...this.lanes, ...this.closing].some((lane) => lane.path === path && lane.isStarted)
  }

  /** Errors: REQUEST_REFUSED when there is no such lane. */
  at(number: number): Lane {
    const lane = this.lanes[number - 1]
    if (!lane) throw new IotmcError('REQUEST_REFUSED', { subject: `lane ${number}`, detail: 'no such lane' })
    return lane
  }

  forScan(): ScanLane[] {
    return this.lanes.map(({ number, facts }) => ({
      number,
      state: stateOf(facts),
      serialNumber: numberOf(facts),
    }))
  }

  /** Numbers that lanes have been given; some are not on record yet. */
  held(): ReadonlySet<string> {
    return new Set(this.lanes.flatMap(({ facts }) => numberOf(facts) ?? []))
  }

  nextLane(): number | undefined {
    return nextLane(this.forScan(), this.chosen)
  }

  get chosenLane(): number | undefined {
    return this.chosen
  }

  /** Errors: LANE_LOCKED, REQUEST_REFUSED when the lane can't take a number. */
  choose(number: number): void {
    const lane = this.at(number)
    const state = stateOf(lane.facts)
    if (state === 'locked') throw locked(lane)
    if (state !== 'ready' && state !== 'assigned') throw notReady(lane)
    this.chosen = number
  }

  /** Gives a checked number to a lane. Errors: REQUEST_REFUSED when its device has just gone. */
  assign(number: number, serialNumber: string): void {
    const lane = this.at(number)
    lane.feed({ type: 'numbered', serialNumber })
    const { work } = lane.facts
    if (work.kind !== 'assigned' || work.serialNumber !== serialNumber) throw notReady(lane)
    this.chosen = undefined
  }

  private make(path: string, number: number): Lane {
    const { mode } = this.options
    return new Lane({ ...this.options, number, path, lockedWith: mode.lockOf(path) })
  }

  /** Puts a lane that has not been started in the place of an idle one that has. */
  private release(lane: Lane): void {
    const index = this.lanes.indexOf(lane)
    if (index < 0 || !lane.isStarted || lane.isWorking) return
    this.lanes[index] = this.make(lane.path, lane.number)
    this.retire(lane)
  }

  private retire(lane: Lane): void {
    this.closing.add(lane)
    void lane.close().finally(() => this.closing.delete(lane))
  }
}

export const locked = ({ number }: Lane): IotmcError =>
  new IotmcError('LANE_LOCKED', { subject: `lane ${number}` })

export const notReady = ({ number, facts }: Lane): IotmcError =>
  new IotmcError('REQUEST_REFUSED', { subject: `lane ${number}`, detail: `the lane is ${stateOf(facts)}` })
