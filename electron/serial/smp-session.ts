/** One conversation with the device on a port (docs/protocol.md §9): opened with what it can do, then any commands. */
import { IotmcError } from '../contract/errors'
import { SMP_LIMITS, SMP_RC } from '../contract/smp'
import type { Clock } from '../net/clock'
import { asMap, type CborMap, roomForBytes } from './cbor'
import type { Command } from './command'
import { Exchanges, type Patience, type Question, type Reply } from './exchanges'
import type { ByteLink } from './link'
import { enumerationCommands, osCommands } from './os-group'
import { attemptsFor, probe } from './probe'
import { refusalIn } from './refusal'
import type { SmpVersion } from './smp-message'
import { type Framing, SmpWire, type Traffic } from './smp-wire'
import { LastLines } from './text-lines'
import { Turns } from './turns'

export { refusalOf } from './refusal'

export interface SessionOptions {
  readonly clock: Clock
  /** `auto` (the usual) tries the console's framing first, then raw packets. */
  readonly framing?: Framing | 'auto'
  readonly signal?: AbortSignal
  /** Each line that the device prints between packets; it may hold secrets of the device. */
  readonly onLog?: (line: string) => void
  /** How long one try of opening may take; 1 s unless told. */
  readonly timeoutMs?: number
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined
  /** For one try. */
  readonly timeoutMs?: number
  readonly retries?: number
  /** How many requests may be under way at once with this one; 1 unless told, never more than the device holds. */
  readonly window?: number
}

const OPEN_TRY_MS = 1_000
/** Below this no command of any group fits: such a word from a device is a mistake. */
const BUFFER_MIN_BYTES = 64

export class SmpSession {
  readonly #link: ByteLink
  readonly #wire: SmpWire
  readonly #clock: Clock
  readonly #exchanges: Exchanges
  readonly #turns = new Turns()
  readonly #lines: LastLines
  #framing: Framing = 'console'
  #answeredBy: Framing = 'console'
  #version: SmpVersion = 2
  #bufferBytes: number = SMP_LIMITS.defaultBufferBytes
  #bufferCount = 1
  #groups: readonly number[] | undefined
  #resent = 0
  /** Resolves once, with why: SERIAL_UNPLUGGED, or CANCELLED after `close`. */
  readonly closed: Promise<IotmcError>

  private constructor(link: ByteLink, { clock, framing = 'auto', onLog }: SessionOptions) {
    this.#link = link
    this.#clock = clock
    const lines = new LastLines()
    this.#lines = lines
    this.#exchanges = new Exchanges({
      clock,
      path: link.path,
      // Not the number that the last session began with: its late answers must fit nothing.
      firstSequence: Math.floor(clock.now() / 7),
      send: (packet, again) => {
        if (again) this.#resent++
        return this.#wire.send(packet, this.#framing, again)
      },
    })
    this.#wire = new SmpWire({
      link,
      clock,
      framing,
      onPacket: (packet, by) => this.#receive(packet, by),
      onLine: (line) => {
        lines.add(line)
        onLog?.(line)
      },
    })
    this.closed = link.gone.then((why) => {
      this.#stop(why)
      return why
    })
  }

  /**
   * Finds out what is on the port. The link stays the caller's when this fails, and is closed by `close` after it
   * succeeded. Errors: SERIAL_SILENT (not a byte came), NOT_SMP (bytes, but no SMP), SERIAL_UNPLUGGED, CANCELLED.
   */
  static async open(link: ByteLink, options: SessionOptions): Promise<SmpSession> {
    const session = new SmpSession(link, options)
    try {
      await session.#open(options)
      return session
    } catch (thrown) {
      const why = thrown instanceof IotmcError ? thrown : new IotmcError('DEFECT', { cause: thrown })
      session.#stop(why)
      throw why
    }
  }

  /** Of the protocol, as the device speaks it. */
  get version(): SmpVersion {
    return this.#version
  }
  get framing(): Framing {
    return this.#framing
  }
  /** The device's packet buffer; a packet may have 4 bytes less. */
  get bufferBytes(): number {
    return this.#bufferBytes
  }
  get bufferCount(): number {
    return this.#bufferCount
  }
  /** The groups that the device says it serves; undefined when it does not say. */
  get groups(): readonly number[] | undefined {
    return this.#groups
  }
  /** Bytes on the wire since opening, framing included, and what went wrong with them. */
  get traffic(): Readonly<Traffic> & { readonly resent: number } {
    return { ...this.#wire.traffic, resent: this.#resent }
  }
  /** The last lines that the device printed between packets. */
  get deviceLog(): readonly string[] {
    return this.#lines.lines
  }

  /**
   * Sends a command and gives its checked answer; unanswered ones are sent again.
   * Errors: DEVICE_REFUSED (`refusalOf` says how), TIMED_OUT, BAD_ANSWER, SERIAL_UNPLUGGED, CANCELLED, INVALID_ARGS.
   */
  async request<Q, A>(command: Command<Q, A>, payload: Q, options: RequestOptions = {}): Promise<A> {
    const question = this.#question(command, payload)
    const size = Exchanges.size(question)
    if (size > this.packetBytes)
      throw this.#error(
        'INVALID_ARGS',
        `${command.name}: ${size} bytes, the device takes ${this.packetBytes}`,
      )
    const { signal, retries = SMP_LIMITS.retries, window = 1 } = options
    const timeoutMs = options.timeoutMs ?? command.timeoutMs ?? SMP_LIMITS.requestTimeoutMs
    const wireMs = this.#wire.transferMs(size + this.#bufferBytes)
    const atOnce = Math.max(1, Math.min(window, this.#bufferCount - 1))
    const patience: Patience = { timeoutMs: timeoutMs + wireMs, retries, signal }
    const { payload: answer } = await this.#turns.run(atOnce, signal, () =>
      this.#exchanges.ask(question, patience),
    )
    return this.#read(command, answer)
  }

  /** The largest packet that the device does not drop. */
  get packetBytes(): number {
    return this.#bufferBytes - SMP_LIMITS.bufferReserveBytes
  }

  /** How many bytes of `data` fit into one packet beside these fields. */
  roomFor(fields: CborMap): number {
    return roomForBytes(this.packetBytes - SMP_LIMITS.headerBytes, { ...fields, data: new Uint8Array(0) })
  }

  /** Ends the session and closes its port; whoever waits gets CANCELLED. */
  async close(): Promise<void> {
    this.#stop(this.#error('CANCELLED', 'the session was closed'))
    await this.#link.close()
  }

  async #open({ framing = 'auto', timeoutMs = OPEN_TRY_MS, signal }: SessionOptions): Promise<void> {
    const tryMs = timeoutMs + this.#wire.transferMs(SMP_LIMITS.defaultBufferBytes)
    const first = await probe({
      clock: this.#clock,
      attempts: attemptsFor(framing),
      tryMs,
      signal,
      ask: (attempt, patience) => {
        this.#framing = attempt.framing
        return this.#exchanges.ask(this.#question(osCommands.params, {}, attempt.version), patience)
      },
    })
    if (!first) throw this.#silence()
    this.#framing = this.#answeredBy
    this.#wire.settle(this.#framing)
    const otherVersion = refusesVersion(first)
    this.#version = otherVersion ? 1 : first.version
    const patience = { timeoutMs: tryMs, retries: 1, signal }
    // A device that refused the version has not said its sizes yet.
    this.#sizes(otherVersion ? ((await this.#try(osCommands.params, patience)) ?? {}) : first.payload)
    const list = await this.#try(enumerationCommands.list, patience)
    const groups = list && enumerationCommands.list.answer.safeParse(list)
    this.#groups = groups?.success ? groups.data.groups : undefined
  }

  /** An answer where there is one: not knowing these commands is no failure. */
  async #try(command: Command<object, unknown>, patience: Patience): Promise<CborMap | undefined> {
    try {
      const { payload } = await this.#exchanges.ask(this.#question(command, {}), patience)
      return refusalIn(payload) ? undefined : payload
    } catch (thrown) {
      const harmless = thrown instanceof IotmcError && ['TIMED_OUT', 'BAD_ANSWER'].includes(thrown.code)
      if (harmless) return undefined
      throw thrown
    }
  }

  #sizes(payload: CborMap): void {
    const params = osCommands.params.answer.safeParse(payload)
    if (!params.success || params.data.buf_size < BUFFER_MIN_BYTES) return
    this.#bufferBytes = Math.min(params.data.buf_size, SMP_LIMITS.bufferMaxBytes)
    this.#bufferCount = Math.max(1, params.data.buf_count)
  }

  #silence(): IotmcError {
    const heard = this.#wire.traffic.receivedBytes
    const subject = this.#link.path
    if (heard === 0) return new IotmcError('SERIAL_SILENT', { subject })
    return new IotmcError('NOT_SMP', { subject, detail: `${heard} bytes came, none of them an answer` })
  }

  #receive(packet: Buffer, by: Framing): void {
    if (this.#exchanges.take(packet)) this.#answeredBy = by
  }

  #question<Q>(command: Command<Q, unknown>, payload: Q, version = this.#version): Question {
    const fields = command.request.safeParse(payload)
    if (!fields.success)
      throw this.#error('INVALID_ARGS', `${command.name}: ${fields.error.issues[0]?.message}`)
    const { op, group, id } = command
    return { op, group, id, version, payload: asMap(Object(fields.data)) }
  }

  #read<Q, A>(command: Command<Q, A>, answer: CborMap): A {
    const subject = this.#link.path
    const refusal = refusalIn(answer)
    if (refusal) throw new IotmcError('DEVICE_REFUSED', { subject, detail: refusal.message, cause: refusal })
    const read = command.answer.safeParse(answer)
    if (read.success) return read.data
    const [issue] = read.error.issues
    const detail = `${command.name}: ${issue?.path.join('.')} ${issue?.message}`.slice(0, 200)
    throw new IotmcError('BAD_ANSWER', { subject, detail })
  }

  #stop(why: IotmcError): void {
    this.#exchanges.end(why)
    this.#wire.stop()
  }

  #error(code: 'INVALID_ARGS' | 'CANCELLED', detail: string): IotmcError {
    return new IotmcError(code, { subject: this.#link.path, detail })
  }
}

/** Whether an answer says that the version of the question is not spoken here. */
const refusesVersion = ({ payload }: Reply): boolean => {
  const refusal = refusalIn(payload)
  if (!refusal || refusal.group !== undefined) return false
  return refusal.rc === SMP_RC.tooOld || refusal.rc === SMP_RC.tooNew
}
