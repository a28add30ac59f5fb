/** The factory station: who is at it, what its lanes do, and what it answers for. Everything a host asks goes through here. */
import { asIotmcError, IotmcError } from '../contract/errors'
import {
  type AuthorityView,
  type Person,
  personSchema,
  pinSchema,
  type StationConfig,
  type StationView,
} from '../contract/factory'
import { IPC_LIMITS } from '../contract/timings'
import type { LabelContent } from '../factory/label'
import type { Ledger } from '../factory/ledger'
import type { Vault } from '../identity/vault'
import type { InjectTools } from '../jobs/inject'
import type { Log } from '../log'
import type { Clock, Random } from '../net/clock'
import { openLink } from '../serial/link'
import type { DataPaths } from '../store/paths'
import { Books } from './books'
import { openStationConfig, type StationConfigStore } from './config-file'
import { Duty } from './duty'
import type { Lane } from './lane'
import { LaneJobs, type StationRunner } from './lane-jobs'
import { Lanes } from './lanes'
import { Mode } from './mode'
import { offeredLanes } from './offered-lanes'
import { openPeople, type People } from './people'
import { requireRole, type StationAct } from './roles'
import { Soon } from './soon'

export type { StationRunner } from './lane-jobs'

export interface StationOptions {
  readonly clock: Clock
  readonly random: Random
  readonly vault: Vault
  readonly paths: DataPaths
  readonly runner: StationRunner
  /** On record with each device. */
  readonly stationName: string
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>
  /** Who acts outside station mode: whoever opened the vault. */
  readonly owner: () => string
  /** Told at most ten times a second. */
  readonly emit: (view: StationView) => void
  readonly audit: (actor: string, action: string, subject: string, detail?: string) => void
  readonly config?: StationConfigStore
  readonly openLink?: typeof openLink
  /** Told when a device has passed, with its label: a secret. */
  readonly passed?: (lane: number, label: LabelContent) => void
  /** Lower in tests only. */
  readonly scryptCost?: number
}

/** Counts move on with time alone; a running wait is counted down. */
const TICK_MS = 30_000
const COUNTDOWN_MS = 1_000

export class Station {
  private readonly config: StationConfigStore
  private readonly people: People
  private readonly mode: Mode
  private readonly books: Books
  private readonly duty: Duty
  private readonly lanes: Lanes
  private readonly jobs: LaneJobs
  private readonly soon: Soon
  private cancelTick: (() => void) | undefined
  private isOpen = false

  /** Reads what is kept; opens nothing yet. Errors: DATA_DAMAGED. */
  constructor(private readonly options: StationOptions) {
    const { clock, random, vault, paths, stationName, log, runner, emit, scryptCost, passed } = options
    this.config = options.config ?? openStationConfig(paths.stationConfig)
    this.people = openPeople({ vault, clock, random, ...(scryptCost ? { scryptCost } : {}) }, log)
    this.mode = new Mode(vault, log)
    this.books = new Books({ clock, vault, paths, stationName, log, found: () => this.changed() })
    this.duty = new Duty({
      clock,
      idleMinutes: () => this.config.get().idleMinutes,
      idle: (person) => {
        this.note('signed-out', person.name, 'idle', person.name)
        this.changed()
      },
    })
    this.soon = new Soon(clock, IPC_LIMITS.deltaIntervalMs, () => this.isOpen && emit(this.view()))
    const config = () => this.config.get()
    this.jobs = new LaneJobs({
      clock,
      config,
      books: this.books,
      runner,
      lanes: () => this.lanes,
      log,
      operator: () => this.worker(),
      passed: (lane, label) => passed?.(lane, label),
      changed: () => this.changed(),
    })
    this.lanes = new Lanes({
      clock,
      random,
      config,
      mode: this.mode,
      openLink: options.openLink ?? openLink,
      judge: (board, lane) => this.jobs.judge(board, lane),
      changed: (lane) => this.laneChanged(lane),
      looked: (lane) => this.jobs.resume(lane),
    })
  }

  /** Opens authority and ledger, checks the ledger, and opens the lanes if station mode is on. */
  async open(): Promise<void> {
    await this.books.open()
    this.isOpen = true
    if (this.active) this.lanes.start()
    this.tick()
    this.changed()
  }

  /** Closes ports and ledger; who waits for a device is rejected. */
  async close(): Promise<void> {
    this.isOpen = false
    this.soon.cancel()
    this.duty.signOut()
    this.cancelTick?.()
    this.jobs.close()
    await this.lanes.close()
    await this.books.close()
  }

  /** Whether station mode is on. Without a supervisor nobody could end it. */
  get active(): boolean {
    return this.mode.active && this.people.hasSupervisor
  }

  view(): StationView {
    const { signedIn } = this.duty
    const config = this.config.get()
    const nextLane = this.lanes.nextLane()
    const nextSerialNumber = this.books.nextSerialNumber(config.model, this.lanes.held())
    const { problem } = this.books
    return {
      active: this.active,
      ...(signedIn ? { signedIn } : {}),
      people: this.people.list(),
      pinWaitS: Math.ceil(this.people.waitMs() / 1000),
      config,
      authority: this.books.authorityView(),
      lanes: this.jobs.view(),
      ...(nextLane === undefined ? {} : { nextLane }),
      ...(nextSerialNumber === undefined ? {} : { nextSerialNumber }),
      counts: this.books.counts(),
      ...(problem === undefined ? {} : { ledgerProblem: problem }),
    }
  }

  /** What jobs of the kind `inject` use; their device is the one in the lane. */
  injectTools(): InjectTools {
    const { clock, random } = this.options
    return {
      clock,
      random,
      ledger: () => this.books.writable(),
      authority: () => this.books.authority,
      config: () => this.config.get(),
      device: (job, context) => this.jobs.device(job, context),
      completed: (job, unit, label) => this.jobs.completed(job, unit, label),
    }
  }

  /** For looking; work goes through `changeLedger`. Errors: LEDGER_INVALID when it could not be opened. */
  get ledger(): Ledger {
    return this.books.ledger
  }

  /** A supervisor's change of the ledger. Errors: NOT_AUTHORIZED, LEDGER_INVALID, those of the change. */
  changeLedger<T>(action: string, subject: string, change: (ledger: Ledger, by: string) => T): T {
    this.require('changeLedger')
    const result = change(this.books.writable(), this.actor())
    this.note(action, subject)
    this.books.noteUnit(subject)
    this.jobs.reconsider(subject)
    this.changed()
    return result
  }

  authorityView(): AuthorityView {
    return this.books.authorityView()
  }

  /** To be called when the station's authority was asked for or installed. Errors: DATA_DAMAGED. */
  async loadAuthority(): Promise<void> {
    await this.books.loadAuthority()
    this.changed()
  }

  /** Who acts: the person signed in, or the owner of the vault. */
  actor(): string {
    return this.duty.signedIn?.name ?? (this.active ? 'nobody' : this.options.owner())
  }

  /** Errors: NOT_AUTHORIZED, VALUE_INVALID, REQUEST_REFUSED when a running lane would lose its port. */
  configure(change: Partial<StationConfig>): void {
    this.require('configure')
    this.takeOver(change)
    this.duty.touched()
  }

  /** Lanes for boards that this very program plays (`offeredLanes`), whoever is at the station. Errors: as `configure`. */
  offerLanes(paths: readonly string[]): void {
    const lanes = offeredLanes(this.config.get().lanes, paths)
    if (lanes) this.takeOver({ lanes }, 'practice site')
  }

  /**
   * Turns station mode on; nobody is signed in then. Errors: REQUEST_REFUSED without a supervisor or a lane,
   * LEDGER_INVALID, AUTHORITY_MISSING, AUTHORITY_EXPIRED, QUOTA_EXHAUSTED.
   */
  async enter(): Promise<void> {
    if (this.active) return
    if (!this.people.hasSupervisor)
      throw new IotmcError('REQUEST_REFUSED', { detail: 'add a supervisor first: only one can leave again' })
    if (this.config.get().lanes.length === 0)
      throw new IotmcError('REQUEST_REFUSED', { detail: 'give the line a lane first' })
    this.books.requireReady()
    this.mode.setActive(true)
    this.duty.signOut()
    this.note('station-entered', this.config.get().lineName, undefined, this.options.owner())
    this.lanes.start()
    this.tick()
    this.changed()
  }

  /** Turns it off. Errors: PIN_WRONG, LOCKED_OUT, NOT_AUTHORIZED (an operator's PIN), REQUEST_REFUSED (it is off). */
  async leave(pin: string): Promise<void> {
    this.requireActive()
    const person = await this.owner(pin)
    if (person.role !== 'supervisor')
      throw new IotmcError('NOT_AUTHORIZED', { subject: 'leave', detail: 'a supervisor may' })
    this.mode.setActive(false)
    this.duty.signOut()
    this.note('station-left', this.config.get().lineName, undefined, person.name)
    this.lanes.stop()
    this.changed()
  }

  /** Errors: PIN_WRONG, LOCKED_OUT, REQUEST_REFUSED outside station mode. */
  async signIn(pin: string): Promise<void> {
    this.requireActive()
    const person = await this.owner(pin)
    this.duty.signIn(person)
    this.note('signed-in', person.name, person.role)
    for (const lane of this.lanes.all) this.jobs.resume(lane)
    this.changed()
  }

  signOut(): void {
    if (this.duty.signedIn) this.note('signed-out', this.duty.signedIn.name)
    this.duty.signOut()
    this.changed()
  }

  /** Errors: NOT_AUTHORIZED, VALUE_INVALID, REQUEST_REFUSED (name or PIN taken). */
  async addPerson({ pin, ...rest }: Person & { readonly pin: string }): Promise<void> {
    this.require('addPerson')
    const person = personSchema.safeParse(rest)
    if (!person.success || !pinSchema.safeParse(pin).success)
      throw new IotmcError('VALUE_INVALID', { subject: person.success ? 'pin' : 'name' })
    await this.people.add(person.data, pin)
    this.note('person-added', person.data.name, person.data.role)
    this.changed()
  }

  /** Errors: NOT_AUTHORIZED, REQUEST_REFUSED (nobody of that name, oneself, or the last supervisor of a running station). */
  removePerson(name: string): void {
    this.require('removePerson')
    const person = this.people.named(name)
    if (this.active && person.role === 'supervisor') {
      const others = this.people.list().filter((one) => one.role === 'supervisor' && one.name !== person.name)
      if (others.length === 0 || person.name === this.duty.signedIn?.name)
        throw new IotmcError('REQUEST_REFUSED', { subject: name, detail: 'another supervisor may' })
    }
    this.people.remove(name)
    if (this.duty.signedIn?.name === person.name) this.duty.signOut()
    this.note('person-removed', person.name, person.role)
    this.changed()
  }

  /** A number for the next lane; empty = count up. Errors: NOT_AUTHORIZED, those of `LaneJobs.scan`. */
  scan(text: string): void {
    this.require('scan')
    this.jobs.scan(text)
    this.changed()
  }

  /** Where the next scan goes. Errors: NOT_AUTHORIZED, LANE_LOCKED, REQUEST_REFUSED. */
  chooseLane(lane: number): void {
    this.require('chooseLane')
    this.lanes.choose(lane)
    this.changed()
  }

  /** Begins a numbered device, or tries a failed one again. Errors: NOT_AUTHORIZED, LANE_LOCKED, REQUEST_REFUSED. */
  start(lane: number): void {
    this.require('start')
    this.jobs.begin(this.lanes.at(lane))
  }

  /** Errors: NOT_AUTHORIZED, REQUEST_REFUSED (no such lane). */
  unlockLane(lane: number): void {
    this.require('unlockLane')
    this.lanes.at(lane).feed({ type: 'unlocked' })
    this.note('lane-unlocked', `lane ${lane}`)
  }

  /** Console lines of a lane, oldest first. Errors: NOT_AUTHORIZED, REQUEST_REFUSED (no such lane). */
  log(lane: number): string[] {
    this.require('log')
    return [...this.lanes.at(lane).log]
  }

  /** The label of the finished device in a lane; a secret. Errors: NOT_AUTHORIZED, REQUEST_REFUSED (there is none). */
  label(lane: number): LabelContent {
    this.require('label')
    return this.jobs.label(this.lanes.at(lane))
  }

  /** The label of the device in this lane is on paper. */
  printed(lane: number): void {
    this.lanes.at(lane).feed({ type: 'label-printed' })
  }

  /** Whether a lane has this port. */
  usesPort(path: string): boolean {
    return this.lanes.usesPort(path)
  }

  /** Somebody is there: the idle sign-out begins its time anew. */
  touched(): void {
    this.duty.touched()
  }

  private takeOver(change: Partial<StationConfig>, by?: string): void {
    if (change.lanes) this.lanes.checkPaths(change.lanes)
    const { lineName } = this.config.set(change)
    this.note('station-configured', lineName, Object.keys(change).join(', '), by)
    this.lanes.configured()
    this.changed()
  }

  private require(act: StationAct): void {
    requireRole(act, this.active, this.duty.signedIn)
    this.duty.touched()
  }

  private requireActive(): void {
    if (!this.active) throw new IotmcError('REQUEST_REFUSED', { detail: 'station mode is off' })
  }

  /** Who may begin work now. */
  private worker(): string | undefined {
    return this.active ? this.duty.signedIn?.name : this.options.owner()
  }

  private async owner(pin: string): Promise<Person> {
    try {
      return await this.people.check(pin)
    } catch (thrown) {
      this.note('pin-refused', this.config.get().lineName, asIotmcError(thrown).code, 'nobody')
      this.tick()
      this.changed()
      throw thrown
    }
  }

  private laneChanged({ path, facts }: Lane): void {
    this.mode.setLock(path, facts.locked ? facts.failuresInRow : undefined)
    this.jobs.laneChanged()
    this.changed()
  }

  private note(action: string, subject: string, detail?: string, actor = this.actor()): void {
    this.options.audit(actor, action, subject, detail)
  }

  private changed(): void {
    if (this.isOpen) this.soon.ask()
  }

  private tick(): void {
    this.cancelTick?.()
    if (!this.isOpen) return
    const everyMs = this.people.waitMs() > 0 ? COUNTDOWN_MS : TICK_MS
    this.cancelTick = this.options.clock.setTimer(() => {
      this.changed()
      this.tick()
    }, everyMs)
  }
}
