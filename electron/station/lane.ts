/** One lane with its port: opens it, finds out what is there, keeps looking while idle, and lends the device to its job. */
import { asIotmcError, IotmcError } from '../contract/errors'
import { SMP_LIMITS } from '../contract/smp'
import { FactoryDevice } from '../factory/factory-device'
import { type Clock, delay, type Random } from '../net/clock'
import { iotmcCommands } from '../serial/iotmc-group'
import type { ByteLink, openLink } from '../serial/link'
import { SmpSession } from '../serial/smp-session'
import { hardwareIdOf, toBoard, toLaneError } from './board'
import {
  advance,
  type Board,
  boardOf,
  type LaneFacts,
  type LaneInput,
  newLane,
  type Verdict,
} from './lane-machine'
import { shareLink } from './shared-link'

export const LANE_TIMINGS = {
  /** Between tries at a port, and at a port where nothing answers. */
  retryMs: 500,
  /** Between two looks at an idle device. */
  lookMs: 1_000,
  /** How long a look waits for its answer: short, since a device that was taken out never answers. */
  lookTimeoutMs: 800,
  greetTimeoutMs: 700,
  /** For slow devices: every fourth greeting waits as long, and so does each look at one that was found that way. */
  patientTimeoutMs: 3_000,
  patientEvery: 4,
  /** Looks in a row without an answer after which the device counts as taken out. */
  missesUntilGone: 2,
} as const

export interface LaneOptions {
  readonly clock: Clock
  readonly random: Random
  /** 1 … 16. */
  readonly number: number
  readonly path: string
  readonly openLink: typeof openLink
  readonly judge: (board: Board, lane: Lane) => Verdict
  /** Told after each change of the facts. */
  readonly changed: (lane: Lane) => void
  /** Told after each look that a device has answered. */
  readonly looked: (lane: Lane) => void
  /** Failures in a row of a lane that is locked from an earlier run. */
  readonly lockedWith?: number | undefined
}

export class Lane {
  readonly number: number
  readonly path: string
  private now: LaneFacts
  private readonly lines: string[] = []
  private readonly closing = new AbortController()
  private device: FactoryDevice | undefined
  private greetings = 0
  private patient = false
  /** The job that has the device: nothing else is sent meanwhile. */
  private holder: string | undefined
  private looking: Promise<unknown> = Promise.resolve()
  private wake: () => void = () => undefined
  private running: Promise<void> | undefined

  constructor(private readonly options: LaneOptions) {
    const { number, path, lockedWith } = options
    this.number = number
    this.path = path
    this.now = newLane(lockedWith === undefined ? {} : { locked: true, failuresInRow: lockedWith })
  }

  get facts(): LaneFacts {
    return this.now
  }

  /** Console lines of the devices that were here, oldest first. */
  get log(): readonly string[] {
    return this.lines
  }

  /** Whether a device answers here now; jobs are lent nothing else. */
  get board(): Board | undefined {
    return this.device ? boardOf(this.now) : undefined
  }

  start(): void {
    this.running ??= this.run()
  }

  /** Whether a job is under way here. */
  get isWorking(): boolean {
    return this.now.work.kind === 'running'
  }

  /** The job of the device that is or was here. */
  get jobId(): string | undefined {
    const { work } = this.now
    return work.kind === 'none' || work.kind === 'assigned' ? undefined : work.jobId
  }

  /** Whether this lane has its port, or tries to. */
  get isStarted(): boolean {
    return this.running !== undefined
  }

  /** Closes the port; whoever has the device is told SERIAL_UNPLUGGED or CANCELLED by its session. */
  async close(): Promise<void> {
    this.closing.abort(new IotmcError('CANCELLED'))
    await this.running
  }

  feed(input: LaneInput): void {
    const next = advance(this.now, input)
    if (next === this.now) return
    this.now = next
    this.options.changed(this)
  }

  /** Looks again now: what a device is judged by has changed. */
  lookAgain(): void {
    this.wake()
  }

  /**
   * The device for a job, after asking it once more who it is. Errors: SERIAL_UNPLUGGED when it is not here,
   * OTHER_DEVICE, and those of the session.
   */
  async lend(jobId: string, hardwareId: string, signal: AbortSignal): Promise<FactoryDevice> {
    const { device } = this
    if (!device || boardOf(this.now)?.hardwareId !== hardwareId)
      throw new IotmcError('SERIAL_UNPLUGGED', { subject: this.path })
    this.holder = jobId
    await this.looking
    const info = await device.info(signal)
    if (hardwareIdOf(info) !== hardwareId) throw new IotmcError('OTHER_DEVICE', { subject: this.path })
    return device
  }

  /** The job needs the device no more. */
  takeBack(jobId: string): void {
    if (this.holder !== jobId) return
    this.holder = undefined
    this.wake()
  }

  private async run(): Promise<void> {
    const { signal } = this.closing
    while (!signal.aborted) {
      const link = await this.open()
      if (link) {
        await this.serve(link)
        await link.close().catch(() => undefined)
      }
      await this.pause(LANE_TIMINGS.retryMs, signal)
    }
  }

  private async open(): Promise<ByteLink | undefined> {
    try {
      const link = await this.options.openLink(this.path, { signal: this.closing.signal })
      this.feed({ type: 'port-open' })
      return link
    } catch (thrown) {
      this.lostPort(asIotmcError(thrown, 'SERIAL_PORT_MISSING'))
      return undefined
    }
  }

  /** Until the port is gone or the lane closes; never rejects. */
  private async serve(link: ByteLink): Promise<void> {
    const gone = new AbortController()
    const { signal } = gone
    const onClosing = () => gone.abort(this.closing.signal.reason)
    this.closing.signal.addEventListener('abort', onClosing, { once: true })
    if (this.closing.signal.aborted) onClosing()
    void link.gone.then((why) => {
      if (signal.aborted) return
      this.device = undefined
      // The next try at the port says what is wrong with it; until then it is simply not there.
      this.lostPort(new IotmcError('SERIAL_PORT_MISSING', { subject: this.path, cause: why }))
      gone.abort(why)
    })
    while (!signal.aborted) {
      const session = await this.greet(shareLink(link), signal)
      if (session) {
        await this.talk(session, signal)
        await session.close().catch(() => undefined)
      }
      await this.pause(LANE_TIMINGS.retryMs, signal)
    }
    this.closing.signal.removeEventListener('abort', onClosing)
  }

  /** A session with whatever answers; undefined, and the lane says why, if nothing does. */
  private async greet(link: ByteLink, signal: AbortSignal): Promise<SmpSession | undefined> {
    try {
      const { clock } = this.options
      const onLog = (line: string) => this.keepLine(line)
      this.greetings += 1
      this.patient = this.greetings % LANE_TIMINGS.patientEvery === 0
      const timeoutMs = this.patient ? LANE_TIMINGS.patientTimeoutMs : LANE_TIMINGS.greetTimeoutMs
      return await SmpSession.open(link, { clock, signal, onLog, timeoutMs })
    } catch (thrown) {
      await link.close()
      if (signal.aborted) return undefined
      const error = asIotmcError(thrown)
      if (error.code === 'SERIAL_SILENT' || error.code === 'TIMED_OUT') this.feed({ type: 'silent' })
      else this.feed({ type: 'chatter', error: toLaneError(error, this.path) })
      return undefined
    }
  }

  /** Looks at the device until it is gone. */
  private async talk(session: SmpSession, gone: AbortSignal): Promise<void> {
    const { clock, random } = this.options
    this.device = new FactoryDevice(session, { clock, random })
    const ended = new AbortController()
    const signal = AbortSignal.any([gone, ended.signal])
    void session.closed.then((why) => ended.abort(why))
    let misses = 0
    while (!signal.aborted && misses < LANE_TIMINGS.missesUntilGone) {
      if (this.holder === undefined) {
        const look = this.look(session, signal)
        this.looking = look
        misses = (await look) ? 0 : misses + 1
      }
      if (misses < LANE_TIMINGS.missesUntilGone) await this.pause(LANE_TIMINGS.lookMs, signal)
    }
    this.device = undefined
    // Whoever had the device has lost it with the session.
    this.holder = undefined
    if (!gone.aborted) this.feed({ type: 'silent' })
  }

  /** One look at the device; false if it did not answer. Never rejects. */
  private async look(session: SmpSession, signal: AbortSignal): Promise<boolean> {
    try {
      const timeoutMs = this.patient ? LANE_TIMINGS.patientTimeoutMs : LANE_TIMINGS.lookTimeoutMs
      const options = { signal, timeoutMs, retries: 0 }
      const askedAtMs = this.options.clock.now()
      const board = toBoard(await session.request(iotmcCommands.info, {}, options))
      // A quick one was greeted patiently by chance: that it was taken out shall be noticed soon.
      if (this.options.clock.now() - askedAtMs < LANE_TIMINGS.lookTimeoutMs / 2) this.patient = false
      if (signal.aborted) return true
      this.feed({ type: 'seen', board, verdict: this.options.judge(board, this) })
      this.options.looked(this)
      return true
    } catch (thrown) {
      const error = asIotmcError(thrown)
      if (signal.aborted || GONE.has(error.code)) return false
      // It speaks the protocol and is not one of ours: no group of this profile, or answers that are none.
      this.feed({ type: 'chatter', error: toLaneError(error, this.path) })
      return true
    }
  }

  private lostPort(error: IotmcError): void {
    if (this.closing.signal.aborted) return
    this.feed({ type: 'port-lost', error: toLaneError(error, this.path) })
  }

  private keepLine(line: string): void {
    this.lines.push(line.slice(0, SMP_LIMITS.logLineMaxBytes))
    if (this.lines.length > SMP_LIMITS.logLinesKept) this.lines.shift()
  }

  /** Waits, or until `wake` or the signal. */
  private async pause(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController()
    this.wake = () => woken.abort()
    await delay(this.options.clock, ms, AbortSignal.any([signal, woken.signal])).catch(() => undefined)
  }
}

const GONE: ReadonlySet<string> = new Set(['TIMED_OUT', 'SERIAL_SILENT', 'SERIAL_UNPLUGGED', 'CANCELLED'])
