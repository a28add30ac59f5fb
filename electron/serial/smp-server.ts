/** The device's end of SMP, as a microcontroller serves it: one command at a time, what is too large is dropped. */
import { ZodError } from 'zod'
import { SMP_GROUP, SMP_LIMITS, SMP_OP, SMP_RC } from '../contract/smp'
import { type Clock, systemClock } from '../net/clock'
import { asMap, type CborMap } from './cbor'
import type { Command } from './command'
import type { ByteLink } from './link'
import { enumerationCommands, osCommands } from './os-group'
import { refusalAnswer, SmpRefusal } from './refusal'
import { answerHeader, encodeMessage, readMessage, type SmpHeader, type SmpVersion } from './smp-message'
import { type Framing, SmpWire } from './smp-wire'

export { SmpRefusal } from './refusal'

/** Gives the answer's fields, or throws an SmpRefusal; anything else thrown is `rc` unknown. */
export type SmpHandler = (payload: CborMap) => Promise<Readonly<CborMap>>
/** By `group.op.id` with the request's operation: 0 read, 2 write (`handlerKey`). */
export type SmpHandlers = ReadonlyMap<string, SmpHandler>

type Soon<T> = T | Promise<T>

/** What a test or a faulty device does to packets on their way. */
export interface Tampering {
  /** A request before it is read: another one, or undefined to lose it. */
  readonly request?: (packet: Buffer) => Soon<Buffer | undefined>
  /** The packets that go out in place of an answer; none to lose it. */
  readonly answer?: (packet: Buffer) => Soon<readonly Buffer[]>
}

export interface SmpServerOptions {
  readonly link: ByteLink
  readonly framing: Framing
  /** The highest version that it speaks, 2 unless told. A version 1 server refuses version 2. */
  readonly version?: SmpVersion
  readonly bufferBytes: number
  readonly bufferCount: number
  readonly handlers: SmpHandlers
  readonly tamper?: Tampering
  readonly clock?: Clock
}

/** Where a command's handler stands in the table. */
export const handlerKey = ({
  group,
  op,
  id,
}: Pick<Command<unknown, unknown>, 'group' | 'op' | 'id'>): string => `${group}.${SMP_OP[op]}.${id}`

/** A table's entry for a command; what does not fit its schema is refused as invalid. */
export const serve = <Q, A extends object>(
  command: Command<Q, A>,
  handle: (request: Q) => Promise<A>,
): [string, SmpHandler] => [
  handlerKey(command),
  async (payload) => asMap(await handle(command.request.parse(payload))),
]

export class SmpServer {
  readonly #options: SmpServerOptions
  readonly #handlers: SmpHandlers
  #wire: SmpWire | undefined
  #queued = 0
  #last: Promise<void> = Promise.resolve()
  constructor(options: SmpServerOptions) {
    this.#options = options
    const { bufferBytes, bufferCount, handlers } = options
    const groups = [...new Set([...handlers.keys()].map((key) => Number.parseInt(key, 10)))]
    const known = [...new Set([SMP_GROUP.os, SMP_GROUP.enumeration, ...groups])].sort((a, b) => a - b)
    // A handler of the same place wins over these.
    this.#handlers = new Map([
      serve(osCommands.params, async () => ({ buf_size: bufferBytes, buf_count: bufferCount })),
      serve(osCommands.echo, async ({ d }) => ({ r: d })),
      serve(enumerationCommands.count, async () => ({ count: known.length })),
      serve(enumerationCommands.list, async () => ({ groups: known })),
      ...handlers,
    ])
  }

  /** Begins to answer. */
  async start(): Promise<void> {
    const { link, framing, clock = systemClock } = this.#options
    this.#wire ??= new SmpWire({
      link,
      clock,
      framing,
      onPacket: (packet) => this.#receive(packet),
      onLine: () => {},
    })
    void link.gone.then(() => this.stop())
  }

  /** Stops listening and waits for the command that is being carried out; its answer is not sent. */
  async stop(): Promise<void> {
    this.#wire?.stop()
    this.#wire = undefined
    await this.#last
  }

  /** Prints a line on the console that the packets share. */
  async print(line: string): Promise<void> {
    await this.#options.link.write(Buffer.from(`${line}\r\n`))
  }

  /** Too large, or too many at once: gone without a word, as on a device. */
  #receive(packet: Buffer): void {
    const { bufferBytes, bufferCount } = this.#options
    if (packet.length > bufferBytes - SMP_LIMITS.bufferReserveBytes || this.#queued >= bufferCount) return
    this.#queued++
    this.#last = this.#last
      .then(() => this.#serve(packet))
      .catch(() => {})
      .finally(() => {
        this.#queued--
      })
  }

  async #serve(received: Buffer): Promise<void> {
    const { tamper, framing } = this.#options
    const packet = tamper?.request ? await tamper.request(received) : received
    if (!packet || !this.#wire) return
    const answer = await this.#answer(packet)
    if (!answer) return
    const packets = tamper?.answer ? await tamper.answer(answer) : [answer]
    for (const one of packets) await this.#wire?.send(one, framing)
  }

  async #answer(packet: Buffer): Promise<Buffer | undefined> {
    const message = readMessage(packet)
    const { header } = message
    if (!header || (header.op !== SMP_OP.read && header.op !== SMP_OP.write)) return undefined
    const highest = this.#options.version ?? 2
    if (header.version > highest) return encodeMessage(answerHeader(header, highest), { rc: SMP_RC.tooNew })
    const answerTo = answerHeader(header, header.version)
    if (!('payload' in message)) return encodeMessage(answerTo, { rc: SMP_RC.corrupt })
    const answer = encodeMessage(answerTo, await this.#carryOut(header, message.payload))
    const fits = answer.length <= this.#options.bufferBytes - SMP_LIMITS.bufferReserveBytes
    return fits ? answer : encodeMessage(answerTo, { rc: SMP_RC.messageSize })
  }

  async #carryOut(header: SmpHeader, payload: CborMap): Promise<CborMap> {
    const handler = this.#handlers.get(`${header.group}.${header.op}.${header.id}`)
    if (!handler) return { rc: SMP_RC.notSupported }
    try {
      return { ...(await handler(payload)) }
    } catch (thrown) {
      if (thrown instanceof SmpRefusal) return refusalAnswer(thrown, header.version)
      return { rc: thrown instanceof ZodError ? SMP_RC.invalid : SMP_RC.unknown }
    }
  }
}
