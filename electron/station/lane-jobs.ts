/** The jobs of the devices in the lanes: begun, gone on with, lent their device, and shown where it is. */
import { asIotmcError, IotmcError } from '../contract/errors'
import type { Lane as LaneView, StationConfig, Unit } from '../contract/factory'
import { isEnded, type Job } from '../contract/job'
import type { LabelFacts } from '../contract/label'
import type { FactoryDevice } from '../factory/factory-device'
import type { LabelContent } from '../factory/label'
import { isUnfinished } from '../factory/ledger-machine'
import type { JobRunner, StepContext } from '../jobs/runner'
import { waitFor } from '../jobs/wait'
import type { Log } from '../log'
import type { Clock } from '../net/clock'
import { judgeBoard, toLaneError } from './board'
import type { Books } from './books'
import type { Lane } from './lane'
import { type Board, boardOf, isResumable, type Verdict, wantsResume } from './lane-machine'
import { laneView, numberOf } from './lane-view'
import { type Lanes, locked, notReady } from './lanes'
import { checkNumber, laneForScan, readScan } from './scan'

/** What lanes need of the job runner. */
export type StationRunner = Pick<JobRunner, 'submit' | 'retry' | 'cancel' | 'get' | 'list' | 'on'>

export interface LaneJobsOptions {
  readonly clock: Clock
  readonly config: () => StationConfig
  readonly books: Books
  readonly runner: StationRunner
  readonly lanes: () => Lanes
  readonly log: Pick<Log, 'warn'>
  /** Who may begin work now; undefined while nobody is signed in. */
  readonly operator: () => string | undefined
  /** Told when a device has passed, with its label: a secret. */
  readonly passed: (lane: number, label: LabelContent) => void
  readonly changed: () => void
}

/** A lane's number is in the parameters of its jobs; others of the same kind belong to somebody else. */
const isLaneJob = (job: Job): boolean => job.kind === 'inject' && /^\d+$/.test(job.params.lane ?? '')

export class LaneJobs {
  /** Labels of finished devices by job, until the device leaves its lane. */
  private readonly labels = new Map<string, LabelContent>()
  /** Jobs that were lent their device, at which attempt: from then on its absence is a failure, not a wait. */
  private readonly lent = new Map<string, number>()
  private readonly waiters = new Set<() => void>()
  private readonly stopListening: () => void
  private over = false

  constructor(private readonly options: LaneJobsOptions) {
    this.stopListening = options.runner.on('changed', (jobs) => {
      for (const job of jobs) if (isLaneJob(job)) this.hear(job)
    })
  }

  /** Rejects whoever waits for a device, and forgets the labels. */
  close(): void {
    this.over = true
    this.stopListening()
    this.labels.clear()
    this.wake()
  }

  view(): LaneView[] {
    return this.lanes().map((lane) => {
      const { facts, number, path } = lane
      const serialNumber = numberOf(facts)
      const udn = serialNumber === undefined ? undefined : this.unit(serialNumber)?.udn
      return laneView(facts, { number, path, udn, canPrint: this.labelOf(lane) !== undefined })
    })
  }

  /** Whether the device may be worked on; one that would go on by itself and can't, says why. */
  judge(board: Board, lane: Lane): Verdict {
    const { books, config } = this.options
    const [twin] = this.lanesOf(board.hardwareId).filter((other) => other !== lane)
    if (twin && !lane.isWorking) {
      const detail = `lane ${twin.number} has a board of the same identity`
      return { kind: 'refused', error: { code: 'OTHER_DEVICE', subject: board.model, detail } }
    }
    try {
      const verdict = judgeBoard(board, config(), books.ledger.openUnitOf(board.hardwareId))
      if (verdict.kind === 'unfinished' && !this.activeJobOf(board)) books.requireReady()
      return verdict
    } catch (thrown) {
      return { kind: 'refused', error: toLaneError(asIotmcError(thrown), board.model) }
    }
  }

  /**
   * Gives a scanned number to the next lane, and begins if that is configured; empty = count up. Nothing has changed when
   * it is refused. Errors: those of `Books.requireReady`, `laneForScan` and `checkNumber`, RANGE_EXHAUSTED.
   */
  scan(text: string): void {
    const { books } = this.options
    const lanes = this.options.lanes()
    const { model, startOnScan } = this.options.config()
    books.requireReady()
    const wanted = readScan(text)
    const number = laneForScan(lanes.forScan(), lanes.chosenLane)
    const serialNumber = wanted ?? books.nextSerialNumber(model, lanes.held())
    if (serialNumber === undefined) throw new IotmcError('RANGE_EXHAUSTED', { subject: model })
    const { ranges } = books.ledger.summary()
    const unit = books.ledger.unit(serialNumber)
    checkNumber(serialNumber, { model, ranges, unit, lanes: lanes.forScan(), lane: number })
    lanes.assign(number, serialNumber)
    if (startOnScan) this.begin(lanes.at(number))
  }

  /** Begins, or goes on with, the device of a lane. Errors: LANE_LOCKED, REQUEST_REFUSED, those of `Books.requireReady`. */
  begin(lane: Lane): void {
    const { facts } = lane
    if (facts.locked) throw locked(lane)
    const isHeld = facts.work.kind === 'assigned' || isResumable(facts)
    const serialNumber = isHeld ? numberOf(facts) : wantsResume(facts)
    if (serialNumber === undefined) throw notReady(lane)
    this.options.books.requireReady()
    if (this.isWithdrawn(lane, serialNumber)) throw notReady(lane)
    this.run(lane, serialNumber)
  }

  /** A job that waits for the device in this lane is shown there; a device that may go on by itself does. */
  resume(lane: Lane): void {
    const board = boardOf(lane.facts)
    if (!board || lane.isWorking || !this.lanes().includes(lane)) return
    const active = this.activeJobOf(board)
    if (active) {
      this.tell(lane, active)
      return
    }
    const serialNumber = wantsResume(lane.facts)
    if (serialNumber === undefined || this.options.operator() === undefined) return
    if (!this.options.lanes().isStarted) return
    try {
      this.options.books.requireReady()
      if (!this.isWithdrawn(lane, serialNumber)) this.run(lane, serialNumber)
    } catch (thrown) {
      const { code } = asIotmcError(thrown)
      this.options.log.warn({ lane: lane.number, serialNumber, code }, 'a device does not go on')
    }
  }

  /** Errors: REQUEST_REFUSED when there is no finished device in the lane, or its label is not known any more. */
  label(lane: Lane): LabelContent {
    const label = this.labelOf(lane)
    if (label) return label
    throw new IotmcError('REQUEST_REFUSED', {
      subject: `lane ${lane.number}`,
      detail: 'there is no label to print',
    })
  }

  /** The device of a job, in whichever lane it is. Errors: SERIAL_UNPLUGGED once it was lent, CANCELLED, INTERRUPTED. */
  async device(job: Job, context: StepContext): Promise<FactoryDevice> {
    const { hardwareId = '', path } = job.params
    const { signal } = context
    const missing = () => new IotmcError('SERIAL_UNPLUGGED', { subject: path ?? job.subject })
    const find = (): Lane | undefined => {
      if (this.over) throw new IotmcError('INTERRUPTED')
      const here = this.lanesOf(hardwareId)
      return here.length > 1 ? here.find((lane) => lane.isWorking) : here[0]
    }
    if (!find()) {
      if (this.lent.get(job.id) === job.attempt) throw missing()
      const onChange = (listener: () => void) => this.onChange(listener)
      await context.hold('waiting', () => waitFor({ ready: find, onChange, signal }))
    }
    // It may have gone again while a slot was waited for.
    const lane = find()
    if (!lane) throw missing()
    this.lent.set(job.id, job.attempt)
    this.tell(lane, context.job)
    return lane.lend(job.id, hardwareId, signal)
  }

  /** Keeps the label of a finished device for as long as the device stays. */
  completed(job: Job, unit: Unit, label: LabelFacts): void {
    this.labels.set(job.id, { ...label, model: unit.model })
  }

  /** The ledger was changed about this number: a job of it that waits for its device has nothing to wait for. */
  reconsider(serialNumber: string): void {
    const state = this.unit(serialNumber)?.state
    if (state !== 'burned' && state !== 'scrapped') return
    const { runner } = this.options
    const open = runner
      .list()
      .filter((job) => isLaneJob(job) && job.subject === serialNumber && !isEnded(job.state))
    runner.cancel(open.map((job) => job.id))
    for (const lane of this.lanes()) lane.feed({ type: 'withdrawn', serialNumber })
  }

  /** A lane is another than it was: labels of devices that have left are forgotten. */
  laneChanged(): void {
    for (const jobId of this.labels.keys()) {
      const isHere = this.lanes().some((lane) => lane.jobId === jobId)
      if (!isHere && !this.isActive(jobId)) this.labels.delete(jobId)
    }
    this.wake()
  }

  /** Whether a number can't be gone on with any more; its lane forgets it then. */
  private isWithdrawn(lane: Lane, serialNumber: string): boolean {
    const unit = this.unit(serialNumber)
    if (!unit || (isUnfinished(unit.state) && unit.hardwareId === boardOf(lane.facts)?.hardwareId))
      return false
    lane.feed({ type: 'withdrawn', serialNumber })
    return true
  }

  /** Starts the job of a number, or goes on with the one that there is. */
  private run(lane: Lane, serialNumber: string): void {
    const { runner, operator, config } = this.options
    const board = boardOf(lane.facts)
    const by = operator()
    if (!board || by === undefined) throw notReady(lane)
    const { hardwareId } = board
    const jobs = runner.list().filter((job) => isLaneJob(job) && job.subject === serialNumber)
    const known = jobs.at(-1)
    if (
      known?.params.hardwareId === hardwareId &&
      (known.state === 'failed' || known.state === 'cancelled')
    ) {
      runner.retry([known.id])
      this.tell(lane, runner.get(known.id) ?? known)
      return
    }
    const { model } = config()
    const params = { path: lane.path, lane: String(lane.number), model, operator: by, hardwareId }
    const [job] = runner.submit('inject', [serialNumber], params)
    if (job?.params.hardwareId !== hardwareId) {
      const detail = 'a job of another device has this number'
      throw new IotmcError('OTHER_DEVICE', { subject: serialNumber, detail })
    }
    this.tell(lane, job)
  }

  /** News of a job from the runner. */
  private hear(job: Job): void {
    for (const lane of this.lanes()) this.tell(lane, job)
    if (!isEnded(job.state) && job.state !== 'interrupted') return
    this.lent.delete(job.id)
    if (job.state === 'failed') this.options.books.noteFailure(job.subject)
    else this.options.books.noteUnit(job.subject)
    for (const lane of this.lanes()) {
      lane.takeBack(job.id)
      this.options.lanes().jobEnded(lane)
    }
    this.options.changed()
  }

  private tell(lane: Lane, job: Job): void {
    const { clock, config, passed } = this.options
    const wasWorking = lane.isWorking
    // Chips that share an identity by mistake must never share a pass.
    if (!wasWorking && this.lanesOf(job.params.hardwareId).some((other) => other !== lane)) return
    const { failuresBeforeLock } = config()
    lane.feed({ type: 'job', job, atMs: clock.now(), failuresBeforeLock })
    const label = wasWorking && !lane.isWorking ? this.labelOf(lane) : undefined
    if (label) passed(lane.number, label)
  }

  private activeJobOf(board: Board): Job | undefined {
    return this.options.runner
      .list()
      .find((job) => isLaneJob(job) && !isEnded(job.state) && job.params.hardwareId === board.hardwareId)
  }

  private isActive(jobId: string): boolean {
    const job = this.options.runner.get(jobId)
    return job !== undefined && !isEnded(job.state)
  }

  private labelOf({ facts: { work } }: Lane): LabelContent | undefined {
    return work.kind === 'passed' ? this.labels.get(work.jobId) : undefined
  }

  private unit(serialNumber: string): Unit | undefined {
    try {
      return this.options.books.ledger.unit(serialNumber)
    } catch {
      return undefined
    }
  }

  /** The lanes in which a board of this identity answers: one, if chips are what they should be. */
  private lanesOf(hardwareId: string | undefined): readonly Lane[] {
    return this.lanes().filter((lane) => lane.board !== undefined && lane.board.hardwareId === hardwareId)
  }

  private lanes(): readonly Lane[] {
    return this.options.lanes().all
  }

  private onChange(listener: () => void): () => void {
    this.waiters.add(listener)
    return () => this.waiters.delete(listener)
  }

  private wake(): void {
    for (const listener of [...this.waiters]) listener()
  }
}
