/** Reads of the database in a thread of its own, on a read-only connection: the main process never waits for a disk. */
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { IotmcError } from '../contract/errors'
import { type Answer, type Question, readerThread, type ThreadData } from './reader-thread'

/** What can be bound and read. */
export type Cell = string | number | null
export type Row = readonly Cell[]

interface Waiting {
  readonly question: Question
  readonly settle: (answer: Answer | IotmcError) => void
}

const PROGRAM = `(${readerThread.toString()})(require)`

/**
 * Asks the thread one statement after the other, so that what was given up before its turn is never run. A statement that
 * runs can't be broken off: whoever looks through much asks in short pieces.
 */
export class Reader {
  private worker: Worker | undefined
  private waiting: Waiting[] = []
  private asked: Waiting | undefined
  private lastId = 0
  private closed = false

  constructor(private readonly path: string) {}

  /** All rows of one statement. Errors: CANCELLED, INTERRUPTED (closed), DATA_DAMAGED. */
  async rows(sql: string, params: Row, signal?: AbortSignal): Promise<readonly Row[]> {
    const answer = await this.ask({ sql, params, as: 'rows' }, signal)
    return 'rows' in answer ? answer.rows : []
  }

  /** Cells of all rows, one row after the other, NULL as NaN. Errors as `rows`. */
  async numbers(sql: string, params: Row, signal?: AbortSignal): Promise<Float64Array> {
    const answer = await this.ask({ sql, params, as: 'numbers' }, signal)
    return 'numbers' in answer ? answer.numbers : new Float64Array()
  }

  /** Ends the thread; who waits gets INTERRUPTED. A second call does nothing. */
  async close(): Promise<void> {
    this.closed = true
    this.fail(new IotmcError('INTERRUPTED'))
    const { worker } = this
    this.worker = undefined
    await worker?.terminate()
  }

  private ask(question: Omit<Question, 'id'>, signal?: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new IotmcError('INTERRUPTED'))
      if (signal?.aborted) return reject(cancelled(signal))
      this.lastId += 1
      const onAbort = (): void => {
        this.waiting = this.waiting.filter((other) => other !== entry)
        if (signal) entry.settle(cancelled(signal))
      }
      const entry: Waiting = {
        question: { ...question, id: this.lastId },
        settle: (answer) => {
          signal?.removeEventListener('abort', onAbort)
          if (answer instanceof IotmcError) reject(answer)
          else if ('failed' in answer)
            reject(
              new IotmcError('DATA_DAMAGED', { subject: this.path, detail: answer.failed.slice(0, 200) }),
            )
          else resolve(answer)
        },
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.waiting.push(entry)
      this.next()
    })
  }

  private next(): void {
    if (this.asked) return
    const entry = this.waiting.shift()
    if (!entry) {
      // An idle thread does not keep a terminal's command from ending.
      this.worker?.unref()
      return
    }
    this.asked = entry
    const worker = this.thread()
    worker.ref()
    worker.postMessage(entry.question)
  }

  private thread(): Worker {
    if (this.worker) return this.worker
    const workerData: ThreadData = {
      path: this.path,
      sqlite: createRequire(import.meta.url).resolve('@photostructure/sqlite'),
    }
    const worker = new Worker(PROGRAM, { eval: true, workerData, name: 'diagnostics-reader' })
    worker.on('message', (answer: Answer) => this.answered(answer))
    const ended = (cause: unknown): void => {
      if (this.worker !== worker) return
      this.worker = undefined
      const detail = cause instanceof Error ? cause.message.slice(0, 200) : 'the reader ended'
      this.fail(new IotmcError('DATA_DAMAGED', { subject: this.path, detail, cause }))
    }
    worker.once('error', ended)
    worker.once('exit', ended)
    this.worker = worker
    return worker
  }

  private answered(answer: Answer): void {
    const { asked } = this
    if (asked?.question.id !== answer.id) return
    this.asked = undefined
    asked.settle(answer)
    this.next()
  }

  private fail(error: IotmcError): void {
    const all = [...(this.asked ? [this.asked] : []), ...this.waiting]
    this.asked = undefined
    this.waiting = []
    for (const entry of all) entry.settle(error)
  }
}

const cancelled = (signal: AbortSignal): IotmcError => new IotmcError('CANCELLED', { cause: signal.reason })
