/** Requests under way: each is sent, sent again under its number, and answered once. */
import { IotmcError } from '../contract/errors'
import { SMP_OP } from '../contract/smp'
import type { Clock } from '../net/clock'
import type { CborMap } from './cbor'
import { encodeMessage, readMessage, type SmpHeader, type SmpVersion } from './smp-message'

export interface ExchangeTools {
  readonly clock: Clock
  /** Names the port in errors. */
  readonly path: string
  readonly send: (packet: Buffer, again: boolean) => Promise<void>
  readonly firstSequence: number
}

export interface Question {
  readonly op: 'read' | 'write'
  readonly version: SmpVersion
  readonly group: number
  readonly id: number
  readonly payload: CborMap
}

export interface Patience {
  readonly timeoutMs: number
  /** How often it is sent again. */
  readonly retries: number
  readonly signal?: AbortSignal | undefined
}

export interface Reply {
  readonly version: SmpVersion
  readonly payload: CborMap
}

interface Waiting {
  readonly request: SmpHeader
  answer(reply: Reply): void
  fail(why: IotmcError): void
}

export class Exchanges {
  readonly #tools: ExchangeTools
  readonly #waiting = new Map<number, Waiting>()
  #sequence: number
  #gone: IotmcError | undefined
  constructor(tools: ExchangeTools) {
    this.#tools = tools
    this.#sequence = tools.firstSequence & 0xff
  }

  /** Bytes of the packet that a question makes. */
  static size(question: Question): number {
    return encodeMessage(headerOf(question, 0), question.payload).length
  }

  /** Asks until it is answered. Errors: TIMED_OUT, CANCELLED, BAD_ANSWER, what `end` was told. */
  ask(question: Question, { timeoutMs, retries, signal }: Patience): Promise<Reply> {
    const { clock, path, send } = this.#tools
    if (this.#gone) return Promise.reject(this.#gone)
    if (signal?.aborted) return Promise.reject(new IotmcError('CANCELLED', { subject: path }))
    const request = headerOf(question, this.#nextSequence())
    const packet = encodeMessage(request, question.payload)
    return new Promise((resolve, reject) => {
      let cancelTimer = () => {}
      let left = retries
      const end = (finish: () => void) => {
        cancelTimer()
        signal?.removeEventListener('abort', onAbort)
        this.#waiting.delete(request.sequence)
        finish()
      }
      const fail = (why: IotmcError) => end(() => reject(why))
      const onAbort = () => fail(new IotmcError('CANCELLED', { subject: path }))
      const attempt = (again: boolean) => {
        cancelTimer = clock.setTimer(() => {
          if (left-- > 0) attempt(true)
          else
            fail(
              new IotmcError('TIMED_OUT', { subject: path, detail: `no answer after ${retries + 1} tries` }),
            )
        }, timeoutMs)
        // A write fails only when the port is gone, and then `end` is called with the reason.
        send(packet, again).catch(() => {})
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.set(request.sequence, { request, fail, answer: (reply) => end(() => resolve(reply)) })
      attempt(false)
    })
  }

  /** Takes a packet that arrived; late, repeated and foreign ones are dropped. True when it was awaited. */
  take(packet: Buffer): boolean {
    const message = readMessage(packet)
    const { header } = message
    const waiting = header && this.#waiting.get(header.sequence)
    if (!header || !waiting || !answers(waiting.request, header)) return false
    if ('payload' in message) waiting.answer({ version: header.version, payload: message.payload })
    else waiting.fail(new IotmcError('BAD_ANSWER', { subject: this.#tools.path, detail: message.problem }))
    return true
  }

  /** Rejects everybody who waits, now and later. */
  end(why: IotmcError): void {
    this.#gone ??= why
    for (const waiting of [...this.#waiting.values()]) waiting.fail(this.#gone)
  }

  #nextSequence(): number {
    for (let tries = 0; tries < 256; tries++) {
      const sequence = this.#sequence
      this.#sequence = (sequence + 1) & 0xff
      if (!this.#waiting.has(sequence)) return sequence
    }
    throw new IotmcError('BUSY', { subject: this.#tools.path, detail: 'too many requests under way' })
  }
}

const headerOf = ({ op, version, group, id }: Question, sequence: number): SmpHeader => ({
  op: SMP_OP[op],
  version,
  group,
  id,
  sequence,
})

const answers = (request: SmpHeader, header: SmpHeader): boolean =>
  header.op === request.op + 1 && header.group === request.group && header.id === request.id
